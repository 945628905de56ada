"""Take the README's pictures from a real JupyterLab, so that they stay true: `make shots`."""

import io
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from itertools import pairwise
from pathlib import Path

from PIL import Image, ImageOps
from playwright.sync_api import expect

from tests.support import ROOT
from tests.support.browser import Notebook, opened, running_browser, running_server
from tests.support.environment import clean_environment
from tests.support.panels import generate, panel_of, start
from tests.support.until import until

PICTURES = ROOT / "docs" / "images"
SOURCES = (
    "%load_ext imgmagic",
    "%%imagine -n 2 --size 1536x1024 -o foxes\na red fox in the snow by a small house, dusk",
    (
        "%imagine --quiet --tag sea a yellow boat on a green sea at sunset\n"
        "%imagine --quiet --tag sea --quality high three red circles on a blue sea at night\n"
        "%imagine --quiet -f webp --background transparent a big orange star"
    ),
    "%imgmagic history",
    "%%imagine --size 100x100 --background transparent -f jpeg\na red fox in the snow",
    "%imgmagic panel",
)
# Which cell each picture shows.
CELLS: Mapping[str, int] = {"figure": 1, "history": 3, "error": 4, "panel": 5}
STREAMING = 1
LAST_FRAME_MS = 4000


def film(notebook: Notebook) -> None:
    """Store the moving picture of a cell, from Shift+Enter to the figure that stays."""
    frames: list[Image.Image] = []
    taken: list[float] = []
    notebook.start(STREAMING)
    until(lambda: "Stop" in notebook.output(STREAMING).inner_text(), "the view never came")
    while not notebook.output(STREAMING).locator("figure img").count():
        taken.append(time.monotonic())
        frames.append(photograph(notebook, STREAMING))
    notebook.finish(STREAMING)
    notebook.output(STREAMING).locator("figure img").last.wait_for()
    taken.append(time.monotonic())
    frames.append(photograph(notebook, STREAMING))
    largest = max(frame.height for frame in frames)
    same_size = [ImageOps.pad(each, (each.width, largest), color="white", centering=(0, 0)) for each in frames]
    same_size[0].save(
        PICTURES / "streaming.webp",
        save_all=True,
        append_images=same_size[1:],
        duration=[*(round((b - a) * 1000) for a, b in pairwise(taken)), LAST_FRAME_MS],
        loop=0,
        quality=70,
        method=6,
    )


def figure(notebook: Notebook) -> None:
    """Show what stays of the cell that was filmed."""
    notebook.output(1).locator("figure img").last.wait_for()


def history(notebook: Notebook) -> None:
    """Run a few more generations, and list them."""
    notebook.run(2, 3)


def error(notebook: Notebook) -> None:
    """Run the cell that is refused."""
    notebook.run(4)


def panel(notebook: Notebook) -> None:
    """Open a panel in a wide page, and generate until a partial image is there beside a finished picture."""
    notebook.hide_side_bar()
    notebook.page.set_viewport_size({"width": 1280, "height": 1100})
    notebook.run(5)
    place = panel_of(notebook)
    generate(place, "two green fish in a blue sea")
    expect(start(place, "a big orange star in space").locator(".im-line")).to_contain_text("partial image 2")


STEPS: Mapping[str, Callable[[Notebook], None]] = {
    "figure": figure,
    "history": history,
    "error": error,
    "panel": panel,
}


def photograph(notebook: Notebook, index: int) -> Image.Image:
    """Return what the page shows of a cell."""
    place = notebook.cell(index)
    place.scroll_into_view_if_needed()
    return Image.open(io.BytesIO(place.screenshot())).convert("RGB")


def shoot(notebook: Notebook, name: str) -> None:
    """Store the picture of one cell as a small PNG."""
    small = photograph(notebook, CELLS[name]).quantize(256, method=Image.Quantize.MEDIANCUT)
    small.save(PICTURES / f"{name}.png", optimize=True)


def main() -> int:
    """Take every picture."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        environment = clean_environment(home, IMGMAGIC_PROVIDER="simulator", IMGMAGIC_SIMULATOR_PACE="3")
        with running_server(environment, home) as server, running_browser() as browser:
            server.write("shots.ipynb", *SOURCES)
            with opened(browser, server, "shots.ipynb") as notebook:
                notebook.run(0)
                film(notebook)
                for name, step in STEPS.items():
                    step(notebook)
                    shoot(notebook, name)
                    print((PICTURES / f"{name}.png").relative_to(ROOT))
    return 0


if __name__ == "__main__":
    sys.exit(main())
