// What the form makes of the kernel's answers; nothing here touches the page.

/** @import { Control, Form } from "./messages" */

/** The choice that opens a field for a model's name. */
export const OTHER_MODEL = "\u0000other";

/**
 * Return the models to choose from, which one is chosen, and whether its name is typed instead.
 * @param {Pick<Form, "model" | "models">} spec
 * @param {string} model what is filled in; empty for the default
 * @param {boolean} typing whether a name is being typed now
 */
export function modelChoices({ model: fallback, models }, model, typing) {
  const unset = models.length
    ? [{ value: "", text: model ? "default" : `default: ${fallback || "the server’s"}` }]
    : [];
  const other = { value: OTHER_MODEL, text: models.length ? "another model…" : "by name" };
  const listed = models.includes(model) || (model === "" && models.length > 0 && !typing);
  return {
    options: [...unset, ...models.map((each) => ({ value: each, text: each })), other],
    chosen: listed ? model : OTHER_MODEL,
    byName: !listed,
  };
}

/**
 * Part faults into those that have a control and the others, which are told together.
 * @param {Array<[string, string]>} faults
 * @param {(name: string) => boolean} hasControl
 */
export function partFaults(faults, hasControl) {
  /** @type {Map<string, string>} */
  const at = new Map();
  const general = [];
  for (const [name, text] of faults) {
    if (hasControl(name)) at.set(name, [at.get(name), text].filter(Boolean).join(" "));
    else general.push(text);
  }
  return { at, general: general.join(" ") };
}

/**
 * Return the choices of a control: its own, and what is filled in though the model does not take it.
 * @param {Control} spec
 * @param {string} value
 */
export function choicesOf({ choices, unset }, value) {
  const listed = value === "" || choices.includes(value) ? choices : [...choices, value];
  return [{ value: "", text: unset }, ...listed.map((each) => ({ value: each, text: each }))];
}

/** Return the lines of a text that hold something. @param {string} text */
export function linesOf(text) {
  return text
    .split("\n")
    .map((line) => line.trim())
    .filter(Boolean);
}

/**
 * Part the values of a field into what is offered, and the others, which are written.
 * @param {readonly string[]} offered
 * @param {readonly string[]} values
 * @param {boolean} free whether there is room for others; where not, they are offered as well, so as to be seen
 */
export function parted(offered, values, free) {
  const others = values.filter((each) => !offered.includes(each));
  const listed = free ? offered : [...offered, ...others];
  return {
    choices: listed.map((value) => ({ value, chosen: values.includes(value) })),
    others: free ? others : [],
  };
}

const PLACES = ["goes across", "goes down"];

/**
 * Return where the values of each field go in the grid.
 * @param {Iterable<[string, string[]]>} varied
 * @returns {Map<string, string>}
 */
export function placesOf(varied) {
  const axes = [...varied].filter(([, values]) => values.length > 1);
  return new Map(axes.map(([name], place) => [name, PLACES[place] ?? "a grid for each"]));
}

/**
 * Return the values that are filled in.
 * @param {Record<string, string>} values
 */
export function filled(values) {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== ""));
}
