"""The image limit that the simulator plays: its refusals, its headers, and how it fills again."""

from collections.abc import Callable
from typing import Any

import openai
import pytest

from imgmagic.errors import SettingsError
from imgmagic.simulator import Simulator
from imgmagic.simulator.api.limits import TokenBucket, read_limit

ASKED: dict[str, Any] = {"model": "gpt-image-1.5", "prompt": "a cat", "quality": "low", "output_format": "webp"}


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def bucket(clock: Clock) -> TokenBucket:
    return TokenBucket(limit=read_limit("5/min"), clock=clock)


def test_sixth_picture_of_a_minute_is_refused(bucket: TokenBucket) -> None:
    """The refusal has OpenAI's words, type and code, and says when to come again."""
    assert [bucket.take(1, "gpt-image-2") for _ in range(5)] == [None] * 5

    refusal = bucket.take(1, "gpt-image-2")
    assert refusal
    assert (refusal.status, refusal.type, refusal.code) == (429, "input-images", "rate_limit_exceeded")
    assert "for limit gpt-image)" in refusal.message
    assert refusal.message.endswith(
        "on input-images per min: ImageLimit 5, Used 5, Requested 1. Please try again in 12s."
    )
    assert refusal.headers == {
        "x-ratelimit-limit-input-images": "5",
        "x-ratelimit-remaining-input-images": "0",
        "x-ratelimit-reset-input-images": "1m0s",
        "retry-after": "12",
        "retry-after-ms": "12000",
    }


def test_bucket_fills_steadily(bucket: TokenBucket, clock: Clock) -> None:
    """After the time that the refusal names there is room for exactly one more."""
    assert bucket.take(5, "m") is None
    clock.now += 11.9
    assert bucket.take(1, "m")
    clock.now += 0.1
    assert bucket.take(1, "m") is None
    assert bucket.take(1, "m")


def test_bucket_never_holds_more_than_the_limit(bucket: TokenBucket, clock: Clock) -> None:
    """An hour of rest gives no more than one minute's pictures."""
    clock.now += 3600

    assert bucket.take(5, "m") is None
    assert bucket.take(1, "m")


def test_request_of_several_waits_for_all(bucket: TokenBucket) -> None:
    """The refusal counts what was asked for."""
    assert bucket.take(3, "m") is None

    refusal = bucket.take(4, "m")
    assert refusal
    assert "Used 3, Requested 4. Please try again in 24s." in refusal.message


def test_request_larger_than_the_limit_is_never_possible(bucket: TokenBucket) -> None:
    """No waiting helps, so none is named."""
    refusal = bucket.take(6, "m")

    assert refusal
    assert refusal.message.startswith("Request too large for m ")
    assert "retry-after" not in refusal.headers


@pytest.mark.parametrize("text", ["", "5", "0/min", "5/0s", "5/day", "-5/min", "five/min", "5/min/s"])
def test_limit_that_is_not_valid(text: str) -> None:
    """The message shows how a limit is written."""
    with pytest.raises(SettingsError, match="5/min"):
        read_limit(text)


def test_sdk_waits_and_succeeds() -> None:
    """The official client reads the headers, waits as long as they say and gets its picture."""
    with (
        Simulator(pace_s=0, limit="1/0.2s") as simulator,
        openai.OpenAI(base_url=simulator.base_url, api_key="any", max_retries=3) as client,
    ):
        for _ in range(2):
            assert client.images.generate(**ASKED).data

        assert len(simulator.requests) >= 2


def test_every_reply_says_what_is_left(ask: Callable[..., Any], bucket: TokenBucket) -> None:
    """A client learns the limit from its first success."""
    with Simulator(pace_s=0, limit=bucket) as simulator:
        replies = [ask(simulator, body={**ASKED, "n": n}) for n in (3, 2, 1)]

    left = [reply.headers["x-ratelimit-remaining-input-images"] for reply in replies]
    assert ([reply.status for reply in replies], left) == ([200, 200, 429], ["2", "0", "0"])


def test_pictures_that_are_edited_count(ask: Callable[..., Any], bucket: TokenBucket) -> None:
    """An edit takes as many from the limit as it shows pictures."""
    image = {"image_url": "data:image/gif;base64,R0lGODlhAQABAAAAACw="}
    png = {"image_url": f"data:image/png;base64,{ONE_PIXEL}"}
    with Simulator(pace_s=0, limit=bucket) as simulator:
        refused = ask(simulator, path="/images/edits", body={**ASKED, "images": [image] * 3})
        edited = ask(simulator, path="/images/edits", body={**ASKED, "images": [png] * 3})

    assert (refused.status, edited.status) == (400, 200)
    assert edited.headers["x-ratelimit-remaining-input-images"] == "2"


def test_no_limit_unless_told(simulator: Simulator, ask: Callable[..., Any]) -> None:
    """Nobody meets a limit that nobody asked for."""
    reply = ask(simulator, body=ASKED)

    assert not any(name.startswith("x-ratelimit") for name in reply.headers)


ONE_PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+A8AAQUBAScY42YAAAAASUVORK5CYII="
