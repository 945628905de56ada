// Shapes as spans: for each row of pixels that a shape covers, from which column to which. A row is then filled at once.

/** @typedef {{ x: number, y: number }} Point */
/** @typedef {(y: number, from: number, to: number) => void} Span called with a row, its first column, and the one after its last */

/**
 * Walk a line with round ends, as wide as a brush: convex, so each row of it is one span.
 * @param {Point} a
 * @param {Point} b
 * @param {number} radius
 * @param {Span} span
 */
export function capsule(a, b, radius, span) {
  const sides = quadrilateral(a, b, radius);
  for (let y = Math.floor(Math.min(a.y, b.y) - radius); y <= Math.max(a.y, b.y) + radius; y += 1) {
    const middle = y + 0.5;
    const ends = [...circleRow(a, radius, middle), ...circleRow(b, radius, middle), ...crossings(sides, middle)];
    if (ends.length) span(y, Math.round(Math.min(...ends)), Math.round(Math.max(...ends)));
  }
}

/** @param {Point} center @param {number} radius @param {number} y */
function circleRow(center, radius, y) {
  const rest = radius * radius - (y - center.y) ** 2;
  return rest < 0 ? [] : [center.x - Math.sqrt(rest), center.x + Math.sqrt(rest)];
}

/** @param {Point} a @param {Point} b @param {number} radius @returns {Point[]} */
function quadrilateral(a, b, radius) {
  const length = Math.hypot(b.x - a.x, b.y - a.y);
  if (!length) return [];
  const dx = (-(b.y - a.y) / length) * radius;
  const dy = ((b.x - a.x) / length) * radius;
  return [
    { x: a.x + dx, y: a.y + dy },
    { x: b.x + dx, y: b.y + dy },
    { x: b.x - dx, y: b.y - dy },
    { x: a.x - dx, y: a.y - dy },
  ];
}

/** Return where a horizontal line crosses a polygon's sides. @param {Point[]} points @param {number} y */
function crossings(points, y) {
  const found = [];
  for (let at = 0; at < points.length; at += 1) {
    const a = /** @type {Point} */ (points[at]);
    const b = /** @type {Point} */ (points[(at + 1) % points.length]);
    if (a.y <= y !== b.y <= y) found.push(a.x + ((y - a.y) / (b.y - a.y)) * (b.x - a.x));
  }
  return found;
}

/**
 * Walk the inside of a closed line; where it crosses itself, every other part is inside (even-odd).
 * @param {Point[]} points
 * @param {Span} span
 */
export function polygon(points, span) {
  if (points.length < 3) return;
  const rows = points.map((point) => point.y);
  for (let y = Math.floor(Math.min(...rows)); y <= Math.max(...rows); y += 1) {
    const found = crossings(points, y + 0.5).sort((a, b) => a - b);
    for (let at = 0; at + 1 < found.length; at += 2) {
      span(y, Math.round(/** @type {number} */ (found[at])), Math.round(/** @type {number} */ (found[at + 1])));
    }
  }
}

/**
 * Walk a rectangle between two corners, both inside.
 * @param {Point} a
 * @param {Point} b
 * @param {Span} span
 */
export function rectangle(a, b, span) {
  const left = Math.floor(Math.min(a.x, b.x));
  const right = Math.floor(Math.max(a.x, b.x)) + 1;
  for (let y = Math.floor(Math.min(a.y, b.y)); y <= Math.floor(Math.max(a.y, b.y)); y += 1) span(y, left, right);
}
