"""Measure the delay of a partial image: from the server's last byte to the comm message that a front end would draw.

The other way is what a notebook's author writes by hand: OpenAI's SDK in a loop, and an Image widget.
"""

import statistics
import tempfile
from pathlib import Path

from tools.bench.figure import Figure, alternating
from tools.bench.support.kernel import Kernel, running_kernel
from tools.bench.support.server import SCRIPTS, Scripted

ROUNDS = 9
WARM_UP = 2
OURS = "%%imagine -p paced --partial-images 3 --fresh\na lighthouse at dusk"
PREPARE = """
import base64, ipywidgets, openai
client = openai.OpenAI(base_url="{}", api_key="sk-of-no-use")
"""
BY_HAND = """
picture = ipywidgets.Image()
display(picture)
for event in client.images.generate(model="gpt-image-2", prompt="a lighthouse", stream=True, partial_images=3):
    picture.value = base64.b64decode(event.b64_json)
picture.close()
"""

Delays = tuple[list[float], list[float]]  # from the first byte, and from the last one


def delay_figures(server: Scripted) -> list[Figure]:
    """Return how long a partial image is on its way, by us and by hand."""
    with (
        tempfile.TemporaryDirectory() as name,
        running_kernel(Path(name), server) as own,
        running_kernel(Path(name), server) as other,
    ):
        own.run("%load_ext imgmagic")
        other.run(PREPARE.format(server.base_url("paced")))
        steps = [lambda: delays_ms(own, OURS, server), lambda: delays_ms(other, BY_HAND, server)]
        rounds = alternating(steps, ROUNDS)
    name = "delay of a partial of 1.5 MB / SDK loop"
    return [
        Figure(
            name=f"{name}, from its {end} byte",
            ours=middle(rounds[0], place),
            baseline=middle(rounds[1], place),
            unit="ms",
            most=1,
        )
        for place, end in enumerate(("first", "last"))
    ]


def delays_ms(kernel: Kernel, code: str, server: Scripted) -> Delays:
    """Run a cell, and return the delay of each partial image."""
    shown = [each.at for each in kernel.run(code) if each.is_picture][: SCRIPTS["paced"].partial_images]
    log = server.log()
    began, sent = (
        [(at - then) * 1000 for at, then in zip(shown, log[name], strict=False)] for name in ("began", "sent")
    )
    return began, sent


def middle(rounds: list[Delays], place: int) -> float:
    """Return the median over all partial images but those of the first rounds, which load what they need."""
    return statistics.median(delay for delays in rounds[WARM_UP:] for delay in delays[place])
