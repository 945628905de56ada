// The painted mask: shapes as spans, steps of undo, and the time that a stroke takes.

import assert from "node:assert/strict";
import { test } from "node:test";
import { crc32, inflateSync } from "node:zlib";
import { widthFor } from "../../imgmagic/notebook/painter/page/fit.js";
import { greyPng } from "../../imgmagic/notebook/painter/page/grey_png.js";
import { MarkupState } from "../../imgmagic/notebook/painter/page/markup_state.js";
import { MaskState } from "../../imgmagic/notebook/painter/page/mask_state.js";
import { capsule, polygon, rectangle } from "../../imgmagic/notebook/painter/page/spans.js";

/** @param {MaskState} mask */
const count = (mask) => mask.cells.filter((cell) => cell === 255).length;

/** Return where a mask is another one than it was. @param {Uint8Array} before @param {MaskState} mask */
function differs(before, mask) {
  const found = [];
  for (const [at, cell] of before.entries()) {
    if (cell !== mask.cells[at]) found.push([at % mask.width, Math.floor(at / mask.width)]);
  }
  return found;
}

/** @param {{ x: number, y: number, width: number, height: number }} area @param {number} x @param {number} y */
const holds = (area, x, y) => x >= area.x && x < area.x + area.width && y >= area.y && y < area.y + area.height;

test("a dab is a disc", () => {
  const mask = new MaskState(100, 100);
  const area = mask.fill((span) => capsule({ x: 50, y: 50 }, { x: 50, y: 50 }, 20, span), true);
  assert.ok(Math.abs(count(mask) - Math.PI * 400) < 40);
  assert.deepEqual(area, { x: 30, y: 30, width: 40, height: 40 });
});

test("a stroke is as wide as its brush, whatever its direction", () => {
  for (const [dx, dy] of [
    [60, 0],
    [0, 60],
    [42, 42],
    [-42, 30],
  ]) {
    const mask = new MaskState(200, 200);
    mask.fill((span) => capsule({ x: 100, y: 100 }, { x: 100 + Number(dx), y: 100 + Number(dy) }, 10, span), true);
    const expected = Math.PI * 100 + 20 * Math.hypot(Number(dx), Number(dy));
    assert.ok(Math.abs(count(mask) - expected) < expected * 0.06, `${dx}, ${dy}: ${count(mask)} of ${expected}`);
  }
});

test("shapes are cut off at the borders of the picture", () => {
  const mask = new MaskState(20, 10);
  mask.fill((span) => rectangle({ x: -50, y: -50 }, { x: 500, y: 500 }, span), true);
  assert.equal(count(mask), 200);
  assert.equal(
    mask.fill((span) => rectangle({ x: 30, y: 30 }, { x: 40, y: 40 }, span), true),
    null,
  );
});

test("a lasso fills what it encloses", () => {
  const mask = new MaskState(100, 100);
  const points = [
    { x: 10, y: 10 },
    { x: 90, y: 10 },
    { x: 10, y: 90 },
  ];
  mask.fill((span) => polygon(points, span), true);
  assert.ok(Math.abs(count(mask) - 3200) < 100);
});

test("a hundred steps are undone and brought back", () => {
  const mask = new MaskState(300, 200);
  const state = () => Buffer.from(mask.cells).toString("base64");
  for (let step = 0; step < 130; step += 1) {
    if (step % 10 === 9) mask.invert();
    else {
      const at = { x: (step * 37) % 300, y: (step * 53) % 200 };
      mask.fill((span) => capsule(at, { x: at.y, y: at.x }, 5 + (step % 7), span), step % 3 !== 0);
      mask.fill((span) => rectangle(at, { x: at.x + 1, y: at.y + 1 }, span), step % 2 === 0);
      mask.settle();
    }
    assert.equal(mask.share, count(mask) / (300 * 200));
  }
  const last = state();
  const taken = mask.steps.length;
  assert.equal(taken, 100);
  for (let step = 0; step < taken; step += 1) {
    const before = mask.cells.slice();
    const area = mask.undo();
    assert.ok(area && differs(before, mask).every(([x, y]) => holds(area, Number(x), Number(y))), `step ${step}`);
    assert.equal(mask.share, count(mask) / (300 * 200));
  }
  assert.equal(mask.undo(), null);
  for (let step = 0; step < taken; step += 1) assert.ok(mask.redo());
  assert.equal(state(), last);
});

