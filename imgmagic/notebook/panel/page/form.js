// The form: it shows the controls that the kernel names for a provider and model, and what is wrong beside each.

/** @import { Absent, Control, Fields, Fill, Form as Spec, FromPage, Provider } from "./messages" */
import { button, h, nextId, write } from "./dom.js";
import { choicesOf, filled, linesOf, modelChoices, OTHER_MODEL, partFaults, placesOf } from "./form_state.js";
import { Several } from "./several.js";
import { later } from "./timing.js";

/** @typedef {HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement} Field */

/** @import { Single } from "./several" */

/** @typedef {Omit<Single, "name" | "label" | "controls"> & { controls?: HTMLElement[] }} Varied */

/** A field: where its faults are said, what they are about, and its values where it can hold several. */
/** @typedef {{ fault: HTMLElement, control: HTMLElement, el: HTMLElement, several: Several | null }} Slot */

const VARY = "One NAME=VALUES per line: 1..5, @list of the notebook, @file.txt. Each line adds an axis to the grid.";
const VALUES = "one value per line";
const PICTURES = "one picture per line";

export class Form {
  touched = false;
  number = 0;
  drawn = "";
  model = "";
  shownProvider = "";
  pastesBack = false;
  /** @type {Record<string, string>} */
  values = {};
  /** What holds several values, in the order in which it was chosen. @type {Map<string, string[]>} */
  varied = new Map();
  /** @type {readonly string[]} */
  models = [];
  /** @type {Map<string, Slot>} */
  slots = new Map();
  /** Those of the slots that do not depend on the model. @type {Set<string>} */
  lasting = new Set();
  /** Why the last Generate was refused, until what it is about changes. @type {Map<string, string>} */
  refusals = new Map();
  check = later(120, () => {
    this.sayPlaces();
    this.number += 1;
    this.send({ kind: "check", number: this.number, fields: this.fields() });
  });

  text = { type: "text", spellcheck: "false", oninput: this.check };
  prompt = h("textarea", {
    rows: "4",
    placeholder: "What to draw. {{ name }} takes a variable of the notebook.",
    oninput: this.check,
  });
  provider = h("select", { onchange: () => this.chooseProvider() });
  modelChoice = h("select", { onchange: () => this.chooseModel() });
  modelName = h("input", {
    ...this.text,
    "aria-label": "Model's name",
    placeholder: "the server's own choice",
    oninput: () => this.nameModel(),
  });
  vary = h("textarea", {
    rows: "2",
    spellcheck: "false",
    placeholder: "seed=1..5\nplace=@places",
    oninput: this.check,
  });
  other = h("input", { ...this.text, placeholder: '{"seed": 7}' });
  maxCost = h("input", { ...this.text, inputmode: "decimal", placeholder: "no limit" });
  tags = h("input", { ...this.text, placeholder: "comma, separated" });
  images = h("input", { ...this.text, placeholder: "#12, cat.png, @sofa" });
  mask = h("input", { ...this.text, placeholder: "@mask, sky.png" });
  markup = h("input", { ...this.text, placeholder: "@arrows, arrows.png" });
  names = h("div", { class: "im-grid im-names" });
  mainControls = h("div", { class: "im-grid" });
  moreControls = h("div", { class: "im-grid" });
  absent = h("div", { class: "im-absent" });
  price = h("span", { class: "im-price" });
  left = h("span", { class: "im-left" });
  generalFault = h("div", { class: "im-fault", role: "alert" });
  go = h("button", { type: "button" });
  keyInput = h("input", { type: "password", autocomplete: "off", spellcheck: "false", "data-lpignore": "true" });
  keyForm = h("form", {
    class: "im-key",
    hidden: true,
    onsubmit: (/** @type {Event} */ event) => this.sendKey(event),
  });
  more = h("details", { class: "im-more" });

  /**
   * @param {object} on
   * @param {(message: FromPage) => void} on.send
   * @param {() => void} on.generate
   * @param {(fields: Fields) => void} on.showCode
   */
  constructor({ send, generate, showCode }) {
    this.send = send;
    this.generate = generate;
    this.el = this.makeElement(showCode);
    this.lasting = new Set(this.slots.keys());
  }

