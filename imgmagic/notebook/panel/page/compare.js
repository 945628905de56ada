// Pictures side by side: what differs in their prompts, word by word, and in options, time and cost. Two of them also
// lie one over the other, with the boundary where one draws it.

/** @import { Compared, Comparison, Piece } from "./messages" */
import { Dialog } from "./dialogs.js";
import { h, pictureUrl } from "./dom.js";

/** @type {Record<Piece["change"], "span" | "ins" | "del">} */
const TAGS = { same: "span", added: "ins", removed: "del" };

export class CompareDialog {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.shell = new Dialog(root, "compare");
  }

  /** @param {Comparison} message @param {DataView[]} buffers */
  show({ pictures, rows }, buffers) {
    const urls = pictures.map(({ format }, index) => urlOf(format, buffers[index]));
    const figures = pictures.map((picture, index) => figure(picture, urls[index] ?? ""));
    const over = pictures.length === 2 && urls.every(Boolean) ? [slider(pictures, urls)] : [];
    const sides = h("div", { class: "im-sides" }, ...figures);
    sides.style.setProperty("--im-columns", String(columnsFor(pictures.length)));
    this.shell.open(`Compare ${pictures.length}`, ...over, sides, table(pictures, rows));
  }
}

/** Two to four fit in one row, up to nine in two or three. @param {number} count */
const columnsFor = (count) => (count <= 4 ? count : Math.ceil(count / Math.ceil(count / 5)));

/** @param {string} format @param {DataView | undefined} buffer */
const urlOf = (format, buffer) => (format && buffer ? pictureUrl(buffer, format) : "");

/** @param {Compared} picture @param {string} url */
function figure({ name, model, prompt, words }, url) {
  const caption = h("figcaption", { text: [name, model].filter(Boolean).join(" · ") });
  const diff = h("p", { class: "im-diff" }, ...words.map((piece) => h(TAGS[piece.change], { text: piece.text })));
  return h("figure", { class: "im-side" }, caption, url ? h("img", { alt: prompt, src: url }) : null, diff);
}

/** Lay one picture over the other; the whole of them is the handle. @param {Compared[]} pictures @param {string[]} urls */
function slider(pictures, urls) {
  const [under, over] = pictures.map(({ prompt }, index) =>
    h("img", { alt: prompt, src: urls[index], draggable: "false" }),
  );
  const line = h("span", { class: "im-split", "aria-hidden": "true" });
  const [left, right] = pictures.map(({ name }, index) =>
    h("span", { class: index ? "im-corner im-right" : "im-corner", "aria-hidden": "true", text: name }),
  );
  const label = `How much of ${pictures[0]?.name} is shown over ${pictures[1]?.name}`;
  const range = h("input", {
    type: "range",
    class: "im-handle",
    min: "0",
    max: "100",
    step: "1",
    value: "50",
    "aria-label": label,
  });
  const move = () => {
    if (over) over.style.clipPath = `inset(0 0 0 ${range.value}%)`;
    line.style.left = `${range.value}%`;
  };
  range.addEventListener("input", move);
  over?.classList.add("im-over");
  move();
  return h("div", { class: "im-stack" }, under, over, line, left, right, range);
}

/** @param {Compared[]} pictures @param {Comparison["rows"]} rows */
function table(pictures, rows) {
  const heads = pictures.map(({ name }) => h("th", { scope: "col", text: name }));
  const lines = rows.map(({ name, values, differs }) =>
    h(
      "tr",
      { class: differs ? "im-differs" : null },
      h("th", { scope: "row", text: name }),
      ...values.map((text) => h("td", { text })),
    ),
  );
  const region = {
    class: "im-table",
    tabindex: "0",
    role: "region",
    "aria-label": "Differences of options, cost and time",
  };
  return h(
    "div",
    region,
    h("table", null, h("thead", null, h("tr", null, h("td"), ...heads)), h("tbody", null, ...lines)),
  );
}
