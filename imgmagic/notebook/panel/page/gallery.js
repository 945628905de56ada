// The filmstrip: every record that the search finds, newest first. Only what is in view is in the page, pages of records
// load as one scrolls, and at most MOST_THUMBS pictures are kept.

const MOST_THUMBS = 60;
const STEP = 140; // CSS pixels from one thumbnail to the next
const AROUND = 3; // thumbnails made on either side of what is in view
const MOST_PICKED = 4;

function makeFilmstrip({ send, announce }) {
  let records = [];
  let more = false;
  let loading = false;
  let number = 0;
  let active = 0; // the thumbnail that Tab reaches; arrows move on from there
  let merging = false;
  const thumbs = new Map(); // id -> address; the order is that of use
  const asked = new Set();
  const items = new Map(); // index -> element
  const picked = new Set();

  const search = (name, text, control) => h("label", { class: `im-search im-search-${name}` }, h("span", { class: "im-offscreen", text }), control);
  const text = h("input", { type: "search", placeholder: "Search prompts, notes, tags", oninput: () => reload() });
  const model = h("select", { onchange: () => load() });
  const tag = h("select", { onchange: () => load() });
  const star = h("input", { type: "checkbox", onchange: () => load() });
  const session = h("input", { type: "checkbox", onchange: () => load() });
  const compare = button("Compare", () => send({ kind: "compare", ids: [...picked] }), { disabled: true, title: "Pick two to four pictures to compare" });
  const clear = button("Clear", () => unpick(), { class: "im-button im-quiet", hidden: true });
  const count = h("span", { class: "im-count" });
  const track = h("ul", { class: "im-track", "aria-label": "Generations, newest first" });
  const scroller = h("div", { class: "im-scroller" }, track);
  const empty = h("p", { class: "im-empty", text: "Nothing here yet.", hidden: true });
  const el = h(
    "section",
    { class: "im-history", "aria-label": "History" },
    h(
      "div",
      { class: "im-tools" },
      search("text", "Search the history", text),
      search("model", "Only this model", model),
      search("tag", "Only this tag", tag),
      h("label", { class: "im-check" }, star, "starred"),
      h("label", { class: "im-check" }, session, "this session"),
      h("span", { class: "im-tools-end" }, count, clear, compare),
    ),
    scroller,
    empty,
  );
  const reload = later(200, () => load());
  scroller.addEventListener("scroll", () => draw(), { passive: true });
  const watched = new ResizeObserver(() => draw());
  watched.observe(scroller);
  track.addEventListener("keydown", keys);

  function filter() {
    return { text: text.value, model: model.value, tag: tag.value, star: star.checked, session: session.checked };
  }

  function load() {
    loading = true;
    merging = false;
    send({ kind: "page", number: (number += 1), search: filter(), before: null });
  }

  function loadNews() {
    if (loading) return load();
    loading = merging = true;
    send({ kind: "page", number, search: filter(), before: null });
  }

  // New records come in at the front, and what one looks at stays where it is.
  function merge(found) {
    const known = new Map(records.map((record) => [record.id, record]));
    const newer = found.filter((record) => !known.has(record.id));
    const now = new Map(found.map((record) => [record.id, record]));
    records = [...newer, ...records.map((record) => now.get(record.id) || record)];
    return newer.length;
  }

  function loadMore() {
    if (!more || loading) return;
    loading = true;
    send({ kind: "page", number, search: filter(), before: records[records.length - 1].id });
  }

  function choices(select, all, values) {
    const value = select.value;
    select.replaceChildren(h("option", { value: "", text: all }), ...values.map((each) => h("option", { value: each, text: each })));
    select.value = values.includes(value) ? value : "";
  }

  function draw() {
    const first = Math.max(0, Math.floor(scroller.scrollLeft / STEP) - AROUND);
    const last = Math.min(records.length - 1, Math.ceil((scroller.scrollLeft + scroller.clientWidth) / STEP) + AROUND);
    track.style.width = `${records.length * STEP}px`;
    for (const [index, item] of items) {
      if ((index < first || index > last) && !item.contains(document.activeElement)) {
        item.remove();
        items.delete(index);
      }
    }
    for (let index = first; index <= last; index += 1) if (!items.has(index)) place(index);
    askThumbs(first, last);
    if (last >= records.length - 8) loadMore();
  }

  function place(index) {
    const item = makeItem(records[index], index);
    const after = [...items.keys()].filter((each) => each > index).sort((a, b) => a - b)[0];
    items.set(index, item);
    track.insertBefore(item, after === undefined ? null : items.get(after));
  }

  function makeItem(record, index) {
    const img = h("img", { alt: "", hidden: true, draggable: "false" });
    const word = record.images ? "" : record.status;
    const open = h("button", { type: "button", class: "im-thumb", onclick: () => openAt(index), title: record.prompt }, img, h("span", { class: "im-thumb-word", text: word }));
    open.setAttribute("aria-label", `Generation ${record.id}${record.star ? ", starred" : ""}, ${record.status}: ${record.prompt}`);
    const pick = h("input", { type: "checkbox", "aria-label": `Pick generation ${record.id} to compare`, title: "Pick to compare", onchange: () => pickIt(record.id, pick.checked) });
    pick.checked = picked.has(record.id);
    const foot = h("span", { class: "im-thumb-foot" }, `${record.star ? "★ " : ""}#${record.id}${record.images > 1 ? ` · ${record.images}` : ""}`);
    const item = h("li", { class: "im-item", "aria-setsize": more ? -1 : records.length, "aria-posinset": index + 1 }, open, h("span", { class: "im-thumb-row" }, pick, foot));
    item.style.left = `${index * STEP}px`;
    item.dataset.id = record.id;
    const reachable = index === active ? "0" : "-1";
    open.tabIndex = pick.tabIndex = Number(reachable);
    open.addEventListener("focus", () => activate(index));
    pick.addEventListener("focus", () => activate(index));
    const url = thumbs.get(record.id);
    if (url) {
      img.src = url;
      img.hidden = false;
    }
    return item;
  }

  function activate(index) {
    if (active === index) return;
    for (const each of [active, index]) {
      const item = items.get(each);
      if (item) for (const control of item.querySelectorAll("button, input")) control.tabIndex = each === index ? 0 : -1;
    }
    active = index;
  }

  function keys(event) {
    const steps = { ArrowLeft: active - 1, ArrowRight: active + 1, Home: 0, End: records.length - 1, PageUp: active - 6, PageDown: active + 6 };
    const record = records[active];
    if (event.key in steps) focusAt(steps[event.key]);
    else if (event.key === "s" && record) send({ kind: "star", id: record.id, on: !record.star });
    else if (event.key === "c" && record) pickIt(record.id, !picked.has(record.id));
    else return;
    event.preventDefault();
  }

  function focusAt(wanted) {
    const index = Math.max(0, Math.min(records.length - 1, wanted));
    if (!records.length) return;
    activate(index);
    const start = index * STEP;
    if (start < scroller.scrollLeft) scroller.scrollLeft = start;
    if (start + STEP > scroller.scrollLeft + scroller.clientWidth) scroller.scrollLeft = start + STEP - scroller.clientWidth;
    draw();
    const item = items.get(index);
    if (item) item.querySelector("button").focus({ preventScroll: true });
  }

  function openAt(index) {
    activate(index);
    send({ kind: "open", id: records[index].id });
  }

  function pickIt(id, on) {
    if (on && picked.size >= MOST_PICKED) announce(`At most ${MOST_PICKED} pictures can be compared.`);
    else if (on) picked.add(id);
    else picked.delete(id);
    for (const item of items.values()) {
      const box = item.querySelector("input");
      box.checked = picked.has(Number(item.dataset.id));
      item.classList.toggle("im-picked", box.checked);
    }
    compare.disabled = picked.size < 2;
    compare.textContent = picked.size ? `Compare (${picked.size})` : "Compare";
    clear.hidden = picked.size === 0;
  }

  function unpick() {
    for (const id of [...picked]) pickIt(id, false);
    compare.focus();
  }

  function askThumbs(first, last) {
    const wanted = records.slice(first, last + 1).filter((record) => record.images && !thumbs.has(record.id) && !asked.has(record.id));
    if (!wanted.length) return;
    for (const record of wanted) asked.add(record.id);
    send({ kind: "thumbs", ids: wanted.map((record) => record.id) });
  }

  function makeRoom() {
    for (const [old, address] of thumbs) {
      if (thumbs.size < MOST_THUMBS) break;
      const shown = track.querySelector(`[data-id="${old}"] img`);
      if (shown) shown.hidden = true;
      URL.revokeObjectURL(address);
      thumbs.delete(old);
    }
  }

  function redraw(activeId = records[active]?.id) {
    const focused = track.contains(document.activeElement);
    for (const item of items.values()) item.remove();
    items.clear();
    active = Math.max(0, records.findIndex((record) => record.id === activeId));
    empty.hidden = records.length > 0;
    scroller.hidden = records.length === 0;
    count.textContent = `${records.length}${more ? "+" : ""} shown`;
    draw();
    if (focused) focusAt(active);
  }

  return {
    el,
    load,
    page(message) {
      if (message.number !== number) return;
      loading = false;
      const at = records[active]?.id;
      const shown = new Set(records.map((record) => record.id));
      const meets = !message.more || message.records.some((record) => shown.has(record.id));
      if (message.first && merging && meets && records.length) {
        const scrolled = scroller.scrollLeft;
        const newer = merge(message.records);
        track.style.width = `${records.length * STEP}px`;
        if (scrolled > 0) scroller.scrollLeft = scrolled + newer * STEP;
      } else {
        records = message.first ? message.records : [...records, ...message.records.filter((record) => !shown.has(record.id))];
        more = message.more;
        if (message.first) scroller.scrollLeft = 0;
      }
      merging = false;
      redraw(at);
    },
    thumb(message, buffer) {
      asked.delete(message.id);
      const old = thumbs.get(message.id);
      if (old) URL.revokeObjectURL(old);
      thumbs.delete(message.id);
      makeRoom();
      const url = pictureUrl(buffer, message.format);
      thumbs.set(message.id, url);
      const img = track.querySelector(`[data-id="${message.id}"] img`);
      if (img) {
        img.src = url;
        img.hidden = false;
      }
    },
    news(message) {
      choices(model, "all models", message.models);
      choices(tag, "all tags", message.tags);
      const newest = message.newest[0];
      const at = records.findIndex((record) => newest && record.id === newest.id);
      if (number === 0 || (newest && (at < 0 || records[at].status !== newest.status))) {
        if (number === 0) load();
        else loadNews();
      }
    },
    changed(record) {
      const at = records.findIndex((each) => each.id === record.id);
      if (at < 0) return;
      records[at] = { ...records[at], star: record.star, status: record.status };
      redraw();
    },
    forgotten(id) {
      picked.delete(id);
      pickIt(id, false);
      const next = records[active + 1]?.id;
      records = records.filter((record) => record.id !== id);
      redraw(records[active]?.id ?? next);
    },
    neighbour(id, step) {
      const at = records.findIndex((record) => record.id === id);
      return at < 0 ? null : (records[at + step]?.id ?? null);
    },
    focus: () => focusAt(active),
    close() {
      watched.disconnect();
      for (const url of thumbs.values()) URL.revokeObjectURL(url);
    },
  };
}
