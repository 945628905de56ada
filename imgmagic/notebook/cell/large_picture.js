// One picture, large, over everything, with what is known of its request. Escape closes it.

import { button, h, pictureUrl, write } from "../panel/page/dom.js";

/** @typedef {{ opener: HTMLElement, src: string, alt: string, about: string, sha256: string }} Shown `sha256` of its original; empty where that is nowhere else */

const OPEN = "imgmagic-open"; // an event, which bubbles from the picture

/** Let the page open a picture, whose front end may have its original; false where it does not. @param {Shown} shown */
export function openInPage(shown) {
  const asked = new CustomEvent(OPEN, { bubbles: true, cancelable: true, detail: shown });
  return !shown.opener.dispatchEvent(asked);
}

/** Open what other scripts of a page ask for. @param {Document} page @param {(shown: Shown) => void} show */
export function openForOthers(page, show) {
  page.addEventListener(OPEN, (event) => {
    event.preventDefault();
    show(/** @type {CustomEvent<Shown>} */ (event).detail);
  });
}

export class LargePicture {
  picture = h("img");
  about = h("pre");
  close = button("×", () => this.dialog.close(), { class: "imgmagic-close", "aria-label": "Close" });
  dialog = h("dialog", { class: "imgmagic-large", "aria-label": "Picture" }, this.close, this.picture, this.about);
  /** @type {HTMLElement | null} */
  opener = null;
  original = ""; // its address, where it is shown in the preview's place

  constructor() {
    this.dialog.addEventListener("click", (event) => event.target === this.dialog && this.dialog.close());
    this.dialog.addEventListener("close", () => this.leave());
    this.dialog.addEventListener("keydown", (event) => event.stopPropagation()); // not to the notebook's own shortcuts
  }

  /** @param {Shown} shown */
  show({ opener, src, alt, about }) {
    this.opener = opener;
    this.picture.src = src;
    this.picture.alt = alt;
    write(this.about, about);
    this.dialog.showModal();
  }

  /** Show the original in its preview's place, if it is still that one. @param {HTMLElement} opener @param {DataView} bytes @param {string} format */
  improve(opener, bytes, format) {
    if (!this.dialog.open || this.opener !== opener) return;
    this.original = pictureUrl(bytes, format);
    this.picture.src = this.original;
  }

  leave() {
    this.picture.removeAttribute("src");
    if (this.original) URL.revokeObjectURL(this.original); // it may be large
    this.original = "";
    this.opener?.focus();
  }
}
