// The large view: one picture, everything that is known of it, and what people say of it. Arrow keys go on to the next
// picture, and 1 to 5 rate the one that is shown, without leaving the place.

import { Dialog } from "./dialogs.js";
/** @import { Details, FromPage, Picture, Record as Shown } from "./messages" */
/** @import { Tile } from "./gallery_state.js" */
import { button, h, pictureUrl, write } from "./dom.js";
import { keyOf } from "./gallery_state.js";

const RATINGS = [1, 2, 3, 4, 5];

/** @param {string} label @param {string} title */
const quiet = (label, title) => ({ class: "im-button im-quiet", "aria-label": label, title });

export class LargeView {
  id = 0;
  picture = 0;
  /** @type {Details | null} */
  details = null;
  newer = button("‹", () => this.go(-1), quiet("Newer", "Newer (left arrow)"));
  older = button("›", () => this.go(1), quiet("Older", "Older (right arrow)"));
  starButton = button("", () => this.star(), { class: "im-button im-star", "data-name": "star" });
  ratings = RATINGS.map((each) => this.makeRating(each));

  /**
   * @param {HTMLElement} root
   * @param {object} on
   * @param {(message: FromPage) => void} on.send
   * @param {(key: string, step: number) => Tile | null} on.neighbour
   * @param {(text: string) => void} on.announce
   * @param {(key: string) => void} on.closed is told which picture was shown last
   */
  constructor(root, { send, neighbour, announce, closed }) {
    this.shell = new Dialog(root, "record");
    this.send = send;
    this.neighbour = neighbour;
    this.announce = announce;
    this.shell.more.append(this.newer, this.older);
    this.shell.dialog.addEventListener("keydown", (event) => this.onKey(event));
    this.shell.dialog.addEventListener("close", () => closed(keyOf(this.id, this.picture)));
  }

  /** @param {{ id: number | null, picture: number }} place */
  open({ id, picture }) {
    if (id === null) return;
    this.id = id;
    this.picture = picture;
    this.send({ kind: "open", id, picture });
  }

  /** @param {number} step */
  go(step) {
    const next = this.neighbour(keyOf(this.id, this.picture), step);
    if (next) this.open(next);
    else this.announce(step > 0 ? "This is the oldest picture." : "This is the newest picture.");
  }

  /** @param {KeyboardEvent} event */
  onKey(event) {
    const target = /** @type {HTMLElement} */ (event.target);
    if (target.matches("input, textarea, select") || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "ArrowLeft") this.go(-1);
    else if (event.key === "ArrowRight") this.go(1);
    else if (event.key === "s") this.star();
    else if (event.key === "e" && this.picture) this.edit(this.id);
    else if (/^[0-5]$/.test(event.key)) this.rate(Number(event.key));
    else return;
    event.preventDefault();
  }

  /** Return the line from which the picture came, and what began from it, each one click away. @param {Details} details */
  makeFamily({ entry, line, began_from, began }) {
    const to = (/** @type {number} */ id, /** @type {string} */ label) =>
      button(label, () => this.open({ id, picture: 1 }), { class: "im-button im-quiet", "data-name": `family-${id}` });
    const arrow = (/** @type {number} */ place) => (place ? "→ " : "");
    const came = line.map(({ id, forgotten }, place) =>
      forgotten ? h("span", { text: `#${id} (forgotten)` }) : to(id, `${arrow(place)}#${id}`),
    );
    const here = h("b", { "aria-current": "true", text: `${arrow(line.length)}#${entry.id}` });
    const children = began.map((id) => to(id, `→ #${id}`));
    const others = began_from
      .filter((id) => line.every((each) => each.id !== id))
      .map((id) => to(id, `← also from #${id}`));
    if (!came.length && !children.length) return null;
    const group = { class: "im-actions im-family", role: "group", "aria-label": "Family" };
    return h("div", group, ...came, here, ...children, ...others);
  }

  /** @param {number} rating */
  rate(rating) {
    if (this.isOwn()) this.send({ kind: "rate", id: this.id, picture: this.picture, rating });
  }

  /** Let the form start from the picture that is shown. @param {number} id */
  edit(id) {
    this.send({ kind: "edit", id, picture: this.picture });
    this.shell.dialog.close();
  }

  star() {
    if (this.marks()?.derived) return;
    const on = !this.marks()?.star;
    this.send({ kind: "star", id: this.id, picture: this.picture, on });
  }

  /** Return what people said of the picture; null before it is known. @returns {Picture | null} */
  marks() {
    if (this.details?.entry.id !== this.id) return null;
    return this.details.entry.pictures.find((each) => each.number === this.picture) ?? null;
  }

  /** Show a record, unless one has gone on to another one. @param {Shown} message @param {DataView | undefined} buffer */
  show({ details, picture, format, name }, buffer) {
    if (details.entry.id !== this.id || picture !== this.picture) return;
    this.details = details;
    const focused = this.shell.isOpen ? this.nameOfFocus() : "older";
    const img =
      buffer && format ? h("img", { class: "im-large", alt: details.prompt, src: pictureUrl(buffer, format) }) : null;
    const missing = h("p", { class: "im-empty", text: details.error || details.entry.status });
    const side = this.makeSide(details);
    const row = h("div", { class: "im-large-row" }, img ?? missing);
    this.shell.open(`Picture ${name}`, h("div", { class: "im-record-grid" }, row, side));
    this.drawMarks();
    this.restoreFocus(focused);
  }

