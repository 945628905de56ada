"""The client: sends a request to one provider, retries what is safe, and yields what happens as events."""

import asyncio
import itertools
import random as randomness
import time
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field

import httpx
import msgspec

from imgmagic.domain.events import Event, ReplyStarted, RetryScheduled
from imgmagic.domain.json_types import JsonObject
from imgmagic.domain.provider import Provider
from imgmagic.domain.request import ImageRequest
from imgmagic.errors import ApiError, ImgmagicError, ProtocolError, ResponseTimeout, SettingsError
from imgmagic.wire.body import ACCEPTED_ENCODING, head
from imgmagic.wire.connection_errors import cut_off, open_connections, unreachable, user_agent, was_refused
from imgmagic.wire.dialects.dialect import Dialect
from imgmagic.wire.error_report import Answer, Said, api_error, request_id, said_in_body, secrets_of
from imgmagic.wire.image_tracker import Drawing
from imgmagic.wire.reply import messages
from imgmagic.wire.retry import MAX_RETRIES, Unbilled, delay_s, may_retry, retry_after_s
from imgmagic.wire.usage import read_cost_header

_EVENTS_AHEAD = 16  # how far the wire may run ahead of whoever reads the events


@dataclass(frozen=True, kw_only=True)
class Timeouts:
    """Hold how long to wait: for a connection, for the next bytes, and for everything together."""

    connect_s: float = 10
    read_s: float = 300
    overall_s: float = 600


