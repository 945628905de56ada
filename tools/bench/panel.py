"""Measure the panel: opened over a long history and over a short one, and after many generations."""

import hashlib
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from imgmagic.config.settings import Settings
from imgmagic.notebook.panel.gallery import MOST_THUMBS
from imgmagic.notebook.panel.panel import Panel
from imgmagic.notebook.panel.widget import Surface
from imgmagic.session import Session
from tests.support.browser import CHROMIUM, Notebook, opened, running_browser, running_server
from tools.bench.figure import Figure, medians
from tools.bench.store import fill
from tools.bench.support.kernel import Kernel, environment, running_kernel
from tools.bench.support.server import Scripted, noise

SHORT, LONG = 100, 10_000  # a page of the gallery is full in both
ROUNDS = 9
PICTURES = 24  # different ones, over and over
SEEN = 5  # thumbnails that stand in view
PASSED = 200  # thumbnails that one scrolls past
GENERATIONS, WARM_UP, KERNELS = 200, 20, 5
OPEN = "from imgmagic.notebook.panel.registry import close_panels\nclose_panels(get_ipython())\n%imgmagic panel"
GENERATE = """
import ctypes, gc, time
from imgmagic.notebook.panel.registry import PANELS
panel, *_ = PANELS
for number in range({}):
    panel.answer({{"kind": "generate", "fields": {{"prompt": f"a fox {{number}}", "provider": "drawing"}}}})
while not panel.is_idle:
    time.sleep(0.02)
panel.settle()
gc.collect()
ctypes.CDLL(None).malloc_trim(0)
lines = dict(line.split(":", 1) for line in open("/proc/self/status"))
print(lines["VmRSS"].split()[0], len(get_ipython().kernel.comm_manager.comms))
"""
# Counts the addresses that pictures in memory have in the page.
COUNT_PICTURES = """
() => {
  const held = new Set();
  window.most = 0;
  const { createObjectURL, revokeObjectURL } = URL;
  URL.createObjectURL = each => {
    const made = createObjectURL(each);
    window.most = Math.max(window.most, held.add(made).size);
    return made;
  };
  URL.revokeObjectURL = each => { held.delete(each); revokeObjectURL(each); };
}
"""
ALL_SEEN = """
least => {
  const shown = [...document.querySelectorAll('.imgmagic-panel:not([data-old]) .im-item img:not([hidden])')];
  return shown.length >= least && shown.every(each => each.complete && each.naturalWidth);
}
"""
# Past many more thumbnails than may be kept.
SCROLL = """
async least => {
  const scroller = document.querySelector('.imgmagic-panel:not([data-old]) .im-scroller');
  while (scroller.scrollTop < least * 25) {  // a row of at least five is 125 pixels high
    scroller.scrollTop += scroller.clientHeight / 2;
    await new Promise(done => setTimeout(done, 50));
  }
}
"""


def panel_figures(server: Scripted) -> list[Figure]:
    """Return what opening and long use of a panel take."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for count in (SHORT, LONG):
            make_history(folder / str(count), count)
        return [kernel_opening(folder), *browser_figures(folder), *long_use(folder, server)]


def make_history(home: Path, count: int) -> None:
    """Fill a history with records whose pictures are there."""
    fill(home / "history.sqlite", count)
    originals = home / "images" / "originals"
    with sqlite3.connect(home / "history.sqlite") as connection:
        for number in range(PICTURES):
            data = noise(200_000)
            sha256 = hashlib.sha256(data).hexdigest()
            (originals / sha256[:2]).mkdir(parents=True, exist_ok=True)
            (originals / sha256[:2] / f"{sha256}.png").write_bytes(data)
            connection.execute("UPDATE images SET sha256 = ? WHERE generation_id % ? = ?", (sha256, PICTURES, number))


class MuteSurface(Surface):
    """A surface without a page."""

    def send(self, content: Mapping[str, Any], buffers: Sequence[bytes] = ()) -> None:
        """Say nothing."""


def kernel_opening(folder: Path) -> Figure:
    """Return the kernel's part of an opening, up to the first page of records and its thumbnails."""
    with ExitStack() as stack:
        sessions = [stack.enter_context(session_in(folder / str(count))) for count in (LONG, SHORT)]
        for each in sessions:
            opening_ms(each)  # which makes the previews
        long, short = medians([partial(opening_ms, each) for each in sessions], ROUNDS)
    title = f"opening the panel over {LONG:,} records, in the kernel / over {SHORT}"
    return Figure(name=title, ours=long, baseline=short, unit="ms", most=1.5)


