// The tools: what a press, a move and a release do to the mask or the markup. The hand may be a mouse, a pen, a finger or
// the keyboard, whose cursor presses with Enter or Space.

/** @import { Span, Point } from "./spans.js" */
import { drawShape, MarkupState } from "./markup_state.js";
import { MaskState } from "./mask_state.js";
import { capsule, polygon, rectangle } from "./spans.js";
/** @import { Surface } from "./surface.js" */

/** @typedef {{ name: string, label: string, key: string }} Tool */

/** @type {Tool[]} */
export const MASK_TOOLS = [
  { name: "brush", label: "Brush", key: "b" },
  { name: "eraser", label: "Eraser", key: "e" },
  { name: "rectangle", label: "Rectangle", key: "r" },
  { name: "lasso", label: "Lasso", key: "l" },
];
/** @type {Tool[]} */
export const MARKUP_TOOLS = [
  { name: "line", label: "Pen", key: "b" },
  { name: "arrow", label: "Arrow", key: "a" },
  { name: "ellipse", label: "Circle", key: "c" },
];
const COLOR = "#ff1744";

/** One press of the hand, from down to up. */
export class Hand {
  /**
   * @param {Surface} surface
   * @param {MaskState | MarkupState} state
   */
  constructor(surface, state) {
    this.surface = surface;
    this.state = state;
    this.tool = state instanceof MaskState ? "brush" : "line";
    this.size = Math.max(4, Math.round(Math.max(surface.width, surface.height) / 24));
    /** @type {Point[]} */
    this.points = [];
  }

  get isDown() {
    return this.points.length > 0;
  }

  /** @param {Point} point */
  down(point) {
    this.points = [point];
    this.stroke(point, point);
  }

  /** @param {Point} point */
  move(point) {
    const last = this.points[this.points.length - 1];
    if (!last) return;
    this.points.push(point);
    this.stroke(last, point);
  }

  /** End the press; return whether anything is different now. */
  up() {
    const points = this.points;
    this.points = [];
    this.surface.preview(() => {});
    return this.state instanceof MaskState ? this.endMask(this.state, points) : this.endMarkup(this.state, points);
  }

  /** Forget the press. */
  cancel() {
    const wasDown = this.isDown;
    this.points = [];
    this.surface.preview(() => {});
    if (this.state instanceof MaskState && wasDown && this.state.settle()) {
      this.surface.showMask(this.state, this.state.undo());
    }
  }

  /** @param {Point} from @param {Point} to */
  stroke(from, to) {
    if (this.state instanceof MarkupState) {
      this.surface.preview((context) => this.drawPreview(context));
      return;
    }
    if (this.tool === "brush" || this.tool === "eraser") {
      const shape = (/** @type {Span} */ span) => capsule(from, to, this.size / 2, span);
      this.surface.showMask(this.state, this.state.fill(shape, this.tool === "brush"));
    } else this.surface.preview((context) => this.outline(context));
  }

  /** @param {MaskState} mask @param {Point[]} points */
  endMask(mask, points) {
    const [first, last] = [points[0], points[points.length - 1]];
    if (first && last && this.tool === "rectangle") {
      this.surface.showMask(
        mask,
        mask.fill((span) => rectangle(first, last, span), true),
      );
    }
    if (this.tool === "lasso") {
      this.surface.showMask(
        mask,
        mask.fill((span) => polygon(points, span), true),
      );
    }
    return mask.settle();
  }

  /** @param {MarkupState} markup @param {Point[]} points */
  endMarkup(markup, points) {
    if (!points.length) return false;
    markup.add(this.shape(points));
    this.surface.showMarkup(markup);
    return true;
  }

  /** @param {Point[]} points */
  shape(points) {
    const kind = /** @type {"line" | "arrow" | "ellipse"} */ (this.tool);
    return { kind, points, width: Math.max(2, this.size / 4), color: COLOR };
  }

  /** @param {CanvasRenderingContext2D} context */
  drawPreview(context) {
    context.setLineDash([]);
    drawShape(context, this.shape(this.points));
  }

  /** @param {CanvasRenderingContext2D} context */
  outline(context) {
    const [first, last] = [this.points[0], this.points[this.points.length - 1]];
    if (!first || !last) return;
    context.beginPath();
    if (this.tool === "rectangle") context.rect(first.x, first.y, last.x - first.x, last.y - first.y);
    else for (const { x, y } of this.points) context.lineTo(x, y);
    context.stroke();
  }
}
