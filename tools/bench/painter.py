"""Measure the painter in JupyterLab: the segments of a brush stroke, and a hundred steps taken back."""

import statistics
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.support.browser import CHROMIUM, opened, running_browser, running_server
from tools.bench.figure import Figure
from tools.bench.support.kernel import environment
from tools.bench.support.server import Scripted

SIDE = 2048
STEPS = 100
MOST_MS = 16  # a frame
PAINT = f"""
import imgmagic
from PIL import Image
mask = imgmagic.paint(Image.effect_noise(({SIDE}, {SIDE}), 64).convert("RGB"))
"""
SHARE = "print(mask.mask.share)"
# Draws strokes, each of some segments, and returns how long each segment took.
DRAW = """
async (canvas, [strokes, segments]) => {
  canvas.setPointerCapture = () => {};  // which takes only a pointer that is there
  const box = canvas.getBoundingClientRect();
  const times = [];
  const at = (kind, x, y) => {
    const place = { clientX: box.left + box.width * x, clientY: box.top + box.height * y };
    const began = performance.now();
    canvas.dispatchEvent(new PointerEvent(kind, { pointerId: 1, isPrimary: true, bubbles: true, ...place }));
    if (kind === 'pointermove') times.push(performance.now() - began);
  };
  for (let stroke = 0; stroke < strokes; stroke += 1) {
    const [x, y] = [0.05 + (stroke % 10) / 20, 0.05 + Math.floor(stroke / 10) / 12];
    at('pointerdown', x, y);
    for (let step = 1; step <= segments; step += 1) {
      at('pointermove', x + step / 100, y + Math.sin(step) / 50);
      if (step % 5 === 0) await new Promise(done => requestAnimationFrame(done));
    }
    at('pointerup', x, y);
  }
  return times;
}
"""
UNDO = """
async (canvas, steps) => {
  const buttons = [...canvas.closest('.imgmagic-painter').querySelectorAll('button')];
  const undo = buttons.find(each => each.textContent === 'Undo');
  const times = [];
  for (let step = 0; step < steps; step += 1) {
    const began = performance.now();
    undo.click();
    times.push(performance.now() - began);
    await new Promise(done => requestAnimationFrame(done));
  }
  return times;
}
"""


def painter_figures(server: Scripted) -> list[Figure]:
    """Return what strokes and their undoing take in the page, 95 of 100 of them; nothing without Chromium."""
    if CHROMIUM is None:
        return []
    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        with running_server(environment(home), home) as jupyter, running_browser() as browser:
            jupyter.write("painter.ipynb", PAINT, SHARE)
            with opened(browser, jupyter, "painter.ipynb") as notebook:
                notebook.run(0)
                canvas = notebook.output(0).locator(".imgmagic-painter canvas").first
                drawn = canvas.evaluate(DRAW, [STEPS, 10])
                undone = canvas.evaluate(UNDO, STEPS)
                canvas.page.wait_for_timeout(1000)  # the last of it is on its way to the kernel
                notebook.run(1)
                left = notebook.output(1).inner_text().strip()
    if left != "0.0":
        message = f"after {STEPS} steps were taken back, {left} of the picture may change"
        raise RuntimeError(message)
    what = f"on a picture of {SIDE} pixels, 95 of 100"
    return [
        Figure(name=f"a segment of a brush stroke {what}", ours=slow_ms(drawn), unit="ms", most=MOST_MS),
        Figure(name=f"taking back one of {STEPS} strokes {what}", ours=slow_ms(undone), unit="ms", most=MOST_MS),
    ]


def slow_ms(times: Sequence[float]) -> float:
    """Return the time within which 95 of 100 are done."""
    return statistics.quantiles(times, n=20)[-1]
