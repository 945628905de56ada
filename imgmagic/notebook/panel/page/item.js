// One tile in the gallery: its picture, what is said below it, and what can be done with it there.

/** @import { Tile } from "./gallery_state.js" */
import { button, h, write } from "./dom.js";

const PASTED = "pasted back";

/**
 * @typedef {object} ItemActions
 * @property {(key: string) => void} open
 * @property {(key: string) => void} pick
 * @property {(key: string) => void} edit
 * @property {(key: string) => void} focus
 * @property {(run: number) => void} stop
 */

export class Item {
  /**
   * @param {Tile} tile
   * @param {ItemActions} actions
   */
  constructor(tile, actions) {
    this.key = tile.key;
    this.actions = actions;
    this.img = h("img", { alt: "", hidden: true, draggable: "false" });
    this.word = h("span", { class: "im-thumb-word" });
    this.bar = h("span", { class: "im-progress", "aria-hidden": "true" });
    this.thumb = button("", () => actions.open(this.key), { class: "im-thumb" });
    this.thumb.append(this.img, this.word, this.bar);
    this.thumb.addEventListener("focus", () => actions.focus(this.key));
    this.foot = tile.run ? this.makeRunFoot(tile.run.run) : this.makeRecordFoot();
    this.el = h("li", { class: "im-item" }, this.thumb, this.foot);
    this.el.dataset.key = tile.key;
  }

  /** @param {number} run */
  makeRunFoot(run) {
    this.line = h("span", { class: "im-line" });
    this.clock = h("span", { class: "im-clock", "aria-hidden": "true" });
    this.stop = button("Stop", () => this.stopRun(run), {
      class: "im-button im-on-picture im-stop",
      "aria-label": `Stop run ${run}`,
    });
    return h("div", { class: "im-thumb-foot" }, this.clock, this.line, this.stop);
  }

  makeRecordFoot() {
    this.pick = h("input", { type: "checkbox", title: "Pick to compare", onchange: () => this.actions.pick(this.key) });
    this.pick.addEventListener("focus", () => this.actions.focus(this.key));
    this.name = h("span", { class: "im-name" });
    this.marks = h("span", { class: "im-marks", "aria-hidden": "true" });
    const edit = { class: "im-button im-on-picture im-edit-tile", title: "Paint what should change (e)" };
    this.edit = button("Edit", () => this.actions.edit(this.key), edit);
    const check = h("label", { class: "im-check" }, this.pick, this.name);
    return h("div", { class: "im-thumb-foot" }, this.edit, check, this.marks);
  }

  /** @param {number} run */
  stopRun(run) {
    if (this.stop) {
      this.stop.disabled = true;
      this.stop.textContent = "Stopping…";
    }
    this.actions.stop(run);
  }

  /**
   * Show a tile as it is now.
   * @param {Tile} tile
   * @param {{ reachable: boolean, picked: boolean, url: string | undefined }} state
   */
  show(tile, { reachable, picked, url }) {
    this.el.dataset.state = tile.state;
    this.thumb.title = tile.prompt;
    this.thumb.tabIndex = reachable ? 0 : -1;
    this.el.classList.toggle("im-picked", picked);
    if (tile.run) this.showRun(tile);
    else this.showRecord(tile, picked);
    this.showPicture(url);
  }

  /** @param {Tile} tile */
  showRun({ run, picture, prompt }) {
    if (!run || !this.line || !this.clock || !this.stop) return;
    const several = run.tiles.length > 1 && !run.ended;
    const line = several ? run.tiles[picture - 1] || "" : run.line;
    write(this.line, line);
    this.line.title = line;
    write(this.clock, run.seconds === null ? "" : `${run.seconds.toFixed(1)} s`);
    this.stop.hidden = run.ended || picture > 1;
    this.thumb.setAttribute("aria-label", `Run ${run.run}, picture ${picture}: ${prompt}`);
    const [width, height] = run.aspect;
    this.img.style.aspectRatio = `${width} / ${height}`;
  }

  /**
   * @param {Tile} tile
   * @param {boolean} picked
   */
  showRecord({ name, state, star, rating, prompt, picture, partial, derived }, picked) {
    if (!this.pick || !this.edit || !this.name || !this.marks) return;
    const rated = rating === null ? "" : `, rated ${rating} of 5`;
    const marks = `${star ? ", starred" : ""}${rated}${derived ? `, ${PASTED}` : ""}`;
    this.thumb.setAttribute("aria-label", `Picture ${name}${marks}, ${state}: ${prompt}`);
    write(this.word, picture && !partial ? "" : state);
    this.el.classList.toggle("im-partial", partial);
    write(this.name, name);
    const words = derived ? [PASTED] : [star ? "★" : "", rating === null ? "" : `${rating}/5`];
    write(this.marks, words.filter(Boolean).join(" "));
    this.pick.checked = picked;
    this.pick.hidden = !picture;
    this.pick.tabIndex = this.thumb.tabIndex;
    this.pick.setAttribute("aria-label", `Pick ${name} to compare`);
    this.edit.hidden = !picture || partial;
    this.edit.tabIndex = this.thumb.tabIndex;
    this.edit.setAttribute("aria-label", `Edit ${name}`);
  }

  /** @param {string | undefined} url */
  showPicture(url) {
    this.img.hidden = !url;
    if (url && this.img.src !== url) this.img.src = url;
  }
}
