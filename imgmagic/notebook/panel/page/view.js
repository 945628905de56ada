// One view of a panel: the kernel holds the state; a view that opens says hello and is told everything.

/** @import { AnyModel } from "@anywidget/types" */
/** @import { Download, Fill, FromPage, ToPage } from "./messages" */
import { CompareDialog } from "./compare.js";
import { CodeDialog } from "./dialogs.js";
import { h, pictureUrl } from "./dom.js";
import { Edit } from "./edit.js";
import { Form } from "./form.js";
import { Gallery } from "./gallery.js";
import { Grids } from "./grids.js";
import { LargeView } from "./large.js";
import { inserter, keepFromNotebook } from "./notebook.js";
import { Problems } from "./problems.js";
import { TotalsView } from "./totals.js";

const WAITING_MS = 1500;
const GONE = {
  title: "The kernel was restarted",
  text: "This panel can no longer reach it.",
  next: "Run the cell again; finished pictures are in the history.",
};
const BUSY = "The kernel is busy with a cell. What you do here takes effect as soon as it is free.";

/** @typedef {{ [Kind in ToPage["kind"]]: (message: Extract<ToPage, { kind: Kind }>, buffers: DataView[]) => void }} Answers */

export class View {
  cell = "";
  filled = false;
  /** @type {ReturnType<typeof setTimeout> | null} */
  waiting = null;
  send = this.sendMessage.bind(this);
  announce = this.write.bind(this);
  status = h("div", { role: "status", class: "im-offscreen" });
  busy = h("div", { class: "im-busy", role: "status", text: BUSY, hidden: true });
  dialogs = h("div");
  problems = new Problems(this.send);
  totals = new TotalsView();
  compare = new CompareDialog(this.dialogs);
  grids = new Grids(this.dialogs, this.send);
  gallery = new Gallery({ send: this.send, announce: this.announce, open: (tile) => this.large.open(tile) });
  form = new Form({
    send: this.send,
    showCode: (fields) => this.send({ kind: "code", fields }),
    generate: () => this.generate(),
  });
  edit = new Edit({ form: this.form, send: this.send, announce: this.announce });

  /**
   * @param {AnyModel} model
   * @param {HTMLElement} el
   */
  constructor(model, el) {
    this.model = model;
    this.el = el;
    const { send, announce } = this;
    const neighbour = this.gallery.neighbour.bind(this.gallery);
    const closed = (/** @type {string} */ key) => {
      // Unless the focus has gone elsewhere since: to the form that is filled now.
      if (!this.form.el.contains(document.activeElement)) this.gallery.focusOn(key);
    };
    this.large = new LargeView(this.dialogs, { send, announce, neighbour, closed });
    this.code = new CodeDialog(this.dialogs, { announce, insert: inserter(model.widget_manager, () => this.cell) });
    this.answers = this.makeAnswers();
    this.root = this.makeRoot();
    this.listen();
    this.send({ kind: "hello" });
  }

  /** What is done with each kind of message. @returns {Answers} */
  makeAnswers() {
    const { form, edit, gallery, grids, large, code, compare, problems, totals } = this;
    return {
      hello: (message) => {
        this.cell = message.cell;
        gallery.greet(message);
      },
      fill: (message) => this.fill(message),
      form: (message) => form.show(message),
      painting: (message, buffers) => edit.show(message, buffers),
      refused: ({ faults }) => {
        form.refuse(faults);
        this.announce("Nothing was sent.");
      },
      run: (message) => {
        gallery.run(message);
        grids.run(message);
        problems.run(message);
      },
      tile: (message, [buffer]) => buffer && gallery.tile(message, buffer),
      dismissed: ({ run }) => {
        gallery.dismiss(run);
        problems.dismiss(run);
      },
      page: (message) => gallery.page(message),
      thumb: (message, [buffer]) => buffer && gallery.thumb(message, buffer),
      news: (message) => gallery.news(message),
      changed: ({ details }) => {
        gallery.changed(details.entry);
        large.changed(details);
      },
      forgotten: ({ id }) => {
        large.forgotten(id);
        gallery.forgotten(id);
      },
      record: (message, [buffer]) => large.show(message, buffer),
      comparison: (message, buffers) => compare.show(message, buffers),
      code: (message) => code.show(message),
      grid: (message) => grids.show(message),
      download: (message, [buffer]) => buffer && download(message, buffer),
      totals: (message) => totals.show(message),
      said: ({ problem }) => problems.say(problem),
    };
  }

