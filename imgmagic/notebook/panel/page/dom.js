// Elements of the page. All text is put in as text: prompts, tags and server messages are hostile.

// Each panel of a page loads this module again: a counter alone would give the controls of two panels the same ids.
const loaded = Math.random().toString(36).slice(2);
let counter = 0;

/** Return an id that no other element of the page has. */
export function nextId() {
  counter += 1;
  return `imgmagic-${loaded}-${counter}`;
}

/**
 * Make an element. A property that is null or false is left out; `on...` listens, `text` is its text; any other is an
 * attribute.
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Record<string, any> | null} [props]
 * @param {...(Node | string | null | undefined)} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function h(tag, props, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props || {})) {
    if (value !== null && value !== undefined && value !== false) put(element, name, value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

/** @type {(element: HTMLElement, name: string, value: any) => void} */
function put(element, name, value) {
  if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
  else if (name === "text") element.textContent = value;
  else if (name === "value" && "value" in element) element.value = value;
  else element.setAttribute(name, value === true ? "" : String(value));
}

/**
 * Make a button of the panel.
 * @param {string} text
 * @param {(event: MouseEvent) => void} onclick
 * @param {Record<string, any>} [props]
 */
export function button(text, onclick, props) {
  return h("button", { type: "button", class: "im-button", text, onclick, ...props });
}

/**
 * Change an element's text, only where it differs: a live region that is written again is read out again.
 * @param {HTMLElement} element
 * @param {string} text
 */
export function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** @type {Record<string, string>} */
const MIME = { svg: "image/svg+xml" };

/**
 * Return an address for the bytes of a picture; whoever made it gives it back.
 * @param {DataView} buffer
 * @param {string} format
 */
export function pictureUrl(buffer, format) {
  const bytes = /** @type {DataView<ArrayBuffer>} */ (buffer);
  return URL.createObjectURL(new Blob([bytes], { type: MIME[format] || `image/${format}` }));
}

/**
 * Show a picture in place of the one that was there.
 * @param {HTMLImageElement} img
 * @param {string} url
 */
export function showPicture(img, url) {
  const old = img.src;
  img.src = url;
  img.hidden = false;
  if (old.startsWith("blob:")) URL.revokeObjectURL(old);
}

/**
 * Give back the memory of every picture in an element.
 * @param {HTMLElement} element
 */
export function dropPictures(element) {
  for (const img of element.querySelectorAll("img")) if (img.src.startsWith("blob:")) URL.revokeObjectURL(img.src);
}

/**
 * Copy text; return whether that was allowed.
 * @param {string} text
 * @param {HTMLElement} within an element that can have the focus now: a dialog that is open, or the page's body.
 */
export async function copyText(text, within) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // There is no clipboard on pages that are not served from this machine or over https.
    const area = h("textarea", { class: "im-offscreen", "aria-hidden": "true", tabindex: "-1", value: text });
    within.append(area);
    area.select();
    const copied = document.execCommand("copy");
    area.remove();
    return copied;
  }
}
