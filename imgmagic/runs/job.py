"""Jobs: generations on their way, on one background event loop; with the wire, the only place of async code.

One daemon thread owns the loop. The thread that asked drains a queue, so an interrupt cancels the request on the other
thread at once and leaves nothing behind (patching the kernel's own loop would leak the request).
"""

import asyncio
import contextlib
import itertools
import math
import queue
import signal
import threading
import time
from collections.abc import AsyncGenerator, Callable, Iterator
from concurrent.futures import wait
from dataclasses import replace
from enum import Enum
from types import FrameType
from typing import Any, Protocol

from imgmagic.domain.events import CompletedImage, Event
from imgmagic.domain.generation import Generation, Status
from imgmagic.domain.progress import Progress
from imgmagic.domain.request import ImageRequest
from imgmagic.errors import ImgmagicError, ProtocolError
from imgmagic.runs.event_loop import IoThread

WAIT_S = 0.05  # the longest wait without a look for signals


class Cancelled(KeyboardInterrupt):
    """The user stopped the run; shown as one short line."""

    def _render_traceback_(self) -> list[str]:
        return ["imagine: cancelled"]


class Source(Protocol):
    """Anything that yields the events of a request: the client, or the player of a recording."""

    def events(self, request: ImageRequest) -> AsyncGenerator[Event, None]:
        """Yield what happens, in order; failures are events too."""


class _Mark(Enum):
    END = "the end of a job's queue"


class Keeper(Protocol):
    """Takes care of what a run gives, on a worker thread: it may write to disk, and it must not fail."""

    def keep(self, event: CompletedImage) -> None:
        """Keep a finished image before anybody sees it."""

    def finish(self, progress: Progress) -> Generation:
        """Turn the progress at the end into the generation."""