@contextmanager
def session_in(home: Path) -> Iterator[Session]:
    """Give a session whose history is in `home`."""
    session = Session(Settings(environ={}, home=home, folder=home))
    try:
        yield session
    finally:
        session.close()


def opening_ms(session: Session) -> float:
    """Open a panel, answer what its page asks at first, and return the time."""
    began = time.perf_counter()
    panel = Panel(session, {}, surface=MuteSurface())
    panel.answer({"kind": "hello"})
    panel.answer({"kind": "page", "number": 1, "search": {}})
    panel.answer({"kind": "thumbs", "pictures": [[number, 1] for number in range(1, SEEN + 4)]})
    panel.settle()
    taken = (time.perf_counter() - began) * 1000
    panel.close()
    return taken


def browser_figures(folder: Path) -> list[Figure]:
    """Return how long it takes until the thumbnails are seen, and how many pictures a page holds at most."""
    if CHROMIUM is None:
        return []
    with running_server(environment(folder), folder) as jupyter, running_browser() as browser, ExitStack() as stack:
        pages = []
        for count in (LONG, SHORT):
            jupyter.write(f"{count}.ipynb", prepare(folder / str(count)), OPEN)
            pages.append(stack.enter_context(opened(browser, jupyter, f"{count}.ipynb")))
            pages[-1].run(0)
            pages[-1].page.evaluate(COUNT_PICTURES)
            seen_ms(pages[-1])
        long, short = medians([partial(seen_ms, each) for each in pages], ROUNDS)
        pages[0].page.evaluate(SCROLL, PASSED)
        most = float(pages[0].page.evaluate("() => window.most"))
    title = f"opening the panel over {LONG:,} records, to thumbnails seen / over {SHORT}"
    return [
        Figure(name=title, ours=long, baseline=short, unit="ms", most=1.5),
        Figure(name=f"thumbnails in a page that scrolls over {LONG:,} records", ours=most, unit="", most=MOST_THUMBS),
    ]


def prepare(home: Path) -> str:
    """Return the cell that loads the extension with the history of a folder."""
    places = {"IMGMAGIC_HISTORY_URL": home / "history.sqlite", "IMGMAGIC_IMAGE_STORE": home / "images"}
    named = {name: str(path) for name, path in places.items()}
    return f"import os\nos.environ |= {named!r}\n%load_ext imgmagic"


def seen_ms(notebook: Notebook) -> float:
    """Open a new panel, and return the time until the thumbnails in view are seen."""
    old = "all => all.forEach(each => each.toggleAttribute('data-old', true))"
    notebook.page.locator(".imgmagic-panel").evaluate_all(old)
    began = time.monotonic()
    notebook.start(1)
    notebook.page.wait_for_function(ALL_SEEN, arg=SEEN)
    taken = (time.monotonic() - began) * 1000
    notebook.finish(1)
    return taken


def long_use(folder: Path, server: Scripted) -> list[Figure]:
    """Return how a kernel has grown when many pictures were generated in one panel."""
    # How much of what is free stays with a process hangs on where its last blocks lie: one kernel says little.
    rounds = [use_of(folder, server) for _ in range(KERNELS)]
    few_kb, many_kb, few, many = (statistics.median(column) for column in zip(*rounds, strict=True))
    title = f"after {GENERATIONS} generations in one panel / after {WARM_UP}"
    return [
        Figure(name=f"memory {title}", ours=many_kb / 1024, baseline=few_kb / 1024, unit="MB", most=1.05),
        Figure(name=f"widget models {title}", ours=many, baseline=few, unit="", most=1),
    ]


def use_of(folder: Path, server: Scripted) -> tuple[float, float, float, float]:
    """Return the memory of a fresh kernel after a few and after many generations, and its widget models."""
    with running_kernel(folder, server) as kernel:
        kernel.run("%load_ext imgmagic")
        kernel.run("%imgmagic panel")
        (few_kb, few), (many_kb, many) = (grown(kernel, count) for count in (WARM_UP, GENERATIONS))
    return few_kb, many_kb, few, many


def grown(kernel: Kernel, count: int) -> tuple[float, float]:
    """Generate, and return the kernel's memory in kB and the number of its widget models."""
    memory, models = kernel.printed(GENERATE.format(count)).split()
    return float(memory), float(models)
