"""The jobs of a session as a list."""

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from imgmagic.runs.job import Job

if TYPE_CHECKING:
    from imgmagic.runs.sweep_job import SweepJob


def stop_all(sweeps: "Iterable[SweepJob]", jobs: Iterable[Job]) -> tuple[int, int]:
    """Stop what is running, and return how many sweeps and jobs that was; what is finished is kept."""
    running = [sweep for sweep in sweeps if not sweep.done], [job for job in jobs if not job.done]
    # Sweeps first: each cell that ends makes room for the next.
    for sweep in running[0]:
        sweep.cancel()
    for job in running[1]:
        job.cancel()
    return len(running[0]), len(running[1])


class RunningJobs:
    """Show the jobs of a session as a sequence, newest last.

    Args:
        jobs: gives the jobs as they are now.
        sweeps: gives the sweeps whose cells some of them draw.
    """

    def __init__(self, jobs: Callable[[], tuple[Job, ...]], sweeps: "Callable[[], tuple[SweepJob, ...]]") -> None:
        self._jobs = jobs
        self._sweeps = sweeps

    def cancel(self) -> None:
        """Stop every running job and sweep; what is finished is kept."""
        stop_all(self._sweeps(), self._jobs())

    def __iter__(self) -> Iterator[Job]:
        return iter(self._jobs())

    def __getitem__(self, index: int) -> Job:
        return self._jobs()[index]

    def __len__(self) -> int:
        return len(self._jobs())

    def __repr__(self) -> str:
        return "\n".join(f"[{number}] {job!r}" for number, job in enumerate(self)) or "no jobs"
