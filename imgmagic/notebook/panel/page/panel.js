// The panel's page: one view for each place that shows it. The kernel holds the state; a view that opens says hello and
// is told everything.

const WAITING_MS = 1500;
const GONE = "The kernel was restarted, and this panel does not reach it any more. Run the cell again: what was finished is in the history.";

// Keys in the panel are no commands on cells ("d d" would delete one); saving and the like stay the notebook's. Lumino
// looks for this attribute from the focused element upwards, and stops at the first element that a command fits.
function keepFromNotebook(event) {
  const isNotebooks = (event.ctrlKey || event.metaKey) && (event.shiftKey || "sb".includes(event.key.toLowerCase()));
  event.target.toggleAttribute("data-lm-suppress-shortcuts", !isNotebooks);
}

function makeView(model, el) {
  let waiting = null;
  let filled = false;
  const send = (content) => {
    try {
      model.send(content);
    } catch {
      say(GONE); // the front end has closed the way to a kernel that is no more
      return;
    }
    if (waiting === null) waiting = setTimeout(() => (busy.hidden = false), WAITING_MS);
  };
  const answered = () => {
    clearTimeout(waiting);
    waiting = null;
    busy.hidden = true;
  };

  const status = h("div", { role: "status", class: "im-offscreen" });
  const announce = (text) => (status.textContent = text);
  const busy = h("div", { class: "im-busy", role: "status", text: "The kernel is busy with a cell. What you ask for here follows as soon as it is free.", hidden: true });
  const said = h("div", { class: "im-said", role: "alert", hidden: true });
  const sums = h("div", { class: "im-sums" });
  const totalsTable = h("div", { class: "im-table im-totals", tabindex: "0", role: "region", "aria-label": "Totals by model" });
  const root = h("div", { class: "imgmagic-panel tex2jax_ignore mathjax_ignore", role: "region", "aria-label": "imgmagic panel" });

  const generate = (fields) => {
    say("");
    send({ kind: "generate", fields });
  };
  const form = makeForm({ send, generate, showCode: (fields) => send({ kind: "code", fields }) });
  const runs = makeRuns({ send, announce });
  const filmstrip = makeFilmstrip({ send, announce });
  const dialogs = h("div");
  const record = makeRecordDialog(dialogs, { send, neighbour: filmstrip.neighbour });
  const code = makeCodeDialog(dialogs, { announce });
  const compare = makeCompareDialog(dialogs);

  function say(text) {
    said.hidden = !text;
    said.replaceChildren();
    if (text) said.append(h("span", { text }), button("×", () => say(""), { class: "im-button im-quiet", "aria-label": "Close this message" }));
  }

  function totals({ session, today, models }) {
    const told = session === today ? [["Session and today", today]] : [["Session", session], ["Today", today]];
    sums.replaceChildren(...told.map(([name, text]) => h("span", null, h("b", { text: `${name} ` }), text)));
    const order = ["images", "tokens", "cost"];
    const line = (text, amounts) => h("tr", null, h("th", { scope: "row", text }), ...amounts.map((each) => h("td", { text: each })));
    totalsTable.hidden = models.length === 0;
    totalsTable.replaceChildren(
      h(
        "table",
        null,
        h("thead", null, h("tr", null, h("th", { scope: "col", text: "model" }), ...order.map((name) => h("th", { scope: "col", text: name })))),
        ...models.map((row) =>
          h("tbody", null, h("tr", { class: "im-model" }, h("th", { scope: "rowgroup", colspan: "4", text: row.model })), line("this session", row.session), line("today", row.today)),
        ),
      ),
    );
  }

  const answers = {
    fill: (message) => {
      // The answer to a hello, late or another page's, takes no words away here.
      form.fill(message.used || !(filled || form.isTouched()) ? message.fields : null, message.providers);
      filled = true;
      if (message.used) {
        record.close();
        form.focus();
        announce(`The form has the settings of generation ${message.used}.`);
      }
    },
    form: form.show,
    refused: (message) => {
      form.refuse(message.faults);
      announce("Nothing was sent.");
    },
    run: runs.show,
    tile: (message, buffers) => runs.tile(message, buffers[0]),
    dismissed: (message) => runs.dismiss(message.run),
    page: filmstrip.page,
    thumb: (message, buffers) => filmstrip.thumb(message, buffers[0]),
    news: filmstrip.news,
    changed: (message) => {
      filmstrip.changed(message);
      record.changed(message);
    },
    forgotten: (message) => {
      record.forgotten(message.id);
      filmstrip.forgotten(message.id);
    },
    record: record.show,
    comparison: compare.show,
    code: code.show,
    totals,
    said: (message) => say(message.text),
  };
  const receive = (message, buffers) => {
    answered();
    answers[message.kind]?.(message, buffers || []);
  };

  root.append(
    h("div", { class: "im-top" }, h("span", { class: "im-name", text: "imgmagic" }), sums),
    status,
    busy,
    said,
    h("div", { class: "im-columns" }, form.el, h("div", { class: "im-pictures" }, runs.el, filmstrip.el), totalsTable),
    dialogs,
  );
  root.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !root.querySelector("dialog[open]")) el.closest(".jp-Cell")?.focus(); // to the notebook's own keys
  });
  for (const kind of ["keydown", "keypress", "keyup"]) root.addEventListener(kind, (event) => event.stopPropagation());
  const guard = (event) => root.contains(event.target) && keepFromNotebook(event);
  window.addEventListener("keydown", guard, true); // before the document's listener, which is Lumino's
  el.replaceChildren(root);
  const hello = () => send({ kind: "hello" });
  const greetAgain = () => setTimeout(hello); // when the front end is done with closing
  model.on("msg:custom", receive);
  model.on("comm_live_update", greetAgain);
  hello();
  return () => {
    form.flush();
    model.off("msg:custom", receive);
    model.off("comm_live_update", greetAgain);
    window.removeEventListener("keydown", guard, true);
    clearTimeout(waiting);
    dropPictures(root);
    runs.close();
    filmstrip.close();
    root.remove();
  };
}

// The panel lives in places of plain HTML outputs, so that no widget is saved; they come and go with the output.
function initialize({ model }) {
  const wanted = `[data-imgmagic-panel="${model.get("place")}"]`;
  const views = new Map();
  // While the panel lives, the summary that a saved notebook keeps would only repeat it.
  const hide = h("style", { text: `[data-imgmagic-summary="${model.get("place")}"] { display: none; }` });
  const look = () => {
    for (const [place, close] of views) {
      if (!place.isConnected) {
        views.delete(place);
        close();
      }
    }
    for (const place of document.querySelectorAll(wanted)) if (!views.has(place)) views.set(place, makeView(model, place));
    if (!views.size) hide.remove();
    else if (!hide.isConnected) document.head.append(hide);
  };
  let planned = false;
  const observer = new MutationObserver(() => {
    if (planned) return;
    planned = true;
    setTimeout(() => {
      planned = false;
      look();
    }, 30);
  });
  observer.observe(document.body, { childList: true, subtree: true });
  look();
  return () => {
    observer.disconnect();
    hide.remove();
    for (const close of views.values()) close();
    views.clear();
  };
}

function render({ model, el }) {
  return makeView(model, el);
}

export default { initialize, render };
