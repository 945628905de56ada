"""What people see: JupyterLab and Notebook 7 in a real browser, live, stopped, saved and opened again."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from browser import CHROMIUM, Notebook, Server, opened, running_browser, running_server, shift, until
from kernels import clean_environment
from nbconvert import HTMLExporter, MarkdownExporter, SlidesExporter
from playwright.sync_api import Browser, Locator

from imgmagic.simulator import Simulator

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="there is no chromium (Debian: apt install chromium)")

SCREENSHOTS = Path(__file__).parents[2] / "build" / "screenshots"
PROMPT = "three red circles on a blue sea at night"
LOAD, SLOW, QUICK = 0, 1, 2  # the cells of every notebook
CELLS = ("%load_ext imgmagic", f"%%imagine --provider slow\n{PROMPT}", f"%%imagine --provider quick\n{PROMPT}")
FRONT_ENDS = {"JupyterLab": "lab/tree", "Notebook 7": "notebooks"}


@pytest.fixture(scope="module")
def server(home: Path) -> Iterator[Server]:
    """Run a Jupyter server."""
    with running_server(clean_environment(home), home) as running:
        yield running


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Run Chromium."""
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    with running_browser() as running:
        yield running


@pytest.fixture(scope="module", params=FRONT_ENDS, ids=lambda name: name)
def notebook(server: Server, browser: Browser, request: pytest.FixtureRequest) -> Iterator[Notebook]:
    """Open a notebook with the extension loaded, in each front end."""
    name = f"{request.param.replace(' ', '')}.ipynb"
    server.write(name, *CELLS)
    with opened(browser, server, name, front_end=FRONT_ENDS[request.param]) as page:
        page.run(LOAD)
        yield page


def screenshot(notebook: Notebook, name: str) -> None:
    """Keep a picture of the page for people to look at."""
    notebook.page.screenshot(path=SCREENSHOTS / f"{name.replace(' ', '-').lower()}.png")


def figure(output: Locator) -> dict[str, Any]:
    """Return what an output shows for good: each picture's alternative text and width when decoded, and the text."""
    output.locator("figure img").first.wait_for()
    pictures = output.locator("figure img")
    pictures.first.evaluate("image => image.decode()")
    shown = pictures.evaluate_all("all => all.map(each => [each.alt, each.naturalWidth])")
    return {"pictures": shown, "text": output.inner_text()}


def test_picture_grows_in_its_place(notebook: Notebook) -> None:
    """Partial images replace each other while the cell runs; neither the box nor what stands below moves."""
    notebook.watch(SLOW)
    notebook.run(SLOW)
    seen = notebook.seen()
    shown = figure(notebook.output(SLOW))

    pictures = list(dict.fromkeys(picture for each in seen for picture in each["pictures"]))
    assert len(pictures) >= 2
    assert seen[0]["pictures"] == []
    assert shift([each["frames"][0] for each in seen]) == 0
    assert shift([each["below"] for each in seen]) == 0
    assert "Stop" in seen[0]["text"]
    assert shown["pictures"] == [[PROMPT, 768]]
    assert "gpt-image" in shown["text"]
    assert notebook.output(SLOW).locator(".imgmagic-bar").count() == 0


def test_stop_works_in_the_middle(notebook: Notebook, slow: Simulator) -> None:
    """Stop is reached by Tab and pressed by key; the cell ends at once, the server sees it, the next cell works."""
    notebook.start(SLOW)
    notebook.output(SLOW).locator(".imgmagic-frame img:visible").wait_for()
    for _ in range(20):
        notebook.page.keyboard.press("Tab")
        if notebook.page.evaluate("() => document.activeElement.className") == "imgmagic-stop":
            break
    notebook.page.keyboard.press("Space")
    notebook.finish(SLOW)
    notebook.output(SLOW).get_by_text("imagine: cancelled").wait_for()
    stopped = until(lambda: slow.requests[-1].closed_at and slow.requests[-1], "the server sees nothing")
    notebook.run(QUICK)

    assert stopped.state == "disconnected"
    assert figure(notebook.output(QUICK))["pictures"] == [[PROMPT, 768]]


def test_saved_file_is_small_and_opens_without_a_kernel(notebook: Notebook, server: Server, browser: Browser) -> None:
    """The saved file holds a preview and no widget state; anybody who opens it sees picture and caption."""
    notebook.run(QUICK)
    figure(notebook.output(QUICK))
    saved = notebook.save()
    saved.cells = saved.cells[QUICK:]
    saved.metadata["changed"] = "so that no signature of this machine makes it trusted"
    saved.metadata["kernelspec"]["name"] = "gone"
    del saved.metadata["language_info"]
    reopened = notebook.path.with_stem("reopened")
    nbformat.write(saved, reopened)

    assert len(reopened.read_bytes()) < 150_000
    assert len(str(saved.metadata.get("widgets", ""))) < 10_000
    with opened(browser, server, reopened.name, front_end=notebook.front_end, kernel=False) as page:
        shown = figure(page.output(0))
        screenshot(page, f"reopened-{notebook.path.stem}")
        assert shown["pictures"] == [[PROMPT, 768]]
        assert "gpt-image" in shown["text"]
        assert not re.search("(Error displaying|Loading) widget", page.page.inner_text("body"))


@pytest.mark.parametrize("exporter", [HTMLExporter, MarkdownExporter, SlidesExporter])
def test_export_shows_picture_and_caption(notebook: Notebook, exporter: Any) -> None:
    """Converted to a page, to Markdown and to slides, the notebook holds the picture, its prompt and its caption."""
    text, _ = exporter().from_filename(str(notebook.path))

    assert f'<img alt="{PROMPT}"' in text
    assert "data:image/webp;base64," in text
    assert "gpt-image" in text
    assert "Error displaying widget" not in text
