"""What running generations and sweeps share: when they began, how long they take, whether they have ended."""

from collections.abc import Callable
from concurrent.futures import Future

from imgmagic.runs.event_loop import IoThread


class LoopJob:
    """Something that runs on the loop's thread; a subclass submits it and keeps its future as `_outcome`.

    Args:
        io: the thread to run on.
        clock: monotonic seconds.
    """

    _outcome: Future[None]

    def __init__(self, io: IoThread, clock: Callable[[], float]) -> None:
        self._io = io
        self._clock = clock
        self._started = clock()
        self._ended: float | None = None

    @property
    def elapsed_s(self) -> float:
        """Return how many seconds it has taken so far, or took in total."""
        return (self._ended or self._clock()) - self._started

    @property
    def done(self) -> bool:
        """Return whether it has ended."""
        return self._outcome.done()
