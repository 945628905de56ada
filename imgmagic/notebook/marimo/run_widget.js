// A run in marimo: a line that tells what is going on, Stop, and the pictures so far.

/** @import { AnyModel, RenderProps } from "@anywidget/types" */
import { h, write } from "../panel/page/dom.js";

/**
 * @typedef {{ clock: string, text: string, hint: string, said: string, alt: string, has_stop: boolean,
 *   is_over: boolean, lines: string[], pictures: Array<DataView<ArrayBuffer>> }} State
 */

class Tile {
  img = h("img", null);
  line = h("div", { class: "imgmagic-line" });
  el = h("div", { class: "imgmagic-tile" }, this.img, this.line);

  /** @param {DataView<ArrayBuffer> | undefined} picture */
  show(picture) {
    this.drop();
    this.img.hidden = !picture?.byteLength;
    if (picture?.byteLength) this.img.src = URL.createObjectURL(new Blob([picture]));
  }

  drop() {
    URL.revokeObjectURL(this.img.src);
  }
}

class RunView {
  seen = { "aria-hidden": "true" }; // seconds tick for eyes only
  clock = h("span", { class: "imgmagic-clock", ...this.seen });
  text = h("span", { class: "imgmagic-text", ...this.seen });
  hint = h("span", { class: "imgmagic-hint" });
  said = h("span", { class: "imgmagic-said", role: "status" });
  stop = h("button", {
    type: "button",
    class: "imgmagic-stop",
    text: "Stop",
    title: "Stop this run; what is finished is kept",
    onclick: () => this.sendStop(),
  });

  row = h("div", { class: "imgmagic-tiles" });
  /** @type {Tile[]} */
  tiles = [];

  /** @param {AnyModel<State>} model @param {HTMLElement} el */
  constructor(model, el) {
    this.model = model;
    this.el = el;
    el.classList.add("imgmagic-run");
    const bar = h("div", { class: "imgmagic-bar" }, this.stop, this.clock, this.text, this.said);
    el.append(this.row, bar, this.hint);
  }

  sendStop() {
    this.stop.disabled = true;
    this.stop.textContent = "Stopping…";
    this.model.send({ kind: "stop" });
  }

  showText() {
    const { model } = this;
    write(this.clock, model.get("clock"));
    write(this.text, model.get("text"));
    write(this.hint, model.get("hint"));
    write(this.said, model.get("said"));
    this.stop.hidden = !model.get("has_stop");
    this.el.hidden = model.get("is_over");
    const lines = model.get("lines");
    this.tiles.forEach(({ line }, index) => {
      write(line, lines[index] ?? "");
    });
  }

  showPictures() {
    const pictures = this.model.get("pictures");
    for (const tile of this.tiles.splice(pictures.length)) {
      tile.drop();
      tile.el.remove();
    }
    while (this.tiles.length < pictures.length) this.add(new Tile());
    this.tiles.forEach((tile, index) => {
      tile.show(pictures[index]);
      tile.img.alt = this.model.get("alt");
    });
    this.showText();
  }

  /** @param {Tile} tile */
  add(tile) {
    this.tiles.push(tile);
    this.row.append(tile.el);
  }

  close() {
    for (const tile of this.tiles) tile.drop();
    this.el.replaceChildren();
  }
}

/** @param {RenderProps<State>} props */
function render({ model, el }) {
  const view = new RunView(model, el);
  const showText = () => view.showText();
  const showPictures = () => view.showPictures();
  model.on("change", showText);
  model.on("change:pictures", showPictures);
  view.showPictures();
  return () => {
    model.off(/** @type {any} */ ("change"), showText);
    model.off("change:pictures", showPictures);
    view.close();
  };
}

export default { render };
