// Runs: a card each, with its pictures as they come, its progress, and its own Stop.

const ENDED = ["completed", "partial", "failed", "cancelled", "interrupted"];

function makeRuns({ send, announce }) {
  const cards = new Map();
  const list = h("div", { class: "im-runs" });
  const empty = h("p", { class: "im-empty", text: "Pictures appear here while they are drawn." });
  const el = h("section", { "aria-label": "Runs" }, empty, list);

  function make(run) {
    const card = { tiles: [], said: "" };
    card.title = h("div", { class: "im-run-title" });
    card.clock = h("span", { class: "im-clock", "aria-hidden": "true" });
    card.line = h("span", { class: "im-line" });
    card.bar = h("div", { class: "im-progress", "aria-hidden": "true" });
    card.actions = h("span", { class: "im-actions" });
    card.pictures = h("div", { class: "im-tiles" });
    card.caption = h("div", { class: "im-caption" });
    card.el = h(
      "article",
      { class: "im-run", "aria-label": `Run ${run.run}` },
      card.title,
      card.pictures,
      card.bar,
      h("div", { class: "im-run-foot" }, h("span", { class: "im-run-line" }, card.clock, card.line), card.actions),
      card.caption,
    );
    list.prepend(card.el);
    list.scrollLeft = 0; // wherever one has looked, what was just asked for is in view
    cards.set(run.run, card);
    return card;
  }

  function tile(card, index, aspect, alt) {
    while (card.tiles.length <= index) {
      const img = h("img", { alt, hidden: true });
      const box = h("div", { class: "im-tile" }, img);
      const line = h("div", { class: "im-tile-line" });
      if (aspect) box.style.aspectRatio = `${aspect[0]} / ${aspect[1]}`;
      card.pictures.append(h("div", { class: "im-tile-box" }, box, line));
      card.tiles.push({ img, box, line });
    }
    return card.tiles[index];
  }

  function actions(card, run) {
    const kind = ENDED.includes(run.state) ? `ended ${run.id}` : "open";
    if (card.kind === kind) return;
    const focused = card.actions.contains(document.activeElement);
    card.kind = kind;
    const made = [];
    if (kind === "open") {
      const stop = button("Stop", () => {
        stop.disabled = true;
        stop.textContent = "Stopping…";
        send({ kind: "stop", run: run.run });
      });
      stop.setAttribute("aria-label", `Stop run ${run.run}`);
      made.push(stop);
    } else {
      if (run.id !== null) {
        made.push(button("Open", () => send({ kind: "open", id: run.id }), { "aria-label": `Open generation ${run.id}` }));
        made.push(button("Again", () => send({ kind: "again", id: run.id }), { "aria-label": `Generate ${run.id} again` }));
      }
      made.push(button("×", () => send({ kind: "dismiss", run: run.run }), { class: "im-button im-quiet", "aria-label": `Take run ${run.run} off the panel`, title: "Take off the panel; it stays in the history" }));
    }
    card.actions.replaceChildren(...made);
    if (focused) made[0].focus();
  }

  return {
    el,
    show(run) {
      empty.hidden = true;
      const card = cards.get(run.run) || make(run);
      card.el.dataset.state = run.state;
      card.title.textContent = run.prompt;
      card.title.title = run.prompt;
      card.el.classList.toggle("im-several", run.tiles.length > 1);
      card.clock.textContent = run.seconds === null ? "" : `${run.seconds.toFixed(1)} s`;
      card.line.textContent = run.line;
      actions(card, run);
      run.tiles.forEach((text, index) => {
        const each = tile(card, index, run.aspect, run.prompt);
        each.line.textContent = run.tiles.length > 1 ? text : "";
      });
      card.caption.textContent = run.caption.join("\n");
      card.caption.title = run.caption.join("\n");
      const ended = ENDED.includes(run.state);
      card.clock.hidden = ended || run.seconds === null;
      card.line.hidden = ended && run.state === "completed";
      if (card.said !== run.line) {
        card.said = run.line;
        announce(`Run ${run.run}: ${run.line}`);
      }
    },
    tile(message, buffer) {
      const card = cards.get(message.run);
      if (!card) return;
      const { img } = tile(card, message.index, null, card.title.textContent);
      showPicture(img, pictureUrl(buffer, message.format));
    },
    dismiss(number) {
      const card = cards.get(number);
      if (!card) return;
      dropPictures(card.el);
      const focused = card.el.contains(document.activeElement);
      card.el.remove();
      cards.delete(number);
      empty.hidden = cards.size > 0;
      if (focused) (list.querySelector("button") || document.body).focus();
    },
    close: () => dropPictures(el),
  };
}
