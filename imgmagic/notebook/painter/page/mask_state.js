// The mask that is painted: one byte per pixel, 255 where the picture may change; it knows nothing of the page.
//
// A step of undo is the runs of cells that it flipped: flipping them again takes the step back, and once more brings it
// again. A brush stroke over a picture of four million pixels is some hundred runs, so a hundred steps are small.

/** @import { Span } from "./spans.js" */

/** @typedef {{ x: number, y: number, width: number, height: number }} Area */

const MOST_STEPS = 100;
const CHANGES = 255;

export class MaskState {
  /**
   * @param {number} width
   * @param {number} height
   * @param {Uint8Array} [cells]
   */
  constructor(width, height, cells) {
    this.width = width;
    this.height = height;
    this.cells = cells ? cells.slice() : new Uint8Array(width * height);
    this.count = cells ? cells.reduce((sum, cell) => sum + (cell ? 1 : 0), 0) : 0; // of the cells that may change
    this.settled = this.cells.slice(); // as it was when the last step ended
    /** @type {Uint32Array[]} */
    this.steps = [];
    /** @type {Uint32Array[]} */
    this.undone = [];
    /** @type {Area | null} */
    this.touched = null;
  }

  get isEmpty() {
    return this.count === 0;
  }

  /** Return which part of the picture may change, 0 to 1. */
  get share() {
    return this.count / this.cells.length;
  }

  /**
   * Let a shape change, or stay; return the area that it touched.
   * @param {(span: Span) => void} shape
   * @param {boolean} changes
   * @returns {Area | null}
   */
  fill(shape, changes) {
    const value = changes ? CHANGES : 0;
    let [left, top, right, bottom] = [this.width, this.height, 0, 0];
    shape((y, from, to) => {
      if (y < 0 || y >= this.height) return;
      const [start, end] = [Math.max(0, from), Math.min(this.width, to)];
      if (start >= end) return;
      this.cells.fill(value, y * this.width + start, y * this.width + end);
      [left, right] = [Math.min(left, start), Math.max(right, end)];
      [top, bottom] = [Math.min(top, y), Math.max(bottom, y + 1)];
    });
    if (left >= right) return null;
    const area = { x: left, y: top, width: right - left, height: bottom - top };
    this.touched = this.touched ? union(this.touched, area) : area;
    return area;
  }

  /** End a step; return whether anything is different now. */
  settle() {
    if (!this.touched) return false;
    const runs = this.flipped(this.touched);
    this.touched = null;
    if (!runs.length) return false;
    this.keep(runs);
    return true;
  }

  /** Swap what may change and what stays, as one step. */
  invert() {
    const all = Uint32Array.of(0, this.cells.length);
    this.flip(all);
    this.keep(all);
    return whole(this);
  }

  /** Let nothing change, as one step. */
  clear() {
    const area = this.fill((span) => {
      for (let y = 0; y < this.height; y += 1) span(y, 0, this.width);
    }, false);
    this.settle();
    return area;
  }

  /** Take the last step back; null when there is none. */
  undo() {
    return this.move(this.steps, this.undone);
  }

  /** Bring the step back that was taken back last; null when there is none. */
  redo() {
    return this.move(this.undone, this.steps);
  }

  /** @param {Uint32Array[]} from @param {Uint32Array[]} to */
  move(from, to) {
    const runs = from.pop();
    if (!runs) return null;
    this.flip(runs);
    to.push(runs);
    return areaOf(runs, this);
  }

  /** @param {Uint32Array} runs */
  keep(runs) {
    this.steps.push(runs);
    this.undone = [];
    if (this.steps.length > MOST_STEPS) this.steps.shift();
  }

  /** Turn cells round, in both copies. @param {Uint32Array} runs */
  flip(runs) {
    for (let at = 0; at < runs.length; at += 2) {
      const [start, count] = [Number(runs[at]), Number(runs[at + 1])];
      for (let cell = start; cell < start + count; cell += 1) {
        const value = CHANGES - Number(this.cells[cell]);
        this.cells[cell] = value;
        this.settled[cell] = value;
        this.count += value ? 1 : -1;
      }
    }
  }

  /** Return the runs in which an area differs from the last step, which it then becomes. @param {Area} area */
  flipped(area) {
    /** @type {number[]} */
    const runs = [];
    for (let y = area.y; y < area.y + area.height; y += 1) {
      const end = y * this.width + area.x + area.width;
      let start = -1;
      for (let cell = y * this.width + area.x; cell <= end; cell += 1) {
        const differs = cell < end && this.cells[cell] !== this.settled[cell];
        if (differs) this.count += this.cells[cell] ? 1 : -1;
        if (differs && start < 0) start = cell;
        if (!differs && start >= 0) {
          runs.push(start, cell - start);
          start = -1;
        }
      }
      const row = y * this.width;
      this.settled.set(this.cells.subarray(row + area.x, end), row + area.x);
    }
    return Uint32Array.from(runs);
  }
}

/** @param {MaskState} mask @returns {Area} */
export function whole(mask) {
  return { x: 0, y: 0, width: mask.width, height: mask.height };
}

/** Return the area in which runs lie. @param {Uint32Array} runs @param {MaskState} mask @returns {Area} */
function areaOf(runs, mask) {
  let [left, right] = [mask.width, 0];
  for (let at = 0; at < runs.length; at += 2) {
    const from = Number(runs[at]) % mask.width;
    left = Math.min(left, from);
    right = Math.max(right, from + Number(runs[at + 1]));
  }
  if (right > mask.width) return whole(mask); // a run that goes on in the next row, as an inverted mask has
  const [first, last] = [Number(runs[0]), Number(runs[runs.length - 2])];
  const top = Math.floor(first / mask.width);
  return { x: left, y: top, width: right - left, height: Math.floor(last / mask.width) - top + 1 };
}

/** @param {Area} a @param {Area} b @returns {Area} */
function union(a, b) {
  const [x, y] = [Math.min(a.x, b.x), Math.min(a.y, b.y)];
  const right = Math.max(a.x + a.width, b.x + b.width);
  const bottom = Math.max(a.y + a.height, b.y + b.height);
  return { x, y, width: right - x, height: bottom - y };
}
