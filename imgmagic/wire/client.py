"""The client: sends a request to one provider, retries where that is safe, and yields what happens as events."""

import asyncio
import itertools
import os
import random as randomness
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from contextlib import aclosing, contextmanager
from dataclasses import dataclass, replace

import httpx

from imgmagic.domain.events import Event, RetryScheduled
from imgmagic.domain.provider import Provider
from imgmagic.domain.request import ImageRequest
from imgmagic.errors import ImgmagicError, RateLimited, ResponseTimeout, SettingsError
from imgmagic.wire.attachments import Attachments
from imgmagic.wire.attempt import Attempt, Call, Line
from imgmagic.wire.connection_errors import Target
from imgmagic.wire.connections import open_connections
from imgmagic.wire.dialects.dialect import Dialect
from imgmagic.wire.download import Downloads
from imgmagic.wire.event_queue import EventQueue
from imgmagic.wire.image_tracker import ImageTracker
from imgmagic.wire.key_guard import guarding, seal
from imgmagic.wire.pacer import Pacer, Permit
from imgmagic.wire.retry import LONGEST_S, MAX_RETRIES, Unbilled, delay_s
from imgmagic.wire.server_errors import base_url_name


@dataclass(frozen=True, kw_only=True)
class Timeouts:
    """Hold how long to wait: for a connection, and for everything together.

    Silence has no separate limit: a server may draw for all the time that it was given.
    """

    connect_s: float = 10
    overall_s: float = 600