@dataclass(frozen=True, kw_only=True)
class _Call:
    """One body on its way: its drawing, where its events go, and the deadline."""

    url: str
    headers: Mapping[str, str] = field(repr=False)
    body: JsonObject
    drawing: Drawing
    emit: Callable[[Event], Awaitable[None]]
    overall_s: float


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
        self._http: httpx.AsyncClient | None = None

    async def events(self, request: ImageRequest, *, timeout_s: float | None = None) -> AsyncGenerator[Event, None]:
        """Yield what happens, in order; a failure is an event for each image that will not come.

        Closing the iterator, or cancelling its task, closes every connection at once.

        Args:
            request: what to draw.
            timeout_s: seconds for everything together, in place of the client's own.
        """
        room = asyncio.Semaphore(_EVENTS_AHEAD)
        queue: asyncio.Queue[Event | asyncio.Task[None]] = asyncio.Queue()

        async def emit(event: Event) -> None:
            await room.acquire()
            queue.put_nowait(event)

        calls = self._calls(request, emit, timeout_s or self._timeouts.overall_s)
        tasks = [asyncio.create_task(self._settle(call)) for call in calls]
        for task in tasks:
            task.add_done_callback(queue.put_nowait)
        try:
            async with aclosing(_merged(queue, room, len(tasks))) as merged:
                async for event in merged:
                    yield event
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def aclose(self) -> None:
        """Close the connections; a later request opens new ones."""
        http, self._http = self._http, None
        if http is not None:
            await http.aclose()

    def _calls(
        self, request: ImageRequest, emit: Callable[[Event], Awaitable[None]], overall_s: float
    ) -> Iterator[_Call]:
        started = self._clock()
        bodies = self._dialect.bodies(request, self._provider)
        share = request.n if len(bodies) == 1 else 1
        beyond = itertools.count(max(request.n, len(bodies)))  # indexes of images that nobody asked for
        for first, body in enumerate(bodies):
            yield _Call(
                url=self._dialect.url(self._provider, request),
                headers=self._dialect.request_headers(self._provider),
                body=body,
                drawing=Drawing(
                    range(first, first + share),
                    beyond,
                    provider=self._provider,
                    dialect=self._dialect,
                    elapsed_s=lambda: self._clock() - started,
                ),
                emit=emit,
                overall_s=overall_s,
            )

    async def _settle(self, call: _Call) -> None:
        """Draw, and turn whatever fails into events."""
        error: ImgmagicError | None = None
        try:
            async with asyncio.timeout(call.overall_s):
                error = await self._persist(call)
        except TimeoutError:
            error = _out_of_time(call)
        except ImgmagicError as failure:
            error = failure
        for event in call.drawing.failures(error):
            await call.emit(event)

    async def _persist(self, call: _Call) -> ImgmagicError | None:
        """Make attempts until one may not be made again; return why the last one failed."""
        for attempt in itertools.count(1):
            try:
                await self._attempt(call)
            except Unbilled as failure:
                if attempt > MAX_RETRIES:
                    return failure.error
                await self._wait(call, failure, attempt)
            else:
                return None
        return None

    async def _wait(self, call: _Call, failure: Unbilled, attempt: int) -> None:
        delay = delay_s(attempt, failure.after_s, self._random)
        event = RetryScheduled(
            elapsed_s=call.drawing.elapsed_s(),
            index=call.drawing.first,
            attempt=attempt + 1,
            delay_s=delay,
            reason=failure.error.message,
        )
        await call.emit(event)
        await self._sleep(delay)

    async def _attempt(self, call: _Call) -> None:
        async with self._reply(call) as response:
            if not response.is_success:
                raise await self._refusal(response)
            await self._read(call, response)

    async def _read(self, call: _Call, response: httpx.Response) -> None:
        named = request_id(response.headers, *secrets_of(self._provider))
        call.drawing.request_id = named
        started = ReplyStarted(elapsed_s=call.drawing.elapsed_s(), index=call.drawing.first, request_id=named)
        await call.emit(started)
        try:
            async with aclosing(messages(response)) as found:
                async for message in found:
                    async for event in call.drawing.take(message):
                        await call.emit(event)
                    if call.drawing.over:
                        break
        except httpx.RequestError as error:
            raise cut_off(error, response.url.host) from None
        for event in call.drawing.end(read_cost_header(response.headers)):
            await call.emit(event)

    @asynccontextmanager
    async def _reply(self, call: _Call) -> AsyncIterator[httpx.Response]:
        request = self._request(call)
        try:
            response = await self._connections().send(request, stream=True)
        except httpx.InvalidURL:  # of where it redirects to, which the library reads though it does not go there
            message = f"{request.url.host} redirects to something that is no address; the key was not sent there."
            raise ProtocolError(message, remedy="Check the base URL, or the proxy in between.") from None
        except httpx.RequestError as error:
            # What the library raises may hold header values: the key. It is not kept as the cause.
            failure = unreachable(error, request.url.host)
            raise (Unbilled(failure) if was_refused(error) else failure) from None
        async with aclosing(response):
            yield response

    def _request(self, call: _Call) -> httpx.Request:
        headers = {
            "user-agent": user_agent(),
            "accept": "text/event-stream, application/json, image/*;q=0.5",
            "accept-encoding": ACCEPTED_ENCODING,
            "content-type": "application/json",
            **{name.lower(): value for name, value in call.headers.items()},
        }
        for name, value in headers.items():
            if not (value.isascii() and value.isprintable() and value == value.strip()):
                message = f"the {name} header, which may hold the key, has characters that no header can carry."
                raise SettingsError(message, remedy="Copy the key again: no line end, blank or foreign letter in it.")
        try:
            return self._connections().build_request(
                "POST", call.url, headers=headers, content=msgspec.json.encode(call.body)
            )
        except httpx.InvalidURL:
            message = f"the base URL of {self._provider.name} is no address."
            raise SettingsError(message, remedy="It looks like https://host/v1.") from None

    async def _refusal(self, response: httpx.Response) -> Exception:
        after_s = retry_after_s(response.headers, now=time.time())
        answer = Answer(
            status=response.status_code,
            request_id=request_id(response.headers, *secrets_of(self._provider)),
            retry_after_s=after_s,
        )
        if response.has_redirect_location:
            return _redirected(response, answer)
        try:
            said = said_in_body(await head(response))
        except httpx.RequestError:
            said = Said()
        error = api_error(said, answer, self._provider, self._dialect)
        return Unbilled(error, after_s=after_s) if may_retry(error, response.headers) else error

    def _connections(self) -> httpx.AsyncClient:
        if self._http is None:
            self._http = open_connections(connect_s=self._timeouts.connect_s, read_s=self._timeouts.read_s)
        return self._http


async def _merged(
    queue: "asyncio.Queue[Event | asyncio.Task[None]]", room: asyncio.Semaphore, running: int
) -> AsyncGenerator[Event, None]:
    while running:
        item = await queue.get()
        if isinstance(item, asyncio.Task):
            running -= 1
            item.result()  # a programming error is raised here
        else:
            room.release()
            yield item


def _redirected(response: httpx.Response, answer: Answer) -> ApiError:
    target = _host_of(response.headers["location"])
    return ApiError(
        f"{response.url.host} answered {answer.status}: it redirects to {target}; the key was not sent there.",
        remedy="If that is the right place, make it the base URL.",
        status=answer.status,
        request_id=answer.request_id,
    )


def _host_of(location: str) -> str:
    try:
        return httpx.URL(location).host or "another path"
    except httpx.InvalidURL:
        return "no address"


def _out_of_time(call: _Call) -> ResponseTimeout:
    return ResponseTimeout(
        f"the request took longer than {call.overall_s:g} s (overall time-out); it may have been drawn and billed.",
        remedy="Raise --timeout, or ask for a lower quality or fewer pictures.",
    )
