"""The runs of a panel: a queue of planned requests, some on their way at once, each followed by a thread of its own.

The threads only read a job's progress and post it; whatever goes wrong in a run stays in that run.
"""

import itertools
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import CancelledError
from dataclasses import dataclass, field
from typing import Any

from imgmagic.display.status import run_line, tile_line
from imgmagic.domain.generation import Generation, Status
from imgmagic.domain.progress import Progress, Tile
from imgmagic.errors import ImgmagicError
from imgmagic.notebook.output.figure import caption_lines, shown_preview
from imgmagic.notebook.output.tile_size import asked_aspect
from imgmagic.runs.job import Job
from imgmagic.runs.plan import Plan
from imgmagic.session import Session

AT_ONCE = 4
KEPT = 6  # runs that ended and stay in view
TICK_S = 0.5
CLOSE_S = 2.0  # how long closing waits for stopped runs to be kept
PREVIEW_SIDE = 640

Post = Callable[[Mapping[str, Any], Sequence[bytes]], None]


@dataclass(kw_only=True, eq=False)
class Run:
    """One run in the panel: what was planned, and how far it is; it holds no picture once it has ended."""

    number: int
    plan: Plan
    state: str = "waiting"
    line: str = "waits for the runs before it"
    generation: int | None = None
    caption: tuple[str, ...] = ()
    tiles: tuple[str, ...] = ()
    job: Job | None = None
    shown: dict[int, object] = field(default_factory=dict)

    def card(self) -> dict[str, Any]:
        """Return what the page shows of it, without the pictures."""
        request = self.plan.request
        return {
            "kind": "run",
            "run": self.number,
            "state": self.state,
            "line": self.line,
            "seconds": round(self.job.elapsed_s, 1) if self.job else None,
            "prompt": request.prompt[:300],
            "model": request.model or "",
            "provider": self.plan.provider.name,
            "aspect": list(asked_aspect(request.options.get("size"))),
            "tiles": list(self.tiles) or ["waiting"] * request.n,
            "id": self.generation,
            "caption": list(self.caption),
        }


class Runs:
    """Start planned requests, a few at once, and post what becomes of them.

    Args:
        session: what sends them.
        post: sends a message with pictures to the page.
        ended: called when a run has ended and its generation is kept.
    """

    def __init__(self, session: Session, post: Post, ended: Callable[[], None]) -> None:
        self._session = session
        self._post = post
        self._ended = ended
        self._lock = threading.RLock()
        self._numbers = itertools.count(1)
        self._waiting: deque[Run] = deque()
        self._running: dict[int, Run] = {}
        self._done: dict[int, Run] = {}
        self._followers: set[threading.Thread] = set()

    def add(self, plan: Plan) -> None:
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

    def dismiss(self, number: int) -> None:
        """Take a run that has ended off the panel."""
        with self._lock:
            if self._done.pop(number, None):
                self._post({"kind": "dismissed", "run": number}, ())

    def forget(self, generation: int) -> None:
        """Take the run off the panel whose record is no more."""
        with self._lock:
            for run in [each for each in self._done.values() if each.generation == generation]:
                self.dismiss(run.number)

    def show_all(self) -> tuple[Run, ...]:
        """Post every run anew, for a page that has just opened, and return those that have ended."""
        with self._lock:
            runs = (*self._done.values(), *self._running.values(), *self._waiting)
            for run in sorted(runs, key=lambda each: each.number):  # as they were added, not as they ended
                run.shown.clear()
                self._show(run)
                if run.job is not None:
                    self._show_tiles(run, run.job.progress)
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
            followers = tuple(self._followers)
        for each in followers:
            each.join(timeout=CLOSE_S)

    def _start_waiting(self) -> None:
        while self._waiting and len(self._running) < AT_ONCE:
            self._start(self._waiting.popleft())

    def _start(self, run: Run) -> None:
        try:
            run.job = self._session.start(run.plan)
        except ImgmagicError as error:
            self._end(run, "failed", str(error))
            return
        self._running[run.number] = run
        follower = threading.Thread(target=self._follow, args=(run, run.job), name="imgmagic-panel-run", daemon=True)
        self._followers.add(follower)
        follower.start()

    def _follow(self, run: Run, job: Job) -> None:
        try:
            for _ in job.ticks(TICK_S):
                self._show_progress(run, job)
            self._keep(run, job.generation())
        except CancelledError:  # the session was closed under the run
            self._end(run, "cancelled", "cancelled; the session was closed")
        finally:
            with self._lock:
                self._running.pop(run.number, None)
                self._followers.discard(threading.current_thread())
                self._start_waiting()
        self._ended()

    def _show_progress(self, run: Run, job: Job) -> None:
        progress = job.progress
        run.state, run.line = "running", run_line(progress, job.elapsed_s)
        run.tiles = tuple(tile_line(tile, progress.partial_images) for tile in progress.tiles)
        self._show(run)
        self._show_tiles(run, progress)

    def _show_tiles(self, run: Run, progress: Progress) -> None:
        for index, tile in enumerate(progress.tiles):
            latest = _latest(tile)
            if latest is not None and run.shown.get(index) is not latest:
                run.shown[index] = latest
                self._post(_tile(run.number, index, latest.format), (latest.data,))

    def _keep(self, run: Run, generation: Generation) -> None:
        run.generation = generation.id
        run.caption = tuple(caption_lines(generation))
        run.tiles = tuple("done" for _ in generation.images)
        for image in generation.images:
            preview = shown_preview(image, longest_side=PREVIEW_SIDE, quality=80)
            self._post(_tile(run.number, image.index, preview.format), (preview.data,))
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
        self._post(run.card(), ())


def _latest(tile: Tile) -> Any:
    return tile.completed or tile.partial


def _tile(run: int, index: int, image_format: str) -> dict[str, Any]:
    return {"kind": "tile", "run": run, "index": index, "format": image_format}


def _ending(generation: Generation) -> str:
    if generation.error is not None:
        return str(generation.error)
    if generation.status is Status.CANCELLED and not generation.images:
        return "cancelled; nothing was finished"
    return _ENDINGS.get(generation.status, str(generation.status))


_ENDINGS = {Status.COMPLETED: "done", Status.CANCELLED: "cancelled; what was finished is kept"}