class Job:
    """A generation on its way: its events as they come, a way to stop it, and its result.

    Args:
        io: the thread to run on.
        source: where the events come from.
        request: what is asked.
        keeper: keeps finished images, and makes the generation at the end.
        clock: monotonic seconds.
    """

    def __init__(
        self,
        io: IoThread,
        source: Source,
        request: ImageRequest,
        *,
        keeper: Keeper,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.request = request
        self.progress = Progress.start(request.n, partial_images=request.partial_images)
        self._io = io
        self._source = source
        self._keeper = keeper
        self._clock = clock
        self._started = clock()
        self._ended: float | None = None
        self._queue: queue.SimpleQueue[Event | _Mark] = queue.SimpleQueue()
        self._stopping = False
        self._following: asyncio.Task[None] | None = None
        self._outcome = io.submit(self._run())
        self._outcome.add_done_callback(lambda _: self._queue.put(_Mark.END))

    @property
    def elapsed_s(self) -> float:
        """Return the seconds that the job has taken so far, or took in all."""
        return (self._ended or self._clock()) - self._started

    @property
    def done(self) -> bool:
        """Return whether the job has ended."""
        return self._outcome.done()

    @property
    def status(self) -> str:
        """Return "running", or how the generation ended."""
        return str(self.generation().status) if self.done else "running"

    def __repr__(self) -> str:
        return f"<Job {self.status}, {self.elapsed_s:.1f} s: {self.request.prompt[:60]!r}>"

    def cancel(self) -> None:
        """Stop the run: its connections close at once; what was finished is kept."""
        self._stopping = True
        if not self.done:
            self._io.call(self._stop_following)

    def events(self) -> Iterator[Event]:
        """Yield events as they happen until the end; an interrupt stops the run. For one reader."""
        return (event for event in self.ticks(None) if event is not None)

    def ticks(self, every_s: float | None) -> Iterator[Event | None]:
        """Yield events as they happen, and None whenever `every_s` seconds pass without one. For one reader."""
        try:
            while (event := self._next(every_s)) is not _Mark.END:
                yield event
            self._queue.put(_Mark.END)  # for who looks again: the end stays the end
        except KeyboardInterrupt:
            self.cancel()
            raise

    def result(self, timeout_s: float | None = None) -> Generation:
        """Wait for the end and return the generation, also a cancelled or partial one.

        Raises:
            ImgmagicError: the generation failed; its reason.
            Cancelled: the wait was interrupted; the run was stopped.
            TimeoutError: it takes longer than `timeout_s` seconds; it goes on.
        """
        with Interrupts(self) as interrupts:
            generation = self.generation(timeout_s)
        if interrupts.seen:
            raise Cancelled
        return succeeded(generation)

    def generation(self, timeout_s: float | None = None) -> Generation:
        """Wait for the end and return the generation, also a failed one."""
        for wait_s in _waits(timeout_s):
            if wait((self._outcome,), wait_s).done:
                break
        return self._outcome.result(0)

    async def wait(self) -> Generation:
        """Wait for the end in the caller's own event loop; cancelling the wait stops the run."""
        ended = asyncio.wrap_future(self._outcome)
        try:
            # Shielded, as cancelling this future would take the run's result away from everybody.
            generation = await asyncio.shield(ended)
        except asyncio.CancelledError:
            self.cancel()
            await asyncio.wait([ended])
            raise
        return succeeded(generation)

    def _next(self, timeout_s: float | None) -> Event | _Mark | None:
        for wait_s in _waits(timeout_s):
            with contextlib.suppress(queue.Empty):
                return self._queue.get(timeout=wait_s)
        return None

    async def _run(self) -> Generation:
        try:
            if not self._stopping:
                self._following = asyncio.create_task(self._follow())
                await self._following
        except asyncio.CancelledError:
            self._stopping = True
        except Exception as error:  # noqa: BLE001 - the job boundary stores the failure
            self.progress = self.progress.failed(_failure(error))
        if self._stopping:
            self.progress = replace(self.progress.cancelled(), elapsed_s=self.elapsed_s)
        else:
            self.progress = self.progress.failed(ProtocolError("the reply ended early.", remedy="Run it again."))
        self._ended = self._clock()
        return await self._finished()

    async def _finished(self) -> Generation:
        """Finish to the end, also when the io thread is closed meanwhile: somebody may wait for the result."""
        finishing = asyncio.get_running_loop().run_in_executor(None, self._keeper.finish, self.progress)
        while not finishing.done():
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.wait([finishing])
        return finishing.result()

    async def _follow(self) -> None:
        async with contextlib.aclosing(self._source.events(self.request)) as events:
            async for event in events:
                try:
                    if isinstance(event, CompletedImage):
                        await asyncio.to_thread(self._keeper.keep, event)
                finally:  # a picture that came is not lost to a stop in this moment
                    self.progress = self.progress.after(event)
                    self._queue.put(event)

    def _stop_following(self) -> None:
        if self._following is not None:
            self._following.cancel()


def _waits(timeout_s: float | None) -> Iterator[float]:
    """Cut a wait into short ones: a signal that comes just before one begins is handled only when it ends."""
    if timeout_s is None:
        return itertools.repeat(WAIT_S)
    count = max(1, math.ceil(timeout_s / WAIT_S))
    return itertools.repeat(timeout_s / count, count)


def succeeded(generation: Generation) -> Generation:
    """Return `generation`, or raise the reason for which it failed."""
    if generation.status is Status.FAILED and generation.error is not None:
        raise generation.error
    return generation


def _failure(error: Exception) -> ImgmagicError:
    if isinstance(error, ImgmagicError):
        return error
    failure = ImgmagicError(
        f"imgmagic itself failed: {type(error).__name__}: {error}.", remedy="Please report it with these words."
    )
    failure.__cause__ = error
    return failure


class Interrupts:
    """Turn the interrupt signal into a cancel of the job while the block runs, or of the job that comes to be watched.

    An exception at a random moment of the cell's thread could leave a run without an owner or a view half drawn, so the
    signal only cancels, and the wait ends by itself. A third interrupt raises whatever happens. Off the main thread,
    where no signal arrives, it does nothing.
    """

    def __init__(self, job: Job | None = None) -> None:
        self._job = job
        self._count = 0
        self._previous: Any = None

    def __enter__(self) -> "Interrupts":
        if threading.current_thread() is threading.main_thread():
            self._previous = signal.signal(signal.SIGINT, self._interrupted)
        return self

    def __exit__(self, *_: object) -> None:
        if self._previous is not None:
            signal.signal(signal.SIGINT, self._previous)

    @property
    def seen(self) -> bool:
        """Return whether an interrupt came."""
        return self._count > 0

    def watch(self, job: Job) -> Job:
        """Cancel `job` at the next interrupt, or now if one came before."""
        self._job = job
        if self._count:
            job.cancel()
        return job

    def _interrupted(self, _signal: int, _frame: FrameType | None) -> None:
        self._count += 1
        if self._count > 2:
            raise Cancelled
        if self._job is not None:
            self._job.cancel()
