// One view of a painter: the picture with its tools; who shows it sends on what was painted, to the kernel, which keeps it.

import { button, h, nextId, pictureUrl, write } from "../../panel/page/dom.js";
import { newest } from "../../panel/page/timing.js";
import { fit } from "./fit.js";
import { Keyboard } from "./keyboard.js";
import { MarkupState } from "./markup_state.js";
import { MaskState, whole } from "./mask_state.js";
import { readMask, readPng, Surface } from "./surface.js";
import { Hand, MARKUP_TOOLS, MASK_TOOLS } from "./tools.js";

/** @import { Area } from "./mask_state.js" */
/** @typedef {{ mode: "mask" | "markup", width: number, height: number, format: string, alt: string }} PictureLook */

const QUIET = "data-lm-suppress-shortcuts";
const HELP = "Arrow keys move the cursor, Space presses and lifts it, Shift moves it finely, Escape drops a shape.";

/** @typedef {(png: DataView, isEmpty: boolean) => void} Painted hears what is painted now, after each change */

export class View {
  /** @param {HTMLElement} el @param {Painted} painted */
  constructor(el, painted) {
    this.handOn = newest(
      () => this.made(),
      ({ png, isEmpty }) => painted(png, isEmpty),
    );
    /** Settles when what is painted was handed on. @type {Promise<void>} */
    this.sent = Promise.resolve();
    this.status = h("p", { class: "im-paint-status", role: "status" });
    this.place = h("p", { class: "im-paint-place", "aria-live": "polite" });
    this.root = h("section", {
      class: "imgmagic-painter",
      "aria-label": "Painter",
      onkeydown: saveFromHere,
    });
    el.replaceChildren(this.root);
    this.url = "";
    this.ready = false;
    /** What the picture is fitted into. @type {HTMLElement | null} */
    this.page = null;
    this.resized = new ResizeObserver(() => this.fit());
  }

  /** Begin with a picture and what was painted before. @param {PictureLook} message @param {DataView[]} buffers */
  async open(message, buffers) {
    if (this.ready) return; // said to another page of the same painter
    this.ready = true;
    const [picture, painted] = buffers;
    if (!picture) return;
    const { width, height } = message;
    this.url = pictureUrl(picture, message.format);
    this.surface = new Surface(this.url, message.alt, width, height);
    const isMask = message.mode === "mask";
    this.state = isMask ? await stateOf(painted, width, height) : new MarkupState();
    if (!isMask && painted?.byteLength) this.surface.ground = await readPng(painted);
    this.hand = new Hand(this.surface, this.state);
    this.keyboard = new Keyboard(this.surface, this.hand, (changed) => this.changed(changed));
    this.tools = h("div", { class: "im-paint-tools", role: "toolbar", "aria-label": "Tools" });
    this.draw(isMask ? MASK_TOOLS : MARKUP_TOOLS);
    this.listen(this.surface);
    if (this.state instanceof MaskState) this.surface.showMask(this.state, whole(this.state));
    else this.surface.showMarkup(this.state);
    this.tell();
    this.resized.observe(this.root);
  }

  /** Let the picture fit into what is visible now. */
  fit() {
    const { surface } = this.parts();
    const page = fit(this.root, surface.frame, surface.width / surface.height);
    if (page === this.page) return;
    if (this.page) this.resized.unobserve(this.page);
    this.page = page;
    this.resized.observe(page);
  }

  /** @param {import("./tools.js").Tool[]} tools */
  draw(tools) {
    const { hand, surface } = this.parts();
    const id = nextId();
    const size = h("input", {
      type: "range",
      id,
      min: 2,
      max: Math.round(Math.max(surface.width, surface.height) / 4),
      value: hand.size,
      oninput: () => {
        hand.size = Number(size.value);
      },
    });
    this.size = size;
    const choices = tools.map((tool) =>
      button(tool.label, () => this.choose(tool.name), {
        "data-tool": tool.name,
        title: `${tool.label} (${tool.key})`,
        "aria-keyshortcuts": tool.key,
      }),
    );
    const acts = this.acts().map(([label, key, act]) =>
      button(label, act, { title: `${label} (${key})`, "aria-keyshortcuts": key }),
    );
    const brush = h("label", { class: "im-paint-size", for: id }, "Size ", size);
    this.tools?.replaceChildren(...choices, brush, ...acts);
    surface.canvas.setAttribute("aria-label", `${surface.picture.alt}. ${HELP}`);
    this.root.replaceChildren(/** @type {HTMLElement} */ (this.tools), surface.frame, this.status, this.place);
    // Now, not at the first key: the notebook looks for this before a key gets here, and "r" would make the cell a raw
    // one. It begins at the focused element, which its own commands fit, too.
    for (const each of this.root.querySelectorAll("canvas, button, input")) each.toggleAttribute(QUIET, true);
    this.choose(hand.tool);
  }

