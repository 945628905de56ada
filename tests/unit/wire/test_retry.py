"""Retries: what is asked again, and after how long."""

from email.utils import formatdate

import pytest

from imgmagic.errors import ApiError, ContentRefused, ModelNotFound, QuotaExhausted, RateLimited
from imgmagic.wire.retry import delay_s, may_retry, retry_after_s

NOW = 1_800_000_000.0


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after-ms": "1500", "retry-after": "9"}, 1.5),
        ({"retry-after": "9"}, 9),
        ({"retry-after": "0.5"}, 0.5),
        ({"retry-after": formatdate(NOW + 30, usegmt=True)}, 30),
        ({"retry-after": formatdate(NOW - 30, usegmt=True)}, 0),
        ({"retry-after": "Sun, 06 Nov 2094 08:49:37"}, pytest.approx(2.14e9, rel=0.1)),
        ({"retry-after-ms": "soon", "retry-after": "9"}, 9),
        ({"retry-after": "-5"}, None),
        ({"retry-after": "inf"}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "later"}, None),
        ({}, None),
    ],
)
def test_reads_how_long_the_server_asks_to_wait(headers: dict[str, str], seconds: float | None) -> None:
    """Milliseconds go before seconds, seconds before a date; what is none of them is ignored."""
    assert retry_after_s(headers, now=NOW) == seconds


@pytest.mark.parametrize(
    ("attempt", "asked", "random", "seconds"),
    [
        (1, None, 0.0, 0.5),
        (2, None, 0.0, 1.0),
        (9, None, 0.0, 8.0),
        (1, None, 1.0, 0.375),
        (1, 7.0, 1.0, 7.0),
        (1, 120.0, 0.0, 120.0),
        (1, 0.0, 0.0, 0.5),
        (1, 121.0, 0.0, 0.5),
    ],
)
def test_waits_as_asked_or_ever_longer(attempt: int, asked: float | None, random: float, seconds: float) -> None:
    """The server's own time is obeyed; without one the wait doubles up to a cap, less a little at random."""
    assert delay_s(attempt, asked, lambda: random) == seconds


@pytest.mark.parametrize("status", [409, 429, 503])
def test_asks_again_where_nothing_was_drawn(status: int) -> None:
    """These statuses say that nothing was drawn."""
    assert may_retry(ApiError("no", status=status), {})


@pytest.mark.parametrize("status", [400, 401, 403, 404, 408, 413, 422, 499, 500, 501, 502, 504, 520, 524])
def test_does_not_ask_again_otherwise(status: int) -> None:
    """The others will say the same again, or may have drawn."""
    assert not may_retry(ApiError("no", status=status), {"x-should-retry": "true"})


@pytest.mark.parametrize("kind", [QuotaExhausted, ContentRefused, ModelNotFound])
def test_does_not_ask_again_what_waiting_cannot_help(kind: type[ApiError]) -> None:
    """An empty account, a refusal and a wrong model stay as they are, whatever the status."""
    assert not may_retry(kind("no", status=429), {})


def test_obeys_a_server_that_wants_no_retry() -> None:
    """`x-should-retry: false` ends it."""
    assert not may_retry(ApiError("no", status=500), {"x-should-retry": "false"})


def test_does_not_wait_for_longer_than_two_minutes() -> None:
    """A longer wait is the user's decision."""
    assert may_retry(RateLimited("no", status=429, retry_after_s=120), {})
    assert not may_retry(RateLimited("no", status=429, retry_after_s=121), {})
