"""The runs of a panel: a queue of planned requests, some on their way at once, each followed by a thread.

The threads only read a job's progress and post it; whatever goes wrong in a run stays in that run.
"""

import contextlib
import itertools
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import CancelledError
from dataclasses import dataclass, field
from functools import partial

from imgmagic.display.status import run_line, tile_line
from imgmagic.domain.generation import Generation, Status
from imgmagic.domain.progress import Progress
from imgmagic.domain.sweep import SweptCell
from imgmagic.errors import ImgmagicError, StoreError
from imgmagic.notebook.output.figure import shown_preview
from imgmagic.notebook.output.tile_size import asked_aspect
from imgmagic.notebook.panel import to_page
from imgmagic.notebook.panel.channel import Channel
from imgmagic.notebook.panel.followers import Followers
from imgmagic.notebook.panel.problem import describe
from imgmagic.notebook.panel.shown import Problem
from imgmagic.notebook.panel.sweep_runs import line_of, tile_lines, tiles_of
from imgmagic.runs.job import Job
from imgmagic.runs.plan import Plan
from imgmagic.runs.sweep_job import SweepJob
from imgmagic.runs.sweep_plan import SweepPlan
from imgmagic.session import Session

AT_ONCE = 4
KEPT = 6  # runs that ended and stay in view
TICK_S = 0.5
GOING = ("waiting", "running")
CLOSE_S = 2.0  # how long closing waits for stopped runs to be kept
PREVIEW_SIDE = 640


@dataclass(kw_only=True, eq=False)
class Run:
    """One run in the panel: what was planned, and how far it is; it holds no picture once it has ended."""

    number: int
    plan: Plan | SweepPlan
    state: str = "waiting"
    line: str = "waits for the runs before it"
    generation: int | None = None
    sweep: int | None = None
    problem: Problem | None = None
    tiles: tuple[str, ...] = ()
    job: Job | SweepJob | None = None
    shown: dict[int, object] = field(default_factory=dict)

    def card(self) -> to_page.Run:
        """Return what the page shows of it, without the pictures."""
        if isinstance(self.plan, SweepPlan):
            request = self.plan.plans[1].request  # of the first cell, whose shape the tiles take
            prompt, waiting = request.template or request.prompt, tile_lines(self.plan)
        else:
            request = self.plan.request
            prompt, waiting = request.prompt, ("waiting",) * request.n
        return to_page.Run(
            run=self.number,
            state=self.state,
            ended=self.state not in GOING,
            line=self.line,
            seconds=round(self.job.elapsed_s, 1) if self.job else None,
            prompt=prompt[:300],
            aspect=asked_aspect(request.options.get("size")),
            tiles=self.tiles or waiting,
            id=self.generation,
            sweep=self.sweep,
            problem=self.problem,
        )


