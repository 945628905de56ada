"""Interrupts: what Ctrl-C does to the jobs that a cell waits for."""

import signal
import threading
from collections.abc import Callable
from types import FrameType
from typing import Protocol, TypeVar


class Cancelled(KeyboardInterrupt):
    """The user stopped the run; shown as one short line, or not at all if `is_told`: the output already says it."""

    def __init__(self, *, is_told: bool = False) -> None:
        super().__init__()
        self.is_told = is_told

    def _render_traceback_(self) -> list[str]:
        return ["imagine: cancelled"]


class Cancellable(Protocol):
    """Something that an interrupt ends."""

    def cancel(self) -> None:
        """End it."""


_C = TypeVar("_C", bound=Cancellable)


class Interrupts:
    """While the block runs, let the interrupt signal cancel the job, or the job that is watched later.

    An exception at a random point of the cell's thread could leave a run without an owner or a view half drawn, so the
    signal only cancels, and the wait ends by itself. A third interrupt always raises. Off the main thread, where no
    signal arrives, it does nothing.
    """

    def __init__(self, job: Cancellable | None = None) -> None:
        self._job = job
        self._count = 0
        self._previous: Callable[[int, FrameType | None], object] | int | None = None

    def __enter__(self) -> "Interrupts":
        if threading.current_thread() is threading.main_thread():
            self._previous = signal.signal(signal.SIGINT, self._on_interrupt)
        return self

    def __exit__(self, *_: object) -> None:
        if self._previous is not None:
            signal.signal(signal.SIGINT, self._previous)

    @property
    def seen(self) -> bool:
        """Return whether an interrupt came."""
        return self._count > 0

    def watch(self, job: _C) -> _C:
        """Cancel `job` at the next interrupt, or now if one has come."""
        self._job = job
        if self._count:
            job.cancel()
        return job

    def _on_interrupt(self, _signal: int, _frame: FrameType | None) -> None:
        self._count += 1
        if self._count > 2:
            raise Cancelled
        if self._job is not None:
            self._job.cancel()
