"""marimo for real: a run's progress and figure, its own interrupt, our Stop in an app, and the panel."""

import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support import ROOT
from tests.support.browser import running_browser
from tests.support.until import PATIENCE_S, until

pytestmark = pytest.mark.host

CELLS = """import marimo

app = marimo.App()


@app.cell
def _():
    import imgmagic
    return (imgmagic,)


@app.cell
def _(imgmagic):
    {code}
    return


if __name__ == "__main__":
    app.run()
"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with running_browser() as browser:
        yield browser


@contextmanager
def opened(browser: Browser, mode: str, notebook: Path, folder: Path) -> Iterator[Page]:
    """Open a notebook in a marimo server of the test's own."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    options = ["--headless", "--no-token", "--host", "127.0.0.1", "--port", str(port)]
    command = [sys.executable, "-m", "marimo", "-q", mode, str(notebook), *options]
    with (folder / "marimo.log").open("w") as log:
        server = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log)
    page = browser.new_page()
    page.set_default_timeout(1000 * PATIENCE_S)
    try:
        until(lambda: _listens(port) or server.poll() is not None, "marimo does not start")
        page.goto(f"http://127.0.0.1:{port}")
        yield page
    finally:
        page.close()
        server.terminate()  # by its own id; it ends its kernels
        server.wait(timeout=30)


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_quickstart_in_an_app(browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The cell that waits leaves its figure; the job shows Stop, which is heard; the history is a table."""
    monkeypatch.setenv("IMGMAGIC_SIMULATOR_PACE", "5")

    with opened(browser, "run", ROOT / "notebooks" / "marimo_quickstart.py", tmp_path) as page:
        expect(page.locator(".imgmagic-tile")).to_have_count(2, timeout=1000 * PATIENCE_S)
        figures = page.locator("figure")
        expect(figures.first.locator("img")).to_have_count(2, timeout=1000 * PATIENCE_S)

        page.get_by_role("button", name="Stop", exact=True).click()

        expect(figures.nth(1)).to_contain_text("stopped after", timeout=1000 * PATIENCE_S)
        expect(page.locator(".imgmagic-run:visible")).to_have_count(0)
        expect(page.get_by_role("cell", name="a lighthouse on a beach at dusk", exact=True)).to_be_visible()


SWEPT = """tries = imgmagic.sweep("a {{ thing }} by the sea", vary={"thing": ["cat", "dog"]})
    imgmagic.start_sweep("{{ thing }} in a forest [simulate: hang]", vary={"thing": ["cats", "dogs"]})"""


def test_sweep_leaves_its_grid_and_one_beside_the_notebook_can_be_stopped(
    browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A sweep that waits ends as a labelled table; a job shows itself with a Stop that is heard in an app."""
    monkeypatch.setenv("IMGMAGIC_HOME", str(tmp_path / "home"))
    notebook = tmp_path / "swept.py"
    notebook.write_text(CELLS.replace("{code}", SWEPT), encoding="utf-8")

    with opened(browser, "run", notebook, tmp_path) as page:
        page.get_by_role("button", name="Stop", exact=True).click()

        expect(page.locator("table")).to_have_count(1, timeout=1000 * PATIENCE_S)
        expect(page.get_by_role("columnheader", name="cats")).to_be_visible()
        expect(page.locator(".imgmagic-run:visible")).to_have_count(0)


def test_interrupt_and_panel_in_the_editor(browser: Browser, tmp_path: Path) -> None:
    """marimo's own button ends a cell that waits, and the bar names it; the panel draws beside it."""
    waiting = tmp_path / "waiting.py"
    waiting.write_text(CELLS.format(code='imgmagic.imagine("a cat [simulate: hang]")'), encoding="utf-8")
    # A notebook that is opened runs at once.
    (tmp_path / "pyproject.toml").write_text("[tool.marimo.runtime]\nauto_instantiate = true\n", encoding="utf-8")
    with opened(browser, "edit", waiting, tmp_path) as page:
        expect(page.locator(".imgmagic-hint")).to_contain_text("interrupt button", timeout=1000 * PATIENCE_S)

        page.get_by_test_id("interrupt-button").click()

        expect(page.locator(".imgmagic-run:visible")).to_have_count(0, timeout=1000 * PATIENCE_S)

    panel = tmp_path / "panel.py"
    panel.write_text(CELLS.format(code="imgmagic.panel()"), encoding="utf-8")
    with opened(browser, "run", panel, tmp_path) as page:
        page.get_by_label("Prompt", exact=True).fill("a red circle")
        page.get_by_role("button", name="Generate").click()

        expect(page.locator(".imgmagic-panel img").first).to_be_visible(timeout=1000 * PATIENCE_S)
