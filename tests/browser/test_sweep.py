"""A sweep in a real browser: its live grid, Stop, running it again, and the grid that stays."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, expect

from imgmagic.simulator import Simulator
from imgmagic.store.sweep_files.contact_sheet import write_contact_sheet
from tests.support.browser import CHROMIUM, SCREENSHOTS, Notebook, Server, opened, until
from tests.support.swept import swept

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="there is no chromium (Debian: apt install chromium)")

LOAD, SWEEP, AGAIN, COUNT, AWAY = range(5)
_LINE = (
    "%%imagine -p slow --vary size=1024x1024,1536x1024,1024x1536,1280x720 --vary style=oil,ink,gouache "
    "-m gpt-image-2 -q low --parallel 1 -o grid"
)
CELLS = (
    "%load_ext imgmagic",
    f"{_LINE}\na lighthouse at dusk, {{{{ style }}}}",
    f"{_LINE}\na lighthouse at dusk, {{{{ style }}}}",
    "print(grid.status, len(grid.generations), sum(cell.is_found for cell in grid))",
    "%%imagine -p quick --vary style=oil,ink -m gpt-image-2 -q low\na gull, {{ style }} [simulate: slow]",
)


@pytest.fixture(scope="module")
def notebook(server: Server, browser: Browser) -> Iterator[Notebook]:
    """Open a notebook with the extension loaded."""
    server.write("Sweep.ipynb", *CELLS)
    with opened(browser, server, "Sweep.ipynb") as page:
        page.run(LOAD)
        yield page


def _shots(notebook: Notebook, name: str) -> None:
    for theme in ("JupyterLab Light", "JupyterLab Dark"):
        for width in (600, 1400):
            notebook.look(theme, width)
            shade = theme.rpartition(" ")[2].lower()
            notebook.page.screenshot(path=str(SCREENSHOTS / f"sweep-{name}-{shade}-{width}.png"))


def _open_original(notebook: Notebook, tile: Locator) -> None:
    """Open a tile of the live grid, wait for its original, which comes while the cell still runs, and close it."""
    tile.click()
    large = notebook.page.locator("dialog.imgmagic-large[open]")
    expect(large).to_contain_text("prompt: a lighthouse at dusk")
    until(lambda: large.locator("img").evaluate("img => img.naturalWidth") == 1024, "the original is not shown")
    notebook.page.screenshot(path=str(SCREENSHOTS / "sweep-large.png"))
    large.locator(".imgmagic-close").click()
    expect(tile).to_be_focused()


def test_a_sweep_is_stopped_and_goes_on(notebook: Notebook, slow: Simulator) -> None:
    """Stop keeps what is finished; the same cell again asks for exactly what is missing, and shows all of it."""
    before = len(slow.requests)
    notebook.start(SWEEP)
    live = notebook.output(SWEEP)
    until(lambda: live.locator(".imgmagic-tile img:not([hidden])").count() >= 3, "three tiles are there")
    _open_original(notebook, live.locator(".imgmagic-tile:enabled").first)
    _shots(notebook, "live")
    expect(live.get_by_role("button", name="Stop")).to_be_in_viewport()  # though the grid is taller than the page
    assert live.locator(".imgmagic-sweep th[scope=col]").all_inner_texts() == [
        "1024x1024",
        "1536x1024",
        "1024x1536",
        "1280x720",
    ]
    live.get_by_role("button", name="Stop", exact=True).click()
    notebook.finish(SWEEP)
    drawn = notebook.output(SWEEP).locator("figure td img").count()
    asked = len(slow.requests) - before
    assert 3 <= drawn < 12

    notebook.run(AGAIN)

    assert len(slow.requests) - before - asked == 12 - drawn
    assert notebook.output(AGAIN).locator("figure td img").count() == 12
    _shots(notebook, "done")
    notebook.output(AGAIN).locator("figure td img").first.press("Enter")
    large = notebook.page.locator("dialog.imgmagic-large[open]")
    expect(large).to_contain_text("size 1024x1024, style oil: #")
    _shots(notebook, "opened")
    notebook.page.keyboard.press("Escape")
    notebook.run(COUNT)
    assert notebook.output(COUNT).inner_text().split() == ["completed", "12", str(drawn)]


@pytest.mark.slow
def test_a_page_that_is_reloaded_in_mid_sweep_is_given_the_grid(notebook: Notebook) -> None:
    """And told that it was away. Before other notebooks are opened, which a page that is reloaded would open, too."""
    notebook.start(AWAY)
    notebook.output(AWAY).locator(".imgmagic-tile").first.wait_for()
    notebook.save()
    notebook.page.reload()
    output = notebook.output(AWAY)

    output.locator("figure td img").nth(1).wait_for()
    expect(output).to_contain_text("finished while this page was away")
    expect(output).not_to_contain_text("Error displaying widget")


@pytest.mark.slow
def test_a_panel_varies_what_its_form_says(server: Server, browser: Browser, quick: Simulator) -> None:
    """Any field takes several values; the button counts while one types, and Generate draws the sweep as one run."""
    server.write("Vary.ipynb", "%load_ext imgmagic", "%imgmagic panel")
    before = len(quick.requests)
    with opened(browser, server, "Vary.ipynb") as notebook:
        notebook.run(0, 1)
        panel = notebook.output(1)
        panel.get_by_label("Prompt", exact=True).fill("a {{ style }} fox")
        panel.get_by_label("{{ style }}", exact=True).fill("oil\nink")
        panel.get_by_role("button", name="Vary Size", exact=True).click()
        sizes = panel.get_by_role("group", name="Size, several values", exact=True)
        sizes.get_by_label("1024x1024", exact=True).check()
        sizes.get_by_role("textbox").fill("1024x640")
        panel.get_by_role("button", name="Generate 4", exact=True).wait_for()
        _shots(notebook, "panel-form")
        panel.get_by_role("button", name="As code", exact=True).click()
        dialog = panel.locator("dialog[open]")
        expect(dialog).to_contain_text("%%imagine --vary style=oil,ink --vary size=1024x1024,1024x640")
        notebook.page.keyboard.press("Escape")
        panel.get_by_role("button", name="Generate 4", exact=True).click()
        until(lambda: len(quick.requests) - before == 4, "four pictures are asked for")
        until(lambda: panel.get_by_text("#4").count() > 0, "the records are shown")
        _shots(notebook, "panel-done")
        panel.get_by_role("button", name="Grid of sweep").click()
        expect(dialog.locator("th")).to_have_text(["oil", "ink", "1024x1024", "1024x640"])
        expect(dialog.locator("td img")).to_have_count(4)
        _shots(notebook, "panel-grid")


def test_an_exported_grid_fits_the_window_where_it_can(browser: Browser, tmp_path: Path) -> None:
    """Four columns of large pictures fit a window of 1200 pixels; a narrow one scrolls the grid, never the page."""
    sweep = swept({"style": ["oil", "ink", "gouache", "pastel"]}, side=640)
    path = write_contact_sheet(sweep, tmp_path / "sheet.html")

    for width, fits in ((1900, True), (1200, True), (600, False)):
        page = browser.new_page(viewport={"width": width, "height": 900})
        page.goto(path.as_uri())
        assert page.locator(".box").evaluate("box => box.scrollWidth <= box.clientWidth") is fits
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        page.close()
