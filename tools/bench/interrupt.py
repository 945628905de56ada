"""Measure the interrupt: from the signal to the idle kernel, and to the moment when the server sees the close."""

import statistics
import tempfile
import time
from pathlib import Path

from tools.bench.figure import Figure
from tools.bench.support.kernel import Kernel, running_kernel
from tools.bench.support.server import Scripted

ROUNDS = 20
CELL = "%%imagine -p endless --fresh\na lighthouse at dusk"
IDLE_MS, CLOSE_MS = 200, 100


def interrupt_figures(server: Scripted) -> list[Figure]:
    """Return how long an interrupt in the middle of a run takes."""
    with tempfile.TemporaryDirectory() as name, running_kernel(Path(name), server) as kernel:
        kernel.run("%load_ext imgmagic")
        taken = [interrupted_ms(kernel, server) for _ in range(ROUNDS)]
    idle, closed = zip(*taken, strict=True)
    return [
        Figure(name="interrupt to idle kernel, median", ours=statistics.median(idle), unit="ms", most=IDLE_MS),
        Figure(name="interrupt to idle kernel, worst", ours=max(idle), unit="ms", most=IDLE_MS),
        Figure(name="interrupt to closed connection, median", ours=statistics.median(closed), unit="ms", most=CLOSE_MS),
        Figure(name="interrupt to closed connection, worst", ours=max(closed), unit="ms", most=CLOSE_MS),
    ]


def interrupted_ms(kernel: Kernel, server: Scripted) -> tuple[float, float]:
    """Interrupt a run at its first partial image; return when the kernel is idle, and when the server saw the close."""
    signalled = idle = 0.0
    for heard in kernel.messages(CELL):
        idle = heard.at
        if heard.is_picture:
            signalled = time.monotonic()
            kernel.manager.interrupt_kernel()
    return (idle - signalled) * 1000, (closed_at(server) - signalled) * 1000


def closed_at(server: Scripted) -> float:
    """Return when the server saw the close; infinitely late where it did not within a second."""
    deadline = time.monotonic() + 1
    while time.monotonic() < deadline:
        if (closed := server.log()["closed"]) is not None:
            return float(closed)
        time.sleep(0.02)
    return float("inf")
