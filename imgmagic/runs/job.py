"""Jobs: running generations, on one background event loop.

One daemon thread owns the loop. The calling thread drains a queue, so an interrupt cancels the request on the other
thread at once and leaves nothing behind (patching the kernel's own loop would leak the request).
"""

import asyncio
import contextlib
import functools
import itertools
import math
import queue
import threading
import time
import weakref
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import wait
from dataclasses import replace
from enum import Enum
from typing import Protocol

from imgmagic.domain.events import AddressReceived, CompletedImage, Event, RequestSent, Source
from imgmagic.domain.generation import Generation, Status
from imgmagic.domain.progress import Progress
from imgmagic.domain.request import ImageRequest
from imgmagic.errors import ImgmagicError, ProtocolError
from imgmagic.runs.event_loop import CLOSE_S, IoThread
from imgmagic.runs.interrupts import Cancelled, Interrupts
from imgmagic.runs.loop_job import LoopJob

WAIT_S = 0.05  # the longest wait without a check for signals


class _Mark(Enum):
    END = "the end of a job's queue"


class RunKeeper(Protocol):
    """Takes care of what a run produces, on a worker thread: it may write to the disk, and it must not fail."""

    @property
    def notices(self) -> Sequence[str]:
        """Return what to tell the user with the result, as far as it is known."""

    def keep(self, event: CompletedImage) -> None:
        """Keep a finished image before anybody sees it."""

    def note_address(self, event: AddressReceived) -> None:
        """Note where a finished image is before it is fetched."""

    def finish(self, progress: Progress) -> Generation:
        """Turn the final progress into the generation."""


