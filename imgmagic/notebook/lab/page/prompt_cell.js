// Which cells hold a prompt, and the language that a cell is coloured in while it does.

/**
 * @template [Change=unknown]
 * @typedef {{ connect(slot: (sender: unknown, change: Change) => void): unknown }} Signal
 */
/** @typedef {Signal<{ sourceChange?: unknown }>} SourceSignal */
/** @typedef {{ mimeType: string, mimeTypeChanged: Signal, sharedModel: { getSource(): string, changed: SourceSignal } }} Model */

const PLAIN = "text/plain";
// As IPython finds a cell magic: after blank lines, indented or not; others, such as %%time, may come before it.
const IMAGINE = /^(?:\s*%%\w.*\n)*\s*%%imagine(?!\S)/;

/** Return whether a cell's text is a `%%imagine` with its prompt. @param {string} text */
export const isPrompt = (text) => IMAGINE.test(text);

/**
 * Keep a cell plain while it holds a prompt, and in its notebook's language otherwise; return how to ask which it is.
 * @param {Model} model
 */
export function follow(model) {
  let language = model.mimeType;
  let holdsPrompt = false;
  const update = () => {
    // What is not set here is the notebook's word, also while a prompt is there: its kernel has started, or is another.
    if (!holdsPrompt || model.mimeType !== PLAIN) language = model.mimeType;
    holdsPrompt = isPrompt(model.sharedModel.getSource());
    model.mimeType = holdsPrompt ? PLAIN : language;
  };
  model.mimeTypeChanged.connect(update);
  model.sharedModel.changed.connect((_, change) => {
    if (change.sourceChange) update();
  });
  update();
  return () => holdsPrompt;
}
