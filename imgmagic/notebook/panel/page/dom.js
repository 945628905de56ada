// Elements of the page. All text is put in as text: prompts, tags and server messages are hostile.

// Each panel of a page loads this module anew: a counter alone would give the controls of two panels the same ids.
const loaded = Math.random().toString(36).slice(2);
let counter = 0;
const nextId = () => `imgmagic-${loaded}-${(counter += 1)}`;

function h(tag, props, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props || {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "text") element.textContent = value;
    else if (name === "value") element.value = value;
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

function button(text, onclick, props) {
  return h("button", { type: "button", class: "im-button", text, onclick, ...props });
}

const MIME = { svg: "image/svg+xml" };

function pictureUrl(buffer, format) {
  return URL.createObjectURL(new Blob([buffer], { type: MIME[format] || `image/${format}` }));
}

function showPicture(img, url) {
  const old = img.src;
  img.src = url;
  img.hidden = false;
  if (old.startsWith("blob:")) URL.revokeObjectURL(old);
}

function dropPictures(element) {
  for (const img of element.querySelectorAll("img")) if (img.src.startsWith("blob:")) URL.revokeObjectURL(img.src);
}

async function copyText(text, within) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // No clipboard on pages that are not served from this machine or over https.
    const area = h("textarea", { class: "im-offscreen", "aria-hidden": "true", tabindex: "-1", value: text });
    within.append(area);
    area.select();
    const copied = document.execCommand("copy");
    area.remove();
    return copied;
  }
}

function later(milliseconds, action) {
  let timer = null;
  const run = () => {
    timer = null;
    action();
  };
  const schedule = () => {
    clearTimeout(timer);
    timer = setTimeout(run, milliseconds);
  };
  schedule.now = () => {
    if (timer === null) return;
    clearTimeout(timer);
    run();
  };
  return schedule;
}
