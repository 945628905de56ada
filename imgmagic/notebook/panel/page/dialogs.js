// What opens over the panel: one record in full, a comparison, and code to keep. Escape closes; focus goes back.

function makeDialog(root, name) {
  const title = h("h2", { class: "im-dialog-title", id: nextId() });
  const close = button("×", () => dialog.close(), { class: "im-button im-quiet", "aria-label": "Close" });
  const body = h("div", { class: "im-dialog-body" });
  const more = h("span", { class: "im-dialog-more" });
  const dialog = h("dialog", { class: `im-dialog im-${name}`, "aria-labelledby": title.id }, h("div", { class: "im-dialog-head" }, title, more, close), body);
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  dialog.addEventListener("close", () => {
    dropPictures(body);
    body.replaceChildren();
  });
  root.append(dialog);
  return {
    dialog,
    body,
    more,
    open(text, ...content) {
      title.textContent = text;
      dropPictures(body);
      body.replaceChildren(...content);
      if (!dialog.open) dialog.showModal();
    },
  };
}

function pairs(rows) {
  return h("dl", { class: "im-pairs" }, ...rows.filter(([, value]) => value).flatMap(([name, value]) => [h("dt", { text: name }), h("dd", { text: value })]));
}

function makeRecordDialog(root, { send, neighbour }) {
  const shell = makeDialog(root, "record");
  let record = null;

  const go = (step) => {
    const id = neighbour(record.id, step);
    if (id !== null) send({ kind: "open", id });
  };
  const newer = button("‹", () => go(-1), { class: "im-button im-quiet", "aria-label": "Newer", title: "Newer (left arrow)" });
  const older = button("›", () => go(1), { class: "im-button im-quiet", "aria-label": "Older", title: "Older (right arrow)" });
  shell.more.append(newer, older);
  shell.dialog.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!step || event.target.matches("input, textarea, select")) return;
    go(step);
    event.preventDefault();
  });
  const again = (id) => {
    shell.dialog.close(); // the run that begins is behind it
    send({ kind: "again", id });
  };

  function forgetting(id) {
    const ask = button("Forget…", () => {
      const yes = button("Forget for good", () => send({ kind: "forget", id }), { class: "im-button im-danger" });
      const no = button("Keep", () => box.replaceChildren(ask));
      box.replaceChildren(h("span", { text: "Removes the record and its pictures. " }), yes, no);
      no.focus();
    });
    const box = h("span", { class: "im-forget" }, ask);
    return box;
  }

  function saved(text, value, kind, placeholder) {
    const input = h("input", { type: "text", value, placeholder });
    input.addEventListener("change", () => send({ kind, id: record.id, text: input.value }));
    return h("label", { class: "im-field" }, h("span", { text }), input);
  }

  return {
    show(given, buffers) {
      record = given;
      const pictures = buffers.map((buffer, index) => h("img", { class: "im-large", alt: given.prompt, src: given.formats[index] ? pictureUrl(buffer, given.formats[index]) : "" }));
      const star = button(given.star ? "★ Starred" : "☆ Star", () => send({ kind: "star", id: given.id, on: !record.star }), { "aria-pressed": String(given.star), class: "im-button im-star" });
      const seconds = (value) => (value === null ? "" : `${value.toFixed(1)} s`);
      const content = [
        h("div", { class: "im-large-row" }, ...(pictures.length ? pictures : [h("p", { class: "im-empty", text: given.error || given.status })])),
        h(
          "div",
          { class: "im-record-side" },
          h("p", { class: "im-prompt", text: given.prompt }),
          h("div", { class: "im-actions" }, button("Use these settings", () => send({ kind: "use", id: given.id }), { class: "im-button im-primary" }), button("Again", () => again(given.id)), button("As code", () => send({ kind: "code", id: given.id })), star, forgetting(given.id)),
          h("div", { class: "im-edit" }, saved("Tags", given.tags.join(", "), "tags", "comma, separated"), saved("Note", given.note, "note", "what you noticed")),
          pairs([
            ["template", given.template && given.template !== given.prompt ? given.template : ""],
            ["revised prompt", given.revised.join("\n")],
            ["model", given.model],
            ["provider", given.provider],
            ...given.parameters,
            ["pictures", given.sizes.join(", ")],
            ["made", new Date(given.at).toLocaleString()],
            ["first partial", seconds(given.first_partial_s)],
            ["time", seconds(given.elapsed_s)],
            ["cost", given.cost],
            ...given.usage,
            ["status", given.status],
            ["error", given.error],
            ["request id", given.request_id],
          ]),
        ),
      ];
      shell.open(`Generation ${given.id}`, h("div", { class: "im-record-grid" }, ...content));
    },
    changed(given) {
      if (!record || given.id !== record.id) return;
      record = { ...record, ...given };
      const star = shell.body.querySelector(".im-star");
      if (!star) return;
      star.textContent = given.star ? "★ Starred" : "☆ Star";
      star.setAttribute("aria-pressed", String(given.star));
    },
    forgotten(id) {
      if (record && record.id === id) shell.dialog.close();
    },
    close: () => shell.dialog.close(),
  };
}

