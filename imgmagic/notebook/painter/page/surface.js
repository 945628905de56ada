// What is painted on: the picture, the mask or the markup over it as a canvas of the picture's own size, and the zoom.

/** @import { Area } from "./mask_state.js" */
/** @import { Point } from "./spans.js" */
import { h } from "../../panel/page/dom.js";
import { greyPng } from "./grey_png.js";
import { drawShape, MarkupState } from "./markup_state.js";
import { MaskState } from "./mask_state.js";

const INK = [216, 27, 96, 140]; // of what may change, over any picture: red, green, blue, how opaque
const ZOOM_STEP = 1.25;
const MOST_ZOOM = 16;

export class Surface {
  /** @param {string} url @param {string} alt @param {number} width @param {number} height */
  constructor(url, alt, width, height) {
    this.picture = h("img", { class: "im-paint-picture", src: url, alt, draggable: "false" });
    this.canvas = h("canvas", { class: "im-paint-canvas", width, height, tabindex: 0, role: "application" });
    this.hint = h("canvas", { class: "im-paint-hint", width, height, "aria-hidden": "true" });
    this.stage = h("div", { class: "im-paint-stage" }, this.picture, this.canvas, this.hint);
    this.frame = h("div", { class: "im-paint-frame" }, this.stage);
    this.context = /** @type {CanvasRenderingContext2D} */ (this.canvas.getContext("2d", { willReadFrequently: true }));
    this.over = /** @type {CanvasRenderingContext2D} */ (this.hint.getContext("2d"));
    this.width = width;
    this.height = height;
    this.zoom = 1;
    /** @type {ImageBitmap | null} */
    this.ground = null; // the markup that was drawn before this page was loaded
  }

  /** Return where a pointer is, in pixels of the picture. @param {MouseEvent} event @returns {Point} */
  place(event) {
    const box = this.canvas.getBoundingClientRect();
    return {
      x: ((event.clientX - box.left) / box.width) * this.width,
      y: ((event.clientY - box.top) / box.height) * this.height,
    };
  }

  /** Show one area of the mask as it is now. @param {MaskState} mask @param {Area | null} area */
  showMask(mask, area) {
    if (!area) return;
    const image = new ImageData(area.width, area.height);
    const ink = new Uint32Array(Uint8ClampedArray.from(INK).buffer)[0] ?? 0;
    const shown = new Uint32Array(image.data.buffer);
    for (let y = 0; y < area.height; y += 1) {
      const from = (area.y + y) * mask.width + area.x;
      for (let x = 0; x < area.width; x += 1) shown[y * area.width + x] = mask.cells[from + x] ? ink : 0;
    }
    this.context.putImageData(image, area.x, area.y);
  }

  /** @param {MarkupState} markup */
  showMarkup(markup) {
    this.context.clearRect(0, 0, this.width, this.height);
    if (this.ground) this.context.drawImage(this.ground, 0, 0);
    for (const shape of markup.shapes) drawShape(this.context, shape);
  }

  /** Draw what is about to be done, over everything. @param {(context: CanvasRenderingContext2D) => void} draw */
  preview(draw) {
    this.over.clearRect(0, 0, this.width, this.height);
    this.over.lineWidth = Math.max(1, this.width / 500);
    this.over.strokeStyle = "#fff";
    this.over.setLineDash([8, 8]);
    draw(this.over);
  }

  /** Scale the picture on the screen; 1 is what fits. @param {number} steps */
  scale(steps) {
    const wanted = steps ? this.zoom * ZOOM_STEP ** steps : 1;
    this.zoom = Math.min(MOST_ZOOM, Math.max(1, wanted));
    this.frame.style.setProperty("--im-zoom", String(this.zoom));
  }

  /** Return the mask, grey, or the markup, transparent, as the bytes of a PNG. @param {MaskState | MarkupState} state */
  async png(state) {
    if (state instanceof MaskState) return greyPng(state.cells, state.width, state.height);
    return new DataView(await (await toBlob(this.canvas)).arrayBuffer());
  }
}

/** @param {HTMLCanvasElement} canvas @returns {Promise<Blob>} */
function toBlob(canvas) {
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("no picture"))), "image/png");
  });
}

/** @param {DataView} png */
export function readPng(png) {
  const bytes = /** @type {DataView<ArrayBuffer>} */ (png);
  return createImageBitmap(new Blob([bytes], { type: "image/png" }));
}

/** Return the mask that a PNG holds. @param {DataView} png @param {number} width @param {number} height */
export async function readMask(png, width, height) {
  const bitmap = await readPng(png);
  const canvas = h("canvas", { width, height });
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  context.drawImage(bitmap, 0, 0);
  const { data } = context.getImageData(0, 0, width, height);
  const cells = new Uint8Array(width * height);
  for (let at = 0; at < cells.length; at += 1) cells[at] = Number(data[at * 4]) > 127 ? 255 : 0;
  return new MaskState(width, height, cells);
}
