// What the details of a figure say of one of its pictures; nothing here touches the page.

/**
 * Return what the details of a figure say of one of its pictures: of a grid the line of its cell, else everything.
 * @param {string} alt of the picture; in a grid it ends with the cell's values
 * @param {string} details
 */
export function requestOf(alt, details) {
  const own = details.split("\n").find((line) => {
    const title = line.slice(0, Math.max(0, line.indexOf(": #")));
    return title && (alt.endsWith(`(${title})`) || alt.includes(`(${title}, take `));
  });
  return own ?? details;
}
