"""Measure the wire: CPU seconds from the socket to the image's bytes, and memory at its peak.

Each way of reading a picture runs in a process of its own; the ways take turns.
"""

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial

from tools.bench.figure import Figure, medians
from tools.bench.support.server import MB, STOP_S, Scripted

ROUNDS = 11
PEAK_ROUNDS = 3


@dataclass(frozen=True, kw_only=True)
class Cost:
    """What one reading cost, and how many bytes it gave."""

    total: int
    cpu_s: float
    peak_kb: int


class Reader:
    """A process that reads pictures one way."""

    def __init__(self, way: str, base_url: str) -> None:
        command = [sys.executable, "-m", "tools.bench.support.reader", way, base_url]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def read(self) -> Cost:
        """Read once."""
        self._process.stdin.write("read\n")  # type: ignore[union-attr]  # pipes were asked for
        self._process.stdin.flush()  # type: ignore[union-attr]
        return Cost(**json.loads(self._process.stdout.readline()))  # type: ignore[union-attr]

    def close(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.communicate(timeout=STOP_S)


@contextmanager
def readers(ways: Sequence[str], base_url: str) -> Iterator[list[Reader]]:
    """Run a reader each way until the block ends."""
    with ExitStack() as stack:
        started = []
        for way in ways:
            started.append(Reader(way, base_url))
            stack.callback(started[-1].close)
        yield started


def cpu_figures(server: Scripted) -> list[Figure]:
    """Return the CPU time for a streamed picture of 5 MB with three partial images."""
    with readers(("ours", "sdk", "async_sdk", "reading"), server.base_url("five")) as started:
        for reader in started:
            reader.read()  # which warms it up
        own, by_sdk, by_async_sdk, bare = medians([partial(cpu_ms, reader) for reader in started], ROUNDS)
    name = "CPU, 5 MB streamed with 3 partials"
    return [
        Figure(name=f"{name} / openai SDK + base64", ours=own, baseline=by_sdk, unit="ms", most=0.6),
        Figure(name=f"{name} / async openai SDK + base64", ours=own, baseline=by_async_sdk, unit="ms", most=0.6),
        Figure(name=f"{name} / reading the bytes", ours=own, baseline=bare, unit="ms", most=1.6),
    ]


def cpu_ms(reader: Reader) -> float:
    """Return the CPU time of one reading."""
    return reader.read().cpu_s * 1000


def memory_figures(server: Scripted) -> list[Figure]:
    """Return the memory that a streamed picture of 16 MB takes at its peak, over that of a tiny one."""
    own, by_sdk = medians([lambda: peak_mb("ours", server), lambda: peak_mb("sdk", server)], PEAK_ROUNDS)
    return [
        Figure(name="memory, 16 MB streamed / the image", ours=own, baseline=16.0, unit="MB", most=4),
        Figure(name="memory, 16 MB streamed / openai SDK", ours=own, baseline=by_sdk, unit="MB", most=1),
    ]


def peak_mb(way: str, server: Scripted) -> float:
    """Return by how much a process that reads a large picture grows beyond one that reads a tiny one."""
    peaks = []
    for script in ("tiny", "sixteen"):
        with readers([way], server.base_url(script)) as (reader,):
            peaks.append(reader.read().peak_kb)
    return (peaks[1] - peaks[0]) * 1024 / MB
