"""Rate limits: what the headers and the words of a server say of them."""

import pytest

from imgmagic.domain.rate_limit import RateLimit
from imgmagic.wire.rate_headers import read_duration, read_rate_headers, read_rate_text

CAPTURED = {
    "x-ratelimit-limit-input-images": "5",
    "x-ratelimit-remaining-input-images": "0",
    "x-ratelimit-reset-input-images": "58.891s",
    "x-ratelimit-limit-requests": "500",
    "x-ratelimit-remaining-requests": "499",
    "x-ratelimit-reset-requests": "120ms",
    "retry-after-ms": "534",
    "x-request-id": "req_1",
}


def test_reads_one_limit_per_kind() -> None:
    """Each suffix of the headers is a kind of its own, whatever it is called."""
    images, requests = read_rate_headers(CAPTURED)

    assert images == RateLimit(kind="input-images", limit=5, remaining=0, reset_s=pytest.approx(58.891))
    assert requests == RateLimit(kind="requests", limit=500, remaining=499, reset_s=pytest.approx(0.12))


@pytest.mark.parametrize(
    ("headers", "limits"),
    [
        ({}, ()),
        ({"x-ratelimit-limit-images": "many"}, ()),
        ({"x-ratelimit-limit-images": "-5", "x-ratelimit-reset-images": "soon"}, ()),
        ({"x-ratelimit-limit": "60"}, (RateLimit(limit=60),)),
        ({"ratelimit-limit": "60, 60;w=60", "ratelimit-reset": "30"}, (RateLimit(limit=60, reset_s=30.0),)),
        ({"x-ratelimit-limit-images": " 7 "}, (RateLimit(kind="images", limit=7),)),
        ({"x-ratelimit-limit-images": "9" * 5000}, (RateLimit(kind="images", limit=int("9" * 15)),)),
    ],
)
def test_passes_over_what_is_not_a_figure(headers: dict[str, str], limits: tuple[RateLimit, ...]) -> None:
    """A header that names no figure is not a limit, and none is required."""
    assert read_rate_headers(headers) == limits


def test_bounds_how_many_kinds_it_reads() -> None:
    """A server that names a thousand kinds costs no more than twenty."""
    assert len(read_rate_headers({f"x-ratelimit-limit-k{n}": "1" for n in range(1000)})) == 20


@pytest.mark.parametrize(
    ("text", "limit"),
    [
        (
            (
                "Rate limit reached for gpt-image-2 (for limit gpt-image) in organization org-1 on "
                "input-images per min: Limit 5, Used 5, Requested 1. Please try again in 12s. Visit the console."
            ),
            RateLimit(kind="input-images", limit=5, used=5, requested=1, window_s=60.0, reset_s=12.0),
        ),
        (
            "Rate limit reached on tokens per min (TPM): Limit 100000, Used 99000. Please try again in 467ms.",
            RateLimit(kind="tokens", limit=100_000, used=99_000, window_s=60.0, reset_s=0.467),
        ),
        (
            "on requests per day: Limit: 200. Please try again in 6m0s",
            RateLimit(kind="requests", limit=200, window_s=86_400.0, reset_s=360.0),
        ),
        ("Please retry after 43 seconds.", RateLimit(reset_s=43.0)),
        ("Try again in 2 minutes", RateLimit(reset_s=120.0)),
        ("too many requests", None),
        ("", None),
    ],
)
def test_reads_the_words_of_a_429(text: str, limit: RateLimit | None) -> None:
    """The words name the kind, the window and the wait, in the forms that OpenAI and Azure use."""
    assert read_rate_text(text) == limit


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("6m0s", 360.0),
        ("1h2m3.5s", 3723.5),
        ("120ms", 0.12),
        ("1µs", 1e-6),
        ("2d", 172_800.0),
        ("0.5", 0.5),
        ("", None),
        ("-1s", None),
        ("1e9", None),
        ("s", None),
        ("12s then", None),
    ],
)
def test_reads_durations(text: str, seconds: float | None) -> None:
    """A duration has Go's form, or is a bare number of seconds."""
    assert read_duration(text) == (None if seconds is None else pytest.approx(seconds))
