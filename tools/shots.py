"""Take the README's pictures from a real JupyterLab, so that they stay true: `make shots`."""

import io
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

from PIL import Image
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
CELLS: Mapping[str, int] = {"streaming": 1, "figure": 1, "history": 3, "error": 4, "panel": 5}


def streaming(notebook: Notebook) -> None:
    """Run the cell until partial images are there."""
    notebook.start(1)
    until(lambda: "partial image 2" in notebook.output(1).inner_text(), "no partial image came")


def figure(notebook: Notebook) -> None:
    """Wait for the end of the cell."""
    notebook.finish(1)
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
    "streaming": streaming,
    "figure": figure,
    "history": history,
    "error": error,
    "panel": panel,
}


def shoot(notebook: Notebook, name: str) -> None:
    """Store the picture of one cell as a small PNG."""
    place = notebook.cell(CELLS[name])
    place.scroll_into_view_if_needed()
    shot = Image.open(io.BytesIO(place.screenshot()))
    small = shot.convert("RGB").quantize(256, method=Image.Quantize.MEDIANCUT)
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
                for name, step in STEPS.items():
                    step(notebook)
                    shoot(notebook, name)
                    print((PICTURES / f"{name}.png").relative_to(ROOT))
    return 0


if __name__ == "__main__":
    sys.exit(main())
