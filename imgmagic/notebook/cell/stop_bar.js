// The bar below a run's tiles: what is going on, the seconds, and Stop.
// A kernel that is running a cell does not handle comm messages (ipykernel 7.4), so Stop asks for an interrupt, like the
// toolbar's button: through the kernel's connection if the widget manager has one, else through the Jupyter server. If
// there is neither, the bar names the front end's own button from the start. A background run is stopped by a message,
// because its cell is not running.

/** @import { AnyModel, RenderProps } from "@anywidget/types" */
import { h, write } from "../panel/page/dom.js";

/** @typedef {{ text: string, clock: string, known: string, said: string, alt: string, caption: string, hint: string, kernel_id: string, background: boolean }} State */

const HOLD_MS = 500;

/** @typedef {() => Promise<boolean>} Way */

/** Return the ways to interrupt a running cell here, the best first. @param {AnyModel<State>} model @returns {Way[]} */
function waysToInterrupt(model) {
  const ways = [];
  const kernel = /** @type {any} */ (model.widget_manager)?.kernel;
  if (typeof kernel?.interrupt === "function") ways.push(() => kernel.interrupt().then(() => true));
  const config = document.getElementById("jupyter-config-data")?.textContent;
  const id = model.get("kernel_id");
  if (config && id) ways.push(() => askServer(JSON.parse(config), id));
  return ways;
}

/** @param {{ baseUrl: string, token?: string }} settings @param {string} kernelId */
async function askServer(settings, kernelId) {
  const xsrf = document.cookie.match(/(?:^|; )_xsrf=([^;]*)/)?.[1];
  const headers = {
    ...(xsrf ? { "X-XSRFToken": xsrf } : {}),
    ...(settings.token ? { Authorization: `token ${settings.token}` } : {}),
  };
  const url = `${settings.baseUrl}api/kernels/${encodeURIComponent(kernelId)}/interrupt`;
  const reply = await fetch(url, { method: "POST", headers, credentials: "same-origin" });
  return reply.ok;
}

/** Try each way until one works. @param {Way[]} ways */
async function interrupt(ways) {
  for (const way of ways) {
    try {
      if (await way()) return true;
    } catch {
      // The next one may work.
    }
  }
  return false;
}

// Between the live view and the figure, which come in two messages, the cell would be empty for a moment, and what is
// below would jump up and down again.
/** @param {HTMLElement | null} area @param {number} height */
function hold(area, height) {
  if (!area) return;
  area.style.minHeight = `${height}px`;
  setTimeout(() => (area.style.minHeight = ""), HOLD_MS);
}

/** @param {AnyModel<State>} model @param {Way[]} ways @param {() => void} giveUp */
function makeStop(model, ways, giveUp) {
  const props = {
    type: "button",
    class: "imgmagic-stop",
    text: "Stop",
    title: "Stop this run; what is finished is kept",
  };
  const stop = h("button", props);
  stop.addEventListener("click", async () => {
    stop.disabled = true;
    stop.textContent = "Stopping…";
    if (model.get("background")) model.send({ kind: "stop" });
    else if (!(await interrupt(ways))) giveUp();
  });
  return stop;
}

/** @param {RenderProps<State>} props */
function render({ model, el }) {
  const seen = { "aria-hidden": "true" }; // seconds tick for eyes only
  const text = h("span", { class: "imgmagic-text", ...seen });
  const clock = h("span", { class: "imgmagic-clock", ...seen });
  const known = h("span", { class: "imgmagic-known" });
  const said = h("span", { class: "imgmagic-said", role: "status" }); // announced politely, when the words change
  const hint = h("span", { class: "imgmagic-hint" });
  const ways = waysToInterrupt(model);
  const giveUp = () => {
    stop.hidden = true;
    hint.textContent = model.get("hint");
  };
  const stop = makeStop(model, ways, giveUp);
  if (!model.get("background") && !ways.length) giveUp();
  /** @type {HTMLElement | null} */
  let area = null;
  let height = 0;
  const show = () => {
    area = el.closest(".jp-OutputArea");
    height = area?.offsetHeight ?? 0;
    write(text, model.get("text"));
    write(clock, model.get("clock"));
    write(known, model.get("known"));
    for (const each of [text, known]) each.title = each.textContent ?? ""; // where the cell is too narrow for it
    write(said, model.get("said"));
    const pictures = el.closest(".imgmagic-run")?.querySelectorAll(".imgmagic-frame img") ?? [];
    for (const picture of pictures) /** @type {HTMLImageElement} */ (picture).alt = model.get("alt");
  };
  model.on("change", show);
  show();
  el.classList.add("imgmagic-bar");
  const caption = h("span", { class: "imgmagic-caption", "aria-hidden": "true", text: model.get("caption") }); // unseen
  el.append(stop, hint, clock, text, known, said, caption);
  return () => {
    model.off(/** @type {any} */ ("change"), show);
    hold(area, height);
  };
}

export default { render };
