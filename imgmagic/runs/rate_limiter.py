"""The rate limiter: paces the requests that share one limit of a server, and learns that limit from the server.

No limit is known beforehand, and the headers of image servers are not documented, so it begins without one. What a
reply's headers or the words of a 429 state applies from then on: in any window, no more leaves than was stated. A 429
that states nothing halves how many may run at a time, and each success allows slightly more again. A wait that the
server asks for applies to all. It is used on one event loop, and holds none of its primitives.
"""

import asyncio
import itertools
import re
import time
from collections import deque
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass

from imgmagic.domain.provider import Provider
from imgmagic.domain.rate_limit import RateLimit
from imgmagic.wire.pacer import Permit, Tell

LONGEST_WAIT_S = 3600.0  # a server that asks for more has closed for the day: report it instead of waiting
PATIENCE_S = 1800.0  # of refusals without a success between them: such a server has no limit, it has closed
_WINDOW_S = 60.0  # the window of headers that do not name one
_SLACK, _SLACK_S = 0.02, 0.03  # a request may overtake the one before it
_FIRST_BACKOFF_S, _LONGEST_BACKOFF_S = 1.0, 30.0
_POLL_S = 0.25
_WIDE = 64.0  # a width that no longer limits anything


@dataclass(kw_only=True)
class _Window:
    """At most `limit` units of one kind in any `seconds`: what a message stated, headers implied, or is usual."""

    kind: str
    limit: int
    seconds: float
    is_told: bool = False
    is_measured: bool = False

    def units(self, images: int) -> int:
        """Return how much a request for this many images counts."""
        return min(1 if "request" in self.kind else images, self.limit)


class _Sent:
    """One request that left, or one that somebody else sent with the same key, as the server counts it."""

    def __init__(self, at: float, images: int) -> None:
        self.at = at
        self.images = images


class _Permit:
    """The permission to send one request; the first report to it is how the request ended."""

    def __init__(self, limiter: "RateLimiter", sent: _Sent) -> None:
        self._limiter: RateLimiter | None = limiter
        self._sent = sent

    def succeeded(self, limits: Sequence[RateLimit]) -> None:
        """Report that the request was answered, with the limits that the reply stated."""
        if (limiter := self._end()) is not None:
            limiter._succeeded(limits)

    def failed(self) -> None:
        """Report that the request ended in another way."""
        self._end()

    def refused(self, limits: Sequence[RateLimit], after_s: float | None) -> bool:
        """Report that the request came too early; return whether to send it again once it is admitted."""
        limiter = self._end()
        return limiter is not None and limiter._refused(self._sent, limits, after_s)

    def _end(self) -> "RateLimiter | None":
        limiter, self._limiter = self._limiter, None
        if limiter is not None:
            limiter._on_their_way -= 1
        return limiter


