// Missed runs: a page that is loaded while a cell runs, or waits to run, does not get the cell's output. This widget has
// no view. The kernel tells it which runs ended, and it puts those into their cells that were requested before the page
// was loaded and ended after. If a front end gives no access to its cells, nothing happens.

/** @import { InitializeProps } from "@anywidget/types" */

/** @typedef {{ run: number, cell: string, count: number, asked: string, ended_s: number }} Ended `asked` is a time, `ended_s` how long ago */
/** @typedef {{ kind: "outputs", run: number, cell: string, count: number, outputs: object[] }} Shown */
/** @typedef {{ kind: "ended", runs: Ended[] } | Shown} Message */
/** @typedef {{ id: string, execution_count: number | null, setOutputs: (outputs: object[]) => void }} SharedCell */
/** @typedef {{ context?: { model?: { sharedModel?: { cells?: SharedCell[] } } } }} Manager that of JupyterLab */

/**
 * Return the runs that a page missed; of a cell that was run again, only the last.
 * @param {Ended[]} runs
 * @param {{ loaded: number, now: number }} page when it was loaded, and how late it is, in milliseconds
 * @returns {number[]}
 */
export function missed(runs, { loaded, now }) {
  const last = new Map(runs.map((each) => [each.cell, each.count]));
  return runs
    .filter(({ cell, count }) => count === last.get(cell))
    .filter(({ asked, ended_s }) => Date.parse(asked) < loaded && loaded < now - 1000 * ended_s)
    .map(({ run }) => run);
}

/** @param {InitializeProps} props */
function initialize({ model }) {
  const manager = /** @type {Manager} */ (model.widget_manager);
  const cells = () => manager?.context?.model?.sharedModel?.cells ?? [];
  /** @type {Set<number>} */
  const asked = new Set(); // the kernel tells all pages whenever one greets it
  /** @type {Map<string, object[]>} */
  const given = new Map();
  const receive = (/** @type {Message} */ message) => {
    if (message.kind === "ended") {
      for (const run of missed(message.runs, { loaded: performance.timeOrigin, now: Date.now() })) {
        if (!asked.has(run)) model.send({ kind: "want", run });
        asked.add(run);
      }
      return;
    }
    const cell = cells().find((each) => each.id === message.cell);
    if (!cell || !asked.has(message.run)) return; // every page hears what one asked for
    const before = cell.execution_count === message.count ? (given.get(cell.id) ?? []) : []; // of a loop in one cell
    given.set(cell.id, [...before, ...message.outputs]);
    cell.setOutputs(given.get(cell.id) ?? []);
    cell.execution_count = message.count;
  };
  const greet = () => model.send({ kind: "hello" });
  model.on("msg:custom", receive);
  model.on("comm_live_update", greet);
  greet();
  return () => {
    model.off("msg:custom", receive);
    model.off("comm_live_update", greet);
  };
}

export default { initialize };
