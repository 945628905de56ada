// The notebook around the panel: its keys, and its cells where the front end lets us at them.

// Keys in the panel are not commands on cells ("d d" would delete one); saving and the like stay the notebook's. Lumino
// looks for this attribute from the focused element upwards, and stops at the first element that a command fits.
/** @param {KeyboardEvent} event */
export function keepFromNotebook(event) {
  const key = event.key.toLowerCase(); // "z" takes back and brings again what was typed or painted here
  const isNotebooks = (event.ctrlKey || event.metaKey) && key !== "z" && (event.shiftKey || "sb".includes(key));
  const target = /** @type {Element} */ (event.target);
  target.toggleAttribute("data-lm-suppress-shortcuts", !isNotebooks);
}

/**
 * The notebook's model, as JupyterLab and Notebook 7 share it among their pages (`@jupyter/ydoc`, ISharedNotebook).
 * @typedef {{ cells: Array<{ id: string }>, insertCell: (index: number, cell: object) => void }} SharedNotebook
 */

/**
 * Return what puts a cell below the panel's own; null where the front end does not let us.
 * @param {unknown} manager the widget manager; that of JupyterLab knows its document (`context`)
 * @param {() => string} cell tells the id of the panel's cell
 */
export function inserter(manager, cell) {
  const { context } = /** @type {{ context?: { model?: { sharedModel?: SharedNotebook } } }} */ (manager ?? {});
  const shared = context?.model?.sharedModel;
  if (!shared || typeof shared.insertCell !== "function") return null;
  return (/** @type {string} */ source) => {
    const at = shared.cells.findIndex((each) => each.id === cell());
    if (at < 0) return false;
    shared.insertCell(at + 1, { cell_type: "code", source, metadata: {}, outputs: [], execution_count: null });
    return true;
  };
}
