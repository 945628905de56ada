// How large the picture is at Fit: as much as is visible of the page at once, together with the tools around it.

const LARGEST = 768; // CSS pixels, across
const SMALLEST = 120;
const EDGES = 10; // of the frame and around it

/**
 * Let the picture fit into what is visible, and return what limits that: when it gets another size, so must the picture.
 * @param {HTMLElement} root the painter
 * @param {HTMLElement} frame of the picture in it
 * @param {number} aspect width to height
 */
export function fit(root, frame, aspect) {
  // Without a limit first: what grows with the picture limits it to nothing, what scrolls limits it to its own height.
  frame.style.setProperty("--im-room", "100000px");
  frame.style.setProperty("--im-fit", `${LARGEST}px`);
  const page = pageOf(root);
  const room = heightOf(page) - (root.offsetHeight - frame.offsetHeight) - EDGES;
  const across = widthFor(room, aspect);
  frame.style.setProperty("--im-fit", `${across}px`);
  frame.style.setProperty("--im-room", `${Math.max(room, Math.ceil(across / aspect))}px`);
  return page;
}

/** Return how wide a picture is shown where so much height is left. @param {number} room @param {number} aspect */
export function widthFor(room, aspect) {
  const least = Math.min(SMALLEST, SMALLEST * aspect);
  return Math.floor(Math.max(least, Math.min(LARGEST, room * aspect)));
}

/** Return the lowest of what an element scrolls in. @param {HTMLElement} element @returns {HTMLElement} */
function pageOf(element) {
  let lowest = document.documentElement;
  for (let each = element.parentElement; each; each = each.parentElement) {
    const scrolls = getComputedStyle(each).overflowY !== "visible" && each.clientHeight > 0;
    if (scrolls && heightOf(each) < heightOf(lowest)) lowest = each;
  }
  return lowest;
}

/** @param {HTMLElement} element */
const heightOf = (element) => (element === document.documentElement ? window.innerHeight : element.clientHeight);
