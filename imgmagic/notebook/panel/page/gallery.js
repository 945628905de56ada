// The gallery: what runs, with its pictures as they come, and every picture that the search finds, newest first. Only
// the tiles in view are in the page; older records load as one scrolls.

/** @import { Entry, FromPage, Hello, News, Page, Run, Thumb, Tile as RunPicture } from "./messages" */
/** @import { Tile } from "./gallery_state.js" */
import { button, h, write } from "./dom.js";
import { Filters } from "./filters.js";
import {
  appendOlder,
  gridFor,
  heightOf,
  inView,
  keyOf,
  mergeNewest,
  neighbour,
  placeOf,
  runKey,
  stepTo,
  tilesOf,
  togglePick,
} from "./gallery_state.js";
import { Item } from "./item.js";
import { Pictures } from "./pictures.js";

const NOTHING = "Pictures appear here while they are drawn.";

export class Gallery {
  mostCompared = 2;
  /** @type {Entry[]} */
  records = [];
  /** @type {Map<number, Run>} */
  runs = new Map();
  /** @type {Tile[]} */
  tiles = [];
  /** @type {Map<string, Item>} */
  items = new Map();
  /** @type {Set<string>} */
  picked = new Set();
  active = ""; // the key of the tile that Tab reaches while it is in view; arrows move on from there
  question = 0;
  hasMore = false;
  loading = false;
  merging = false;
  hasNews = false;
  pictures = new Pictures();
  /** @type {import("./gallery_state.js").Grid} */
  grid = gridFor(0);

  count = h("span", { class: "im-count" });
  compare = button("Compare", () => this.sendCompare(), {
    disabled: true,
    title: "Pick two or more pictures to compare",
  });
  clear = button("Clear picks", () => this.unpick(), { class: "im-button im-quiet", hidden: true });
  stopAll = button("Stop all", () => this.send({ kind: "stop" }), { hidden: true });
  remark = h("span", { class: "im-remark", role: "status" });
  newer = button("↑ New pictures", () => this.toNewest(), { class: "im-button im-newer", hidden: true });
  track = h("ul", { class: "im-track", "aria-label": "Pictures, newest first" });
  scroller = h("div", { class: "im-scroller" }, this.track);
  empty = h("p", { class: "im-empty", text: NOTHING });
  filters = new Filters(() => this.load());

  /**
   * @param {object} on
   * @param {(message: FromPage) => void} on.send
   * @param {(text: string) => void} on.announce
   * @param {(tile: Tile) => void} on.open
   */
  constructor({ send, announce, open }) {
    this.send = send;
    this.announce = announce;
    this.openTile = open;
    this.el = this.makeElement();
    this.watched = new ResizeObserver(() => this.draw());
    this.watched.observe(this.scroller);
  }

  makeElement() {
    this.track.addEventListener("keydown", (event) => this.onKey(event));
    this.scroller.addEventListener("scroll", () => this.draw(), { passive: true });
    const tools = h("div", { class: "im-tools" }, this.count, this.remark, this.stopAll, this.clear, this.compare);
    return h(
      "section",
      { class: "im-gallery", "aria-label": "Pictures" },
      this.filters.el,
      this.filters.said,
      tools,
      this.newer,
      this.scroller,
      this.empty,
    );
  }

  /** @param {Hello} message */
  greet({ most_thumbs, most_compared }) {
    this.pictures.most = most_thumbs;
    this.mostCompared = most_compared;
  }

  /** Ask for the first page of what the filters let through. */
  load() {
    this.question += 1;
    this.loading = true;
    this.merging = false;
    this.send({ kind: "page", number: this.question, search: this.filters.search(), before: null });
  }

  loadNews() {
    this.hasNews = this.loading; // what is on its way may be older than the news: ask again when it is here
    if (this.loading) return;
    this.loading = this.merging = true;
    this.send({ kind: "page", number: this.question, search: this.filters.search(), before: null });
  }

  loadMore() {
    const last = this.records.at(-1);
    if (!this.hasMore || this.loading || !last) return;
    this.loading = true;
    this.send({ kind: "page", number: this.question, search: this.filters.search(), before: last.id });
  }

  /** @param {Page} message */
  page(message) {
    if (message.number !== this.question) return;
    this.loading = false;
    const shown = new Set(this.records.map((record) => record.id));
    const meets = !message.more || message.records.some((record) => shown.has(record.id));
    const isNews = message.first && this.merging && meets;
    if (!message.first) this.records = appendOlder(this.records, message.records);
    else if (isNews) this.records = mergeNewest(this.records, message.records);
    else this.restart(message.records);
    if (!isNews) this.hasMore = message.more; // of news, what is older is known already
    this.merging = false;
    this.takeOver();
    this.redraw();
    if (this.hasNews) this.loadNews();
  }

  /** @param {Entry[]} records */
  restart(records) {
    this.records = records;
    this.scroller.scrollTop = 0;
    for (const [number, run] of this.runs) if (run.ended) this.runs.delete(number);
  }

