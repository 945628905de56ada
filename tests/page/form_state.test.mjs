// The form's logic: models to choose from, faults and where they belong, values.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  choicesOf,
  filled,
  modelChoices,
  OTHER_MODEL,
  partFaults,
} from "../../imgmagic/notebook/panel/page/form_state.js";

test("a server that lists models offers them, its default, and a name of one's own", () => {
  const { options, chosen, byName } = modelChoices({ model: "a", models: ["a", "b"] }, "", false);

  assert.deepEqual(
    options.map(({ text }) => text),
    ["default: a", "a", "b", "another model…"],
  );
  assert.deepEqual([chosen, byName], ["", false]);
});

test("a model that is not listed is named", () => {
  assert.deepEqual(modelChoices({ model: "a", models: ["a"] }, "mine", false).chosen, OTHER_MODEL);
  assert.ok(modelChoices({ model: "", models: [] }, "", false).byName);
});

test("while one types a name, an empty one does not put the choice back", () => {
  assert.ok(modelChoices({ model: "a", models: ["a"] }, "", true).byName);
});

test("faults go to their controls, the others are told together", () => {
  const { at, general } = partFaults(
    [
      ["n", "One."],
      ["n", "Two."],
      ["budget", "Too much."],
    ],
    (name) => name === "n",
  );

  assert.deepEqual([...at], [["n", "One. Two."]]);
  assert.equal(general, "Too much.");
});

test("a value that the model does not take stays to be seen", () => {
  const spec = { name: "q", label: "", help: "", offers: [], low: null, high: null, main: true };
  const control = { ...spec, kind: /** @type {const} */ ("choice"), choices: ["low"], unset: "default" };

  assert.deepEqual(
    choicesOf(control, "max").map(({ value }) => value),
    ["", "low", "max"],
  );
  assert.deepEqual(
    choicesOf(control, "low").map(({ value }) => value),
    ["", "low"],
  );
});

test("only what is filled in is sent", () => {
  assert.deepEqual(filled({ n: "2", size: "" }), { n: "2" });
});
