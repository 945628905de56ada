// What a page missed: a page that is loaded while a cell runs, or waits to run, is not shown what comes of it. This widget
// has no view. It hears from the kernel which runs ended, and puts those into their cells that ended after the page was
// loaded and were asked for before. Where a front end does not let us at its cells, nothing happens.

/** @import { InitializeProps } from "@anywidget/types" */

/** @typedef {{ run: number, cell: string, count: number, asked: string, ended_s: number }} Ended `asked` is a time, `ended_s` how long ago */
/** @typedef {{ kind: "outputs", run: number, cell: string, count: number, outputs: object[] }} Shown */
/** @typedef {{ kind: "ended", runs: Ended[] } | Shown} Message */
/** @typedef {{ id: string, execution_count: number | null, setOutputs: (outputs: object[]) => void }} SharedCell */
/** @typedef {{ context?: { model?: { sharedModel?: { cells?: SharedCell[] } } } }} Manager that of JupyterLab */

/**
 * Return the runs that a page could not be shown; a cell that was run again has only its last ones.
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
