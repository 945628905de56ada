// The filters above the gallery, and one sentence that says what they let through.

/** @import { Search } from "./messages" */
import { button, h, write } from "./dom.js";
import { filterText } from "./gallery_state.js";
import { later } from "./timing.js";

const RATINGS = [5, 4, 3, 2, 1];

export class Filters {
  /** @param {() => void} changed */
  constructor(changed) {
    this.changed = changed;
    const soon = later(200, () => this.apply());
    this.text = h("input", { type: "search", placeholder: "Search prompts, notes, tags", oninput: soon });
    const now = { onchange: () => this.apply() };
    this.model = h("select", now, h("option", { value: "", text: "all models" }));
    this.tag = h("select", now, h("option", { value: "", text: "all tags" }));
    const ratings = RATINGS.map((each) =>
      h("option", { value: each, text: each === 5 ? "rated 5" : `rated ${each} or better` }),
    );
    this.rating = h("select", now, h("option", { value: "", text: "any rating" }), ...ratings);
    this.star = h("input", { type: "checkbox", ...now });
    this.session = h("input", { type: "checkbox", ...now });
    this.words = h("span");
    const all = button("Show all", () => this.reset(), { class: "im-button im-quiet" });
    this.said = h("p", { class: "im-filtered", hidden: true }, this.words, " ", all);
    this.el = this.makeElement();
  }

  makeElement() {
    const field = (/** @type {string} */ name, /** @type {string} */ text, /** @type {HTMLElement} */ control) =>
      h("label", { class: `im-search im-search-${name}` }, h("span", { class: "im-offscreen", text }), control);
    return h(
      "div",
      { class: "im-filters", role: "search", "aria-label": "Filter the pictures" },
      field("text", "Search the history", this.text),
      field("model", "Only this model", this.model),
      field("tag", "Only this tag", this.tag),
      field("rating", "Only this rating or better", this.rating),
      h("label", { class: "im-check" }, this.star, "starred"),
      h("label", { class: "im-check" }, this.session, "this session"),
    );
  }

  /** @returns {Search} */
  search() {
    return {
      text: this.text.value,
      model: this.model.value,
      tag: this.tag.value,
      star: this.star.checked,
      rating: Number(this.rating.value),
      session: this.session.checked,
    };
  }

  isSet() {
    return filterText(this.search()) !== "";
  }

  apply() {
    write(this.words, filterText(this.search()));
    this.said.hidden = !this.isSet();
    this.changed();
  }

  reset() {
    this.text.value = this.model.value = this.tag.value = this.rating.value = "";
    this.star.checked = this.session.checked = false;
    this.apply();
    this.text.focus();
  }

  /** Offer the models and tags that the history knows. @param {string[]} models @param {string[]} tags */
  offer(models, tags) {
    choices(this.model, "all models", models);
    choices(this.tag, "all tags", tags);
  }
}

/** @param {HTMLSelectElement} select @param {string} all @param {string[]} values */
function choices(select, all, values) {
  const value = select.value;
  const options = values.map((each) => h("option", { value: each, text: each }));
  select.replaceChildren(h("option", { value: "", text: all }), ...options);
  select.value = values.includes(value) ? value : "";
}
