"""Jobs that run: seen as a list by people and programs, and followed by a view until they end."""

from collections.abc import Callable, Iterator

from imgmagic.display.line_view import TICK_S, View, nothing
from imgmagic.domain.generation import Generation
from imgmagic.runs.job import Job


class RunningJobs:
    """See the jobs of a session as a sequence, newest last.

    Args:
        jobs: gives the jobs as they are now.
    """

    def __init__(self, jobs: Callable[[], tuple[Job, ...]]) -> None:
        self._jobs = jobs

    def cancel(self) -> None:
        """Stop every job that runs; what is finished is kept."""
        for job in self:
            job.cancel()

    def __iter__(self) -> Iterator[Job]:
        return iter(self._jobs())

    def __getitem__(self, index: int) -> Job:
        return self._jobs()[index]

    def __len__(self) -> int:
        return len(self._jobs())

    def __repr__(self) -> str:
        return "\n".join(f"[{number}] {job!r}" for number, job in enumerate(self)) or "no jobs"


def follow(
    job: Job,
    open_view: Callable[[], View],
    at_end: Callable[[Generation], Callable[[], None]] = lambda _: nothing,
) -> None:
    """Show a job until its end.

    Args:
        job: what runs.
        open_view: gives what shows it.
        at_end: called with the generation while the view still stands; returns what shows it in the view's place.
    """
    try:
        show_until_end(job, open_view(), at_end)
    finally:
        job.cancel()  # whatever broke in the view, no run goes on without its cell; nothing once it has ended


def show_until_end(job: Job, view: View, at_end: Callable[[Generation], Callable[[], None]]) -> None:
    """Show a job in a view that is open, until its end; see `follow`."""
    show = nothing
    try:
        for _ in job.ticks(TICK_S):
            view.update(job.progress, job.elapsed_s)
        show = at_end(job.generation())
    finally:
        view.close(show)
