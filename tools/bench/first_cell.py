"""Measure the first cell: from Enter to the request at the server, against a cell that imports OpenAI's SDK and asks.

One second after the extension was loaded, as people type; at once, as Run All does; and the second cell, against the
SDK's cell run again, and against a call of a client that was kept.
"""

import tempfile
import time
from functools import partial
from pathlib import Path

from tools.bench.figure import Figure, medians
from tools.bench.support.kernel import Kernel, running_kernel
from tools.bench.support.server import Scripted

ROUNDS = 5
OURS = "%%imagine -p tiny --fresh\na lighthouse at dusk"
ASK = 'for _ in client.images.generate(model="gpt-image-2", prompt="a lighthouse", stream=True): pass'
SDK = 'import openai\nclient = openai.OpenAI(base_url="{}", api_key="sk-of-no-use")\n' + ASK


def first_cell_figures(server: Scripted) -> list[Figure]:
    """Return how long the first and the second cell take until their request is at the server."""
    typed, run_all, second, sdk, sdk_again, sdk_kept = medians(
        [
            partial(_first_ms, server, pause_s=1.0),
            partial(_first_ms, server, pause_s=0.0),
            partial(_second_ms, server),
            partial(_sdk_ms, server),
            partial(_sdk_second_ms, server, SDK.format(server.base_url("tiny"))),
            partial(_sdk_second_ms, server, ASK),
        ],
        ROUNDS,
    )
    return [
        Figure(name="Enter to the request, first cell / SDK's", ours=typed, baseline=sdk, unit="ms", most=0.2),
        Figure(name="the same, run at once", ours=run_all, baseline=sdk, unit="ms", most=0.8),
        Figure(name="the same, second cell / SDK's cell again", ours=second, baseline=sdk_again, unit="ms", most=0.4),
        Figure(name="the same, second cell / call of the SDK's kept client", ours=second, baseline=sdk_kept, unit="ms"),
    ]


def _first_ms(server: Scripted, *, pause_s: float) -> float:
    with tempfile.TemporaryDirectory() as name, running_kernel(Path(name), server) as kernel:
        kernel.run("%load_ext imgmagic")
        time.sleep(pause_s)
        return _ms_to_request(kernel, OURS, server)


def _second_ms(server: Scripted) -> float:
    with tempfile.TemporaryDirectory() as name, running_kernel(Path(name), server) as kernel:
        kernel.run("%load_ext imgmagic")
        time.sleep(1.0)  # what other cells need is loaded beside the first one; nobody types so quickly
        kernel.run(OURS)
        return _ms_to_request(kernel, OURS, server)


def _sdk_ms(server: Scripted) -> float:
    with tempfile.TemporaryDirectory() as name, running_kernel(Path(name), server) as kernel:
        return _ms_to_request(kernel, SDK.format(server.base_url("tiny")), server)


def _sdk_second_ms(server: Scripted, code: str) -> float:
    with tempfile.TemporaryDirectory() as name, running_kernel(Path(name), server) as kernel:
        kernel.run(SDK.format(server.base_url("tiny")))
        return _ms_to_request(kernel, code, server)


def _ms_to_request(kernel: Kernel, code: str, server: Scripted) -> float:
    """Return the milliseconds from sending a cell to its request at the server."""
    sent = time.monotonic()
    kernel.run(code)
    return (float(server.log()["arrived"]) - sent) * 1000
