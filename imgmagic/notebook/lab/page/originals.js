// The original behind a preview, from the kernel of the document that the preview is in. The mark on the preview is the
// original's hash, so a kernel of another history has no other picture to give.

const TARGET = "imgmagic.original"; // as originals.py has it
const MARK = /(?:^|\s)imgmagic-([0-9a-f]{64})(?:\s|$)/;

/** @typedef {{ bytes: DataView, format: string }} Original */
/** @typedef {{ content: { data: any }, buffers?: Array<ArrayBuffer | DataView> }} Message */
/**
 * @typedef {{ open(data: object): void, onMsg: (message: Message) => void, onClose: () => void,
 *   commsOverSubshells?: string, subshellStarted?: Promise<void> }} Comm
 */
/** @typedef {{ createComm(target: string): Comm, supportsSubshells?: boolean }} Kernel */

/** Return the hash of the original that a preview was made of; empty where it has none. @param {string} classes */
export function hashOf(classes) {
  return MARK.exec(classes)?.[1] ?? "";
}

/**
 * Ask a kernel for an original; null where it does not have it. A busy kernel without subshells answers when it is free.
 * @param {Kernel} kernel @param {string} sha256
 * @returns {Promise<Original | null>}
 */
export async function askForOriginal(kernel, sha256) {
  const comm = kernel.createComm(TARGET);
  await untilHeard(kernel, comm);
  return new Promise((resolve) => {
    comm.onMsg = ({ content, buffers = [] }) => {
      const [bytes] = buffers;
      const view = bytes instanceof ArrayBuffer ? new DataView(bytes) : bytes;
      resolve(view ? { bytes: view, format: String(content.data.format) } : null);
    };
    comm.onClose = () => resolve(null); // after a message it changes nothing
    comm.open({ sha256 });
  });
}

/**
 * Wait until a message of the channel would be read beside a cell that runs; what is sent before waits for its end.
 * @param {Kernel} kernel @param {Comm} comm
 */
async function untilHeard({ supportsSubshells }, { commsOverSubshells = "disabled", subshellStarted }) {
  if (!supportsSubshells || commsOverSubshells === "disabled") return; // the promise would not be kept
  try {
    await subshellStarted;
  } catch {
    // then it waits
  }
}

/**
 * Return the kernel of the document that an element is in.
 * @param {any} app the front end @param {Element} element
 * @returns {Kernel | null}
 */
export function kernelOf(app, element) {
  for (const widget of app.shell.widgets("main")) {
    if (!widget.node.contains(element)) continue;
    const { sessionContext } = widget.sessionContext ? widget : (widget.content ?? {});
    return sessionContext?.session?.kernel ?? null;
  }
  return null;
}
