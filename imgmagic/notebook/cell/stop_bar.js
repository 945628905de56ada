// The line above a run's tiles: what is going on, the seconds, and Stop.
// A kernel that runs a cell does not hear a comm message (ipykernel 7.4), so Stop asks the Jupyter server to interrupt
// the kernel, exactly as the toolbar's button does. A background run is stopped by a message: no cell of its own runs.

function serverSettings() {
  const element = document.getElementById("jupyter-config-data");
  return element ? JSON.parse(element.textContent) : null;
}

async function interruptKernel(kernelId) {
  const settings = serverSettings();
  if (!settings || !kernelId) return false;
  const headers = {};
  const xsrf = document.cookie.match(/(?:^|; )_xsrf=([^;]*)/);
  if (xsrf) headers["X-XSRFToken"] = xsrf[1];
  if (settings.token) headers["Authorization"] = `token ${settings.token}`;
  const url = `${settings.baseUrl}api/kernels/${encodeURIComponent(kernelId)}/interrupt`;
  try {
    const reply = await fetch(url, { method: "POST", headers, credentials: "same-origin" });
    return reply.ok;
  } catch {
    return false;
  }
}

function line(className, attributes) {
  const element = document.createElement("span");
  element.className = className;
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
}

function write(element, text) {
  if (element.textContent === text) return; // a live region that is written anew is read out anew
  element.textContent = text;
}

const HOLD_MS = 500;

// Between the live view and the figure, which come in two messages, the cell would be empty for a moment, and what is
// below would jump up and down again.
function hold(area, height) {
  if (!area) return;
  area.style.minHeight = `${height}px`;
  setTimeout(() => (area.style.minHeight = ""), HOLD_MS);
}

function render({ model, el }) {
  const seen = { "aria-hidden": "true" }; // seconds tick for eyes only
  const text = line("imgmagic-text", seen);
  const clock = line("imgmagic-clock", seen);
  const known = line("imgmagic-known", {});
  const said = line("imgmagic-said", { role: "status" }); // announced politely, and only when the words change
  const stop = document.createElement("button");
  stop.type = "button";
  stop.className = "imgmagic-stop";
  stop.textContent = "Stop";
  stop.title = "Stop this run; what is finished is kept";

  stop.addEventListener("click", async () => {
    stop.disabled = true;
    stop.textContent = "Stopping…";
    const stopped = model.get("background") ? false : await interruptKernel(model.get("kernel_id"));
    if (stopped) return;
    model.send({ kind: "stop" });
    if (!model.get("background")) {
      stop.textContent = "Stop";
      stop.disabled = false;
      said.textContent = text.textContent = "this front end cannot stop a running cell; use its own interrupt button (■)";
    }
  });

  let area, height;
  const show = () => {
    area = el.closest(".jp-OutputArea");
    height = area?.offsetHeight;
    write(text, model.get("text"));
    write(clock, model.get("clock"));
    write(known, model.get("known"));
    for (const each of [text, known]) each.title = each.textContent; // where the cell is too narrow for it
    write(said, model.get("said"));
    const pictures = el.closest(".imgmagic-run")?.querySelectorAll(".imgmagic-frame img") ?? [];
    for (const picture of pictures) picture.alt = model.get("alt");
  };
  model.on("change", show);
  show();
  el.classList.add("imgmagic-bar");
  el.append(stop, clock, text, known, said);
  return () => {
    model.off("change", show);
    hold(area, height);
  };
}

export default { render };
