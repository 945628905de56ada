// The markup that is drawn: a list of shapes over the picture, which a model reads as instructions; nothing of the page.

/** @import { Point } from "./spans.js" */

/** @typedef {{ kind: "line" | "arrow" | "ellipse", points: Point[], width: number, color: string }} Shape */

const HEAD = 4; // an arrow's head, in widths of its line

export class MarkupState {
  constructor() {
    /** @type {Shape[]} */
    this.shapes = [];
    /** @type {Shape[]} */
    this.undone = [];
  }

  get isEmpty() {
    return this.shapes.length === 0;
  }

  /** @param {Shape} shape */
  add(shape) {
    this.shapes.push(shape);
    this.undone = [];
  }

  clear() {
    this.undone = this.shapes.reverse();
    this.shapes = [];
  }

  undo() {
    return move(this.shapes, this.undone);
  }

  redo() {
    return move(this.undone, this.shapes);
  }
}

/** @param {Shape[]} from @param {Shape[]} to */
function move(from, to) {
  const shape = from.pop();
  if (shape) to.push(shape);
  return Boolean(shape);
}

/** @param {CanvasRenderingContext2D} context @param {Shape} shape */
export function drawShape(context, shape) {
  const [first, last] = [shape.points[0], shape.points[shape.points.length - 1]];
  if (!first || !last) return;
  context.strokeStyle = shape.color;
  context.fillStyle = shape.color;
  context.lineWidth = shape.width;
  context.lineCap = "round";
  context.lineJoin = "round";
  context.beginPath();
  if (shape.kind === "ellipse") ellipse(context, first, last);
  else for (const { x, y } of shape.kind === "arrow" ? [first, last] : shape.points) context.lineTo(x, y);
  context.stroke();
  if (shape.kind === "arrow") head(context, first, last, shape.width);
}

/** @param {CanvasRenderingContext2D} context @param {Point} a @param {Point} b */
function ellipse(context, a, b) {
  const radii = [Math.abs(b.x - a.x) / 2, Math.abs(b.y - a.y) / 2];
  context.ellipse((a.x + b.x) / 2, (a.y + b.y) / 2, Number(radii[0]), Number(radii[1]), 0, 0, 2 * Math.PI);
}

/** @param {CanvasRenderingContext2D} context @param {Point} from @param {Point} to @param {number} width */
function head(context, from, to, width) {
  const angle = Math.atan2(to.y - from.y, to.x - from.x);
  context.beginPath();
  for (const turn of [0, 2.6, -2.6]) {
    const reach = HEAD * width;
    context.lineTo(to.x + Math.cos(angle + turn) * reach, to.y + Math.sin(angle + turn) * reach);
  }
  context.closePath();
  context.fill();
}
