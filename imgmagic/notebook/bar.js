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

function render({ model, el }) {
  const text = document.createElement("span");
  text.setAttribute("role", "status"); // announced politely, and only when the words change
  const clock = document.createElement("span");
  clock.className = "imgmagic-clock";
  clock.setAttribute("aria-hidden", "true"); // seconds tick for eyes only
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
      text.textContent = "this front end cannot stop a running cell; use its own interrupt button (■)";
    }
  });

  const show = () => {
    text.textContent = model.get("text");
    clock.textContent = model.get("clock");
  };
  model.on("change:text change:clock", show);
  show();
  el.classList.add("imgmagic-bar");
  el.append(stop, clock, text);
  return () => model.off("change:text change:clock", show);
}

export default { render };
