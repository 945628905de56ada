"""Rate limits: how much a server says it takes in a window of time; values, read by the wire."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class RateLimit:
    """Hold what a server said about one of its limits; None is what it did not say.

    Args:
        kind: what is counted, in the server's own words: `requests`, `tokens`, `images`, `input-images`.
        limit: how many it takes in one window.
        remaining: how many it still takes in this one.
        used, requested: how many were counted, and how many the refused request asked for.
        window_s: how long one window is, in seconds.
        reset_s: seconds until it takes `limit` again, or the refused request.
    """

    kind: str = ""
    limit: int | None = None
    remaining: int | None = None
    used: int | None = None
    requested: int | None = None
    window_s: float | None = None
    reset_s: float | None = None
