"""A Jupyter server of the test's own and a Chromium that uses it as people do."""

import json
import re
import secrets
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import nbformat
import pytest
from playwright.sync_api import Browser, Locator, Page, Playwright, sync_playwright

from tests.support import ROOT
from tests.support.until import PATIENCE_S, until

SCREENSHOTS = ROOT / "build" / "screenshots"
FRONT_ENDS = {"JupyterLab": "lab/tree", "Notebook 7": "notebooks"}
# Both for `make slow`, the first for `make test`.
EACH_FRONT_END = ("JupyterLab", pytest.param("Notebook 7", marks=pytest.mark.slow))
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
_QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
_SETTINGS: Mapping[str, Mapping[str, object]] = {
    "@jupyterlab/notebook-extension:tracker": {"windowingMode": "none"},  # every cell stays in the document
    "@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False},
    "@jupyterlab/docmanager-extension:plugin": {"autosave": False},
}
# Kept by the page itself at every frame it paints: what the cell's output showed, and where.
_WATCH = """
cell => {
  const seen = window.seen = [];
  const place = each => {  // in the cell, wherever the page is scrolled to
    const [r, { x, y }] = [each, cell].map(some => some.getBoundingClientRect());
    return [r.x - x, r.y - y, r.width, r.height];
  };
  const scrolls = each => {  // it shows a scrollbar
    const { overflowX, overflowY } = getComputedStyle(each);
    const may = kind => kind === 'auto' || kind === 'scroll';
    return may(overflowY) && each.scrollHeight > each.clientHeight
      || may(overflowX) && each.scrollWidth > each.clientWidth;
  };
  const look = () => {
    const output = cell.querySelector('.jp-Cell-outputWrapper');
    const bar = output.querySelector('.imgmagic-bar');
    seen.push({
      live: Boolean(bar),
      pictures: [...output.querySelectorAll('.imgmagic-frame img')].filter(each => each.width).map(each => each.src),
      frames: [...output.querySelectorAll('.imgmagic-frame')].map(place),
      kept: [...output.querySelectorAll('figure img')].map(place),
      scrolling: [...output.querySelectorAll('*')].filter(scrolls).map(each => String(each.className)),
      height: output.offsetHeight,
      below: place(cell.nextElementSibling),
      text: bar?.innerText,
    });
    window.watching = requestAnimationFrame(look);
  };
  look();
}
"""

# What is run before the front end has heard from its kernel is lost without a word.
_KERNEL_READY = """
async () => {
  const context = window.jupyterapp?.shell.currentWidget?.sessionContext;
  await context?.ready;
  return Boolean(await context?.session?.kernel?.info);
}
"""


@dataclass(frozen=True, kw_only=True)
class Server:
    """A running Jupyter server, with JupyterLab and Notebook 7 on it."""

    url: str
    token: str
    folder: Path

    def address(self, notebook: str, *, front_end: str = "lab/tree") -> str:
        return f"{self.url}{front_end}/{notebook}?token={self.token}&reset"

    def write(self, notebook: str, *sources: str) -> None:
        """Write a notebook of code cells."""
        write_notebook(self.folder / notebook, *sources)


def write_notebook(path: Path, *sources: str) -> None:
    """Write a notebook of code cells."""
    cells = [nbformat.v4.new_code_cell(source) for source in sources]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel}), path)


def until_kernel_is_ready(page: Page) -> None:
    """Wait until the page has heard from its kernel."""
    page.wait_for_function(_KERNEL_READY)


@contextmanager
def running_server(environment: Mapping[str, str], folder: Path) -> Iterator[Server]:
    """Run a Jupyter server on a free port of the loopback address, with folders of its own."""
    settings = folder / "settings"
    settings.mkdir()
    (settings / "overrides.json").write_text(json.dumps(_SETTINGS))
    notebooks = folder / "notebooks"
    notebooks.mkdir()
    token = secrets.token_hex(8)  # its own: what answers at its port may be another test's server
    options = {
        "ServerApp.ip": "127.0.0.1",
        "ServerApp.port": 0,
        "ServerApp.open_browser": False,
        "ServerApp.allow_root": True,
        "ServerApp.root_dir": notebooks,
        "IdentityProvider.token": token,
        "LabServerApp.app_settings_dir": settings,
        "LabApp.expose_app_in_browser": True,
        "JupyterNotebookApp.expose_app_in_browser": True,
        "LabApp.news_url": None,
        "LabApp.check_for_updates_class": "jupyterlab.NeverCheckForUpdate",
    }
    command = [sys.executable, "-m", "jupyterlab", *(f"--{name}={value}" for name, value in options.items())]
    with ExitStack() as stack:
        log = stack.enter_context((folder / "server.log").open("w"))
        process = subprocess.Popen(command, env=dict(environment), cwd=folder, stdout=log, stderr=log)
        stack.callback(process.wait, timeout=30)
        stack.callback(process.terminate)  # by its own id; it ends its kernels
        said = Path(environment["JUPYTER_RUNTIME_DIR"], f"jpserver-{process.pid}.json")
        until(lambda: process.poll() is not None or is_answered(said, token), "the server does not start")
        assert process.poll() is None, (folder / "server.log").read_text()
        yield Server(url=json.loads(said.read_text())["url"], token=token, folder=notebooks)


