"""Measure a partial image's way to the screen: from the server's last byte to changed pixels, in JupyterLab.

The other way is what a notebook's author writes by hand: OpenAI's SDK in a loop, and an Image widget.
"""

import statistics
import tempfile
import time
from pathlib import Path

from tests.support.browser import CHROMIUM, Notebook, opened, running_browser, running_server
from tools.bench.delay import BY_HAND, OURS, PREPARE
from tools.bench.figure import Figure, alternating
from tools.bench.support.kernel import environment
from tools.bench.support.server import SCRIPTS, Scripted

ROUNDS = 6
WARM_UP = 1
# At each frame: has an image of the cell another picture, and is it decoded? The next frame has its pixels.
_WATCH = """
cell => {
  window.drawn = [];
  const known = new Set();
  const look = () => {
    for (const each of cell.querySelectorAll('.jp-Cell-outputWrapper img')) {
      if (!each.src.startsWith('blob:') || known.has(each.src) || !each.complete || !each.naturalWidth) continue;
      known.add(each.src);
      requestAnimationFrame(() => window.drawn.push((performance.timeOrigin + performance.now()) / 1000));
    }
    window.looking = requestAnimationFrame(look);
  };
  look();
}
"""


def pixels_figures(server: Scripted) -> list[Figure]:
    """Return how long a partial image takes to the screen, by us and by hand; nothing without Chromium."""
    if CHROMIUM is None:
        return []
    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        variables = environment(home, server)
        with running_server(variables, home) as jupyter, running_browser() as browser:
            jupyter.write("own.ipynb", "%load_ext imgmagic", OURS)
            jupyter.write("other.ipynb", PREPARE.format(server.base_url("paced")), BY_HAND)
            with opened(browser, jupyter, "own.ipynb") as own, opened(browser, jupyter, "other.ipynb") as other:
                for page in (own, other):
                    page.run(0)
                rounds = alternating([lambda: delays_ms(own, server), lambda: delays_ms(other, server)], ROUNDS)
    ours, baseline = (statistics.median(each for some in way[WARM_UP:] for each in some) for way in rounds)
    title = "partial of 1.5 MB, last byte to pixels / SDK loop"
    return [Figure(name=title, ours=ours, baseline=baseline, unit="ms", most=1.2)]


def delays_ms(page: Notebook, server: Scripted) -> list[float]:
    """Run the cell, and return the delay of each partial image."""
    page.page.bring_to_front()  # a page in the background paints nothing
    page.cell(1).evaluate(_WATCH)
    page.run(1)
    drawn = page.page.evaluate("() => { cancelAnimationFrame(window.looking); return drawn; }")
    offset = time.time() - time.monotonic()
    sent = server.log()["sent"][: SCRIPTS["paced"].partial_images]
    return [(at - offset - then) * 1000 for at, then in zip(drawn, sent, strict=False)]
