// What is said of a picture that is opened large from a figure or a grid.

import assert from "node:assert/strict";
import { test } from "node:test";
import { requestOf } from "../../imgmagic/notebook/lab/page/request_text.js";

const CELLS = [
  "prompt: a {{ style }} fox",
  "style oil: #1 completed, m, {}: a oil fox",
  "style ink: #2 completed, m, {}: a ink fox",
];

test("of a grid the line of the picture's own cell is shown, for each take", () => {
  assert.equal(requestOf("a ink fox (style ink)", CELLS.join("\n")), CELLS[2]);
  assert.equal(requestOf("a oil fox (style oil, take 2)", CELLS.join("\n")), CELLS[1]);
});

test("of a figure everything is shown", () => {
  const details = "prompt: a fox (red)\noptions: {}";

  assert.equal(requestOf("a fox (red)", details), details);
});