class Client:
    """Ask one provider for images; a source of events.

    Args:
        provider: where to send, and the key.
        dialect: how the server speaks.
        clock: monotonic seconds.
        sleep: how to wait between retries.
        timeouts: how long to wait.
        random: gives 0 to 1, for the jitter of retries.
    """

    def __init__(
        self,
        provider: Provider,
        dialect: Dialect,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
        timeouts: Timeouts | None = None,
        random: Callable[[], float] = randomness.random,
    ) -> None:
        self._provider = provider
        self._dialect = dialect
        self._clock = clock
        self._sleep = sleep
        self._timeouts = timeouts or Timeouts()
        self._random = random
        self._connecting = asyncio.Lock()
        self._line: Line | None = None
        self._retired: list[Line] = []
        self._opened_by = os.getpid()

    async def events(
        self, request: ImageRequest, *, timeout_s: float | None = None, pacer: Pacer | None = None
    ) -> AsyncGenerator[Event, None]:
        """Yield what happens, in order; a failure is an event for each image that will not arrive.

        Closing the iterator, or cancelling its task, closes every connection at once.

        Args:
            request: what to draw.
            timeout_s: seconds for everything together, instead of the client's default; waits for `pacer` do not count.
            pacer: says when each request may leave, and is told the server's limits; None sends at once.
        """
        queue = EventQueue()
        calls = self._calls(request, queue, timeout_s or self._timeouts.overall_s)
        tasks = [asyncio.create_task(self._settle(call, pacer)) for call in calls]
        try:
            async with aclosing(queue.events(tasks)) as events:
                async for event in events:
                    yield event
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def aclose(self) -> None:
        """Close the connections; a later request opens new ones."""
        lines, self._line, self._retired = [self._line, *self._retired], None, []
        for line in lines:
            if line is not None and self._opened_by == os.getpid():
                await line.http.aclose()

    def _calls(self, request: ImageRequest, queue: EventQueue, overall_s: float) -> Iterator[Call]:
        started = self._clock()
        bodies = self._dialect.bodies(request, self._provider)
        attachments = Attachments(self._dialect.edits_of(request), request)
        downloads = Downloads(self._provider, self._dialect, timeout_s=overall_s, sleep=self._sleep)
        # A dialect that cannot ask for several images at once gives one body per image; each is then a request of its
        # own.
        share = request.n if len(bodies) == 1 else 1
        beyond = itertools.count(max(request.n, len(bodies)))  # indexes of images that nobody asked for
        for first, body in enumerate(bodies):
            tracker = ImageTracker(
                range(first, first + share),
                beyond,
                provider=self._provider,
                dialect=self._dialect,
                elapsed_s=lambda: self._clock() - started,
                downloads=downloads,
            )
            yield Call(
                url=self._dialect.url(self._provider, request),
                body=body,
                attachments=attachments,
                tracker=tracker,
                queue=queue,
                overall_s=overall_s,
            )

    async def _settle(self, call: Call, pacer: Pacer | None) -> None:
        """Draw, and turn whatever fails into events."""
        error: ImgmagicError | None = None
        try:
            with guarding(self._provider):
                async with asyncio.timeout(call.overall_s) as limit:
                    error = await self._persist(call, pacer, limit)
        # From asyncio: inner time-outs are translated where they occur, so this is the overall limit.
        except TimeoutError:
            error = _out_of_time(call)
        except ImgmagicError as failure:
            error = failure
        if error is not None:
            for event in call.tracker.fail_open(error):
                await call.queue.put(event)

    async def _persist(self, call: Call, pacer: Pacer | None, limit: asyncio.Timeout) -> ImgmagicError | None:
        """Make attempts until no retry is allowed; return why the last one failed."""
        failures = 0
        while True:
            permit = None if pacer is None else await self._admit(call, pacer, limit, attempt=failures + 1)
            line = await self._connect_with(permit)
            attempt = Attempt(call, line)
            with _reporting(permit, attempt):
                try:
                    await attempt.run()
                except Unbilled as failure:
                    self._take_back(call, line, failure)
                    # Not counted: the pacer knows when the server has room, and has its own patience with it.
                    if permit is not None and _leave_to_pacer(failure, permit):
                        continue
                    failures += 1
                    if failures > MAX_RETRIES:
                        return failure.error
                    await self._wait(call, failure, failures)
                else:
                    if permit is not None:
                        permit.succeeded(attempt.rate_limits)
                    return None

    def _take_back(self, call: Call, line: Line, failure: Unbilled) -> None:
        """Note that nothing of an attempt can be billed, so that a time-out from here on may say so."""
        call.is_sent = False
        # Later attempts open new connections: the idle ones are as old as the one that was closed. Requests that still
        # use the old ones run to their end.
        if failure.is_stale and self._line is line:
            self._retired.append(line)
            self._line = None

    async def _admit(self, call: Call, pacer: Pacer, limit: asyncio.Timeout, *, attempt: int) -> Permit:
        """Wait until the pacer lets the request leave; the call's clock does not run."""
        now = asyncio.get_running_loop().time
        left_s = (limit.when() or now()) - now()

        async def tell(delay_s: float, reason: str) -> None:
            await call.queue.put(self._waiting(call, attempt, delay_s, reason))

        # The server is not to blame for the wait: a cell of a large sweep waits longer than any call may take.
        limit.reschedule(None)
        permit = await pacer.admit(call.tracker.asked, tell)
        limit.reschedule(now() + left_s)
        return permit

    def _waiting(self, call: Call, attempt: int, delay_s: float, reason: str) -> RetryScheduled:
        tracker = call.tracker
        return RetryScheduled(
            elapsed_s=tracker.elapsed_s(), index=tracker.first, attempt=attempt, delay_s=delay_s, reason=reason
        )

    async def _wait(self, call: Call, failure: Unbilled, attempt: int) -> None:
        delay = delay_s(attempt, failure.after_s, self._random)
        event = self._waiting(call, attempt + 1, delay, seal(failure.error, self._provider).message)
        event = replace(event, rate_limits=failure.rate_limits)
        await call.queue.put(event)
        await self._sleep(delay)

    async def _connect_with(self, permit: Permit | None) -> Line:
        """Return the connections; where that fails, or is stopped, the permit to use them is given back."""
        try:
            return await self._connect()
        except BaseException:
            if permit is not None:
                permit.failed()
            raise

    async def _connect(self) -> Line:
        """Return the connections, opened on a worker thread: certificates are read from the disk.

        Those that a parent process opened before a fork belong to it and are left alone.
        """
        if self._opened_by != os.getpid():  # the lock may have been held when the process forked
            self._opened_by, self._line, self._retired, self._connecting = os.getpid(), None, [], asyncio.Lock()
        async with self._connecting:
            if self._line is None:
                self._line = await asyncio.to_thread(self._open)
        return self._line

    def _open(self) -> Line:
        provider = self._provider
        where = base_url_name(provider)
        try:
            url = httpx.URL(provider.base_url)
            url.host.encode("idna")  # or resolving it would fail with an error of the codec
        except (httpx.InvalidURL, UnicodeError):
            message = f"the base URL of {provider.name} is invalid."
            raise SettingsError(message, remedy=f"Correct {where}: it looks like https://host/v1.") from None
        http, route = open_connections(url, os.environ, connect_s=self._timeouts.connect_s)
        return Line(
            provider=provider,
            dialect=self._dialect,
            http=http,
            target=Target(host=url.host, address=where, route=route),
            clock=self._clock,
        )


def _leave_to_pacer(failure: Unbilled, permit: Permit) -> bool:
    """Tell the pacer about a rate refusal; return whether to send the request again once it is admitted."""
    return isinstance(failure.error, RateLimited) and permit.refused(failure.rate_limits, failure.after_s)


@contextmanager
def _reporting(permit: Permit | None, attempt: Attempt) -> Iterator[None]:
    """Tell the pacer that an attempt failed, unless another end was reported."""
    try:
        yield
    except RateLimited as error:
        # It may be billed, so it is not sent again; those that wait for the same limit have to hear of it.
        if permit is not None and error.may_be_billed:
            after_s = error.retry_after_s
            permit.refused(attempt.rate_limits, None if after_s is None else min(after_s, LONGEST_S))
        raise
    finally:
        if permit is not None:
            permit.failed()


def _out_of_time(call: Call) -> ResponseTimeout:
    if not call.is_sent:
        return ResponseTimeout(
            f"{call.overall_s:g} s went by before the request could be sent (overall time-out); nothing was billed.",
            remedy="Try again later, or raise {timeout}.",
        )
    return ResponseTimeout(
        f"the request took longer than {call.overall_s:g} s (overall time-out); it may have been drawn and billed.",
        remedy="Raise {timeout}, or ask for a lower quality or fewer pictures.",
    )
