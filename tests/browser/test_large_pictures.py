"""A picture opened large in JupyterLab: its original where a kernel has it, else the preview that is saved."""

import nbformat
import pytest
from playwright.sync_api import Browser, Locator, expect

from imgmagic.simulator import Simulator
from tests.support.browser import CHROMIUM, SCREENSHOTS, Notebook, Server, opened, until

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="there is no chromium (Debian: apt install chromium)")

LOAD, CELL, SWEEP, COMPARE, SMALL = range(5)
CELLS = (
    "%load_ext imgmagic",
    "%%imagine -p quick -s 1024x640 -f jpeg -o fox\na red fox in snow",
    "%%imagine -p quick -s 1024x640 -f jpeg --vary style=oil,ink,gouache,chalk,pencil -o grid\na gull, {{ style }}",
    "get_ipython().run_line_magic('imgmagic', f'compare {fox.id} {grid.cells[0].generation.id}')",
    "fox.images[0]",
)
ORIGINAL = 1024


@pytest.mark.usefixtures("quick")
def test_a_click_shows_the_original_where_a_kernel_has_it(server: Server, browser: Browser) -> None:
    """In a figure, a sweep's grid, a comparison and alone, with the picture's request; without a kernel the preview."""
    name = "Large.ipynb"
    server.write(name, *CELLS)
    with opened(browser, server, name) as notebook:
        notebook.hide_side_bar()
        notebook.run(LOAD, CELL, SWEEP, COMPARE, SMALL)
        texts = {CELL: "prompt: a red fox", SWEEP: "style oil: #", COMPARE: " completed, ", SMALL: ""}
        for cell, says in texts.items():
            shown = open_large(notebook, cell, says)
            until_original(shown)
            notebook.page.screenshot(path=SCREENSHOTS / f"large-{cell}.png")
            notebook.page.keyboard.press("Escape")
        assert gap_of(notebook, SMALL) == gap_of(notebook, CELL)  # between picture and caption
        saved = notebook.save()

    nbformat.write(without_kernel(saved), server.folder / "reopened-large.ipynb")
    with opened(browser, server, "reopened-large.ipynb", kernel=False) as notebook:
        notebook.hide_side_bar()
        for cell, says in ((CELL, "prompt: a red fox"), (SWEEP, "style oil: #")):
            shown = open_large(notebook, cell, says)
            assert 0 < width_of(shown) < ORIGINAL
            notebook.page.screenshot(path=SCREENSHOTS / f"large-{cell}-without-kernel.png")
            notebook.page.keyboard.press("Escape")


def test_a_preview_stays_where_the_kernel_does_not_have_its_original(
    server: Server, browser: Browser, quick: Simulator
) -> None:
    """A kernel without the extension, and one whose picture was forgotten, leave the preview, and nothing fails."""
    name = "Forgotten.ipynb"
    forget = "import imgmagic\nimgmagic.history.forget(gull.id)\n%unload_ext imgmagic"
    server.write(name, CELLS[LOAD], "%%imagine -p quick -s 1024x640 -f jpeg -o gull\na gull", forget, CELLS[LOAD])
    with opened(browser, server, name) as notebook:
        notebook.run(0, 1, 2)
        for loads in (False, True):
            if loads:
                notebook.run(3)
            shown = open_large(notebook, 1, "prompt: a gull")
            notebook.page.wait_for_timeout(300)
            assert 0 < width_of(shown) < ORIGINAL
            notebook.page.keyboard.press("Escape")
    assert quick.requests


def open_large(notebook: Notebook, cell: int, says: str) -> Locator:
    """Click the first picture of a cell, and return what opens."""
    picture = notebook.output(cell).locator("figure img").first
    picture.scroll_into_view_if_needed()
    picture.click()
    large = notebook.page.locator("dialog.imgmagic-large[open]")
    expect(large).to_contain_text(says)
    until(lambda: width_of(large) > 0, "nothing is shown")
    return large


def until_original(large: Locator) -> None:
    """Wait until the original is shown in the preview's place."""
    until(lambda: width_of(large) == ORIGINAL, "the original is not shown")


def width_of(large: Locator) -> int:
    """Return how many pixels across the picture has that is shown."""
    width: int = large.locator("img").evaluate("img => img.complete ? img.naturalWidth : 0")
    return width


def gap_of(notebook: Notebook, cell: int) -> float:
    """Return how far the caption of a figure is below its picture, in CSS pixels."""
    figure = notebook.output(cell).locator("figure").first
    picture, caption = (figure.locator(each).first.bounding_box() for each in ("img", "figcaption"))
    assert picture
    assert caption
    return round(caption["y"] - picture["y"] - picture["height"], 1)


def without_kernel(saved: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """Return a notebook for which the front end asks for a kernel."""
    del saved.metadata["kernelspec"], saved.metadata["language_info"]
    return saved
