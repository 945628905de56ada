// The live grid of a sweep: a real table whose tiles have their final size from the start. Each picture is a separate
// trait of the model, so a view that is made after the page was reloaded shows it too. All text is inserted as text:
// prompts and server messages are hostile.

/** @import { AnyModel, RenderProps } from "@anywidget/types" */
import { button, h, pictureUrl, showPicture, write } from "../panel/page/dom.js";
import { LargePicture, openInPage } from "./large_picture.js";

/** @typedef {{ state: string, words: string, about: string, alt: string, format?: string, sha256?: string }} TileState */
/** @typedef {{ label: string, cells: number[][] }} Row a row's label, and the tiles of each of its cells */
/** @typedef {{ title: string, corner: string, columns: string[], rows: Row[] }} Grid */
/** @typedef {{ grids: Grid[], tiles: Record<string, TileState>, side: number, aspect: number }} State */

class Tile {
  picture = h("img", { alt: "", hidden: true });
  words = h("span", { class: "imgmagic-words" });
  about = "";
  sha256 = "";
  /** @type {unknown} the bytes that are shown */
  bytes = null;

  /** @param {number} aspect @param {(tile: Tile) => void} open */
  constructor(aspect, open) {
    this.button = button("", () => open(this), { class: "imgmagic-tile", disabled: true });
    this.button.style.aspectRatio = String(aspect);
    this.button.append(this.picture, this.words);
  }

  /** @param {TileState} tile */
  showState({ state, words, about, alt, sha256 = "" }) {
    this.button.dataset.state = state;
    write(this.words, words);
    this.button.title = words;
    this.about = about;
    this.sha256 = sha256;
    this.picture.alt = alt;
    this.button.setAttribute("aria-label", `${alt}: ${state}`);
  }

  /** @param {DataView | undefined} bytes @param {string} format */
  showPicture(bytes, format) {
    if (this.bytes === bytes) return;
    this.bytes = bytes;
    if (!bytes?.byteLength) return;
    showPicture(this.picture, pictureUrl(bytes, format));
    this.button.disabled = false;
  }

  close() {
    if (this.picture.src.startsWith("blob:")) URL.revokeObjectURL(this.picture.src);
  }
}

class SweepGrid {
  /** @type {Map<number, Tile>} */
  tiles = new Map();
  large = new LargePicture();

  /** @param {AnyModel<State>} model @param {HTMLElement} el */
  constructor(model, el) {
    this.model = model;
    el.classList.add("imgmagic-sweep");
    el.style.setProperty("--imgmagic-side", `${model.get("side")}px`);
    el.append(...model.get("grids").map((grid) => this.makeTable(grid)), this.large.dialog);
  }

  /** @param {Grid} grid */
  makeTable({ title, corner, columns, rows }) {
    const heads = columns.map((text) => h("th", { scope: "col", text }));
    const head = h("thead", null, h("tr", null, h("td", { text: corner }), ...heads));
    const body = h("tbody", null, ...rows.map((row) => this.makeRow(row)));
    const table = h("table", null, title ? h("caption", { text: title }) : null, head, body);
    const region = { role: "region", tabindex: "0", "aria-label": title || corner };
    return h("div", { class: "imgmagic-sweep-box", ...region }, table);
  }

  /** @param {Row} row */
  makeRow({ label, cells }) {
    const made = cells.map((slots) => {
      const takes = slots.map((slot) => this.makeTile(slot).button);
      return h("td", null, h("div", { class: "imgmagic-takes" }, ...takes));
    });
    return h("tr", null, h("th", { scope: "row", text: label }), ...made);
  }

  /** @param {number} slot */
  makeTile(slot) {
    const tile = new Tile(this.model.get("aspect"), (each) => this.open(each));
    this.tiles.set(slot, tile);
    return tile;
  }

  /** @param {Tile} tile */
  open({ button: opener, picture: { src, alt }, about, sha256 }) {
    const shown = { opener, src, alt, about, sha256 };
    if (!openInPage(shown)) this.large.show(shown);
  }

  show() {
    const states = this.model.get("tiles");
    for (const [slot, tile] of this.tiles) {
      const state = states[slot];
      if (state) tile.showState(state);
      const bytes = /** @type {AnyModel} */ (this.model).get(`picture_${slot}`);
      tile.showPicture(bytes, state?.format ?? "webp");
    }
  }

  close() {
    for (const tile of this.tiles.values()) tile.close();
  }
}

/** @param {RenderProps<State>} props */
function render({ model, el }) {
  const grid = new SweepGrid(model, el);
  const show = () => grid.show();
  model.on("change", show);
  show();
  return () => {
    model.off(/** @type {any} */ ("change"), show);
    grid.close();
  };
}

export default { render };
