"""The jobs of a session as a list."""

from collections.abc import Callable, Iterator

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
