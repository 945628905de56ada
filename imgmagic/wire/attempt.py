"""An attempt: one body is sent once, and what comes back becomes events, or the reason why nothing did.

Only a failure after which nothing can have been drawn is `Unbilled` and may be retried. So the attempt watches the
transport. `RequestSent` is passed on before the first byte of the request leaves. The server may have closed a
connection that was kept from an earlier call: if it drops at once and without a byte of a reply, that is assumed. If a
new connection drops, it is not: the server had the request.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

import httpx

from imgmagic.domain.events import AddressReceived, Notice, ReplyStarted, RequestSent
from imgmagic.domain.json_types import JsonObject
from imgmagic.domain.provider import Provider
from imgmagic.domain.rate_limit import RateLimit
from imgmagic.errors import ProtocolError, SettingsError
from imgmagic.wire.attachments import Attachments
from imgmagic.wire.body import ACCEPTED_ENCODING, head
from imgmagic.wire.connection_errors import Target, cut_off, unreachable, was_dropped, was_refused
from imgmagic.wire.connections import user_agent
from imgmagic.wire.dialects.dialect import Dialect
from imgmagic.wire.error_report import ErrorReport, read_error_body
from imgmagic.wire.event_queue import EventQueue
from imgmagic.wire.image_tracker import ImageTracker
from imgmagic.wire.key_guard import KeyHeaders, holds_secret
from imgmagic.wire.message import Meaning
from imgmagic.wire.payload import Payload
from imgmagic.wire.rate_headers import read_rate_headers, read_rate_text
from imgmagic.wire.redirects import redirect_error
from imgmagic.wire.reply import messages
from imgmagic.wire.retry import Unbilled, may_retry, retry_after_s
from imgmagic.wire.server_errors import ErrorReply, api_error, request_id
from imgmagic.wire.upstream import attempts_note, read_attempts
from imgmagic.wire.usage import read_cost_header

_AT_ONCE_S = 1.0  # an idle connection that was closed shows it within this time
# How long a stream may go on, silent or with comments, once its pictures have come.
_GRACE_S, _GRACE_WITHOUT_USAGE_S = 0.5, 1.5
_SAYS_NOTHING_MORE = frozenset({Meaning.SKIPPED, Meaning.PARTIAL})


@dataclass(kw_only=True)
class Call:
    """One body on its way: where it goes, which images it asks for, and where its events go."""

    url: str
    body: JsonObject
    attachments: Attachments
    tracker: ImageTracker
    queue: EventQueue
    overall_s: float
    is_sent: bool = False  # whether a request that may be billed is out


@dataclass(frozen=True, kw_only=True)
class Line:
    """What the attempts of one client share: the server they ask and the connections they use."""

    provider: Provider
    dialect: Dialect
    http: httpx.AsyncClient
    target: Target
    clock: Callable[[], float]


class Attempt:
    """Send the body of `call` once."""

    def __init__(self, call: Call, line: Line) -> None:
        self._call = call
        self._line = line
        self._is_new_connection = False
        self._sent_at = 0.0
        self._whole_at: float | None = None
        self.rate_limits: tuple[RateLimit, ...] = ()  # which the reply states

    async def run(self) -> None:
        """Pass on what arrives.

        Raises:
            Unbilled: it failed, and cannot have been billed.
            ImgmagicError: it failed for good.
        """
        async with self._reply() as response:
            if not response.is_success:
                raise await self._refusal(response)
            await self._read(response)

    @asynccontextmanager
    async def _reply(self) -> AsyncIterator[httpx.Response]:
        target = self._line.target
        request = self._request(await self._call.attachments.payload(self._call.body))
        headers = KeyHeaders(self._line.dialect, self._line.provider)
        try:
            response = await self._line.http.send(request, auth=headers, stream=True)
        except httpx.InvalidURL:  # about the redirect target, which the library parses although it does not follow it
            message = f"{target.host} redirects to an invalid URL; the key was not sent there."
            raise ProtocolError(message, remedy=f"Check {target.address}, or a proxy in between.") from None
        except httpx.RequestError as error:
            failure = unreachable(error, target)
            if was_refused(error) or self._is_stale(error):
                raise Unbilled(failure, is_stale=not was_refused(error)) from None
            raise failure from None
        async with aclosing(response):
            yield response

    def _is_stale(self, error: httpx.RequestError) -> bool:
        """Return whether the connection was closed before the request came."""
        # All four together: each alone may also mean that the server took the request, drew, and broke down.
        is_idle = not self._is_new_connection and self._call.is_sent
        return is_idle and self._line.clock() - self._sent_at < _AT_ONCE_S and was_dropped(error)

    def _request(self, payload: Payload) -> httpx.Request:
        line = self._line
        fault = KeyHeaders(line.dialect, line.provider).faulty_header()
        if fault:
            message = f"the {fault} header, which may contain the key, has characters that no header can carry."
            raise SettingsError(
                message, remedy="Copy the key again, without line breaks, spaces or special characters."
            )
        # jupyter-server-proxy passes a stream on without buffering only if nothing else is accepted.
        is_stream = self._call.body.get("stream") is True
        headers = {
            "user-agent": user_agent(),
            "accept": "text/event-stream" if is_stream else "application/json",
            "accept-encoding": ACCEPTED_ENCODING,
            "content-type": payload.content_type,
            "content-length": str(payload.length),
        }
        return line.http.build_request(
            "POST", self._call.url, headers=headers, content=payload, extensions={"trace": self._trace}
        )

    async def _trace(self, name: str, info: Mapping[str, Any]) -> None:
        """Note what the transport does (httpcore, extension "trace"); a tunnel's own request is not ours."""
        if name == "connection.connect_tcp.started":
            self._is_new_connection = True
        elif name.endswith("send_request_headers.started") and info["request"].method == b"POST":
            tracker = self._call.tracker
            self._call.is_sent = True
            sent = RequestSent(elapsed_s=tracker.elapsed_s(), index=tracker.first, images=tracker.asked)
            # The run must know before the server can begin to draw: if stopped at this moment, it counts as possibly
            # billed, never as free.
            await self._call.queue.hand_over(sent)
            self._sent_at = self._line.clock()
        elif name.endswith("send_request_body.complete"):
            self._whole_at = self._line.clock()

    async def _read(self, response: httpx.Response) -> None:
        call, tracker = self._call, self._call.tracker
        tracker.request_id = self._request_id(response)
        self.rate_limits = self._limits(response)
        await call.queue.put(
            ReplyStarted(
                elapsed_s=tracker.elapsed_s(),
                index=tracker.first,
                request_id=tracker.request_id,
                rate_limits=self.rate_limits,
            )
        )
        try:
            await self._follow(response)
        except httpx.RequestError as error:
            raise cut_off(error, self._line.target) from None
        note = attempts_note(read_attempts(response.headers))
        if note:
            await call.queue.put(Notice(elapsed_s=tracker.elapsed_s(), index=tracker.first, text=note))
        for event in tracker.finish(read_cost_header(response.headers)):
            await call.queue.put(event)

    async def _follow(self, response: httpx.Response) -> None:
        """Pass on the messages of a reply until it ends, or until nothing that matters follows."""
        tracker, loop = self._call.tracker, asyncio.get_running_loop()
        try:
            async with asyncio.timeout(None) as grace, aclosing(messages(response)) as found:
                async for message in found:
                    # Keep-alive comments and coarse pictures after the finished ones do not matter; they must not
                    # prolong the wait for a usage that never comes.
                    if message.meaning in _SAYS_NOTHING_MORE and grace.when() is not None:
                        continue
                    grace.reschedule(None)
                    async for event in tracker.handle(message):
                        # The run must know where a picture is before it waits for it, as it may be stopped while
                        # waiting.
                        is_address = isinstance(event, AddressReceived)
                        await (self._call.queue.hand_over if is_address else self._call.queue.put)(event)
                    if tracker.is_over:
                        return
                    if tracker.has_all:
                        grace.reschedule(loop.time() + (_GRACE_S if tracker.has_usage else _GRACE_WITHOUT_USAGE_S))
        except TimeoutError:
            # A time-out from elsewhere, such as the overall limit around this, is not ours to swallow.
            if not grace.expired():
                raise

    async def _refusal(self, response: httpx.Response) -> Exception:
        line, after_s = self._line, retry_after_s(response.headers, now=time.time())
        reply = ErrorReply(
            status=response.status_code,
            request_id=self._request_id(response),
            retry_after_s=after_s,
            took_s=self._line.clock() - (self._whole_at or self._sent_at),
        )
        if response.has_redirect_location:
            return redirect_error(response, reply, line.provider, line.target)
        said = await _read_refusal(response)
        reply = replace(reply, attempts=read_attempts(response.headers, said.message))
        error = api_error(said, reply, line.provider, line.dialect)
        self.rate_limits = self._limits(response, said.message)
        if not may_retry(error, response.headers):
            return error
        return Unbilled(error, after_s=error.retry_after_s, rate_limits=self.rate_limits)

    def _limits(self, response: httpx.Response, words: str = "") -> tuple[RateLimit, ...]:
        """Return the limits that a reply states; their names are shown, so one that echoes the key is left out."""
        in_words = read_rate_text(words)
        found = (*read_rate_headers(response.headers), *(() if in_words is None else (in_words,)))
        return tuple(each for each in found if not holds_secret(each.kind, self._line.provider))

    def _request_id(self, response: httpx.Response) -> str | None:
        return request_id(response.headers, *self._line.provider.secrets())


async def _read_refusal(response: httpx.Response) -> ErrorReport:
    try:
        return read_error_body(await head(response))
    except (httpx.RequestError, ProtocolError):  # it is cut off, or compressed in an unknown way
        return ErrorReport()
