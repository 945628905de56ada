// What went wrong, as blocks above the pictures: what, why, and what to do next. Each stays until it is closed.

/** @import { FromPage, Problem, Run } from "./messages" */
import { button, h } from "./dom.js";

export class Problems {
  /** @param {(message: FromPage) => void} send */
  constructor(send) {
    this.send = send;
    /** @type {Map<number, HTMLElement>} */
    this.ofRuns = new Map();
    this.general = h("div", { role: "alert" });
    this.list = h("div");
    this.el = h("div", { class: "im-problems" }, this.general, this.list);
  }

  /** Say something that concerns the panel itself; nothing without text. @param {Problem | null} problem */
  say(problem) {
    this.general.replaceChildren(...(problem ? [this.block(problem, () => this.say(null))] : []));
  }

  /** Say why a run failed, once. @param {Run} run */
  run(run) {
    if (!run.problem || this.ofRuns.has(run.run)) return;
    const { id } = run;
    const retry = id === null ? [] : [button("Use these settings", () => this.send({ kind: "use", id }))];
    const block = this.block(
      { ...run.problem, about: run.prompt },
      () => this.send({ kind: "dismiss", run: run.run }),
      ...retry,
    );
    this.ofRuns.set(run.run, block);
    this.list.prepend(block);
  }

  /** @param {number} run */
  dismiss(run) {
    this.ofRuns.get(run)?.remove();
    this.ofRuns.delete(run);
  }

  /**
   * @param {Problem & { about?: string }} problem
   * @param {() => void} close
   * @param {...HTMLElement} actions
   */
  block({ title, text, next, about }, close, ...actions) {
    const name = `Close: ${title}`;
    return h(
      "section",
      { class: "im-problem", "aria-label": title },
      h(
        "div",
        { class: "im-problem-words" },
        h("h3", { text: title }),
        about ? h("p", { class: "im-about", text: about }) : null,
        text ? h("p", { text }) : null,
        next ? h("p", { class: "im-next", text: next }) : null,
        actions.length ? h("div", { class: "im-actions" }, ...actions) : null,
      ),
      button("×", close, { class: "im-button im-quiet", "aria-label": name }),
    );
  }
}