def is_answered(said: Path, token: str) -> bool:
    """Return whether the server that said where it is answers there.

    It says so before it listens, with a port that was free a moment before: two that start at once may name the same.
    """
    try:
        return httpx.get(json.loads(said.read_text())["url"] + "api/status", params={"token": token}).is_success
    except (OSError, ValueError, httpx.TransportError):
        return False


@contextmanager
def running_browser() -> Iterator[Browser]:
    """Run Debian's Chromium without a window."""
    starting: Playwright
    with sync_playwright() as starting:
        browser = starting.chromium.launch(  # with scrollbars, as people see it
            executable_path=CHROMIUM, args=list(_QUIET), ignore_default_args=["--hide-scrollbars"]
        )
        try:
            yield browser
        finally:
            browser.close()


@dataclass
class Notebook:
    """A notebook that is open in a page."""

    page: Page
    path: Path
    front_end: str
    before: dict[int, str] = field(default_factory=dict)  # the prompts of cells when they were started

    def cell(self, number: int) -> Locator:
        return self.page.locator(".jp-Notebook .jp-CodeCell").nth(number)

    def output(self, number: int) -> Locator:
        return self.cell(number).locator(".jp-Cell-outputWrapper")

    def start(self, number: int) -> None:
        """Click into a cell and run it, without waiting for it."""
        self.before[number] = self.prompt(number)
        self.cell(number).locator(".cm-content").click()
        self.page.keyboard.press("Control+Enter")

    def finish(self, number: int) -> None:
        """Wait until a cell has run: its prompt holds a new number."""
        until(lambda: re.search(r"\d", now := self.prompt(number)) and now != self.before[number], "the cell runs on")

    def prompt(self, number: int) -> str:
        """Return what stands before a cell: [*] while it runs, then the number of the execution."""
        return self.cell(number).locator(".jp-InputArea-prompt").inner_text()

    def run(self, *numbers: int) -> None:
        for number in numbers:
            self.start(number)
            self.finish(number)

    def interrupt(self) -> None:
        """Click the toolbar's ■."""
        self.page.locator('[data-command="notebook:interrupt-kernel"]').first.click()

    def hide_side_bar(self) -> None:
        """Leave the whole window to the notebook."""
        if self.page.locator("#jp-left-stack:visible").count():
            self.page.evaluate("jupyterapp.commands.execute('application:toggle-left-area')")

    def look(self, theme: str, width: int) -> None:
        """Change the theme and the width of the window."""
        self.page.evaluate(f"jupyterapp.commands.execute('apputils:change-theme', {{theme: '{theme}'}})")
        self.page.set_viewport_size({"width": width, "height": 900})
        self.page.locator("#jupyterlab-splash").wait_for(state="hidden")  # it covers the page while the theme changes

    def watch(self, number: int) -> None:
        """Let the page keep what the cell shows at every frame it paints."""
        self.cell(number).evaluate(_WATCH)

    def seen(self) -> list[dict[str, Any]]:
        """Return what was kept, and stop watching."""
        kept: list[dict[str, Any]] = self.page.evaluate("() => { cancelAnimationFrame(window.watching); return seen; }")
        return kept

    def save(self) -> nbformat.NotebookNode:
        """Save as people do, and return what stands in the file."""
        before = self.path.read_bytes()
        self.page.keyboard.press("Escape")
        self.page.keyboard.press("Control+s")
        until(lambda: (now := self.path.read_bytes()) != before and now.endswith(b"}\n"), "the notebook is not saved")
        return nbformat.read(self.path, as_version=4)


@contextmanager
def opened(
    browser: Browser, server: Server, name: str, *, front_end: str = "lab/tree", kernel: bool = True
) -> Iterator[Notebook]:
    """Open a notebook in a page of its own, and wait until its cells are there, and a kernel to run them."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.set_default_timeout(1000 * PATIENCE_S)
    try:
        page = context.new_page()
        page.goto(server.address(name, front_end=front_end))
        page.locator(".jp-Notebook .jp-CodeCell").first.wait_for()
        if kernel:
            until_kernel_is_ready(page)
        else:
            page.locator(".jp-Dialog").get_by_role("button", name="No Kernel").click()
        yield Notebook(page, server.folder / name, front_end)
    finally:
        context.close()


def shift(places: Sequence[Sequence[float]]) -> float:
    """Return how far something moved or grew at most, in CSS pixels."""
    return max(max(column) - min(column) for column in zip(*places, strict=True))
