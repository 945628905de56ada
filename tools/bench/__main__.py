"""Run every benchmark and print one table; exit with 1 where a target does not hold: `python -m tools.bench [NAME...]`.

What is compared runs side by side and takes turns, and the median counts, so the ratios hold on a busy machine too.
"""

import argparse
import sys
import time
from collections.abc import Callable, Mapping, Sequence

from tools.bench.delay import delay_figures
from tools.bench.edits import edits_figures
from tools.bench.figure import Figure, table
from tools.bench.first_cell import first_cell_figures
from tools.bench.interrupt import interrupt_figures
from tools.bench.loading import loading_figures
from tools.bench.painter import painter_figures
from tools.bench.panel import panel_figures
from tools.bench.pixels import pixels_figures
from tools.bench.recordings import recordings_figures
from tools.bench.saved import saved_figures
from tools.bench.store import store_figures
from tools.bench.stream import cpu_figures, memory_figures
from tools.bench.support.server import Scripted, running_server
from tools.bench.sweeps import sweeps_figures

BENCHMARKS: Mapping[str, Callable[[Scripted], Sequence[Figure]]] = {
    "loading": loading_figures,
    "first_cell": first_cell_figures,
    "cpu": cpu_figures,
    "memory": memory_figures,
    "delay": delay_figures,
    "pixels": pixels_figures,
    "interrupt": interrupt_figures,
    "saved": saved_figures,
    "store": store_figures,
    "recordings": recordings_figures,
    "panel": panel_figures,
    "edits": edits_figures,
    "painter": painter_figures,
    "sweeps": sweeps_figures,
}


def measured(names: Sequence[str]) -> list[Figure]:
    """Run the benchmarks of these names and return what they found."""
    figures: list[Figure] = []
    with running_server() as server:
        for name in names:
            began = time.monotonic()
            figures += BENCHMARKS[name](server)
            print(f"{name}: {time.monotonic() - began:.0f} s", file=sys.stderr, flush=True)
    return figures


def main() -> int:
    """Print the table; return 1 where a target does not hold."""
    parser = argparse.ArgumentParser(description=__doc__)
    known = ", ".join(BENCHMARKS)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"some of {known}; all of them unless named")
    names = parser.parse_args().names or list(BENCHMARKS)
    if not BENCHMARKS.keys() >= set(names):
        parser.error(f"there are only {known}")
    figures = measured(names)
    print(table(figures))
    return int(not all(figure.holds for figure in figures))


if __name__ == "__main__":
    sys.exit(main())
