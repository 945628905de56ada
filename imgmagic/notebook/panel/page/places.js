// Where a widget of ours appears: in places of plain HTML outputs, so that no widget is saved. They come and go with
// the output. Where a front end has no such places, it is drawn as a widget is.

/** @import { AnyModel, AnyWidget } from "@anywidget/types" */
import { h } from "./dom.js";

const SETTLE_MS = 30;

/** @typedef {{ close: () => void }} View */

/**
 * Return a widget whose views are in every element that has the attribute `place`, with the model's place as its value.
 * @param {object} how
 * @param {string} how.place the attribute of such an element
 * @param {string} how.still that of what a saved notebook shows instead; it is hidden while a view lives
 * @param {(model: AnyModel, el: HTMLElement) => View} how.make
 * @returns {AnyWidget}
 */
export function widgetInPlaces({ place, still, make }) {
  return {
    initialize({ model }) {
      const views = new Views(model, { place, still, make });
      const stop = watch(() => views.look());
      views.look();
      return () => {
        stop();
        views.close();
      };
    },
    render({ model, el }) {
      const view = make(model, el);
      return () => view.close();
    },
  };
}

class Views {
  /**
   * @param {AnyModel} model
   * @param {{ place: string, still: string, make: (model: AnyModel, el: HTMLElement) => View }} how
   */
  constructor(model, { place, still, make }) {
    const id = model.get("place");
    this.wanted = `[${place}="${id}"]`;
    this.make = (/** @type {HTMLElement} */ el) => make(model, el);
    this.hide = h("style", { text: `[${still}="${id}"] { display: none; }` });
    /** @type {Map<HTMLElement, View>} */
    this.views = new Map();
  }

  /** Open a view in each new place, and close those whose place is gone. */
  look() {
    for (const [el, view] of this.views) {
      if (el.isConnected) continue;
      this.views.delete(el);
      view.close();
    }
    for (const found of document.querySelectorAll(this.wanted)) {
      const el = /** @type {HTMLElement} */ (found);
      if (!this.views.has(el)) this.views.set(el, this.make(el));
    }
    if (!this.views.size) this.hide.remove();
    else if (!this.hide.isConnected) document.head.append(this.hide);
  }

  close() {
    this.hide.remove();
    for (const view of this.views.values()) view.close();
    this.views.clear();
  }
}

/** Look once whenever the page has changed and settled; return what ends that. @param {() => void} look */
function watch(look) {
  let isPlanned = false;
  const observer = new MutationObserver(() => {
    if (isPlanned) return;
    isPlanned = true;
    setTimeout(() => {
      isPlanned = false;
      look();
    }, SETTLE_MS);
  });
  observer.observe(document.body, { childList: true, subtree: true });
  return () => observer.disconnect();
}