class Runs:
    """Start planned requests, a few at once, and post what becomes of them.

    Args:
        session: what sends them.
        channel: carries messages and pictures to the page.
        ended: called when a run has ended and its generation is kept.
    """

    def __init__(self, session: Session, channel: Channel, ended: Callable[[], None]) -> None:
        self._session = session
        self._post = channel.post
        self._make_preview = channel.make_preview
        self._ended = ended
        # Reentrant: a run that ends starts the next, which may end at once. One lock for the three tables, so that a
        # run is always in exactly one of them.
        self._lock = threading.RLock()
        # Numbers of this panel: a run that waits has none in the history yet.
        self._numbers = itertools.count(1)
        self._waiting: deque[Run] = deque()
        self._running: dict[int, Run] = {}
        self._done: dict[int, Run] = {}
        self._followers = Followers(AT_ONCE)

    def add(self, plan: Plan | SweepPlan) -> None:
        """Queue a request; it leaves at once while fewer than `AT_ONCE` run."""
        with self._lock:
            run = Run(number=next(self._numbers), plan=plan)
            self._waiting.append(run)
            self._show(run)
            self._start_waiting()

    def stop(self, number: int) -> None:
        """Stop a run that is on its way, or take it out of the queue; nothing happens to one that has ended."""
        with self._lock:
            running = self._running.get(number)
            if running is not None and running.job is not None:
                running.job.cancel()
            for run in [each for each in self._waiting if each.number == number]:
                self._waiting.remove(run)
                self._end(run, "cancelled", "cancelled before it was sent")

    def stop_all(self) -> None:
        """Stop every run, and take out of the queue what waits."""
        with self._lock:
            for number in [*(run.number for run in self._waiting), *self._running]:
                self.stop(number)

    def dismiss(self, number: int) -> None:
        """Take a run that has ended off the panel."""
        with self._lock:
            if self._done.pop(number, None):
                self._post(to_page.Dismissed(run=number))

    def forget(self, generation: int) -> None:
        """Take the run off the panel whose record is gone."""
        with self._lock:
            for run in [each for each in self._done.values() if each.generation == generation]:
                self.dismiss(run.number)

    def show_all(self) -> tuple[Run, ...]:
        """Post every run again, for a page that has just opened, and return those that have ended."""
        with self._lock:
            runs = (*self._done.values(), *self._running.values(), *self._waiting)
            for run in sorted(runs, key=lambda each: each.number):  # as they were added, not as they ended
                run.shown.clear()
                self._show(run)
                if isinstance(run.job, Job):
                    self._show_tiles(run, run.job.progress)
                elif isinstance(run.job, SweepJob) and isinstance(run.plan, SweepPlan):
                    for cell in run.job.sweep:
                        self._show_cell(run, run.plan, cell)
            return tuple(self._done.values())

    @property
    def is_idle(self) -> bool:
        """Return whether nothing runs or waits."""
        return not (self._running or self._waiting)

    def close(self) -> None:
        """Stop everything, and wait until what was finished is kept."""
        with self._lock:
            self._waiting.clear()
            for run in self._running.values():
                if run.job is not None:
                    run.job.cancel()
        self._followers.close(CLOSE_S)

    def _start_waiting(self) -> None:
        while self._waiting and len(self._running) < AT_ONCE:
            self._start(self._waiting.popleft())

    def _start(self, run: Run) -> None:
        try:
            # Under the lock: two pages that click at once must not both take the last free place.
            if isinstance(run.plan, SweepPlan):
                run.job = sweep = self._session.sweeps.start(run.plan)
                follow = partial(self._follow_sweep, run, run.plan, sweep)
            else:
                run.job = single = self._session.start(run.plan)
                follow = partial(self._follow_single, run, single)
        except ImgmagicError as error:
            run.problem = describe(error)
            self._end(run, "failed", str(error))
            return
        self._running[run.number] = run
        self._followers.follow(partial(self._follow, run, follow))

    def _follow(self, run: Run, follow: Callable[[], None]) -> None:
        try:
            follow()
        except CancelledError:  # the session was closed under the run
            self._end(run, "cancelled", "cancelled; the session was closed")
        finally:
            with self._lock:
                self._running.pop(run.number, None)
                self._start_waiting()
        self._ended()

    def _follow_single(self, run: Run, job: Job) -> None:
        for _ in job.ticks(TICK_S):
            progress = job.progress
            run.state, run.line = "running", run_line(progress, job.elapsed_s)
            run.tiles = tuple(tile_line(tile, progress.partial_images) for tile in progress.tiles)
            self._show(run)
            self._show_tiles(run, progress)
        self._keep(run, job.generation())

    def _follow_sweep(self, run: Run, plan: SweepPlan, job: SweepJob) -> None:
        run.sweep = job.sweep.id
        for cell in job.sweep:
            self._show_cell(run, plan, cell)
        for ended in job.ticks(TICK_S):
            run.state, run.line = "running", line_of(job)
            run.tiles = tile_lines(plan, job.progress)
            self._show(run)
            if ended is not None:
                self._show_cell(run, plan, ended)
        sweep = job.sweep
        run.problem = None if sweep.error is None else describe(sweep.error)
        self._end(run, str(sweep.status), line_of(job))

    def _show_cell(self, run: Run, plan: SweepPlan, cell: SweptCell) -> None:
        for tile, data in tiles_of(run.number, plan, cell):
            self._post(tile, (data,))

    def _show_tiles(self, run: Run, progress: Progress) -> None:
        for index, tile in enumerate(progress.tiles):
            latest = tile.latest
            if latest is not None and run.shown.get(index) is not latest:
                run.shown[index] = latest
                self._post(to_page.Tile(run=run.number, index=index, format=latest.format), (latest.data,))

    def _keep(self, run: Run, generation: Generation) -> None:
        run.generation = generation.id
        run.problem = None if generation.error is None else describe(generation.error)
        run.tiles = tuple("done" for _ in generation.images)
        for image in generation.images:
            with contextlib.suppress(StoreError):  # the large view says why; the other pictures are shown
                preview = self._make_preview(partial(shown_preview, image, longest_side=PREVIEW_SIDE, quality=80))
                self._post(to_page.Tile(run=run.number, index=image.index, format=preview.format), (preview.data,))
        self._end(run, str(generation.status), _ending(generation))

    def _end(self, run: Run, state: str, line: str) -> None:
        with self._lock:  # a page that opens meanwhile is told of it as running, or as ended
            run.state, run.line, run.job = state, line, None
            run.shown.clear()
            self._done[run.number] = run
            while len(self._done) > KEPT:
                self.dismiss(next(iter(self._done)))
        self._show(run)

    def _show(self, run: Run) -> None:
        self._post(run.card())


def _ending(generation: Generation) -> str:
    if generation.error is not None:
        return str(generation.error)
    if generation.status is Status.CANCELLED and not generation.images:
        return "cancelled; nothing was finished"
    return _ENDINGS.get(generation.status, str(generation.status))


_ENDINGS = {Status.COMPLETED: "done", Status.CANCELLED: "cancelled; what was finished is kept"}
