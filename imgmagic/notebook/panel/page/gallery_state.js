// What the gallery shows, and where; nothing here touches the page.
//
// A tile is one picture: of a run on its way, with its partial images, or of a record of the history. A record without
// a picture has one tile, which says how it ended. Newest first; what runs comes before what has ended.

/** @import { Entry, Run, Search } from "./messages" */

/**
 * @typedef {object} Tile
 * @property {string} key
 * @property {string} name what people call it: #12.3
 * @property {number | null} id the generation; null while it runs
 * @property {number} picture which picture of it, from 1; 0 where it has none
 * @property {string} prompt
 * @property {string} state
 * @property {boolean} star
 * @property {number | null} rating
 * @property {boolean} partial whether it is the last partial image of one that was not finished
 * @property {boolean} derived whether it was made here of another one
 * @property {Run} [run] the run that it is part of while it runs
 */

/** The key of a picture. @param {number} id @param {number} picture */
export const keyOf = (id, picture) => `${id}.${picture}`;

/** The key of a picture of a run. @param {number} run @param {number} index */
export const runKey = (run, index) => `run ${run}.${index}`;

/**
 * Return the tiles of runs and records.
 * @param {Iterable<Run>} runs
 * @param {Entry[]} records newest first
 * @returns {Tile[]}
 */
export function tilesOf(runs, records) {
  const recorded = new Set(records.map((record) => record.id));
  const going = [...runs].filter((run) => !run.ended || (run.id !== null && !recorded.has(run.id)));
  going.sort((a, b) => b.run - a.run);
  return [...going.flatMap(tilesOfRun), ...records.flatMap(tilesOfRecord)];
}

/** @param {Run} run @returns {Tile[]} */
function tilesOfRun(run) {
  const plain = { star: false, rating: null, partial: false, derived: false };
  const common = { ...plain, id: run.id, prompt: run.prompt, state: run.state, run };
  return run.tiles.map((_, index) => ({
    ...common,
    key: runKey(run.run, index),
    name: run.id === null ? "" : nameOf(run.id, index + 1, run.tiles.length),
    picture: index + 1,
  }));
}

/** @param {Entry} record @returns {Tile[]} */
function tilesOfRecord({ id, prompt, status, pictures, star }) {
  const common = { id, prompt, state: status };
  if (!pictures.length) {
    const none = { picture: 0, star, rating: null, partial: false, derived: false };
    return [{ ...common, ...none, key: keyOf(id, 0), name: `#${id}` }];
  }
  return pictures.map((each) => ({
    ...common,
    key: keyOf(id, each.number),
    name: nameOf(id, each.number, pictures.length),
    picture: each.number,
    star: each.star,
    rating: each.rating,
    partial: each.partial,
    derived: each.derived,
  }));
}

/** @param {number} id @param {number} picture @param {number} of */
function nameOf(id, picture, of) {
  return of > 1 || picture > 1 ? `#${id}.${picture}` : `#${id}`;
}

/**
 * Lay new records before those that are there, and take over what changed in those.
 * @param {Entry[]} records
 * @param {Entry[]} found the newest ones
 */
export function mergeNewest(records, found) {
  const known = new Set(records.map((record) => record.id));
  const changed = new Map(found.map((record) => [record.id, record]));
  const newer = found.filter((record) => !known.has(record.id));
  return [...newer, ...records.map((record) => changed.get(record.id) || record)];
}

/**
 * Add the next page of records.
 * @param {Entry[]} records
 * @param {Entry[]} older
 */
export function appendOlder(records, older) {
  const known = new Set(records.map((record) => record.id));
  return [...records, ...older.filter((record) => !known.has(record.id))];
}

const GAP = 10;
const LEAST_SIDE = 100;
const FOOT = 24;

/** @typedef {{ columns: number, side: number, foot: number, step: number, row: number }} Grid */

/**
 * Return how many tiles fit in a row, and how large they are, in CSS pixels.
 * @param {number} width
 * @returns {Grid}
 */
export function gridFor(width) {
  const columns = Math.max(1, Math.floor((width + GAP) / (LEAST_SIDE + GAP)));
  const side = Math.max(1, Math.floor((width - GAP * (columns - 1)) / columns));
  return { columns, side, foot: FOOT, step: side + GAP, row: side + FOOT + GAP };
}

/**
 * Return where a tile is.
 * @param {number} index
 * @param {Grid} grid
 */
export function placeOf(index, { columns, step, row }) {
  return { left: (index % columns) * step, top: Math.floor(index / columns) * row };
}

/**
 * Return the height of all rows.
 * @param {number} count
 * @param {Grid} grid
 */
export const heightOf = (count, { columns, row }) => Math.ceil(count / columns) * row;

/**
 * Return the first and the last tile in view, and a row more on either side.
 * @param {{ top: number, height: number }} view
 * @param {Grid} grid
 * @param {number} count
 * @returns {[number, number]}
 */
export function inView({ top, height }, { columns, row }, count) {
  const first = Math.max(0, Math.floor(top / row) - 1) * columns;
  const last = (Math.floor((top + height) / row) + 2) * columns - 1;
  return [first, Math.min(count - 1, last)];
}

/**
 * Return the tile that a key leads to; null where it leads nowhere.
 * @param {string} key
 * @param {number} index
 * @param {number} columns
 * @param {number} count
 */
export function stepTo(key, index, columns, count) {
  /** @type {Record<string, number>} */
  const steps = {
    ArrowLeft: index - 1,
    ArrowRight: index + 1,
    ArrowUp: index - columns,
    ArrowDown: index + columns,
    PageUp: index - 3 * columns,
    PageDown: index + 3 * columns,
    Home: 0,
    End: count - 1,
  };
  const wanted = steps[key];
  return wanted === undefined ? null : Math.max(0, Math.min(count - 1, wanted));
}

/**
 * Return the picture before or after another one; null at the end.
 * @param {Tile[]} tiles
 * @param {string} key
 * @param {number} step
 */
export function neighbour(tiles, key, step) {
  const pictures = tiles.filter((tile) => tile.id !== null);
  const at = pictures.findIndex((tile) => tile.key === key);
  return at < 0 ? null : (pictures[at + step] ?? null);
}

/**
 * Pick a picture, or unpick it; one too many is refused.
 * @param {ReadonlySet<string>} picked
 * @param {string} key
 * @param {number} most
 * @returns {{ picked: Set<string>, refused: boolean }}
 */
export function togglePick(picked, key, most) {
  const next = new Set(picked);
  if (next.delete(key)) return { picked: next, refused: false };
  if (next.size >= most) return { picked: next, refused: true };
  return { picked: next.add(key), refused: false };
}

/**
 * Return in words what is filtered; empty where everything is shown.
 * @param {Search} search
 */
export function filterText({ text, model, tag, star, rating, session }) {
  const parts = [
    text.trim() && `with “${text.trim()}”`,
    model && `by ${model}`,
    tag && `tagged “${tag}”`,
    star && "starred",
    rating && `rated ${rating} or better`,
    session && "of this session",
  ].filter(Boolean);
  return parts.length ? `Only pictures ${parts.join(", ")}.` : "";
}