class Job(LoopJob):
    """A running generation: its events as they come, a way to stop it, and its result.

    Args:
        io: the thread to run on.
        source: where the events come from.
        request: the request.
        keeper: keeps finished images, and makes the generation at the end.
        number: the generation's id in the history; None if it could not be recorded.
        clock: monotonic seconds.
    """

    def __init__(
        self,
        io: IoThread,
        source: Source,
        request: ImageRequest,
        *,
        keeper: RunKeeper,
        number: int | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(io, clock)
        self.request = request
        self.number = number
        self.progress = Progress.start(request.n, partial_images=request.partial_images)
        self._source = source
        self._keeper = keeper
        self._queue: queue.SimpleQueue[Event | _Mark] = queue.SimpleQueue()
        self._is_answered = threading.Event()
        self._stopping = False
        self._following: asyncio.Task[None] | None = None
        self._generation: Generation | None = None
        # Futures of two loops refer to each other until they are garbage-collected: they must not hold a picture.
        self._outcome = io.submit(self._run())
        # Through the queue, after the last event: a reader that finds the end has seen everything.
        self._outcome.add_done_callback(functools.partial(_put_end, weakref.ref(self._queue)))

    @property
    def notices(self) -> Sequence[str]:
        """Return what the caption will say in addition to the facts, as far as it is known."""
        return self._keeper.notices

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
            self._queue.put(_Mark.END)  # a second reader must find the end, too
        except KeyboardInterrupt:
            self.cancel()
            raise

    def result(self, timeout_s: float | None = None) -> Generation:
        """Wait for the end and return the generation, even a cancelled or partial one.

        Raises:
            ImgmagicError: the generation failed; this is the reason.
            Cancelled: the wait was interrupted; the run was stopped.
            TimeoutError: it takes longer than `timeout_s` seconds; the run continues.
        """
        with Interrupts(self) as interrupts:
            generation = self.generation(timeout_s)
        if interrupts.seen:
            raise Cancelled
        return raise_if_failed(generation)

    def generation(self, timeout_s: float | None = None) -> Generation:
        """Wait for the end and return the generation, even a failed one."""
        for wait_s in _waits(timeout_s):
            if wait((self._outcome,), wait_s).done:
                break
        return self._result()

    def wait_until_answered(self, timeout_s: float) -> None:
        """Wait until something happens after the request was sent, at most `timeout_s` seconds.

        Two busy Python threads take turns of 5 ms: a caller that goes on to something slow delays a request that is
        being written.
        """
        self._is_answered.wait(timeout_s)

    def wait_until_ended(self, timeout_s: float = CLOSE_S) -> None:
        """Wait for the end, at most `timeout_s` seconds; closing cannot wait forever."""
        with contextlib.suppress(TimeoutError):
            self.generation(timeout_s)

    async def ended(self) -> Generation:
        """Wait for the end in an event loop, and return the generation, even a failed one."""
        # Shielded: giving up the wait does not stop the run.
        await asyncio.shield(asyncio.wrap_future(self._outcome))
        return self._result()

    async def wait(self) -> Generation:
        """Wait for the end in the caller's own event loop; cancelling the wait stops the run."""
        ended = asyncio.wrap_future(self._outcome)
        try:
            # Shielded, because cancelling this future would take the run's result away from everybody.
            await asyncio.shield(ended)
        except asyncio.CancelledError:
            self.cancel()
            # The caller continues when the run has really ended: connections closed, pictures kept, cost recorded.
            await asyncio.wait([ended])
            raise
        return raise_if_failed(self._result())

    def _result(self) -> Generation:
        """Return the generation of a run that has ended."""
        self._outcome.result(0)
        if self._generation is None:
            raise AssertionError  # a run that ends has one
        return self._generation

    def _next(self, timeout_s: float | None) -> Event | _Mark | None:
        for wait_s in _waits(timeout_s):
            with contextlib.suppress(queue.Empty):
                return self._queue.get(timeout=wait_s)
        return None

    async def _run(self) -> None:
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
        self._is_answered.set()
        self._ended = self._clock()
        self._generation = await self._finish()

    async def _finish(self) -> Generation:
        """Finish, even if the io thread is closed meanwhile: somebody may be waiting for the result."""
        finishing = asyncio.get_running_loop().run_in_executor(None, self._keeper.finish, self.progress)
        while not finishing.done():
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.wait([finishing])
        return finishing.result()

    async def _follow(self) -> None:
        async with contextlib.aclosing(self._source(self.request)) as events:
            async for event in events:
                try:
                    if isinstance(event, CompletedImage):
                        await asyncio.to_thread(self._keeper.keep, event)
                    elif isinstance(event, AddressReceived):
                        await asyncio.to_thread(self._keeper.note_address, event)
                finally:  # a stop at this moment does not lose a picture that has come
                    self.progress = self.progress.after(event)
                    self._queue.put(event)
                    if not isinstance(event, RequestSent):  # which comes before the first byte leaves
                        self._is_answered.set()

    def _stop_following(self) -> None:
        if self._following is not None:
            self._following.cancel()


def _put_end(queue_of: "weakref.ref[queue.SimpleQueue[Event | _Mark]]", _: object) -> None:
    found = queue_of()
    if found is not None:  # otherwise nobody reads it any more
        found.put(_Mark.END)


def _waits(timeout_s: float | None) -> Iterator[float]:
    """Split a wait into short ones: a signal that comes just before one begins is handled only when it ends."""
    if timeout_s is None:
        return itertools.repeat(WAIT_S)
    count = max(1, math.ceil(timeout_s / WAIT_S))
    return itertools.repeat(timeout_s / count, count)


def raise_if_failed(generation: Generation) -> Generation:
    """Return `generation`, or raise the reason for which it failed."""
    if generation.status is Status.FAILED and generation.error is not None:
        raise generation.error
    return generation


def _failure(error: Exception) -> ImgmagicError:
    if isinstance(error, ImgmagicError):
        return error
    failure = ImgmagicError(
        f"imgmagic itself failed: {type(error).__name__}: {error}.", remedy="Please report this message."
    )
    failure.__cause__ = error
    return failure
