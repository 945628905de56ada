// A picture of a figure or a grid opens large when it is clicked, with its request from the figure's details. What is
// saved holds no script: this is the front end's own part. The preview is shown at once, without a kernel too; where one
// has the original, that follows. A live grid, which ends with its sweep, has its pictures opened here, too.

import style from "../../cell/large_picture.css";
import { LargePicture, openForOthers } from "../../cell/large_picture.js";
import { askForOriginal, hashOf, kernelOf } from "./originals.js";
import { requestOf } from "./request_text.js";

/** @import { Shown } from "../../cell/large_picture.js" */

const OURS = ".jp-OutputArea figure.tex2jax_ignore img";
const LOOK = `${OURS} { cursor: zoom-in }`;

/** Let the keyboard reach the pictures in an element. @param {Element} element */
function reach(element) {
  for (const picture of /** @type {NodeListOf<HTMLElement>} */ (element.querySelectorAll(OURS))) {
    picture.tabIndex = 0;
    picture.setAttribute("role", "button");
  }
}

/** Open the pictures of a page large. @param {Document} page @param {any} app the front end */
export function openLarge(page, app) {
  const large = new LargePicture();
  const looks = page.createElement("style");
  looks.textContent = style + LOOK;
  page.head.append(looks);
  page.body.append(large.dialog);
  const show = (/** @type {Shown} */ shown) => {
    large.show(shown);
    const { opener, sha256 } = shown;
    const kernel = sha256 ? kernelOf(app, opener) : null;
    if (!kernel) return;
    askForOriginal(kernel, sha256).then((found) => found && large.improve(opener, found.bytes, found.format));
  };
  const open = (/** @type {Event} */ event) => {
    const picture = event.target instanceof HTMLImageElement && event.target.matches(OURS) ? event.target : null;
    if (!picture) return;
    event.preventDefault();
    event.stopPropagation();
    const details = picture.closest("figure")?.querySelector("details pre")?.textContent ?? "";
    const about = requestOf(picture.alt, details);
    show({ opener: picture, src: picture.src, alt: picture.alt, about, sha256: hashOf(picture.className) });
  };
  openForOthers(page, show);
  page.addEventListener("click", open);
  // Before the document's listener, which is Lumino's: Enter would open the cell's editor.
  window.addEventListener("keydown", (event) => ["Enter", " "].includes(event.key) && open(event), true);
  const observer = new MutationObserver((records) => {
    for (const { addedNodes } of records) for (const node of addedNodes) if (node instanceof Element) reach(node);
  });
  observer.observe(page.body, { childList: true, subtree: true });
  reach(page.body);
}
