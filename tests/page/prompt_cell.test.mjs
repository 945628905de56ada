// The language of a cell: plain while it holds a prompt, the notebook's otherwise.

import assert from "node:assert/strict";
import { test } from "node:test";
import { follow, isPrompt } from "../../imgmagic/notebook/lab/page/prompt_cell.js";

const PYTHON = "text/x-ipython";
const JULIA = "text/x-julia";
const PLAIN = "text/plain";

/** @template T */
class Signal {
  /** @type {Array<(sender: unknown, change: T) => void>} */
  slots = [];
  /** @param {(sender: unknown, change: T) => void} slot */
  connect(slot) {
    this.slots.push(slot);
  }
  /** @param {T} change */
  emit(change) {
    for (const slot of this.slots) slot(this, change);
  }
}

/** A cell's model as JupyterLab has it, as far as the extension looks. */
class Cell {
  mimeTypeChanged = /** @type {Signal<unknown>} */ (new Signal());
  changed = /** @type {Signal<{ sourceChange?: unknown }>} */ (new Signal());
  reads = 0;
  /** @type {string[]} */
  languages = [];
  /** @param {string} source @param {string} language */
  constructor(source, language) {
    this.source = source;
    this.language = language;
    this.sharedModel = { changed: this.changed, getSource: () => this.read() };
  }
  read() {
    this.reads += 1;
    return this.source;
  }
  get mimeType() {
    return this.language;
  }
  set mimeType(language) {
    if (language === this.language) return;
    this.language = language;
    this.languages.push(language);
    this.mimeTypeChanged.emit(undefined);
  }
  /** @param {string} source */
  type(source) {
    this.source = source;
    this.changed.emit({ sourceChange: [] });
  }
}

test("a cell holds a prompt where IPython would find the magic", () => {
  const prompts = [
    "%%imagine",
    "%%imagine -n 2\na fox",
    "\n  \n\t%%imagine\na fox",
    "%%time\n%%imagine\na fox",
    "%%capture out\n\n%%imagine -o fox\n",
  ];
  const others = [
    "",
    "%%imagin",
    "%%imagined",
    "%%imagine?",
    "%imagine a fox",
    "# %%imagine\na fox",
    "x = 1\n%%imagine\na fox",
    "%%time\nx = 1\n%%imagine\na fox",
    "%load_ext imgmagic\n%%imagine\na fox",
  ];
  assert.deepEqual(prompts.map(isPrompt), Array(prompts.length).fill(true));
  assert.deepEqual(others.map(isPrompt), Array(others.length).fill(false));
});

test("a long cell is judged at once, whatever it holds", () => {
  const began = process.cpuUsage();
  for (const part of [" ", "\n", "%%a\n", "%%a ", "a fox\n", "%"]) isPrompt(part.repeat(100_000));
  assert.ok(process.cpuUsage(began).user < 1_000_000); // microseconds
});

test("typing the magic makes a cell plain, taking it away gives the language back", () => {
  const cell = new Cell("", PYTHON);
  const holdsPrompt = follow(cell);
  for (const source of ["%%imagin", "%%imagine", "%%imagine\nfor a fox"]) cell.type(source);
  assert.deepEqual([holdsPrompt(), cell.languages], [true, [PLAIN]]);
  cell.type("# %%imagine\n# for a fox");
  assert.deepEqual([holdsPrompt(), cell.languages], [false, [PLAIN, PYTHON]]);
});

test("a kernel that starts, or another kernel, colours no prompt, and its language is what the cell goes back to", () => {
  const cell = new Cell("%%imagine\na fox", PLAIN);
  follow(cell);
  cell.mimeType = PYTHON;
  cell.mimeType = JULIA;
  assert.equal(cell.mimeType, PLAIN);
  cell.type("1 + 1");
  assert.equal(cell.mimeType, JULIA);
});

test("a cell without a prompt takes every language, plain text too", () => {
  const cell = new Cell("x = 1", PYTHON);
  follow(cell);
  for (const language of [PLAIN, JULIA, PYTHON, PLAIN]) {
    cell.mimeType = language;
    cell.type("x = 2");
    assert.equal(cell.mimeType, language);
  }
});

test("outputs that arrive are not looked at", () => {
  const cell = new Cell("%%imagine\na fox", PYTHON);
  follow(cell);
  const before = cell.reads;
  cell.changed.emit({});
  assert.equal(cell.reads, before);
});