test("a mask leaves as a grey PNG, cell for cell", async () => {
  const mask = new MaskState(70, 30);
  mask.fill((span) => rectangle({ x: 5, y: 2 }, { x: 40, y: 20 }, span), true);

  const png = Buffer.from((await greyPng(mask.cells, 70, 30)).buffer);

  assert.equal(png.subarray(0, 8).toString("latin1"), "\x89PNG\r\n\x1a\n");
  /** @type {Map<string, Buffer>} */
  const chunks = new Map();
  for (let at = 8; at < png.length; ) {
    const end = at + 8 + png.readUInt32BE(at);
    chunks.set(png.toString("latin1", at + 4, at + 8), png.subarray(at + 8, end));
    assert.equal(png.readUInt32BE(end), crc32(png.subarray(at + 4, end)));
    at = end + 4;
  }
  assert.deepEqual([...chunks.keys()], ["IHDR", "IDAT", "IEND"]);
  assert.equal(chunks.get("IHDR")?.toString("hex"), "000000460000001e0800000000"); // 70, 30, grey of 8 bits
  const rows = inflateSync(/** @type {Buffer} */ (chunks.get("IDAT")));
  for (let y = 0; y < 30; y += 1) {
    assert.equal(rows[y * 71], 0);
    assert.deepEqual(rows.subarray(y * 71 + 1, (y + 1) * 71), Buffer.from(mask.cells.subarray(y * 70, (y + 1) * 70)));
  }
});

test("a step that changes nothing is none, and a new one ends what could be brought back", () => {
  const mask = new MaskState(50, 50);
  assert.equal(mask.settle(), false);
  mask.fill((span) => rectangle({ x: 0, y: 0 }, { x: 5, y: 5 }, span), false);
  assert.equal(mask.settle(), false);
  mask.invert();
  mask.undo();
  mask.fill((span) => rectangle({ x: 0, y: 0 }, { x: 5, y: 5 }, span), true);
  assert.equal(mask.settle(), true);
  assert.equal(mask.redo(), null);
});

test("a segment of a stroke takes less than 16 ms on a picture of 2048 pixels", () => {
  const mask = new MaskState(2048, 2048);
  const times = [];
  for (let at = 0; at < 100; at += 1) {
    const start = performance.now();
    const [a, b] = [
      { x: 200 + at * 15, y: 300 },
      { x: 260 + at * 15, y: 420 },
    ];
    mask.fill((span) => capsule(a, b, 100, span), true);
    times.push(performance.now() - start);
  }
  mask.settle();
  times.sort((a, b) => a - b);
  assert.ok(Number(times[50]) < 16, `${times[50]} ms`);
});

test("shapes of a markup are taken back one by one", () => {
  const markup = new MarkupState();
  const shape = { kind: /** @type {const} */ ("arrow"), points: [], width: 2, color: "#f00" };
  markup.add(shape);
  markup.add({ ...shape, kind: "ellipse" });
  assert.ok(markup.undo());
  assert.deepEqual(markup.shapes, [shape]);
  assert.ok(markup.redo());
  markup.clear();
  assert.deepEqual(markup.shapes, []);
  assert.equal(markup.undo(), false);
});

test("at Fit a picture is as wide as the height that is left allows, and no wider than a wide one", () => {
  assert.equal(widthFor(600, 1), 600);
  assert.equal(widthFor(600, 0.5), 300);
  assert.equal(widthFor(600, 3), 768);
  assert.equal(widthFor(-50, 1), 120); // a window that is too low for any picture
});
