// What this session and this day took: in one line that is always in view, and by model for those who look.

/** @import { Totals } from "./messages" */
import { h } from "./dom.js";

const AMOUNTS = ["images", "tokens", "cost"];

export class TotalsView {
  constructor() {
    this.sums = h("div", { class: "im-sums" });
    const region = { class: "im-table", tabindex: "0", role: "region", "aria-label": "Totals by model" };
    this.table = h("div", region);
    this.el = h("details", { class: "im-totals", hidden: true }, h("summary", { text: "Totals by model" }), this.table);
  }

  /** @param {Totals} totals */
  show({ session, today, models }) {
    const both =
      session === today
        ? [["Session and today", today]]
        : [
            ["Session", session],
            ["Today", today],
          ];
    this.sums.replaceChildren(...both.map(([name, text]) => h("span", null, h("b", { text: `${name} ` }), text)));
    this.el.hidden = models.length === 0;
    const heads = AMOUNTS.map((text) => h("th", { scope: "col", text }));
    const head = h("thead", null, h("tr", null, h("th", { scope: "col", text: "model" }), ...heads));
    this.table.replaceChildren(h("table", null, head, ...models.map(rowsOf)));
  }
}

/** @param {Totals["models"][number]} row */
function rowsOf({ model, session, today }) {
  const line = (/** @type {string} */ text, /** @type {string[]} */ amounts) =>
    h("tr", null, h("th", { scope: "row", text }), ...amounts.map((each) => h("td", { text: each })));
  const head = h("tr", { class: "im-model" }, h("th", { scope: "rowgroup", colspan: "4", text: model }));
  return h("tbody", null, head, line("this session", session), line("today", today));
}
