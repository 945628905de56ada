// The edit that the form is about: the painter over the picture that it starts from, beside the form.

/** @import { FromPage, Painting } from "./messages" */
import { View as Painter } from "../../painter/page/view.js";
import { button, h } from "./dom.js";

/** @import { Form } from "./form.js" */

const HELP = "Paint what may change. If nothing is painted, all of it may.";

export class Edit {
  title = h("h3");
  place = h("div");
  pasteBack = h("input", { type: "checkbox", onchange: () => this.form.pasteBack(this.pasteBack.checked) });
  /** @type {Painter | null} */
  painter = null;
  /** @type {Painting | null} */
  shown = null;

  /**
   * @param {object} on
   * @param {Form} on.form
   * @param {(message: FromPage, buffers?: DataView[]) => void} on.send
   * @param {(text: string) => void} on.announce
   */
  constructor({ form, send, announce }) {
    this.form = form;
    this.send = send;
    this.announce = announce;
    const paste = {
      class: "im-check",
      title: "Restores the original's pixels outside the painted part, in a second picture",
    };
    const head = h(
      "div",
      { class: "im-editing-head" },
      this.title,
      h("label", paste, this.pasteBack, "Paste back"),
      button("Stop editing", () => this.stop()),
    );
    const help = h("p", { class: "im-hint", text: HELP });
    this.el = h("section", { class: "im-editing", "aria-label": "Edit", hidden: true }, head, help, this.place);
  }

  /** Open the painter, unless it is open: what it shows was then asked for by another page. @param {Painting} message @param {DataView[]} buffers */
  show(message, buffers) {
    if (this.shown?.picture === message.picture) return;
    this.close();
    this.shown = message;
    this.title.textContent = `Edit ${message.picture}`;
    this.el.hidden = false;
    this.painter = new Painter(this.place, (png, isEmpty) => this.paint(message, png, isEmpty));
    this.painter.open({ ...message, mode: "mask", alt: `Picture ${message.picture}` }, buffers);
    this.announce(`The form starts from ${message.picture}. ${HELP}`);
  }

  /** Settles when what is painted is on its way to the kernel. */
  get sent() {
    return this.painter?.sent ?? Promise.resolve();
  }

  /** @param {Painting} painting @param {DataView} png @param {boolean} isEmpty */
  paint(painting, png, isEmpty) {
    if (this.shown !== painting) return; // the form has gone on
    this.send({ kind: "painted", picture: painting.picture }, [png]);
    this.form.paintedOver(isEmpty ? "" : painting.mask);
  }

  /** Close the painter where the form has gone on to another picture, or to none. */
  follow() {
    if (this.shown && this.form.source !== this.shown.picture) {
      if (this.form.mask.value === this.shown.mask) this.form.paintedOver("");
      this.close();
    }
    this.pasteBack.checked = this.form.pastesBack;
  }

  /** Let the form start from nothing. */
  stop() {
    this.form.startFrom("");
    this.follow();
    this.form.focus();
  }

  close() {
    this.painter?.close();
    this.painter = this.shown = null;
    this.el.hidden = true;
  }
}
