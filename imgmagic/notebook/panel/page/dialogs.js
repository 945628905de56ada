// What opens over the panel. Escape closes it; the focus goes back to where it was.

import { button, copyText, dropPictures, h, nextId } from "./dom.js";

/** @typedef {{ className: string, text: string }} Look */

export class Dialog {
  /**
   * @param {HTMLElement} root where it is in the page
   * @param {string} name its kind, for the style sheet
   */
  constructor(root, name) {
    this.title = h("h2", { class: "im-dialog-title", id: nextId() });
    this.body = h("div", { class: "im-dialog-body" });
    this.more = h("span", { class: "im-dialog-more" });
    const close = button("×", () => this.close(), { class: "im-button im-quiet", "aria-label": "Close" });
    const head = h("div", { class: "im-dialog-head" }, this.title, this.more, close);
    this.dialog = h("dialog", { class: `im-dialog im-${name}`, "aria-labelledby": this.title.id }, head, this.body);
    this.dialog.addEventListener("click", (event) => event.target === this.dialog && this.close());
    this.dialog.addEventListener("close", () => this.empty());
    root.append(this.dialog);
  }

  /**
   * Show content in place of what was there.
   * @param {string} title
   * @param {...Node} content
   */
  open(title, ...content) {
    this.title.textContent = title;
    this.empty();
    this.body.append(...content);
    if (!this.dialog.open) this.dialog.showModal();
  }

  get isOpen() {
    return this.dialog.open;
  }

  empty() {
    dropPictures(this.body);
    this.body.replaceChildren();
  }

  close() {
    this.dialog.close();
  }
}

/** @typedef {(text: string) => boolean} Insert puts a cell below the panel's; returns whether it could. */

export class CodeDialog {
  /**
   * @param {HTMLElement} root
   * @param {object} on
   * @param {(text: string) => void} on.announce
   * @param {Insert | null} on.insert null where no cell can be put into the notebook from here
   */
  constructor(root, { announce, insert }) {
    this.shell = new Dialog(root, "code");
    this.announce = announce;
    this.insert = insert;
  }

  /** @param {{ cell: string, call: string }} code */
  show({ cell, call }) {
    this.shell.open("As code", this.block("As a cell", cell), this.block("As a Python call", call));
  }

  /** @param {string} title @param {string} code */
  block(title, code) {
    const pre = h("pre", { tabindex: "0", "aria-label": title, text: code });
    const copy = button("Copy", () => this.copy(copy, title, code), { "aria-label": `Copy: ${title}` });
    const name = `Insert below: ${title}`;
    const insert = this.insert && button("Insert below", () => this.put(insert, title, code), { "aria-label": name });
    const actions = h("span", { class: "im-actions" }, insert, copy);
    const head = h("div", { class: "im-code-head" }, h("h3", { text: title }), actions);
    return h("div", { class: "im-code-block" }, head, pre);
  }

  /** @param {HTMLButtonElement} copy @param {string} title @param {string} code */
  async copy(copy, title, code) {
    const done = await copyText(code, this.shell.dialog);
    this.flash(copy, "Copy", done ? "Copied" : "Select and copy");
    this.announce(done ? `${title} copied` : "Copying is not allowed here; select the text and copy it.");
  }

  /** @param {HTMLButtonElement | null} button @param {string} title @param {string} code */
  put(button, title, code) {
    const done = this.insert?.(code) ?? false;
    if (button) this.flash(button, "Insert below", done ? "Inserted" : "Copy it instead");
    this.announce(
      done ? `${title} is in a new cell below the panel.` : "This front end cannot insert a cell; copy it.",
    );
  }

  /** @param {HTMLButtonElement} button @param {string} before @param {string} now */
  flash(button, before, now) {
    button.textContent = now;
    setTimeout(() => (button.textContent = before), 2000);
  }
}
