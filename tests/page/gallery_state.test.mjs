// The gallery's logic: which tiles there are, where they stand, and what is picked.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  appendOlder,
  filterText,
  gridFor,
  heightOf,
  inView,
  mergeNewest,
  neighbour,
  placeOf,
  stepTo,
  tilesOf,
  togglePick,
} from "../../imgmagic/notebook/panel/page/gallery_state.js";

/** @param {number} id @param {number} pictures @param {object} [more] */
function record(id, pictures = 1, more = {}) {
  const each = (/** @type {number} */ number) => ({
    number,
    partial: false,
    derived: false,
    star: false,
    rating: null,
    note: "",
  });
  const list = Array.from({ length: pictures }, (_, index) => each(index + 1));
  return { id, prompt: "a fox", model: "m", status: "completed", at: "", star: false, pictures: list, ...more };
}

/** @param {number} number @param {object} [more] */
function run(number, more = {}) {
  const common = { kind: /** @type {const} */ ("run"), state: "running", ended: false, line: "", seconds: 1 };
  const aspect = /** @type {[number, number]} */ ([1, 1]);
  return {
    ...common,
    run: number,
    prompt: "a hen",
    aspect,
    tiles: ["", ""],
    id: null,
    sweep: null,
    problem: null,
    ...more,
  };
}

/** @param {import("../../imgmagic/notebook/panel/page/gallery_state.js").Tile[]} tiles */
const namesOf = (tiles) => tiles.map((tile) => tile.name || tile.key);

test("each picture is a tile, and a record without one has one, too", () => {
  const tiles = tilesOf([], [record(12, 3), record(11), record(10, 0, { status: "failed" })]);

  assert.deepEqual(namesOf(tiles), ["#12.1", "#12.2", "#12.3", "#11", "#10"]);
  assert.equal(tiles.at(-1)?.state, "failed");
});

test("what runs comes first, the newest before the others", () => {
  const tiles = tilesOf([run(1), run(2, { tiles: [""] })], [record(5)]);

  assert.deepEqual(namesOf(tiles), ["run 2.0", "run 1.0", "run 1.1", "#5"]);
});

test("a run that has ended stays until its record is there, and is not shown twice", () => {
  const ended = run(1, { ended: true, state: "completed", id: 7 });

  assert.deepEqual(namesOf(tilesOf([ended], [record(5)])), ["#7.1", "#7.2", "#5"]);
  assert.deepEqual(namesOf(tilesOf([ended], [record(7, 2)])), ["#7.1", "#7.2"]);
  assert.deepEqual(tilesOf([run(1, { ended: true, id: null })], []), []);
});

test("new records come before the old ones, which take over what changed", () => {
  const merged = mergeNewest([record(2), record(1)], [record(3), record(2, 1, { status: "failed" })]);

  assert.deepEqual(
    merged.map(({ id, status }) => `${id} ${status}`),
    ["3 completed", "2 failed", "1 completed"],
  );
});

test("an older page that overlaps adds nothing twice", () => {
  assert.deepEqual(
    appendOlder([record(3), record(2)], [record(2), record(1)]).map(({ id }) => id),
    [3, 2, 1],
  );
});

test("tiles fill the width, and one column is the least", () => {
  for (const width of [0, 50, 300, 640, 900, 1480]) {
    const { columns, side, step } = gridFor(width);
    assert.ok(columns >= 1);
    assert.ok(columns * side + (columns - 1) * (step - side) <= Math.max(width, 1), `${width}`);
  }
});

test("twenty-four tiles stand in a gallery of 660 by 700 pixels", () => {
  const grid = gridFor(660);

  assert.ok(grid.columns * Math.floor(700 / grid.row) >= 24);
});

test("places go row by row, and the height holds them all", () => {
  const grid = gridFor(400);

  assert.deepEqual(placeOf(0, grid), { left: 0, top: 0 });
  assert.deepEqual(placeOf(grid.columns + 1, grid), { left: grid.step, top: grid.row });
  assert.equal(heightOf(grid.columns + 1, grid), 2 * grid.row);
});

test("what is in view is drawn, a row around it, and nothing that does not exist", () => {
  const grid = gridFor(400);

  assert.deepEqual(inView({ top: 0, height: grid.row }, grid, 2), [0, 1]);
  assert.deepEqual(inView({ top: 5 * grid.row, height: grid.row }, grid, 1000), [
    4 * grid.columns,
    8 * grid.columns - 1,
  ]);
});

test("arrows go along rows and columns and stop at the ends", () => {
  const to = (/** @type {string} */ key, /** @type {number} */ from) => stepTo(key, from, 5, 12);

  assert.deepEqual(
    ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"].map((key) => to(key, 6)),
    [5, 7, 1, 11],
  );
  assert.deepEqual([to("ArrowUp", 2), to("End", 0), to("Home", 9), to("x", 3)], [0, 11, 0, null]);
});

test("from one picture on to the next, across records, and not into what runs", () => {
  const tiles = tilesOf([run(1)], [record(8, 2), record(7)]);

  assert.equal(neighbour(tiles, "8.2", 1)?.name, "#7");
  assert.equal(neighbour(tiles, "8.1", -1), null);
  assert.equal(neighbour(tiles, "7.1", 1), null);
});

test("a picture too many is refused, and what is picked stays", () => {
  const two = togglePick(togglePick(new Set(), "1.1", 2).picked, "1.2", 2).picked;
  const third = togglePick(two, "1.3", 2);

  assert.ok(third.refused);
  assert.deepEqual([...third.picked], ["1.1", "1.2"]);
  assert.deepEqual([...togglePick(two, "1.1", 2).picked], ["1.2"]);
});

test("filters say what they let through", () => {
  const all = { text: " ", model: "", tag: "", star: false, rating: 0, session: false };

  assert.equal(filterText(all), "");
  assert.equal(
    filterText({ ...all, text: "fox", star: true, rating: 4, session: true }),
    "Only pictures with “fox”, starred, rated 4 or better, of this session.",
  );
});
