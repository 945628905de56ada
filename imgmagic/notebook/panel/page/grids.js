// The sweeps of this panel: each opens as its labelled grid, while it runs and when it has ended.

/** @import { FromPage, Grid, Run } from "./messages" */
import { Dialog } from "./dialogs.js";
import { button, h } from "./dom.js";

const MOST = 6; // as many as the kernel keeps runs in view

export class Grids {
  el = h("div", { class: "im-sweeps", role: "group", "aria-label": "Grids of sweeps" });
  /** @type {Map<number, HTMLElement>} by the sweep's number */
  openers = new Map();

  /** @param {HTMLElement} root @param {(message: FromPage) => void} send */
  constructor(root, send) {
    this.shell = new Dialog(root, "sweep");
    this.send = send;
  }

  /** Offer the grid of a run, newest first. @param {Run} run */
  run({ sweep, prompt }) {
    if (sweep === null || this.openers.has(sweep)) return;
    const title = `The labelled grid of "${prompt}"`;
    const opener = button(`Grid of sweep ${sweep}`, () => this.send({ kind: "grid", sweep }), { title });
    this.openers.set(sweep, opener);
    this.el.prepend(opener);
    for (const [oldest, element] of [...this.openers].slice(0, -MOST)) {
      element.remove();
      this.openers.delete(oldest);
    }
  }

  /** @param {Grid} grid */
  show({ title, html }) {
    // Parsed apart from the page, nothing in it could run; and the kernel has escaped every text.
    const parsed = new DOMParser().parseFromString(html, "text/html");
    this.shell.open(title, ...parsed.body.children);
  }
}