  /** @param {(fields: Fields) => void} showCode */
  makeElement(showCode) {
    const keys = { title: "Generate (Ctrl+Enter)", "aria-keyshortcuts": "Control+Enter Meta+Enter" };
    this.go = button("Generate", () => this.generate(), { class: "im-button im-primary", ...keys });
    const code = { title: "The cell and the Python call that do the same" };
    const modelField = this.field("model", "Model", this.modelChoice, { wide: true, several: this.severalModels() });
    this.modelChoice.after(this.modelName);
    const el = h(
      "section",
      { class: "im-form", "aria-label": "Request", oninput: (/** @type {Event} */ event) => this.touch(event) },
      this.field("prompt", "Prompt", this.prompt, { wide: true, several: textIn(this.prompt, "one prompt per line") }),
      this.names,
      this.field("provider", "Provider", this.provider, { wide: true, several: this.severalProviders() }),
      modelField,
      this.makeKeyForm(),
      this.mainControls,
      this.makeMore(),
      this.absent,
      this.generalFault,
      h(
        "div",
        { class: "im-go" },
        this.go,
        button("As code", () => showCode(this.fields()), code),
        h("span", { class: "im-costs" }, this.price, this.left),
      ),
    );
    el.addEventListener("keydown", (event) => this.sendByKey(event));
    return el;
  }

  makeKeyForm() {
    const hint = "Kept in this kernel only; never saved in the notebook.";
    this.keyForm.append(
      this.field("key", "Set a key for this session", this.keyInput, { hint }),
      h("button", { type: "submit", class: "im-button", text: "Set key" }),
    );
    return this.keyForm;
  }

  makeMore() {
    const grid = h(
      "div",
      { class: "im-grid" },
      this.field("images", "Start from", this.images, { several: textIn(this.images, PICTURES) }),
      this.field("mask", "Mask", this.mask, { several: textIn(this.mask, PICTURES) }),
      this.field("markup", "Markup", this.markup, { several: textIn(this.markup, PICTURES) }),
      this.field("max_cost", "At most, US dollars", this.maxCost),
      this.field("tags", "Tags", this.tags),
      this.field("vary", "Vary further", this.vary, { wide: true, hint: VARY }),
      this.field("other", "Other body keys, as JSON", this.other, { wide: true }),
    );
    this.more.append(h("summary", { text: "More options" }), this.moreControls, grid);
    return this.more;
  }

  /** Return what is filled in. @returns {Fields} */
  fields() {
    return {
      prompt: this.prompt.value,
      provider: this.provider.value,
      model: this.model,
      values: filled(this.values),
      other: this.other.value,
      max_cost: this.maxCost.value,
      tags: this.tags.value,
      images: this.images.value,
      mask: this.mask.value,
      markup: this.markup.value,
      varied: [...this.varied].filter(([name, values]) => values.length > 0 && this.slots.has(name)),
      paste_back: this.pastesBack,
      vary: this.vary.value,
    };
  }

  /** @returns {Varied} */
  severalProviders() {
    const choices = () => [...this.provider.options].map(({ value }) => value).filter(Boolean);
    const set = (/** @type {string} */ value) => {
      this.provider.value = value;
    };
    return { choices, get: () => this.provider.value, set };
  }

  /** @returns {Varied} */
  severalModels() {
    const set = (/** @type {string} */ value) => {
      this.model = value;
    };
    return {
      choices: () => [...this.models],
      more: VALUES,
      get: () => this.model,
      set,
      controls: [this.modelChoice, this.modelName],
    };
  }

  /** @param {Control} spec @returns {Varied} */
  severalOf({ name, kind, choices, offers }) {
    const set = (/** @type {string} */ value) => {
      this.values[name] = value;
    };
    return {
      choices: () => [...(kind === "choice" ? choices : offers)],
      more: kind === "choice" ? "" : VALUES,
      get: () => this.values[name] || "",
      set,
    };
  }

  /**
   * Make a labelled field, and room for what is wrong in it.
   * @param {string} name
   * @param {string} text
   * @param {HTMLElement} control
   * @param {{ hint?: string, wide?: boolean, several?: Varied }} [look]
   */
  field(name, text, control, { hint = "", wide = false, several } = {}) {
    const id = nextId();
    control.id = id;
    const fault = h("div", { class: "im-fault", id: `${id}-fault` });
    const note = hint ? h("div", { class: "im-hint", id: `${id}-hint`, text: hint }) : null;
    control.setAttribute("aria-describedby", [note && `${id}-hint`, `${id}-fault`].filter(Boolean).join(" "));
    const label = h("label", { for: id, text });
    const head = h("div", { class: "im-head" }, label);
    const el = h("div", { class: wide ? "im-field im-wide" : "im-field" }, head, control, note, fault);
    const slot = {
      fault,
      control,
      el,
      several: several ? this.makeSeveral({ name, text, control, several, fault }) : null,
    };
    if (slot.several) head.append(slot.several.button);
    this.slots.set(name, slot);
    return el;
  }

  /** @param {{ name: string, text: string, control: HTMLElement, several: Varied, fault: HTMLElement }} of */
  makeSeveral({ name, text, control, several, fault }) {
    const single = { name, label: text, controls: [control], ...several };
    return new Several(single, { varied: this.varied, changed: this.check, describedBy: fault.id });
  }

