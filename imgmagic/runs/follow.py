"""Following a run: a view shows it until its end, and no run outlives its cell."""

from collections.abc import Iterator
from contextlib import contextmanager

from imgmagic.display.view import TICK_S, View
from imgmagic.domain.generation import Generation
from imgmagic.runs.interrupts import Cancellable
from imgmagic.runs.job import Job


def follow(job: Job, view: View) -> Generation:
    """Show a job in a view until its end, and return its generation, even a failed one."""
    for _ in job.ticks(TICK_S):
        view.update(job.progress, job.elapsed_s)
    return job.generation()


@contextmanager
def cancelled_at_exit(job: Cancellable) -> Iterator[None]:
    """Cancel `job` when the block ends, however it ends; a job that has ended is not affected."""
    try:
        yield
    finally:
        job.cancel()