  /** What has the focus is drawn again; it must be found again, by what it is called. */
  nameOfFocus() {
    const focused = document.activeElement;
    return this.shell.body.contains(focused) ? (focused?.getAttribute("data-name") ?? "") : "";
  }

  /** @param {string} name */
  restoreFocus(name) {
    if (name === "older") this.older.focus();
    const again = name && this.shell.body.querySelector(`[data-name="${name}"]`);
    if (again instanceof HTMLElement) again.focus();
    else if (!this.shell.dialog.contains(document.activeElement)) this.older.focus();
  }

  /** Whether the picture is one of the server's own, which can be rated; not one that was made here of them. */
  isOwn() {
    return Boolean(this.picture) && !this.marks()?.derived;
  }

  /** @param {Details} details */
  makeSide(details) {
    const { id } = details.entry;
    const use = { class: "im-button im-primary", "data-name": "use" };
    const actions = h(
      "div",
      { class: "im-actions" },
      button("Use these settings", () => this.send({ kind: "use", id }), use),
      this.picture
        ? button("Edit", () => this.edit(id), { "data-name": "edit", title: "Paint what should change (e)" })
        : null,
      button("Again", () => this.again(id), { "data-name": "again" }),
      button("As code", () => this.send({ kind: "code", id }), { "data-name": "code" }),
      this.picture ? button("Download", () => this.download(), { "data-name": "download" }) : null,
      this.makeForget(id),
    );
    const edit = h(
      "div",
      { class: "im-edit" },
      this.isOwn() ? this.makeMarks() : null,
      this.saved("Tags", details.tags.join(", "), "comma, separated", (text) => this.send({ kind: "tags", id, text })),
      this.saved("Note", this.noteOf(details), "what you noticed", (text) =>
        this.send({ kind: "note", id, picture: this.isOwn() ? this.picture : 0, text }),
      ),
    );
    const prompt = h("p", { class: "im-prompt", text: details.prompt });
    return h("div", { class: "im-record-side" }, prompt, actions, this.makeFamily(details), edit, facts(details));
  }

  /** @param {Details} details */
  noteOf(details) {
    const own = this.isOwn() && details.entry.pictures.find((each) => each.number === this.picture);
    return own ? own.note : details.note;
  }

  /** @param {number} id */
  again(id) {
    this.shell.close(); // the run that begins is behind it
    this.send({ kind: "again", id });
  }

  download() {
    this.send({ kind: "download", id: this.id, picture: this.picture });
  }

  /** @param {number} rating */
  makeRating(rating) {
    return button(String(rating), () => this.rate(rating), {
      class: "im-button im-rate",
      title: `Rate ${rating} (key ${rating}); 0 removes it`,
      "aria-label": `Rate ${rating} of 5`,
      "data-name": `rate-${rating}`,
    });
  }

  makeMarks() {
    const group = h("span", { class: "im-ratings", role: "group", "aria-label": "Rating" }, ...this.ratings);
    return h("div", { class: "im-marks-row" }, this.starButton, group);
  }

  drawMarks() {
    const marks = this.marks();
    if (!marks) return;
    write(this.starButton, marks.star ? "★ Starred" : "☆ Star");
    this.starButton.setAttribute("aria-pressed", String(marks.star));
    this.ratings.forEach((each, index) => {
      each.setAttribute("aria-pressed", String(index + 1 === marks.rating));
      each.classList.toggle("im-reached", marks.rating !== null && index < marks.rating);
    });
  }

  /** @param {number} id */
  makeForget(id) {
    const box = h("span", { class: "im-forget" });
    const ask = button("Forget…", () => {
      const yes = button("Forget for good", () => this.send({ kind: "forget", id }), { class: "im-button im-danger" });
      const no = button("Keep", () => box.replaceChildren(ask));
      box.replaceChildren(h("span", { text: "Removes the record and all its pictures. " }), yes, no);
      no.focus();
    });
    box.append(ask);
    return box;
  }

  /**
   * @param {string} text
   * @param {string} value
   * @param {string} placeholder
   * @param {(text: string) => void} save
   */
  saved(text, value, placeholder, save) {
    const input = h("input", { type: "text", value, placeholder, "data-name": text });
    input.addEventListener("change", () => save(input.value));
    return h("label", { class: "im-field" }, h("span", { text }), input);
  }

  /** @param {Details} details */
  changed(details) {
    if (details.entry.id !== this.id) return;
    this.details = details;
    this.drawMarks();
  }

  /** @param {number} id */
  forgotten(id) {
    if (this.id === id) this.shell.close();
  }

  close() {
    this.shell.close();
  }
}

/** Return everything that is known of a record, by name. @param {Details} given */
function facts(given) {
  const seconds = (/** @type {number | null} */ value) => (value === null ? "" : `${value.toFixed(1)} s`);
  const template = given.template === given.prompt ? "" : given.template;
  /** @type {Array<[string, string]>} */
  const rows = [
    ["template", template],
    ["revised prompt", given.revised.join("\n")],
    ["model", given.entry.model],
    ["provider", given.provider],
    ...given.parameters,
    ["pictures", given.sizes.join(", ")],
    ["made", new Date(given.entry.at).toLocaleString()],
    ["first partial", seconds(given.first_partial_s)],
    ["time", seconds(given.elapsed_s)],
    ["cost", given.cost],
    ...given.usage,
    ["status", given.entry.status],
    ["error", given.error],
    ["request id", given.request_id],
  ];
  const pairs = rows
    .filter(([, value]) => value)
    .flatMap(([name, value]) => [h("dt", { text: name }), h("dd", { text: value })]);
  return h("dl", { class: "im-pairs" }, ...pairs);
}
