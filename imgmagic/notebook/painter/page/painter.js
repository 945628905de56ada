// The painter's part in the page.

/** @import { AnyModel } from "@anywidget/types" */
/** @import { PictureLook } from "./view.js" */
import { widgetInPlaces } from "../../panel/page/places.js";
import { View } from "./view.js";

export default widgetInPlaces({
  place: "data-imgmagic-painter",
  still: "data-imgmagic-painted", // the picture that a saved notebook keeps would only repeat it
  make: painterIn,
});

/** Show what a kernel's painter holds, and tell it what is painted. @param {AnyModel} model @param {HTMLElement} el */
function painterIn(model, el) {
  const view = new View(el, (png) => model.send({ kind: "painted" }, undefined, [png]));
  const hear = (/** @type {PictureLook & { kind: string }} */ message, /** @type {DataView[]} */ buffers) => {
    if (message.kind === "picture") view.open(message, buffers);
  };
  model.on("msg:custom", hear);
  model.send({ kind: "hello" });
  const close = () => {
    model.off("msg:custom", hear);
    view.close();
  };
  return { close };
}