  makeRoot() {
    const region = { role: "region", "aria-label": "imgmagic panel" };
    this.gallery.el.prepend(this.grids.el);
    return h(
      "div",
      { class: "imgmagic-panel tex2jax_ignore mathjax_ignore", ...region },
      h("div", { class: "im-top" }, h("span", { class: "im-title", text: "imgmagic" }), this.totals.sums),
      this.status,
      this.busy,
      this.problems.el,
      h(
        "div",
        { class: "im-columns" },
        this.form.el,
        h("div", { class: "im-beside" }, this.edit.el, this.gallery.el),
        this.totals.el,
      ),
      this.dialogs,
    );
  }

  listen() {
    const { root, model } = this;
    this.form.el.addEventListener("input", () => this.edit.follow());
    root.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && !root.querySelector("dialog[open]")) this.leave();
    });
    for (const kind of ["keydown", "keypress", "keyup"])
      root.addEventListener(kind, (event) => event.stopPropagation());
    window.addEventListener("keydown", this.guard, true); // before the document's listener, which is Lumino's
    model.on("msg:custom", this.receive);
    model.on("comm_live_update", this.greetAgain);
    this.el.replaceChildren(root);
  }

  guard = (/** @type {KeyboardEvent} */ event) => {
    if (this.root.contains(/** @type {Node} */ (event.target))) keepFromNotebook(event);
  };

  receive = (/** @type {ToPage} */ message, /** @type {DataView[]} */ buffers) => {
    this.answered();
    /** @type {(message: ToPage, buffers: DataView[]) => void} */ (this.answers[message.kind])?.(
      message,
      buffers || [],
    );
  };

  greetAgain = () => {
    setTimeout(() => this.send({ kind: "hello" })); // when the front end is done with closing
  };

  /** Give the keys back to the notebook. */
  leave() {
    /** @type {HTMLElement | null} */ (this.el.closest(".jp-Cell"))?.focus();
  }

  /** @param {FromPage} message @param {DataView[]} [buffers] */
  sendMessage(message, buffers) {
    try {
      this.model.send(message, undefined, buffers);
    } catch {
      this.problems.say(GONE); // the front end has closed the way to a kernel that is not there any more
      return;
    }
    this.waiting ??= setTimeout(() => (this.busy.hidden = false), WAITING_MS);
  }

  answered() {
    if (this.waiting !== null) clearTimeout(this.waiting);
    this.waiting = null;
    this.busy.hidden = true;
  }

  /** @param {string} text */
  write(text) {
    this.status.textContent = text;
  }

  /** Send what the form holds, once the kernel has what was painted. */
  async generate() {
    this.problems.say(null);
    await this.edit.sent;
    this.send({ kind: "generate", fields: this.form.fields() });
  }

  /** @param {Fill} message */
  fill({ fields, providers, used }) {
    // The answer to a hello, late or another page's, takes no words away here.
    this.form.fill(used || !(this.filled || this.form.touched) ? fields : null, providers);
    if (used) this.edit.close(); // what is edited is told after it
    this.edit.follow();
    this.filled = true;
    if (!used) return;
    this.large.close();
    this.form.focus();
    this.announce(`The form has the settings of generation ${used}.`);
  }

  close() {
    this.form.check.now();
    this.model.off("msg:custom", this.receive);
    this.model.off("comm_live_update", this.greetAgain);
    window.removeEventListener("keydown", this.guard, true);
    if (this.waiting !== null) clearTimeout(this.waiting);
    this.edit.close();
    this.large.close();
    this.compare.shell.close();
    this.gallery.close();
    this.root.remove();
  }
}

/** Let the browser keep a picture as a file. @param {Download} message @param {DataView} buffer */
function download({ name, format }, buffer) {
  const href = pictureUrl(buffer, format);
  h("a", { href, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(href), 10_000); // the browser reads it meanwhile
}
