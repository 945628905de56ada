"""An edit as people make it in JupyterLab: draw, paint over a part, change that, paste back, look at the family."""

import json

import nbformat
import pytest
from playwright.sync_api import Browser

from tests.support.browser import CHROMIUM, SCREENSHOTS, Notebook, Server, opened, until

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="there is no chromium (Debian: apt install chromium)")

CELLS = (
    "%load_ext imgmagic",
    "%%imagine -o fox --no-stream -s 1024x1024\na red fox in snow",
    "%imgmagic paint {number} -o mask",
    "%%imagine -o stormy --no-stream -s 1024x1024 --image @fox --mask mask --paste-back\na stormy sky",
    "%%imagine -o night --no-stream -s 1024x1024 --from {{ stormy.id }}.2\nat night",
    "print(mask.mask.share > 0.05, str(night.sources[0].origin) == f'#{stormy.id}.2')\n%imgmagic tree 1",
)


def test_a_part_of_a_picture_is_painted_changed_and_pasted_back(server: Server, browser: Browser) -> None:
    """With a kernel it works; reopened without one all of it shows."""
    name = "edits.ipynb"
    server.write(name, *(cell.replace("{number}", "1") for cell in CELLS))
    with opened(browser, server, name) as notebook:
        notebook.run(0, 1, 2)
        paint_the_sky(notebook)
        notebook.run(3, 4, 5)
        until(lambda: "True True" in notebook.output(5).inner_text(), "mask or lineage is wrong")
        assert notebook.output(3).locator("figure img").count() == 2
        tree = notebook.output(5)
        assert tree.locator("li img").count() == 3
        for number, part in ((2, "paint"), (3, "edit"), (5, "tree")):
            notebook.output(number).screenshot(path=SCREENSHOTS / f"edits-{part}.png")
        saved = notebook.save()

    assert "application/vnd.jupyter.widget-view+json" not in json.dumps(saved)
    del saved.metadata["kernelspec"], saved.metadata["language_info"]  # so that the front end asks for a kernel
    nbformat.write(saved, server.folder / "reopened-edits.ipynb")
    with opened(browser, server, "reopened-edits.ipynb", kernel=False) as notebook:
        notebook.output(2).locator("figure img").first.wait_for()
        assert "may change" in notebook.output(2).inner_text()
        assert notebook.output(3).locator("figure img").count() == 2
        assert notebook.output(5).locator("li img").count() == 3
        notebook.output(2).screenshot(path=SCREENSHOTS / "edits-without-kernel.png")


def paint_the_sky(notebook: Notebook) -> None:
    """Draw a rectangle over the upper part of the picture."""
    painter = notebook.output(2).locator(".imgmagic-painter")
    canvas = painter.locator("canvas").first
    canvas.wait_for()
    painter.get_by_role("button", name="Rectangle").click()
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box is not None
    mouse = notebook.page.mouse
    mouse.move(box["x"] + 2, box["y"] + 2)
    mouse.down()
    mouse.move(box["x"] + box["width"] * 0.98, box["y"] + box["height"] * 0.35, steps=6)
    mouse.up()
    until(lambda: not painter.get_by_role("status").inner_text().startswith("0.0"), "nothing was painted")
