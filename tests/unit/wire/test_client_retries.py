"""Retries over a real socket, counted by what the server received."""

import asyncio
import socket
import time
from email.utils import formatdate

import pytest

from imgmagic.domain.events import CompletedImage, ImageFailed, ReplyStarted, RetryScheduled
from imgmagic.errors import ConnectionFailed, HostUnreachable, QuotaExhausted, RateLimited, ResponseTimeout
from imgmagic.wire.client import Client
from imgmagic.wire.dialects import DIALECTS
from tests.support.staged_replies import (
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

pytestmark = pytest.mark.anyio

GOOD = reply(images(png()))


def refusal(status: int, code: str | None = None, **headers: str) -> bytes:
    body = b'{"error": {"message": "no", "code": "%s"}}' % code.encode() if code else b"no"
    return reply(body, status=status, **headers)


@pytest.mark.parametrize("status", [408, 409, 429, 500, 502, 503])
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
    stage.play([refusal(500)], [GOOD])

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
        (501, None, {}),
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
    "part", [[RESET], [b""], [b"HTTP/1.1 200 OK\r\ncontent-"]], ids=["reset", "close", "in the head"]
)
async def test_a_connection_lost_before_the_reply_is_tried_again(stage: Stage, asker: Asker, part: list[bytes]) -> None:
    """A server that hangs up before it replies has most likely drawn nothing."""
    stage.play(part, part, [GOOD])

    events = await asker.run(asked())

    assert len(stage.seen) == 3
    assert [type(each) for each in events] == [RetryScheduled, RetryScheduled, ReplyStarted, CompletedImage]


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

    async with asyncio.timeout(5):
        events = [each async for each in client.events(asked(), timeout_s=0.2)]
    await client.aclose()

    assert [type(each) for each in events] == [RetryScheduled, ImageFailed]
    assert isinstance(failure(events), ResponseTimeout)
