"""Retries: whether a failed attempt is made again, and after how long.

What may have been billed is not sent again: no server in the dialect table documents an idempotency key for pictures,
so a second request is a second picture. That leaves a refused connection, an idle one that the server dropped
(`attempt`), and the statuses below, with which a server says that it did not begin. 409 and 503 are believed only if
they come at once. 429 is believed at any time: it counts requests before they are processed (RFC 6585, 4), and servers
that queue requests send it late. The exception is a gateway's late 429 after several attempts of its own, as an earlier
one may have been drawn.
"""

from collections.abc import Callable, Mapping
from datetime import UTC
from email.utils import parsedate_to_datetime

from imgmagic.domain.rate_limit import RateLimit
from imgmagic.errors import ApiError, ContentRefused, ImgmagicError, ModelNotFound, QuotaExhausted

MAX_RETRIES = 2
LONGEST_S = 120.0
_FIRST_S, _CAP_S, _JITTER = 0.5, 8.0, 0.25

RETRIED = frozenset({409, 429, 503})
_NEVER = (QuotaExhausted, ContentRefused, ModelNotFound)


class Unbilled(Exception):
    """Carry an error after which nothing can have been billed, so that the attempt may be made again.

    `is_stale` is whether the server had already closed the connection.
    """

    def __init__(
        self,
        error: ImgmagicError,
        *,
        after_s: float | None = None,
        rate_limits: tuple[RateLimit, ...] = (),
        is_stale: bool = False,
    ) -> None:
        super().__init__(error.message)
        self.error = error
        self.is_stale = is_stale
        self.after_s = after_s
        self.rate_limits = rate_limits


def may_retry(error: ApiError, headers: Mapping[str, str]) -> bool:
    """Return whether to ask again after an error reply."""
    forbidden = headers.get("x-should-retry", "").strip().lower() == "false"
    if forbidden or error.may_be_billed or isinstance(error, _NEVER):
        return False
    return error.status in RETRIED and (error.retry_after_s is None or error.retry_after_s <= LONGEST_S)


def retry_after_s(headers: Mapping[str, str], *, now: float) -> float | None:
    """Return how long the server asks to wait: `retry-after-ms`, else `retry-after` in seconds or as a date.

    Args:
        headers: by lower-case name.
        now: seconds since the epoch.
    """
    milliseconds = _number(headers.get("retry-after-ms"))
    if milliseconds is not None:
        return milliseconds / 1000
    value = headers.get("retry-after")
    seconds = _number(value)
    return _until(value, now) if seconds is None else seconds


def delay_s(attempt: int, asked_s: float | None, random: Callable[[], float]) -> float:
    """Return how long to wait after failed attempt number `attempt` (from 1); `random` gives 0 to 1."""
    if asked_s is not None and 0 < asked_s <= LONGEST_S:
        return asked_s
    return min(_CAP_S, _FIRST_S * 2.0 ** (attempt - 1)) * (1 - _JITTER * random())


def _number(text: str | None) -> float | None:
    try:
        number = float(text or "")
    except ValueError:
        return None
    return number if 0 <= number < float("inf") else None


def _until(date: str | None, now: float) -> float | None:
    try:
        moment = parsedate_to_datetime(date or "")
    except ValueError:
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, moment.timestamp() - now)
