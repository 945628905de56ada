"""Measure sweeps: how much of a server's time is lost, memory over many cells, planning, resuming, the saved grid."""

import gc
import math
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path

import nbformat
import psutil
from nbformat.v4 import new_code_cell, new_notebook, new_output
from playwright.sync_api import Browser

from imgmagic.config.settings import Settings
from imgmagic.domain.axes import axis_of
from imgmagic.domain.sweep import Sweep
from imgmagic.notebook.output.grid import grid_html
from imgmagic.runs.sweep_job import SweepJob
from imgmagic.runs.sweep_plan import SweepRequest
from imgmagic.session import Session
from tests.support.browser import CHROMIUM, Server, opened, running_browser, running_server
from tools.bench.figure import Figure, medians
from tools.bench.store import RECORDS, fill
from tools.bench.support.kernel import environment
from tools.bench.support.server import Scripted
from tools.bench.support.waiting import waiting_server

KEY = "sk-bench-0123456789abcdefgh"
CELLS, PARALLEL, LATENCY_S = 200, 32, 1.0
MANY, SETTLED, PICTURE_BYTES = 1_000, 100, 1_500_000
MB = 1e6
OPENINGS, ROUNDS = 5, 3


def sweeps_figures(_: Scripted) -> list[Figure]:
    """Return the figures of sweeps."""
    return [*speed_figures(), *memory_figures(), *saved_figures(), planning_figure(), resuming_figure()]


@contextmanager
def _session(base_url: str) -> Iterator[Session]:
    with tempfile.TemporaryDirectory() as home:
        environ = {"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": base_url, "IMGMAGIC_HOME": home}
        session = Session(Settings(environ=environ, folder=Path(home)))
        try:
            yield session
        finally:
            session.close()


def _request(count: int, *, parallel: int = 4, words: str = "{{ number }} foxes") -> SweepRequest:
    return SweepRequest(
        template=words,
        axes=[axis_of("number", list(range(count)))],
        parallel=parallel,
        options={"model": "gpt-image-2", "quality": "low", "size": "1024x1024", "max_cost": 10_000},
    )


def _job(session: Session, count: int, parallel: int) -> SweepJob:
    return session.sweeps.start(session.sweeps.plan(_request(count, parallel=parallel)))


def speed_figures() -> list[Figure]:
    """Return how long 200 cells take, 32 at a time, in parts of what the server alone takes.

    The best of a few rounds counts: what else runs on a machine only adds to it.
    """
    took_s = min(_drawing_s() for _ in range(ROUNDS))
    ideal_s = math.ceil(CELLS / PARALLEL) * LATENCY_S
    name = f"sweep of {CELLS} cells, {PARALLEL} at a time, 1 s each"
    return [Figure(name=name, ours=took_s, baseline=ideal_s, most=1.1, unit="s")]


def _drawing_s() -> float:
    with waiting_server(LATENCY_S, 100_000) as url, _session(url) as session:
        began = time.perf_counter()
        _job(session, CELLS, PARALLEL).result()
        return time.perf_counter() - began


def memory_figures(many: int = MANY) -> list[Figure]:
    """Return the memory after many cells and their pace, against those of the first hundred."""
    process = psutil.Process()
    with waiting_server(0.0, PICTURE_BYTES) as url, _session(url) as session:
        job = _job(session, many, 8)
        moments, peaks = [], []
        for cell in job.ticks(0.25):
            if cell is not None:
                moments.append(time.perf_counter())
                peaks.append(process.memory_info().rss / MB)
    gc.collect()
    first, rest = max(peaks[:SETTLED]), max(peaks[SETTLED:])
    pace = [moments[SETTLED - 1] - moments[0], (moments[-1] - moments[-SETTLED])]
    return [
        Figure(name=f"sweep of {many:,} x 1.5 MB, memory", ours=rest, baseline=first, most=1.2, unit="MB"),
        Figure(name="time of the last 100 cells, of the first", ours=pace[1], baseline=pace[0], most=1.2, unit="s"),
    ]


def saved_figures() -> list[Figure]:
    """Return how large the grid of a hundred drawings is in a saved notebook, and how long it takes to open."""
    with waiting_server(0.0, PICTURE_BYTES) as url, _session(url) as session:
        job = _job(session, 100, 8)
        sweep: Sweep = job.result()
        html = grid_html(sweep)
    with tempfile.TemporaryDirectory() as name:
        saved = write_output(Path(name) / "saved.ipynb", html)
        size = saved.stat().st_size
    return [Figure(name="notebook with a grid of 100 pictures", ours=size / MB, most=3.0, unit="MB"), *opening(html)]


def opening(html: str) -> list[Figure]:
    """Return by how many seconds a notebook with a grid opens later in JupyterLab than an empty one."""
    if CHROMIUM is None:
        return []
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        jupyter = stack.enter_context(running_server(environment(folder), folder))
        browser = stack.enter_context(running_browser())
        for title, output in (("grid", html), ("empty", "")):
            write_output(jupyter.folder / f"{title}.ipynb", output)
        steps = [partial(opening_s, browser, jupyter, f"{title}.ipynb") for title in ("grid", "empty")]
        grid_s, empty_s = medians(steps, OPENINGS)
    return [Figure(name="opening the grid of 100, after an empty one", ours=grid_s - empty_s, most=1.0, unit="s")]


def write_output(path: Path, html: str) -> Path:
    """Write a notebook with one output, and return where it is."""
    shown = new_output("display_data", data={"text/html": html, "text/plain": ""})
    nbformat.write(new_notebook(cells=[new_code_cell("1", outputs=[shown])]), path)
    return path


def opening_s(browser: Browser, jupyter: Server, name: str) -> float:
    """Open a notebook in a page of its own, and return the time until all its pictures are seen."""
    began = time.monotonic()
    with opened(browser, jupyter, name, kernel=False) as notebook:
        notebook.page.wait_for_function(
            "() => [...document.querySelectorAll('.jp-OutputArea img')].every(each => each.complete)"
        )
        return time.monotonic() - began


def planning_figure() -> Figure:
    """Return the CPU time that planning 10,000 cells takes."""
    with _session("http://127.0.0.1:9/v1") as session:
        axes = [axis_of("style", [f"style {n}" for n in range(100)]), axis_of("number", list(range(100)))]
        asked = _request(1, words="{{ number }} foxes, {{ style }}")
        taken = []
        for _ in range(3):
            began = time.process_time()
            session.sweeps.plan(SweepRequest(template=asked.template, axes=axes, options=asked.options))
            taken.append(time.process_time() - began)
    return Figure(name="planning 10,000 cells", ours=statistics.median(taken), most=2.0, unit="s")


def resuming_figure() -> Figure:
    """Return how long it takes to find what of a sweep is drawn, in a history of 100,000 records."""
    with waiting_server(0.0, 10_000) as url, _session(url) as session:
        fill(session.archive.places["history_url"], RECORDS)
        _job(session, 100, 8).result()
        plan = session.sweeps.plan(_request(100))
        began = time.perf_counter()
        job = session.sweeps.start(plan)
        took_s = time.perf_counter() - began
        found = sum(cell.is_found for cell in job.result())
    return Figure(name=f"resuming {found} cells over {RECORDS:,} records", ours=took_s, most=1.0, unit="s")