function makeCodeDialog(root, { announce }) {
  const shell = makeDialog(root, "code");
  function block(text, code) {
    const pre = h("pre", { tabindex: "0", "aria-label": text, text: code });
    const copy = button("Copy", async () => {
      const done = await copyText(code, shell.dialog);
      copy.textContent = done ? "Copied" : "Select and copy";
      announce(done ? `${text} copied` : "Copying is not allowed here; select the text and copy it.");
      setTimeout(() => (copy.textContent = "Copy"), 2000);
    });
    copy.setAttribute("aria-label", `Copy: ${text}`);
    return h("div", { class: "im-code-block" }, h("div", { class: "im-code-head" }, h("h3", { text }), copy), pre);
  }
  return {
    show: (message) => shell.open("As code", block("As a cell", message.cell), block("As a Python call", message.call)),
  };
}

function makeCompareDialog(root) {
  const shell = makeDialog(root, "compare");

  function slider(urls, records) {
    const over = h("img", { alt: records[1].prompt, src: urls[1], class: "im-over" });
    const range = h("input", { type: "range", min: "0", max: "100", value: "50", "aria-label": "How much of the first picture is shown" });
    const move = () => {
      over.style.clipPath = `inset(0 0 0 ${range.value}%)`;
      line.style.left = `${range.value}%`;
    };
    const line = h("div", { class: "im-split" });
    range.addEventListener("input", move);
    move();
    return h("div", { class: "im-slider" }, range, h("div", { class: "im-stack" }, h("img", { alt: records[0].prompt, src: urls[0] }), over, line));
  }

  function words(pieces) {
    const tags = { same: "span", added: "ins", removed: "del" };
    return h("p", { class: "im-diff" }, ...pieces.map((piece) => h(tags[piece.change], { text: piece.text })));
  }

  function table(message) {
    const head = h("tr", null, h("td"), ...message.records.map((record) => h("th", { scope: "col", text: `#${record.id}` })));
    const rows = message.rows.map((row) => h("tr", { class: row.differs ? "im-differs" : null }, h("th", { scope: "row", text: row.name }), ...row.values.map((value) => h("td", { text: value }))));
    return h("div", { class: "im-table", tabindex: "0", role: "region", "aria-label": "Differences of parameters, cost and time" }, h("table", null, h("thead", null, head), h("tbody", null, ...rows)));
  }

  return {
    show(message, buffers) {
      const urls = buffers.map((buffer, index) => pictureUrl(buffer, message.formats[index]));
      const columns = message.records.map((record, index) =>
        h("figure", { class: "im-side" }, h("figcaption", { text: `#${record.id} · ${record.model}` }), urls[index] ? h("img", { alt: record.prompt, src: urls[index] }) : null, words(message.prompts[index])),
      );
      const content = [h("div", { class: "im-sides" }, ...columns)];
      if (message.records.length === 2 && urls.length === 2) content.push(slider(urls, message.records));
      shell.open(`Compare ${message.records.length}`, ...content, table(message));
    },
  };
}