  /** Let the records of runs that have ended have their pictures. */
  takeOver() {
    const recorded = new Map(this.records.map((record) => [record.id, record]));
    for (const [number, run] of this.runs) {
      const record = run.id === null ? undefined : recorded.get(run.id);
      if (!run.ended || !record) continue;
      run.tiles.forEach((_, index) => {
        this.pictures.rename(runKey(number, index), keyOf(record.id, index + 1));
        if (this.active === runKey(number, index)) this.active = keyOf(record.id, index + 1);
      });
      this.runs.delete(number);
    }
  }

  /** @param {News} message */
  news({ newest, models, tags }) {
    this.filters.offer(models, tags);
    if (this.question === 0) this.load();
    else if (newest && this.isNews(newest)) {
      if (this.scroller.scrollTop < 40) this.loadNews();
      else this.newer.hidden = false;
    }
  }

  /** @param {Entry} newest */
  isNews(newest) {
    const known = this.records.find((record) => record.id === newest.id);
    return !known || known.status !== newest.status || [...this.runs.values()].some((run) => run.ended);
  }

  toNewest() {
    this.scroller.scrollTop = 0;
    this.newer.hidden = true;
    this.loadNews();
    this.focusOn(this.tiles[0]?.key ?? "");
  }

  /** @param {Run} run */
  run(run) {
    const before = this.runs.get(run.run);
    if (!before && run.ended && (run.id === null || this.records.some(({ id }) => id === run.id))) return;
    this.runs.set(run.run, run);
    if (!before) this.scroller.scrollTop = 0; // wherever one has looked, what was just asked for is in view
    if (before?.line !== run.line) this.announce(`Run ${run.run}: ${run.line}`);
    this.redraw();
  }

  /** @param {RunPicture} message @param {DataView} buffer */
  tile({ run, index, format }, buffer) {
    if (!this.runs.has(run)) return;
    const key = runKey(run, index);
    this.items.get(key)?.showPicture(this.pictures.put(key, buffer, format));
  }

  /** @param {number} number */
  dismiss(number) {
    this.runs.delete(number);
    this.redraw();
  }

  /** @param {Thumb} message @param {DataView} buffer */
  thumb({ id, picture, format }, buffer) {
    const key = keyOf(id, picture);
    this.pictures.makeRoom(new Set(this.items.keys()));
    this.items.get(key)?.showPicture(this.pictures.put(key, buffer, format));
  }

  /** @param {Entry} entry */
  changed(entry) {
    this.records = this.records.map((record) => (record.id === entry.id ? entry : record));
    this.redraw();
  }

  /** @param {number} id */
  forgotten(id) {
    const next = this.tiles[this.tiles.findIndex((tile) => tile.key === this.active) + 1]?.key;
    this.records = this.records.filter((record) => record.id !== id);
    for (const [number, run] of this.runs) if (run.id === id) this.runs.delete(number);
    const gone = (/** @type {string} */ key) => key.startsWith(`${id}.`);
    for (const key of [...this.picked].filter(gone)) this.picked.delete(key);
    if (gone(this.active) && next) this.active = next;
    this.redraw();
  }

  redraw() {
    this.tiles = tilesOf(this.runs.values(), this.records);
    if (!this.tiles.some((tile) => tile.key === this.active)) this.active = this.tiles[0]?.key ?? "";
    this.empty.hidden = this.tiles.length > 0;
    write(this.empty, this.filters.isSet() ? "Nothing matches the filters." : NOTHING);
    this.scroller.hidden = this.tiles.length === 0;
    write(this.count, `${this.tiles.length}${this.hasMore ? "+" : ""} shown`);
    this.stopAll.hidden = [...this.runs.values()].filter((run) => !run.ended).length < 1;
    this.drawPicks();
    this.draw();
  }

  /** Draw the tiles in view. */
  draw() {
    if (!this.tiles.length) this.drop(new Map()); // the list is hidden then, and has no width
    if (!this.track.clientWidth) return;
    this.grid = gridFor(this.track.clientWidth);
    const view = { top: this.scroller.scrollTop, height: this.scroller.clientHeight };
    const [first, last] = inView(view, this.grid, this.tiles.length);
    this.track.style.height = `${heightOf(this.tiles.length, this.grid)}px`;
    this.track.style.setProperty("--im-side", `${this.grid.side}px`);
    this.track.style.setProperty("--im-foot", `${this.grid.foot}px`);
    const wanted = new Map(this.tiles.slice(first, last + 1).map((tile, index) => [tile.key, first + index]));
    this.drop(wanted);
    // What was looked at last may be out of view, and so out of the page: Tab reaches the first tile in view then.
    const reachable = wanted.has(this.active) ? this.active : this.tiles[first]?.key;
    let next = null;
    for (const [key, index] of [...wanted].reverse()) next = this.place(key, index, next, key === reachable);
    this.askThumbs(this.tiles.slice(first, last + 1));
    if (last >= this.tiles.length - this.grid.columns) this.loadMore();
    if (view.top < 40 && !this.newer.hidden) {
      this.newer.hidden = true;
      this.loadNews();
    }
  }

