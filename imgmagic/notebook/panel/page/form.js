// The form: it shows the controls that the kernel names for a provider and model, and what is wrong beside each.

const LABELS = { n: "Images", output_format: "Format", output_compression: "Compression", partial_images: "Partial images", user: "User ID" };
const label = (name) => LABELS[name] || (name[0].toUpperCase() + name.slice(1)).replaceAll("_", " ");
const OTHER_MODEL = "\u0000other";

function makeForm({ send, generate, showCode }) {
  const values = {};
  const slots = new Map(); // parameter -> where its fault is said, and the control that it is about
  let number = 0;
  let drawn = "";
  let model = "";
  let touched = false;

  function fields() {
    return {
      prompt: prompt.value,
      provider: provider.value,
      model,
      values: Object.fromEntries(Object.entries(values).filter(([, value]) => value !== "")),
      other: other.value,
      max_cost: maxCost.value,
      tags: tags.value,
    };
  }

  const check = later(120, () => send({ kind: "check", number: (number += 1), fields: fields() }));

  function field(name, text, control, { hint = "", wide = false } = {}) {
    const id = nextId();
    control.id = id;
    const fault = h("div", { class: "im-fault", id: `${id}-fault` });
    const note = hint ? h("div", { class: "im-hint", id: `${id}-hint`, text: hint }) : null;
    control.setAttribute("aria-describedby", [note && `${id}-hint`, `${id}-fault`].filter(Boolean).join(" "));
    slots.set(name, { fault, control });
    return h("div", { class: wide ? "im-field im-wide" : "im-field" }, h("label", { for: id, text }), control, note, fault);
  }

  const prompt = h("textarea", { rows: "4", placeholder: "What to draw. {{ name }} takes a variable of the notebook.", oninput: check });
  const provider = h("select", {
    onchange: () => {
      model = "";
      check();
    },
  });
  const modelChoice = h("select", { onchange: () => chooseModel(modelChoice.value) });
  const modelName = h("input", {
    type: "text",
    spellcheck: "false",
    "aria-label": "Model's name",
    placeholder: "the server's own choice",
    oninput: () => {
      model = modelName.value.trim();
      check();
    },
  });
  const other = h("input", { type: "text", spellcheck: "false", placeholder: '{"seed": 7}', oninput: check });
  const maxCost = h("input", { type: "text", inputmode: "decimal", placeholder: "no limit", oninput: check });
  const tags = h("input", { type: "text", placeholder: "comma, separated", oninput: check });

  const keyInput = h("input", { type: "password", autocomplete: "off", spellcheck: "false", "data-lpignore": "true" });
  const keyForm = h(
    "form",
    {
      class: "im-key",
      onsubmit: (event) => {
        event.preventDefault();
        const key = keyInput.value;
        keyInput.value = ""; // at once, whatever happens to the message
        if (key) send({ kind: "key", provider: provider.value || shownProvider, key });
      },
    },
    field("key", "Set a key for this session", keyInput, { hint: "Kept in this kernel only; never saved in the notebook." }),
    h("button", { type: "submit", class: "im-button", text: "Set key" }),
  );
  keyForm.hidden = true;
  let shownProvider = "";

  function chooseModel(value) {
    modelName.hidden = value !== OTHER_MODEL;
    if (value === OTHER_MODEL) {
      modelName.value = "";
      modelName.focus();
      model = "";
    } else model = value;
    check();
  }

  const mainControls = h("div", { class: "im-grid" });
  const moreControls = h("div", { class: "im-grid" });
  const modelField = field("model", "Model", modelChoice, { wide: true });
  modelChoice.after(modelName);
  const more = h(
    "details",
    { class: "im-more" },
    h("summary", { text: "More options" }),
    moreControls,
    h("div", { class: "im-grid" }, field("max_cost", "At most, US dollars", maxCost), field("tags", "Tags", tags), field("other", "Other body keys, as JSON", other, { wide: true })),
  );
  const absent = h("div", { class: "im-absent" });
  const price = h("span", { class: "im-price" });
  const left = h("span", { class: "im-left" });
  const generalFault = h("div", { class: "im-fault", role: "alert" });
  const go = button("Generate", () => generate(fields()), { class: "im-button im-primary", title: "Generate (Ctrl+Enter)", "aria-keyshortcuts": "Control+Enter Meta+Enter" });

  const el = h(
    "section",
    { class: "im-form", "aria-label": "Request" },
    field("prompt", "Prompt", prompt, { wide: true }),
    field("provider", "Provider", provider, { wide: true }),
    modelField,
    keyForm,
    mainControls,
    more,
    absent,
    generalFault,
    h("div", { class: "im-go" }, go, button("As code", () => showCode(fields()), { title: "The cell and the Python call that do the same" }), h("span", { class: "im-costs" }, price, left)),
  );
  el.addEventListener("input", () => (touched = true));
  el.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      event.stopPropagation();
      if (document.activeElement !== keyInput) generate(fields());
    }
  });

  function controlFor(spec) {
    const update = (event) => {
      values[spec.name] = event.target.value;
      check();
    };
    const value = values[spec.name] || "";
    if (spec.kind === "choice") {
      const unset = spec.unset ? `default: ${spec.unset}` : spec.name === "stream" ? "where the server can" : "server’s choice";
      const select = h("select", { onchange: update }, h("option", { value: "", text: unset }));
      const known = spec.choices.includes(value) || value === "";
      for (const each of known ? spec.choices : [...spec.choices, value]) select.append(h("option", { value: each, text: each }));
      select.value = value;
      return select;
    }
    const input = h("input", { type: spec.kind === "number" ? "number" : "text", min: spec.low, max: spec.high, step: spec.kind === "number" ? "1" : null, spellcheck: "false", oninput: update });
    input.placeholder = spec.unset ? `default: ${spec.unset}` : spec.name === "n" ? "1" : spec.kind === "number" && spec.low !== null && spec.high !== null ? `${spec.low} to ${spec.high}` : "server’s choice";
    input.value = value;
    return input;
  }

  function fieldFor(spec) {
    const control = controlFor(spec);
    if (spec.help) control.title = spec.help;
    const made = field(spec.name, label(spec.name), control);
    if (spec.offers.length && spec.kind !== "choice") {
      const id = nextId();
      control.setAttribute("list", id);
      made.append(h("datalist", { id }, ...spec.offers.map((each) => h("option", { value: each }))));
    }
    return made;
  }

  function draw(spec) {
    const now = JSON.stringify([spec.controls, spec.absent]);
    if (now === drawn) return;
    drawn = now;
    const kept = [...slots.keys()].filter((name) => ["prompt", "provider", "model", "max_cost", "tags", "other", "key"].includes(name));
    for (const name of [...slots.keys()]) if (!kept.includes(name)) slots.delete(name);
    mainControls.replaceChildren(...spec.controls.filter((each) => each.main).map(fieldFor));
    moreControls.replaceChildren(...spec.controls.filter((each) => !each.main).map(fieldFor));
    absent.replaceChildren();
    if (!spec.absent.length) return;
    absent.append(h("span", { text: "Not taken here: " }));
    for (const each of spec.absent) {
      const id = nextId();
      absent.append(
        h("span", { class: "im-chip", tabindex: "0", role: "note", title: each.reason, "aria-describedby": id }, label(each.name), h("span", { class: "im-tip", id, text: each.reason })),
      );
    }
  }

  function drawModels(spec) {
    const fallback = spec.models.length ? `default: ${spec.model || "the server’s"}` : "by name…";
    const options = [];
    if (spec.models.length) options.push(h("option", { value: "", text: model ? "default" : fallback }), ...spec.models.map((each) => h("option", { value: each, text: each })));
    options.push(h("option", { value: OTHER_MODEL, text: spec.models.length ? "another model…" : "by name" }));
    const typing = !modelName.hidden && document.activeElement === modelName;
    modelChoice.replaceChildren(...options);
    const listed = spec.models.includes(model) || (model === "" && spec.models.length > 0 && !typing);
    modelChoice.value = listed ? model : OTHER_MODEL;
    modelName.hidden = listed;
    if (!typing) modelName.value = listed ? "" : model;
  }

  function drawFaults(faults) {
    for (const { fault, control } of slots.values()) {
      fault.textContent = "";
      control.removeAttribute("aria-invalid");
    }
    const general = [];
    for (const [name, text] of faults) {
      const slot = slots.get(name);
      if (!slot) {
        general.push(text);
        continue;
      }
      slot.fault.textContent = [slot.fault.textContent, text].filter(Boolean).join(" ");
      slot.control.setAttribute("aria-invalid", "true");
      if (more.contains(slot.control)) more.open = true;
    }
    const said = general.join(" ");
    if (generalFault.textContent !== said) generalFault.textContent = said;
  }

  return {
    el,
    fields,
    flush: check.now,
    isTouched: () => touched,
    focus: () => prompt.focus(),
    fill(given, providers) {
      if (providers) {
        const chosen = provider.value;
        provider.replaceChildren(h("option", { value: "", text: "default" }), ...providers.map((each) => h("option", { value: each, text: each })));
        provider.value = chosen;
      }
      if (!given) return;
      prompt.value = given.prompt;
      provider.value = given.provider;
      model = given.model;
      for (const name of Object.keys(values)) delete values[name];
      Object.assign(values, given.values);
      other.value = given.other;
      maxCost.value = given.max_cost;
      tags.value = given.tags;
      drawn = "";
    },
    show(spec) {
      if (spec.number && spec.number < number) return; // an older answer
      shownProvider = spec.provider;
      if (provider.options.length) provider.options[0].textContent = `default: ${provider.value ? "first with a key" : spec.provider}`;
      drawModels(spec);
      draw(spec);
      drawFaults(spec.faults);
      keyForm.hidden = !spec.key_wanted;
      price.textContent = spec.price;
      left.textContent = spec.left;
    },
    refuse(faults) {
      drawFaults(faults);
      const first = faults.map(([name]) => slots.get(name)).find(Boolean);
      if (first) first.control.focus();
    },
  };
}
