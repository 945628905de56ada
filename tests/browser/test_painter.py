"""The painter as people use it: JupyterLab and Notebook 7, by mouse, by touch and by keyboard alone."""

import json
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator

from tests.support.browser import CHROMIUM, EACH_FRONT_END, FRONT_ENDS, SCREENSHOTS, Notebook, Server, opened
from tests.support.until import until

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="there is no chromium (Debian: apt install chromium)")

DRAW = """
import imgmagic
from PIL import Image, ImageDraw
picture = Image.new("RGB", (600, 400), "#8fb3d9")
ImageDraw.Draw(picture).ellipse((200, 120, 400, 320), fill="#c0392b")
mask = imgmagic.paint(picture)
"""
SHARE = "print(round(mask.mask.share, 4), mask.mask.may_change(300, 200), mask.mask.may_change(5, 5))"
# Whether the picture does not scroll in its frame, and whether the painter is no higher than what is visible.
FITS = """
painter => {
  const frame = painter.querySelector('.im-paint-frame');
  const page = painter.closest('.jp-WindowedPanel-outer');
  const scrolls = frame.scrollHeight > frame.clientHeight || frame.scrollWidth > frame.clientWidth;
  return [!scrolls, painter.offsetHeight <= page.clientHeight];
}
"""
STROKE = """
canvas => {
  const times = [];
  const box = canvas.getBoundingClientRect();
  const at = (kind, x, y) => {
    const place = { clientX: box.left + box.width * x, clientY: box.top + box.height * y };
    const how = { pointerId: 1, pointerType: 'touch', isPrimary: true, bubbles: true, button: 0, ...place };
    const started = performance.now();
    canvas.dispatchEvent(new PointerEvent(kind, how));
    times.push(performance.now() - started);
  };
  canvas.setPointerCapture = () => {};
  at('pointerdown', 0.2, 0.5);
  for (let step = 1; step <= 60; step += 1) at('pointermove', 0.2 + step / 100, 0.5);
  at('pointerup', 0.8, 0.5);
  return times.slice(1, -1).sort((a, b) => a - b)[30];
}
"""


@pytest.fixture(scope="module", params=EACH_FRONT_END)
def notebook(server: Server, browser: Browser, request: pytest.FixtureRequest) -> Iterator[Notebook]:
    """Open a notebook with a painter in it, in each front end."""
    name = f"painter-{request.param.replace(' ', '')}.ipynb"
    server.write(name, DRAW, SHARE)
    with opened(browser, server, name, front_end=FRONT_ENDS[request.param]) as page:
        page.run(0)
        yield page


@pytest.fixture
def painter(notebook: Notebook) -> Locator:
    """Return the painter, with nothing painted."""
    found = notebook.output(0).locator(".imgmagic-painter")
    found.locator("canvas").first.wait_for()
    found.get_by_role("button", name="Clear").click()
    status(found, "0.0 %")
    return found


def status(painter: Locator, says: str) -> None:
    until(lambda: painter.get_by_role("status").inner_text().startswith(says), f"the status does not say {says}")


def painted(notebook: Notebook) -> list[str]:
    """Return what the kernel knows: the share, and whether the middle and a corner may change."""
    notebook.run(1)
    return notebook.output(1).inner_text().split()


def drag(notebook: Notebook, canvas: Locator, start: tuple[float, float], end: tuple[float, float]) -> None:
    """Draw a line between two places of the canvas, as parts of its size."""
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box is not None
    (x0, y0), (x1, y1) = [(box["x"] + box["width"] * x, box["y"] + box["height"] * y) for x, y in (start, end)]
    mouse = notebook.page.mouse
    mouse.move(x0, y0)
    mouse.down()
    mouse.move((x0 + x1) / 2, (y0 + y1) / 2, steps=5)
    mouse.move(x1, y1, steps=5)
    mouse.up()


def test_a_mask_is_painted_by_mouse(notebook: Notebook, painter: Locator) -> None:
    """Brush, undo and redo, rectangle, invert, eraser: the kernel has the mask, without a cell that fetches it."""
    canvas = painter.locator("canvas").first
    drag(notebook, canvas, (0.3, 0.5), (0.7, 0.5))
    until(lambda: painted(notebook)[1:] == ["True", "False"], "the stroke did not reach the kernel")
    notebook.output(0).screenshot(path=SCREENSHOTS / f"painter-{notebook.front_end.split('/')[0]}.png")

    painter.get_by_role("button", name="Undo").click()
    status(painter, "0.0 %")
    painter.get_by_role("button", name="Redo").click()
    painter.get_by_role("button", name="Rectangle").click()
    drag(notebook, canvas, (0.0, 0.0), (0.1, 0.1))
    until(lambda: painted(notebook)[1:] == ["True", "True"], "the rectangle did not reach the kernel")
    painter.get_by_role("button", name="Invert").click()
    until(lambda: painted(notebook)[1:] == ["False", "False"], "the inverted mask did not reach the kernel")