  sayPlaces() {
    const places = placesOf(this.varied);
    for (const [name, { several }] of this.slots) several?.say(places.get(name) ?? "");
  }

  /** @param {Event} event */
  touch({ target }) {
    this.touched = true;
    for (const name of [...this.refusals.keys()]) {
      const slot = this.slots.get(name);
      if (!slot || slot.el.contains(/** @type {Node} */ (target))) this.refusals.delete(name);
    }
  }

  /** @param {KeyboardEvent} event */
  sendByKey(event) {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    event.stopPropagation();
    if (event.target !== this.keyInput) this.generate();
  }

  /** @param {Event} event */
  sendKey(event) {
    event.preventDefault();
    const key = this.keyInput.value;
    this.keyInput.value = ""; // at once, whatever happens to the message
    if (key) this.send({ kind: "key", provider: this.provider.value || this.shownProvider, key });
  }

  chooseProvider() {
    this.model = "";
    this.varied.delete("model");
    this.slots.get("model")?.several?.show();
    this.check();
  }

  chooseModel() {
    const byName = this.modelChoice.value === OTHER_MODEL;
    this.model = byName ? "" : this.modelChoice.value;
    this.modelName.hidden = !byName;
    if (byName) {
      this.modelName.value = "";
      this.modelName.focus();
    }
    this.check();
  }

  nameModel() {
    this.model = this.modelName.value.trim();
    this.check();
  }

  /** @param {Control} spec */
  controlFor(spec) {
    const value = this.values[spec.name] || "";
    const update = (/** @type {Event} */ event) => {
      this.values[spec.name] = /** @type {Field} */ (event.target).value;
      this.check();
    };
    if (spec.kind === "choice") {
      const options = choicesOf(spec, value).map((each) => h("option", each));
      const select = h("select", { onchange: update }, ...options);
      select.value = value;
      return select;
    }
    const number = spec.kind === "number" ? { type: "number", min: spec.low, max: spec.high, step: "1" } : {};
    const props = { type: "text", spellcheck: "false", placeholder: spec.unset, value, oninput: update };
    return h("input", { ...props, ...number });
  }

  /** @param {Control} spec */
  fieldFor(spec) {
    const control = this.controlFor(spec);
    if (spec.help) control.title = spec.help;
    const made = this.field(spec.name, spec.label, control, { several: this.severalOf(spec) });
    if (spec.offers.length && spec.kind !== "choice") {
      const id = nextId();
      control.setAttribute("list", id);
      made.append(h("datalist", { id }, ...spec.offers.map((each) => h("option", { value: each }))));
    }
    return made;
  }

  /** @param {Absent} each */
  chipFor(each) {
    const id = nextId();
    const tip = h("span", { class: "im-tip", id, text: each.reason });
    const props = { tabindex: "0", role: "note", title: each.reason, "aria-describedby": id };
    return h("span", { class: "im-chip", ...props }, each.label, tip);
  }

  /** Return the field of a name in the prompt: the notebook's variable, unless it has values here. @param {string} name */
  nameField(name) {
    const values = h("textarea", {
      rows: "2",
      spellcheck: "false",
      placeholder: VALUES,
      title: "If this is empty, the notebook's variable is used.",
      value: (this.varied.get(name) ?? []).join("\n"),
      oninput: () => {
        this.varied.set(name, linesOf(values.value));
        this.check();
      },
    });
    return this.field(name, `{{ ${name} }}`, values);
  }

  /** Draw the controls again where they differ: what one types in must stay. @param {Spec} spec */
  drawControls(spec) {
    const names = spec.names.filter(
      (name) => !this.lasting.has(name) && spec.controls.every((each) => each.name !== name),
    );
    const now = JSON.stringify([spec.controls, spec.absent, names]);
    if (now === this.drawn) return;
    this.drawn = now;
    for (const name of [...this.slots.keys()]) if (!this.lasting.has(name)) this.slots.delete(name);
    this.names.replaceChildren(...names.map((name) => this.nameField(name)));
    const [main, more] = [true, false].map((wanted) => spec.controls.filter((each) => each.main === wanted));
    this.mainControls.replaceChildren(...(main || []).map((each) => this.fieldFor(each)));
    this.moreControls.replaceChildren(...(more || []).map((each) => this.fieldFor(each)));
    const title = spec.absent.length ? [h("span", { text: "Not taken here: " })] : [];
    this.sayPlaces();
    this.absent.replaceChildren(...title, ...spec.absent.map((each) => this.chipFor(each)));
  }

