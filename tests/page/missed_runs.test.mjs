// What a page missed of a kernel's runs.

import assert from "node:assert/strict";
import { test } from "node:test";
import { missed } from "../../imgmagic/notebook/cell/missed_runs.js";

const page = { loaded: Date.parse("2026-05-01T10:00:30Z"), now: Date.parse("2026-05-01T10:01:00Z") };

/** @param {number} number @param {string} cell @param {number} count @param {number} second @param {number} ended_s */
const run = (number, cell, count, second, ended_s) => ({
  run: number,
  cell,
  count,
  asked: `2026-05-01T10:00:${second}Z`,
  ended_s,
});

test("a page missed what was asked for before it was loaded and ended after", () => {
  const runs = [run(1, "a", 1, 10, 35), run(2, "b", 2, 10, 10), run(3, "c", 3, 40, 5)];

  assert.deepEqual(missed(runs, page), [2]);
});

test("of a cell that was run again only its last runs count, of a loop all", () => {
  const runs = [run(1, "a", 1, 10, 20), run(2, "a", 2, 45, 10), run(3, "b", 3, 10, 20), run(4, "b", 3, 10, 10)];

  assert.deepEqual(missed(runs, page), [3, 4]);
});
