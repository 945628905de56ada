// A field that can hold several values: a switch beside its label turns the one control into a list of them. What is
// offered is ticked; what else the server takes is written, one value per line.

import { button, h, nextId } from "./dom.js";
import { linesOf, parted } from "./form_state.js";

/**
 * What a field says of itself to be varied.
 * @typedef {object} Single
 * @property {string} name
 * @property {string} label
 * @property {() => string[]} choices what is offered now
 * @property {string} [more] what is said where other values can be written; without it none are taken
 * @property {HTMLElement[]} controls what is shown while it holds one value
 * @property {() => string} get
 * @property {(value: string) => void} set
 */

export class Several {
  /** @type {HTMLElement | null} */
  list = null;
  place = h("span", { class: "im-place" });

  /**
   * @param {Single} single
   * @param {object} form
   * @param {Map<string, string[]>} form.varied the values of all fields that hold several, in the order of their axes
   * @param {() => void} form.changed
   * @param {string} form.describedBy the id of what is wrong in it
   */
  constructor(single, { varied, changed, describedBy }) {
    this.single = single;
    this.varied = varied;
    this.changed = changed;
    this.describedBy = describedBy;
    const props = { class: "im-vary", "aria-label": `Vary ${single.label}`, title: "Several values: a grid" };
    this.button = button("vary", () => this.toggle(), props);
    this.show();
  }

  get isOn() {
    return this.varied.has(this.single.name);
  }

  toggle() {
    const { name, get, set } = this.single;
    if (this.isOn) {
      set(this.varied.get(name)?.[0] ?? "");
      this.varied.delete(name);
    } else {
      const value = get();
      this.varied.set(name, value ? [value] : []);
      set("");
    }
    this.show();
    this.focus();
    this.changed();
  }

  /** Show the control, or the list in its place. */
  show() {
    this.button.setAttribute("aria-pressed", String(this.isOn));
    this.list?.remove();
    this.list = this.isOn ? this.makeList() : null;
    const [first, ...others] = this.single.controls;
    if (!first) return;
    first.hidden = this.isOn;
    if (this.isOn) for (const each of others) each.hidden = true;
    if (this.list) first.after(this.list);
  }

  focus() {
    /** @type {HTMLElement | null | undefined} */
    const input = this.list?.querySelector("input, textarea");
    (input ?? this.single.controls[0])?.focus();
  }

  makeList() {
    const { name, label, more: words } = this.single;
    const { choices, others } = parted(this.single.choices(), this.varied.get(name) ?? [], Boolean(words));
    const ticks = choices.map(({ value, chosen }) => {
      const box = h("input", { type: "checkbox", value, checked: chosen });
      return { box, el: h("label", { class: "im-tick" }, box, value) };
    });
    const props = { rows: "2", spellcheck: "false", placeholder: words, value: others.join("\n") };
    const more = words ? h("textarea", { ...props, "aria-label": `${label}, ${words}` }) : null;
    const read = () => {
      const chosen = ticks.filter(({ box }) => box.checked).map(({ box }) => box.value);
      this.varied.set(name, [...new Set([...chosen, ...linesOf(more?.value ?? "")])]);
      this.changed();
    };
    const group = { role: "group", "aria-label": `${label}, several values`, "aria-describedby": this.describedBy };
    const boxes = ticks.length ? h("div", { class: "im-ticks" }, ...ticks.map(({ el }) => el)) : null;
    return h("div", { class: "im-several", id: nextId(), ...group, oninput: read }, boxes, more, this.place);
  }

  /** Say where its values go. @param {string} text */
  say(text) {
    this.place.textContent = text;
  }
}