  /** Take away the tiles out of view; the one that has the focus stays while it exists. @param {Map<string, number>} wanted */
  drop(wanted) {
    for (const [key, item] of this.items) {
      if (wanted.has(key)) continue;
      const index = this.tiles.findIndex((tile) => tile.key === key);
      if (index >= 0 && item.el.contains(document.activeElement)) wanted.set(key, index);
      else {
        const focused = item.el.contains(document.activeElement);
        item.el.remove();
        this.items.delete(key);
        if (focused) queueMicrotask(() => this.focusOn(this.active));
      }
    }
  }

  /**
   * @param {string} key
   * @param {number} index
   * @param {HTMLElement | null} next the tile after it
   * @param {boolean} reachable
   */
  place(key, index, next, reachable) {
    const tile = this.tiles[index];
    if (!tile) return next;
    const item = this.items.get(key) || this.make(tile);
    const { left, top } = placeOf(index, this.grid);
    item.el.style.transform = `translate(${left}px, ${top}px)`;
    item.el.ariaPosInSet = String(index + 1);
    item.el.ariaSetSize = this.hasMore ? "-1" : String(this.tiles.length);
    item.show(tile, { reachable, picked: this.picked.has(key), url: this.pictures.get(key) });
    if (!item.el.parentNode || item.el.nextSibling !== next) this.track.insertBefore(item.el, next);
    return item.el;
  }

  /** @param {Tile} tile */
  make(tile) {
    const item = new Item(tile, {
      open: (key) => this.openAt(key),
      pick: (key) => this.pick(key),
      edit: (key) => this.mark(/** @type {Tile} */ (this.tileOf(key)), "e"),
      focus: (key) => this.activate(key),
      stop: (run) => this.send({ kind: "stop", run }),
    });
    this.items.set(tile.key, item);
    return item;
  }

  /** @param {Tile[]} tiles */
  askThumbs(tiles) {
    const pictures = this.pictures
      .lacking(tiles)
      .map(({ id, picture }) => /** @type {[number, number]} */ ([id, picture]));
    if (pictures.length) this.send({ kind: "thumbs", pictures });
  }

  /** @param {string} key */
  tileOf(key) {
    return this.tiles.find((tile) => tile.key === key);
  }

  /** @param {string} key */
  openAt(key) {
    this.activate(key);
    const tile = this.tileOf(key);
    if (tile && tile.id !== null) this.openTile(tile);
  }

  /** Return the picture before or after another one. @param {string} key @param {number} step */
  neighbour(key, step) {
    return neighbour(this.tiles, key, step);
  }

  /** @param {KeyboardEvent} event */
  onKey(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const tile = this.tileOf(this.active);
    const index = this.tiles.findIndex(({ key }) => key === this.active);
    const to = stepTo(event.key, index, this.grid.columns, this.tiles.length);
    if (to !== null) this.focusOn(this.tiles[to]?.key ?? "");
    else if (event.key === "c" && tile?.picture) this.pick(tile.key);
    else if (!tile || !this.mark(tile, event.key)) return;
    event.preventDefault();
  }

  /** Edit, star or rate a picture by key; return whether the key does so. @param {Tile} tile @param {string} key */
  mark({ id, picture, star, derived }, key) {
    if (id === null || !picture) return false;
    if (key === "e") this.send({ kind: "edit", id, picture });
    else if (derived) return false;
    else if (key === "s") this.send({ kind: "star", id, picture, on: !star });
    else if (/^[0-5]$/.test(key)) this.send({ kind: "rate", id, picture, rating: Number(key) });
    else return false;
    return true;
  }

  /** @param {string} key */
  activate(key) {
    if (this.active === key) return;
    this.active = key;
    this.draw();
  }

  /** @param {string} key */
  focusOn(key) {
    const index = this.tiles.findIndex((tile) => tile.key === key);
    if (index < 0) return;
    this.active = key;
    const { top } = placeOf(index, this.grid);
    const { scrollTop, clientHeight } = this.scroller;
    if (top < scrollTop) this.scroller.scrollTop = top;
    else if (top + this.grid.row > scrollTop + clientHeight)
      this.scroller.scrollTop = top + this.grid.row - clientHeight;
    this.draw();
    this.items.get(key)?.thumb.focus({ preventScroll: true });
  }

  /** @param {string} key */
  pick(key) {
    const { picked, refused } = togglePick(this.picked, key, this.mostCompared);
    this.picked = picked;
    const most = `At most ${this.mostCompared} pictures can be compared: unpick one first.`;
    write(this.remark, refused ? most : "");
    this.drawPicks();
    this.draw();
  }

  drawPicks() {
    const { size } = this.picked;
    this.compare.disabled = size < 2;
    write(this.compare, size ? `Compare (${size})` : "Compare");
    this.clear.hidden = size === 0;
  }

  unpick() {
    this.picked.clear();
    write(this.remark, "");
    this.drawPicks();
    this.draw();
    this.focusOn(this.active);
  }

  sendCompare() {
    const pictures = [...this.picked].map((key) => /** @type {[number, number]} */ (key.split(".").map(Number)));
    this.send({ kind: "compare", pictures });
  }

  close() {
    this.watched.disconnect();
    this.pictures.close();
  }
}