  /** @param {Spec} spec */
  drawModels(spec) {
    this.models = spec.models;
    if (this.varied.has("model")) return;
    const typing = !this.modelName.hidden && this.modelName.matches(":focus");
    const { options, chosen, byName } = modelChoices(spec, this.model, typing);
    this.modelChoice.replaceChildren(...options.map((each) => h("option", each)));
    this.modelChoice.value = chosen;
    this.modelName.hidden = !byName;
    if (!typing) this.modelName.value = byName ? this.model : "";
  }

  /** @param {Array<[string, string]>} faults */
  drawFaults(faults) {
    const { at, general } = partFaults(faults, (name) => this.slots.has(name));
    for (const [name, { fault, control }] of this.slots) {
      const text = at.get(name) || "";
      write(fault, text);
      if (text) control.setAttribute("aria-invalid", "true");
      else control.removeAttribute("aria-invalid");
      if (text && this.more.contains(control)) this.more.open = true;
    }
    write(this.generalFault, general);
  }

  /** Offer the providers that can be asked, and apart those that lack a key. @param {Provider[]} providers */
  offerProviders(providers) {
    const chosen = this.provider.value;
    const options = (/** @type {boolean} */ ready) =>
      providers.filter((each) => each.ready === ready).map(({ name }) => h("option", { value: name, text: name }));
    const lacking = options(false);
    this.provider.replaceChildren(
      h("option", { value: "", text: "default" }),
      ...options(true),
      ...(lacking.length ? [h("optgroup", { label: "without a key" }, ...lacking)] : []),
    );
    this.provider.value = chosen;
  }

  /** The picture that is changed: the first of those that the form starts from. */
  get source() {
    return (this.images.value.split(",")[0] ?? "").trim();
  }

  /** Start from other pictures, without mask and markup, which belong to the first of those before. @param {string} images */
  startFrom(images) {
    this.images.value = images;
    this.mask.value = "";
    this.markup.value = "";
    for (const name of ["images", "mask", "markup"]) {
      this.varied.delete(name);
      this.slots.get(name)?.several?.show();
    }
    this.check();
  }

  /** Take what was painted as the mask; nothing is none. @param {string} mask */
  paintedOver(mask) {
    this.touched = true;
    this.mask.value = mask;
    this.check();
  }

  /** @param {boolean} wanted */
  pasteBack(wanted) {
    this.pastesBack = wanted;
    this.check();
  }

  /**
   * Fill the form.
   * @param {Fields | null} given
   * @param {Fill["providers"]} providers
   */
  fill(given, providers) {
    if (providers) this.offerProviders(providers);
    if (!given) return;
    this.refusals.clear();
    this.prompt.value = given.prompt;
    this.provider.value = given.provider;
    this.model = given.model;
    this.values = { ...given.values };
    this.other.value = given.other;
    this.maxCost.value = given.max_cost;
    this.tags.value = given.tags;
    this.images.value = given.images;
    this.mask.value = given.mask;
    this.markup.value = given.markup;
    this.pastesBack = given.paste_back;
    if (given.images) this.more.open = true;
    this.vary.value = given.vary;
    this.varied.clear();
    for (const [name, values] of given.varied) this.varied.set(name, values);
    for (const name of this.lasting) this.slots.get(name)?.several?.show();
    this.drawn = "";
  }

  /** Show the kernel's verdict, unless it is an older answer. @param {Spec} spec */
  show(spec) {
    if (spec.number && spec.number < this.number) return;
    this.shownProvider = spec.provider;
    const unset = this.provider.options[0];
    if (unset) unset.textContent = `default: ${this.provider.value ? "first with a key" : spec.provider}`;
    this.drawModels(spec);
    this.drawControls(spec);
    const told = new Set(spec.faults.map(([name]) => name));
    this.drawFaults([...spec.faults, ...[...this.refusals].filter(([name]) => !told.has(name))]);
    this.keyForm.hidden = !spec.key_wanted;
    this.go.textContent = spec.pictures > 1 ? `Generate ${spec.pictures}` : "Generate";
    this.price.textContent = spec.price;
    this.left.textContent = spec.left;
  }

  /** Show why nothing was sent. @param {Array<[string, string]>} faults */
  refuse(faults) {
    this.refusals = new Map(faults);
    this.drawFaults(faults);
    const first = faults.map(([name]) => this.slots.get(name)).find(Boolean);
    if (first?.several) first.several.focus();
    else first?.control.focus();
  }

  focus() {
    this.prompt.focus();
  }
}

/**
 * Return how the text of a field is varied.
 * @param {HTMLInputElement | HTMLTextAreaElement} control
 * @param {string} more
 * @returns {Varied}
 */
function textIn(control, more) {
  const set = (/** @type {string} */ value) => {
    control.value = value;
  };
  return { choices: () => [], more, get: () => control.value, set };
}
