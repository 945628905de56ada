// How a page asks a kernel for the original behind a preview.

import assert from "node:assert/strict";
import { test } from "node:test";
import { askForOriginal, hashOf, kernelOf } from "../../imgmagic/notebook/lab/page/originals.js";

const HASH = "3f9a".repeat(16);

/** @param {(comm: any) => void} answer @param {{ supportsSubshells?: boolean, [name: string]: unknown }} subshells */
const kernelThat = (answer, { supportsSubshells = false, ...channel } = {}) => ({
  supportsSubshells,
  asked: /** @type {unknown[]} */ ([]),
  createComm(/** @type {string} */ target) {
    const comm = {
      ...channel,
      onMsg: (/** @type {any} */ _) => {},
      onClose: () => {},
      open: (/** @type {object} */ data) => {
        this.asked.push([target, data]);
        answer(comm);
      },
    };
    return comm;
  },
});

test("a preview's mark is the hash of its original", () => {
  assert.equal(hashOf(`other imgmagic-${HASH}`), HASH);
  assert.equal(hashOf("imgmagic-tile"), "");
  assert.equal(hashOf(""), "");
});

test("a kernel is asked by the hash, and what it sends is the original", async () => {
  const kernel = kernelThat((comm) => {
    comm.onMsg({ content: { data: { format: "png" } }, buffers: [new DataView(new ArrayBuffer(3))] });
    comm.onClose();
  });

  const found = await askForOriginal(kernel, HASH);

  assert.deepEqual(kernel.asked, [["imgmagic.original", { sha256: HASH }]]);
  assert.equal(found?.bytes.byteLength, 3);
  assert.equal(found?.format, "png");
});

test("a kernel that does not have it closes the channel, and the preview stays", async () => {
  assert.equal(
    await askForOriginal(
      kernelThat((comm) => comm.onClose()),
      HASH,
    ),
    null,
  );
});

test("a kernel that reads channels beside a cell is asked once it does, others at once", async () => {
  const never = new Promise(() => {});
  const close = (/** @type {any} */ comm) => comm.onClose();
  let begin = () => {};
  const subshellStarted = new Promise((resolve) => {
    begin = () => resolve(undefined);
  });
  const kernel = kernelThat(close, { supportsSubshells: true, commsOverSubshells: "perCommTarget", subshellStarted });

  const answer = askForOriginal(kernel, HASH);
  await Promise.resolve();
  const before = kernel.asked.length;
  begin();
  await answer;

  assert.deepEqual([before, kernel.asked.length], [0, 1]);
  await askForOriginal(kernelThat(close, { commsOverSubshells: "perCommTarget", subshellStarted: never }), HASH);
  const off = { supportsSubshells: true, commsOverSubshells: "disabled", subshellStarted: never };
  await askForOriginal(kernelThat(close, off), HASH);
  const failing = { ...off, commsOverSubshells: "perComm", subshellStarted: Promise.reject(new Error("no subshell")) };
  await askForOriginal(kernelThat(close, failing), HASH);
});

test("the kernel is that of the document that the picture is in", () => {
  const [kernel, picture] = [kernelThat(() => {}), /** @type {any} */ ({})];
  const inside = { contains: (/** @type {unknown} */ each) => each === picture };
  const notebook = { node: inside, sessionContext: { session: { kernel } } };
  const other = { node: { contains: () => false }, sessionContext: { session: { kernel: {} } } };
  const shell = (/** @type {object[]} */ ...widgets) => ({ shell: { widgets: () => widgets } });

  assert.equal(kernelOf(shell(other, notebook), picture), kernel);
  assert.equal(kernelOf(shell(other), picture), null);
  assert.equal(kernelOf(shell({ node: inside }), picture), null);
});
