"""Retries over a real socket, counted by what the server received."""

import asyncio
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import aclosing, asynccontextmanager, suppress
from dataclasses import dataclass
from email.utils import formatdate
from typing import Any

import pytest

from imgmagic.domain.events import CompletedImage, ImageFailed, ReplyStarted, RequestSent, RetryScheduled
from imgmagic.domain.provider import Provider, Secret
from imgmagic.errors import ConnectionFailed, HostUnreachable, QuotaExhausted, RateLimited, ResponseTimeout
from imgmagic.wire.client import Client
from imgmagic.wire.dialects import DIALECTS
from tests.support.staged_replies import (
    KEY,
    STREAM,
    Asker,
    asked,
    completed,
    event,
    failure,
    images,
    only,
    partial,
    png,
    provider_at,
)
from tests.support.staged_server import RESET, Stage, head, reply
from tests.support.until import PATIENCE_S

pytestmark = pytest.mark.anyio

GOOD = reply(images(png()))


def refusal(status: int, code: str | None = None, **headers: str) -> bytes:
    body = b'{"error": {"message": "no", "code": "%s"}}' % code.encode() if code else b"no"
    return reply(body, status=status, **headers)


@pytest.mark.parametrize("status", [409, 429, 503])
async def test_asks_three_times_and_tells_each_wait(stage: Stage, asker: Asker, status: int) -> None:
    """What cannot have been billed is asked again twice, after a growing wait that the events announce."""
    stage.play([refusal(status)])

    events = await asker.run(asked())

    assert len(stage.seen) == 3
    assert asker.waited == [0.5, 1.0]
    assert [type(each) for each in events] == [RetryScheduled, RetryScheduled, ImageFailed]
    assert [(each.attempt, each.delay_s) for each in only(events, RetryScheduled)] == [(2, 0.5), (3, 1.0)]
    assert str(status) in events[0].reason
    assert failure(events).status == status


async def test_a_second_attempt_may_succeed(stage: Stage, asker: Asker) -> None:
    """After one refusal the picture comes."""
    stage.play([refusal(503)], [STREAM, completed(png())])

    events = await asker.run(asked(stream=True))

    assert [type(each) for each in events] == [RetryScheduled, ReplyStarted, CompletedImage]


async def test_the_same_request_is_sent_again(stage: Stage, asker: Asker) -> None:
    """A retry is the same request, byte by byte."""
    stage.play([refusal(503)], [GOOD])

    await asker.run(asked(n=2))

    assert stage.seen[0].body == stage.seen[1].body
    assert stage.seen[0].head == stage.seen[1].head


@pytest.mark.parametrize(
    ("status", "code", "headers"),
    [
        (400, None, {}),
        (401, None, {}),
        (403, None, {}),
        (404, None, {}),
        (422, None, {}),
        (408, None, {}),
        (500, None, {}),
        (500, None, {"x-should-retry": "true"}),
        (501, None, {}),
        (502, None, {}),
        (504, None, {}),
        (524, None, {}),
        (429, "insufficient_quota", {}),
        (429, "billing_not_active", {}),
        (429, "organization_spend_limit_exceeded", {}),
        (500, "moderation_blocked", {}),
        (500, None, {"x-should-retry": "false"}),
        (429, None, {"retry-after": "121"}),
        (400, None, {"x-should-retry": "true"}),
    ],
)
async def test_asks_once_only(stage: Stage, asker: Asker, status: int, code: str, headers: dict[str, str]) -> None:
    """Where asking again cannot help, or the server forbids it, there is one request."""
    stage.play([refusal(status, code, **headers)])

    events = await asker.run(asked())

    assert len(stage.seen) == 1
    assert [type(each) for each in events] == [ImageFailed]