  /** @returns {Array<[string, string, () => void]>} */
  acts() {
    const { surface, state } = this.parts();
    /** @type {Array<[string, string, () => void]>} */
    const invert = state instanceof MaskState ? [["Invert", "i", () => this.after(state.invert())]] : [];
    return [
      ["Undo", "z", () => this.after(state.undo())],
      ["Redo", "y", () => this.after(state.redo())],
      ...invert,
      ["Clear", "Delete", () => this.after(state.clear() ?? true)],
      ["Zoom in", "+", () => surface.scale(1)],
      ["Zoom out", "-", () => surface.scale(-1)],
      ["Fit", "0", () => this.showWhole()],
    ];
  }

  showWhole() {
    this.parts().surface.scale(0);
    this.fit();
  }

  /** Show and send what an act changed. @param {Area | boolean | null} changed of a mask, which area of it */
  after(changed) {
    const { surface, state } = this.parts();
    if (!changed) return;
    if (state instanceof MaskState) surface.showMask(state, changed === true ? whole(state) : changed);
    else surface.showMarkup(state);
    this.changed(true);
  }

  /** @param {string} name */
  choose(name) {
    const { hand } = this.parts();
    hand.cancel();
    hand.tool = name;
    for (const choice of this.root.querySelectorAll("[data-tool]")) {
      choice.setAttribute("aria-pressed", String(choice.getAttribute("data-tool") === name));
    }
  }

  /** @param {Surface} surface */
  listen(surface) {
    const { canvas } = surface;
    const { hand } = this.parts();
    canvas.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      canvas.setPointerCapture(event.pointerId);
      canvas.focus({ preventScroll: true });
      hand.down(surface.place(event));
      event.preventDefault();
    });
    canvas.addEventListener("pointermove", (event) => {
      if (!hand.isDown) return;
      const steps = event.getCoalescedEvents?.() ?? [];
      for (const step of steps.length ? steps : [event]) hand.move(surface.place(step));
    });
    canvas.addEventListener("pointerup", () => hand.isDown && this.changed(hand.up()));
    canvas.addEventListener("pointercancel", () => hand.cancel());
    canvas.addEventListener("keydown", (event) => this.key(event));
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    const { keyboard, hand } = this.parts();
    if (event.ctrlKey || event.metaKey || event.altKey) return this.chord(event);
    const tool = (hand.state instanceof MaskState ? MASK_TOOLS : MARKUP_TOOLS).find((each) => each.key === event.key);
    const act = this.acts().find(([, key]) => key === event.key);
    if (keyboard.press(event)) write(this.place, keyboard.said);
    else if (tool) this.choose(tool.name);
    else if (act) act[2]();
    else if (event.key === "[" || event.key === "]") this.resize(event.key === "]" ? 1.2 : 1 / 1.2);
    else return undefined;
    event.preventDefault();
    return event.stopPropagation();
  }

  /** @param {KeyboardEvent} event */
  chord(event) {
    if (event.altKey || event.key.toLowerCase() !== "z") return;
    const { state } = this.parts();
    this.after(event.shiftKey ? state.redo() : state.undo());
    event.preventDefault();
    event.stopPropagation();
  }

  /** @param {number} factor */
  resize(factor) {
    const { hand, keyboard } = this.parts();
    hand.size = Math.max(2, Math.round(hand.size * factor + (factor > 1 ? 1 : 0)));
    if (this.size) this.size.value = String(hand.size);
    keyboard.show();
  }

  /** Say and hand on what is painted now. @param {boolean} changed */
  changed(changed) {
    if (!changed) return;
    this.tell();
    this.sent = this.handOn();
  }

  /** Return what is painted now. */
  async made() {
    const { surface, state } = this.parts();
    const { isEmpty } = state; // now: a picture takes longer than a stroke
    return { png: await surface.png(state), isEmpty };
  }

  tell() {
    const { state } = this.parts();
    if (state instanceof MarkupState) write(this.status, `${state.shapes.length} shapes`);
    else write(this.status, `${(state.share * 100).toFixed(1)} % may change`);
  }

  parts() {
    const { surface, state, hand, keyboard } = this;
    if (!surface || !state || !hand || !keyboard) throw new Error("the painter has no picture yet");
    return { surface, state, hand, keyboard };
  }

  close() {
    if (this.url) URL.revokeObjectURL(this.url);
    this.resized.disconnect();
    this.root.remove();
  }
}

/** @param {DataView | undefined} painted @param {number} width @param {number} height */
async function stateOf(painted, width, height) {
  return painted?.byteLength ? readMask(painted, width, height) : new MaskState(width, height);
}

/** Pass the chord that saves on to the notebook; it hears no other key from here. @param {KeyboardEvent} event */
function saveFromHere(event) {
  const target = /** @type {Element} */ (event.target);
  if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "s" || !target.hasAttribute(QUIET)) return;
  event.preventDefault();
  target.toggleAttribute(QUIET, false);
  target.dispatchEvent(new KeyboardEvent("keydown", event));
  target.toggleAttribute(QUIET, true);
}