class RateLimiter:
    """Pace the requests to one provider with one key for one family of models.

    Args:
        clock: monotonic seconds.
        sleep: waits on the event loop.
    """

    def __init__(
        self,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self._clock = clock
        self._sleep = sleep
        self._windows: dict[str, _Window] = {}
        self._sent: deque[_Sent] = deque()
        self._closed_until = 0.0
        self._refusals = 0  # since the last success
        self._refused_since: float | None = None
        self._width: float | None = None  # how many may run at a time; None if unlimited
        self._on_their_way = 0
        self._tickets = itertools.count()
        self._queue: deque[int] = deque()

    async def admit(self, images: int, tell: Tell) -> Permit:
        """Wait until a request for this many images may leave, first come, first served, and return its permit."""
        ticket = next(self._tickets)
        self._queue.append(ticket)
        told = 0.0
        try:
            while (wait_s := self._wait_s(ticket, images)) > 0:
                now = self._clock()
                if now + wait_s > told + 1:  # later than last announced
                    told = now + wait_s
                    await tell(wait_s, self._reason())
                # In short steps: a success or a refusal of another request may change the wait at any time.
                await self._sleep(min(wait_s, _POLL_S))
        finally:
            self._queue.remove(ticket)
        sent = _Sent(self._clock(), images)
        self._sent.append(sent)
        self._on_their_way += 1
        return _Permit(self, sent)

    def _succeeded(self, limits: Sequence[RateLimit]) -> None:
        self._refusals = 0
        self._refused_since = None
        self._learn(limits)
        if self._width is not None:
            # Like TCP: one more at a time after each round of successes, half after a refusal.
            self._width += 1 / self._width
            self._width = None if self._width > _WIDE else self._width

    def _refused(self, sent: _Sent, limits: Sequence[RateLimit], after_s: float | None) -> bool:
        """Let nothing leave before the server wants it; return whether that is worth waiting for."""
        # This request has left the count, and was running when it was refused.
        in_flight = self._on_their_way + 1
        self._refusals += 1
        stated = [limit.reset_s for limit in limits if limit.reset_s is not None and limit.remaining in (None, 0)]
        backoff_s = min(_LONGEST_BACKOFF_S, _FIRST_BACKOFF_S * 2.0 ** min(self._refusals - 1, 10))
        wait_s = after_s if after_s is not None else max(stated) if stated else backoff_s
        now = self._clock()
        self._refused_since = now if self._refused_since is None else self._refused_since
        self._closed_until = max(self._closed_until, now + wait_s)
        self._learn(limits)
        if sent in self._sent:
            self._sent.remove(sent)  # the server does not count it
        self._believe_full(now + wait_s)
        # Only if the server states no limit: with one, counting is exact, and guessing a width would slow it down.
        if not self._windows:
            self._width = max(1.0, (in_flight if self._width is None else min(self._width, in_flight)) / 2)
        is_too_large = any(each.limit and each.requested and each.requested > each.limit for each in limits)
        is_patient = now - self._refused_since < PATIENCE_S
        return wait_s <= LONGEST_WAIT_S and is_patient and not is_too_large

    def _wait_s(self, ticket: int, images: int) -> float:
        """Return how long a request still has to wait; 0 when it may leave now."""
        now = self._clock()
        if now < self._closed_until:
            return self._closed_until - now
        is_narrow = self._width is not None and self._on_their_way >= max(1, int(self._width))
        free_at = max((self._free_at(window, images, now) for window in self._windows.values()), default=now)
        if free_at <= now and not is_narrow:
            return 0.0 if self._queue[0] == ticket or not self._is_limited else _POLL_S
        return max(free_at - now, _POLL_S if is_narrow else 0.0)

    @property
    def _is_limited(self) -> bool:
        return self._width is not None or bool(self._windows)

    def _free_at(self, window: _Window, images: int, now: float) -> float:
        """Return when a window has room for a request."""
        length_s = window.seconds * (1 + _SLACK) + _SLACK_S
        room = window.limit - window.units(images)
        recent = [sent for sent in self._sent if sent.at > now - length_s]
        counted = sum(window.units(sent.images) for sent in recent)
        for sent in recent:
            if counted <= room:
                return now
            counted -= window.units(sent.images)
            if counted <= room:
                return sent.at + length_s
        return now

    def _learn(self, limits: Sequence[RateLimit]) -> None:
        for limit in limits:
            if limit.limit and ("image" in limit.kind or "request" in limit.kind):
                self._windows[limit.kind] = self._window(limit, limit.limit)
        longest_s = max((window.seconds for window in self._windows.values()), default=_WINDOW_S) * 2
        while self._sent and self._sent[0].at < self._clock() - longest_s:
            self._sent.popleft()

    def _window(self, stated: RateLimit, limit: int) -> _Window:
        """Return a window as stated: words name its length, headers how long it takes to be free again."""
        # Best first: a length that the server named in words, then one measured from its headers (the longest seen,
        # because a short one lets too much through), then a minute, which most mean.
        known = self._windows.get(stated.kind)
        if stated.window_s is not None:
            return _Window(kind=stated.kind, limit=limit, seconds=stated.window_s, is_told=True)
        if known is not None and known.is_told:
            return _Window(kind=stated.kind, limit=limit, seconds=known.seconds, is_told=True)
        used = limit - stated.remaining if stated.remaining is not None else 0
        if stated.reset_s is None or used <= 0:
            return known or _Window(kind=stated.kind, limit=limit, seconds=_WINDOW_S)
        seconds = min(_WINDOW_S, stated.reset_s * limit / used)  # as long as it would take if all were used
        longest_s = known.seconds if known is not None and known.is_measured else 0.0
        return _Window(kind=stated.kind, limit=limit, seconds=max(seconds, longest_s), is_measured=True)

    def _believe_full(self, free_at: float) -> None:
        """Count what others sent with the same key: the server says that it is full until `free_at`."""
        for window in self._windows.values():
            length_s = window.seconds * (1 + _SLACK) + _SLACK_S
            own = sum(window.units(sent.images) for sent in self._sent if sent.at > free_at - length_s)
            missing = window.limit - own
            steps = (free_at - length_s + n * window.seconds / window.limit for n in range(max(0, missing)))
            others = (_Sent(at, 1) for at in steps)
            self._sent = deque(sorted((*self._sent, *others), key=lambda sent: sent.at))

    def _reason(self) -> str:
        window = min(self._windows.values(), key=lambda each: each.limit / each.seconds, default=None)
        if window is None:
            return "the server asked to wait" if self._closed_until > self._clock() else "other requests go first"
        unit = {60.0: "minute", 1.0: "second", 3600.0: "hour"}.get(window.seconds, f"{window.seconds:g} s")
        kind = window.kind.replace("-", " ")
        return f"the server takes {window.limit:,} {kind.removesuffix('s') if window.limit == 1 else kind} per {unit}"


class ImpatientPacer:
    """Pace the requests of a call that somebody waits for, which are retried only a few times.

    Args:
        limiter: shared with the requests that wait as long as it takes.
    """

    def __init__(self, limiter: RateLimiter) -> None:
        self._limiter = limiter

    async def admit(self, images: int, tell: Tell) -> Permit:
        """Wait until a request for this many images may leave, and return its permit."""
        return _ImpatientPermit(await self._limiter.admit(images, tell))


class _ImpatientPermit:
    """A permit that lets the client decide how often to retry a refused request."""

    def __init__(self, permit: Permit) -> None:
        self._permit = permit
        self.succeeded = permit.succeeded
        self.failed = permit.failed

    def refused(self, limits: Sequence[RateLimit], after_s: float | None) -> bool:
        """Report that the request came too early."""
        self._permit.refused(limits, after_s)
        return False


class RateLimiters:
    """The rate limiters of a process: one per provider, key and family of models."""

    def __init__(self, make: Callable[[], RateLimiter] = RateLimiter) -> None:
        self._make = make
        self._by_key: dict[tuple[str, str, int, str], RateLimiter] = {}

    def of(self, provider: Provider, model: str | None) -> RateLimiter:
        """Return the rate limiter that the requests for `model` share."""
        # By its hash: the limit belongs to the key, which should not be kept in another place.
        secret = hash(provider.key.reveal()) if provider.key is not None else 0
        key = (provider.name, provider.base_url, secret, model_family(model or ""))
        return self._by_key.setdefault(key, self._make())

    def __iter__(self) -> Iterator[RateLimiter]:
        return iter(self._by_key.values())


def model_family(model: str) -> str:
    """Return the family of a model, which servers limit as one: what comes before its first number.

    >>> model_family("gpt-image-2.5-flare"), model_family("dall-e-3"), model_family("flux")
    ('gpt-image', 'dall-e', 'flux')
    """
    return re.split(r"[-_.]?\d", model, maxsplit=1)[0]