@pytest.mark.parametrize(
    ("headers", "waited"),
    [
        ({"retry-after-ms": "250", "retry-after": "9"}, 0.25),
        ({"retry-after": "7"}, 7),
        ({"retry-after": "120"}, 120),
        ({"retry-after": "DATE"}, pytest.approx(30, abs=5)),
    ],
)
async def test_waits_as_long_as_the_server_asks(
    stage: Stage, asker: Asker, headers: dict[str, str], waited: float
) -> None:
    """The server's own time is obeyed."""
    date = formatdate(time.time() + 30, usegmt=True)
    stage.play([refusal(429, **{name: value.replace("DATE", date) for name, value in headers.items()})], [GOOD])

    events = await asker.run(asked())

    assert asker.waited == [waited]
    assert only(events, CompletedImage)


async def test_a_long_rate_limit_is_told(stage: Stage, asker: Asker) -> None:
    """A wait of more than two minutes is left to the user, with its length."""
    stage.play([refusal(429, "rate_limit_exceeded", retry_after="600")])

    error = failure(await asker.run(asked()))

    assert isinstance(error, RateLimited)
    assert error.retry_after_s == 600
    assert "600 s" in str(error)


async def test_an_empty_account_is_no_rate_limit(stage: Stage, asker: Asker) -> None:
    """429 with a quota code says that waiting does not help."""
    stage.play([refusal(429, "insufficient_quota")])

    assert isinstance(failure(await asker.run(asked())), QuotaExhausted)


@pytest.mark.parametrize(
    "part",
    [[RESET], [b""], [b"HTTP/1.1 200 OK\r\ncontent-"], [b"HTTP/1.1 200 OK\r\nx y: 1\r\n\r\n"]],
    ids=["reset", "close", "in the head", "not HTTP"],
)
async def test_a_new_connection_that_is_lost_is_not_tried_again(stage: Stage, asker: Asker, part: list[bytes]) -> None:
    """A server that hangs up after it has the request may have drawn: it is asked once, and the message says so."""
    stage.play(part)

    events = await asker.run(asked())

    assert len(stage.seen) == 1
    assert [type(each) for each in events] == [ImageFailed]
    assert failure(events).may_be_billed
    assert "may have been drawn and billed" in failure(events).message


KEPT = reply(images(png()), connection="keep-alive")


async def test_an_idle_connection_that_was_dropped_meanwhile_is_tried_again() -> None:
    """A server closes connections that nobody uses; one that it drops at once, without a byte, it did not read."""
    bodies: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        bodies.append(await read_request(reader))
        writer.write(KEPT)
        await writer.drain()
        with suppress(asyncio.IncompleteReadError):
            await reader.readexactly(1)  # the next request begins: too late
        writer.transport.abort()

    async with serving(serve) as asker:
        first = await asker.run(asked())
        second = await asker.run(asked())

    assert len(bodies) == 2
    assert [type(each) for each in first] == [ReplyStarted, CompletedImage]
    assert [type(each) for each in second] == [RetryScheduled, ReplyStarted, CompletedImage]


async def test_of_several_idle_connections_that_were_dropped_one_is_met() -> None:
    """The next attempt has a connection of its own: all that lay idle are as old, and three would end the call."""
    bodies: list[bytes] = []
    all_here = asyncio.Barrier(4)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        bodies.append(await read_request(reader))
        if len(bodies) <= 4:
            await all_here.wait()
        writer.write(KEPT)
        await writer.drain()
        with suppress(asyncio.IncompleteReadError):
            await reader.readexactly(1)
        writer.transport.abort()

    async with serving(serve) as asker:
        await asyncio.gather(*(asker.run(asked()) for _ in range(4)))
        events = await asker.run(asked())

    assert len(bodies) == 5
    assert [type(each) for each in events] == [RetryScheduled, ReplyStarted, CompletedImage]


@pytest.mark.parametrize("seconds", [0.0, 1.5])
async def test_an_idle_connection_that_answers_late_or_in_part_is_not_tried_again(seconds: float) -> None:
    """A reused connection that is dropped after a while was read: the server may have drawn."""
    bodies: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        bodies.append(await read_request(reader))
        writer.write(KEPT)
        bodies.append(await read_request(reader))
        clock.now += seconds
        if not seconds:
            writer.write(b"HTTP/1.1 200 OK\r\nx y: 1\r\n\r\n")
            await writer.drain()
        writer.close()

    clock = Clock()
    async with serving(serve, clock=clock) as asker:
        await asker.run(asked())
        events = await asker.run(asked())

    assert len(bodies) == 2
    assert [type(each) for each in events] == [ImageFailed]
    assert failure(events).may_be_billed