SHAPES = {"square": (1024, 1024), "tall": (1024, 1536), "wide": (1536, 512)}


@pytest.mark.parametrize("shape", SHAPES)
def test_the_whole_picture_is_visible_at_fit(server: Server, browser: Browser, shape: str) -> None:
    """With its tools, whatever its shape, also where the window is low; nothing scrolls but what was zoomed into."""
    size = SHAPES[shape]
    draw = f"import imgmagic\nfrom PIL import Image\nmask = imgmagic.paint(Image.new('RGB', {size}, '#8fb3d9'))"
    server.write(f"fit-{shape}.ipynb", draw)
    with opened(browser, server, f"fit-{shape}.ipynb") as notebook:
        notebook.run(0)
        painter = notebook.output(0).locator(".imgmagic-painter")
        painter.locator("canvas").first.wait_for()
        for height in (900, 600):
            notebook.page.set_viewport_size({"width": 1280, "height": height})
            until(lambda: painter.evaluate(FITS) == [True, True], "the picture is not visible as a whole")
            painter.screenshot(path=SCREENSHOTS / f"painter-fit-{shape}-{height}.png")
        painter.get_by_role("button", name="Zoom in").click()
        painter.get_by_role("button", name="Zoom in").click()
        assert painter.evaluate(FITS)[0] is False
        painter.get_by_role("button", name="Fit").click()
        assert painter.evaluate(FITS) == [True, True]


def test_a_mask_is_painted_by_touch(notebook: Notebook, painter: Locator) -> None:
    """A finger is a hand; each segment of a stroke takes a fraction of a frame."""
    painter.get_by_role("button", name="Brush").click()

    milliseconds = painter.locator("canvas").first.evaluate(STROKE)

    assert milliseconds < 16
    until(lambda: painted(notebook)[1:] == ["True", "False"], "the stroke did not reach the kernel")


def test_a_mask_is_painted_by_keyboard_alone(notebook: Notebook, painter: Locator) -> None:
    """Tools by their letters, the cursor by arrows, Space presses and lifts; the notebook's own keys do nothing."""
    cells = notebook.page.locator(".jp-Notebook .jp-CodeCell").count()
    canvas = painter.locator("canvas").first
    canvas.focus()
    press = notebook.page.keyboard.press

    for key in ("r", "Space", *["ArrowRight"] * 4, *["ArrowDown"] * 3, "Space"):
        press(key)
    until(lambda: "0.0 %" not in painter.get_by_role("status").inner_text(), "nothing was painted")
    assert painted(notebook)[1:] == ["True", "False"]
    canvas.focus()
    for key in ("b", "[", "]", "Control+z", "d", "d", "x", "a"):
        press(key)

    status(painter, "0.0 %")
    assert notebook.page.locator(".jp-Notebook .jp-CodeCell").count() == cells


@pytest.mark.slow
def test_what_was_painted_survives_a_reload_of_the_page(notebook: Notebook, painter: Locator) -> None:
    """The painting lives in the kernel; the saved notebook holds one small plain picture and no widget."""
    painter.get_by_role("button", name="Brush").click()
    drag(notebook, painter.locator("canvas").first, (0.3, 0.5), (0.7, 0.5))
    until(lambda: painted(notebook)[1] == "True", "the stroke did not reach the kernel")
    shown = painter.get_by_role("status").inner_text()
    saved = notebook.save()

    outputs = json.dumps(saved.cells[0].outputs)
    assert "application/vnd.jupyter.widget-view+json" not in outputs
    assert "may change" in outputs
    assert len(outputs) < 150_000
    notebook.page.reload()
    status(notebook.output(0).locator(".imgmagic-painter"), shown)


def test_nothing_keeps_anybody_out(notebook: Notebook, painter: Locator) -> None:
    """Axe finds nothing to object to."""
    found = Axe().run(notebook.page, context=".imgmagic-painter")

    assert [each["id"] for each in found.response["violations"]] == []
