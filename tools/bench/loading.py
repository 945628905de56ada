"""Measure loading: `%load_ext imgmagic` against `import openai`, each in a fresh kernel."""

import tempfile
from functools import partial
from pathlib import Path

from tools.bench.figure import Figure, medians
from tools.bench.support.kernel import running_kernel
from tools.bench.support.server import Scripted

ROUNDS = 5
CELL = """
import time
began = time.perf_counter()
{}
print(time.perf_counter() - began)
"""
LOADING = CELL.format('get_ipython().run_line_magic("load_ext", "imgmagic")')
IMPORTING = CELL.format("import openai")


def loading_figures(_: Scripted) -> list[Figure]:
    """Return how long the extension takes to load."""
    with tempfile.TemporaryDirectory() as name:
        own, imported = medians([partial(fresh_ms, Path(name), code) for code in (LOADING, IMPORTING)], ROUNDS)
    return [Figure(name="%load_ext imgmagic / import openai", ours=own, baseline=imported, unit="ms", most=0.15)]


def fresh_ms(home: Path, code: str) -> float:
    """Return the milliseconds that a cell measures in a fresh kernel."""
    with running_kernel(home) as kernel:
        return float(kernel.printed(code)) * 1000