@dataclass
class Clock:
    """Seconds that go by when a test says so."""

    now: float = 0.0

    def __call__(self) -> float:
        return self.now


async def read_request(reader: asyncio.StreamReader) -> bytes:
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    return await reader.readexactly(int(head.partition(b"content-length: ")[2].partition(b"\r\n")[0]))


@asynccontextmanager
async def serving(
    serve: Callable[..., Awaitable[None]], clock: Callable[[], float] = time.monotonic
) -> AsyncIterator[Asker]:
    """Give a client of a server that keeps its connections."""

    async def sleep(seconds: float) -> None:
        """Pass no time."""

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as listener:
        base_url = f"http://127.0.0.1:{listener.sockets[0].getsockname()[1]}/v1"
        provider = Provider(name="openai", dialect="openai", base_url=base_url, key=Secret(KEY))
        client = Client(provider, DIALECTS["openai"], clock=clock, sleep=sleep, random=lambda: 0.0)
        yield Asker(client=client, waited=[])
        await client.aclose()


async def test_a_503_of_a_gateway_that_lost_its_server_is_not_tried_again(stage: Stage, asker: Asker) -> None:
    """Envoy says so where the server behind it hung up, which may be after it drew."""
    stage.play([reply(b"upstream connect error or disconnect/reset before headers", status=503)])

    events = await asker.run(asked())

    assert len(stage.seen) == 1
    assert failure(events).may_be_billed


async def test_a_late_busy_word_is_not_answered_by_asking_again() -> None:
    """A gateway that says after seconds when to come back may have had the picture drawn."""
    seen, clock = [], Clock()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.append(await read_request(reader))
        clock.now += 5.0
        writer.write(reply(b"busy", status=503, **{"retry-after": "1"}))
        writer.close()

    async with serving(serve, clock) as asker:
        events = await asker.run(asked())

    assert len(seen) == 1
    assert failure(events).may_be_billed


@pytest.mark.parametrize(
    ("more", "requests", "may_be_billed"),
    [
        ({"headers": {}}, 3, False),
        ({"headers": {"x-litellm-attempted-retries": "2"}}, 1, True),
        ({"headers": {}, "words": b"litellm.RateLimitError: no. LiteLLM Retried: 2 times"}, 1, True),
        ({"headers": {"x-litellm-attempted-retries": "2"}, "took_s": 0.2}, 3, False),
    ],
    ids=["a server", "a gateway", "a gateway's words", "a gateway at once"],
)
async def test_a_late_rate_limit_is_a_refusal_unless_a_gateway_tried_before(
    more: Mapping[str, Any], requests: int, may_be_billed: bool
) -> None:
    """A request that waited for its turn was not drawn; one that a gateway sent several times may have been."""
    seen, clock = [], Clock()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.append(await read_request(reader))
        clock.now += more.get("took_s", 20.0)
        writer.write(reply(more.get("words", b"busy"), status=429, **more["headers"]))
        writer.close()

    async with serving(serve, clock) as asker:
        events = await asker.run(asked())

    assert len(seen) == requests
    assert failure(events).may_be_billed is may_be_billed


async def test_a_request_is_announced_before_it_leaves(stage: Stage, asker: Asker) -> None:
    """Whoever reads the events has taken in that a bill may come before a byte of the request is out."""
    stage.play([GOOD])

    async with aclosing(asker.client.events(asked(n=2))) as events:
        first = await anext(events)
        for _ in range(100):
            await asyncio.sleep(0)
        seen = len(stage.seen)

    assert first == RequestSent(elapsed_s=first.elapsed_s, index=0, images=2)
    assert seen == 0


