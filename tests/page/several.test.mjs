// Fields that hold several values: what is ticked, what is written, and where each goes in the grid.

import assert from "node:assert/strict";
import { test } from "node:test";
import { linesOf, parted, placesOf } from "../../imgmagic/notebook/panel/page/form_state.js";

test("what is offered is ticked, everything else is written", () => {
  const { choices, others } = parted(["a", "b"], ["b", "c"], true);

  assert.deepEqual(choices, [
    { value: "a", chosen: false },
    { value: "b", chosen: true },
  ]);
  assert.deepEqual(others, ["c"]);
});

test("where nothing can be written, a value that is not offered is ticked all the same", () => {
  const { choices, others } = parted(["a"], ["c"], false);

  assert.deepEqual(
    choices.filter(({ chosen }) => chosen).map(({ value }) => value),
    ["c"],
  );
  assert.deepEqual(others, []);
});

test("the first field with several values goes across, the second down; one value goes nowhere", () => {
  const places = placesOf([
    ["size", ["1", "2"]],
    ["model", ["only"]],
    ["quality", ["low", "high"]],
    ["n", ["1", "2"]],
  ]);

  assert.deepEqual(Object.fromEntries(places), { size: "goes across", quality: "goes down", n: "a grid for each" });
});

test("each line that holds something is a value", () => {
  assert.deepEqual(linesOf("oil, thick\n\n  ink "), ["oil, thick", "ink"]);
});