async def test_a_refused_connection_announces_nothing(asker: Asker, stage: Stage) -> None:
    """Where nothing can leave, no bill is announced."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        client = Client(
            provider_at(stage, base_url=f"http://127.0.0.1:{unused.getsockname()[1]}/v1"),
            DIALECTS["openai"],
            sleep=asker.client._sleep,
        )
        events = [type(each) async for each in client.events(asked())]
    await client.aclose()

    assert events == [RetryScheduled, RetryScheduled, ImageFailed]


async def test_a_rate_limit_is_told_with_its_figures(stage: Stage, asker: Asker) -> None:
    """What headers and words say of the limit goes along with the wait."""
    words = b'{"error": {"message": "on input-images per min: Limit 5, Used 5. Please try again in 12s"}}'
    stage.play([reply(words, status=429, x_ratelimit_limit_requests="50")], [GOOD])

    events = await asker.run(asked())

    assert [(each.kind, each.limit) for each in events[0].rate_limits] == [("requests", 50), ("input-images", 5)]


async def test_a_connection_that_is_always_lost_may_be_billed(stage: Stage, asker: Asker) -> None:
    """Nobody knows what the server did before it hung up, and the message says so."""
    stage.play([RESET])

    error = failure(await asker.run(asked()))

    assert type(error) is ConnectionFailed
    assert "may have been drawn and billed" in error.message


async def test_a_refused_connection_is_tried_again(stage: Stage) -> None:
    """A port where nobody listens is tried three times, then told."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        base_url = f"http://127.0.0.1:{unused.getsockname()[1]}/v1"
    waited: list[float] = []

    async def sleep(seconds: float) -> None:
        waited.append(seconds)

    client = Client(provider_at(stage, base_url=base_url), DIALECTS["openai"], sleep=sleep, random=lambda: 0.0)
    events = [each async for each in client.events(asked())]
    await client.aclose()

    assert waited == [0.5, 1.0]
    error = failure(events)
    assert isinstance(error, HostUnreachable)
    assert "refused the connection" in error.message


@pytest.mark.parametrize("stream", [False, True])
async def test_a_reply_that_began_is_never_asked_again(stage: Stage, asker: Asker, stream: bool) -> None:
    """Once the reply has begun the picture may be billed: a broken one is told, not repeated."""
    stage.play([head() + b"{" if not stream else STREAM + b": hi\n\n", RESET])

    events = await asker.run(asked(stream=stream))

    assert len(stage.seen) == 1
    assert not only(events, RetryScheduled)


async def test_an_error_inside_a_stream_is_never_asked_again(stage: Stage, asker: Asker) -> None:
    """A rate limit that is told inside a 200 stream may follow a drawing."""
    limit = event("error", {"error": {"code": "rate_limit_exceeded", "message": "slow down"}})
    stage.play([STREAM, partial(png()), limit])

    events = await asker.run(asked(stream=True))

    assert isinstance(failure(events), RateLimited)
    assert len(stage.seen) == 1


async def test_each_of_several_images_is_tried_again_by_itself(stage: Stage, asker: Asker) -> None:
    """One image's retry does not hold up the other."""
    stage.play([refusal(503)], [STREAM, completed(png())])

    events = await asker.run(asked(n=2, stream=True))

    assert len(stage.seen) == 3
    assert sorted(each.index for each in only(events, CompletedImage)) == [0, 1]
    assert len(only(events, RetryScheduled)) == 1


async def test_a_wait_can_be_interrupted(stage: Stage) -> None:
    """The end of the overall time ends a wait too."""
    stage.play([refusal(429, retry_after="100")])
    client = Client(provider_at(stage), DIALECTS["openai"])

    async with asyncio.timeout(PATIENCE_S):
        events = [each async for each in client.events(asked(), timeout_s=3)]
    await client.aclose()

    assert [type(each) for each in events] == [RequestSent, RetryScheduled, ImageFailed]
    assert isinstance(failure(events), ResponseTimeout)
    assert "nothing was billed" in failure(events).message
