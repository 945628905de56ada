"""Limits: a number of pictures per time, as for OpenAI's image models, with the headers and refusals of that limit.

The limit is one bucket that fills steadily: a request takes as many tokens as it has pictures, and is refused while the
bucket holds fewer. Waiting times come from the given clock, so a test with a faster clock sees a minute's limit pass in
a second.
"""

import math
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from imgmagic.errors import SettingsError
from imgmagic.simulator.api.refusals import Refusal

_WRITTEN: Final = re.compile(r"([1-9]\d{0,5})/(\d{0,6}(?:\.\d{1,3})?)(s|min|h)")
_UNITS_S: Final = {"s": 1.0, "min": 60.0, "h": 3600.0}
_FAMILY: Final = "input-images"


@dataclass(frozen=True, kw_only=True)
class ImageLimit:
    """Hold a limit: `pictures` in `period_s` seconds, which refusals call `period`."""

    pictures: int
    period_s: float
    period: str


def read_limit(text: str) -> ImageLimit:
    """Parse a limit written as PICTURES/PERIOD.

    >>> read_limit("5/min")
    ImageLimit(pictures=5, period_s=60.0, period='min')
    >>> read_limit("5/3s").period_s
    3.0
    """
    found = _WRITTEN.fullmatch(text.strip())
    count = float(found[2] or 1) if found else 0.0
    if found is None or count == 0:
        message = f"{text!r} is not a valid limit for the simulator."
        raise SettingsError(message, remedy="Write pictures per time, such as 5/min, 20/min or 5/3s.")
    return ImageLimit(pictures=int(found[1]), period_s=count * _UNITS_S[found[3]], period=found[2] + found[3])


@dataclass(kw_only=True)
class TokenBucket:
    """Count the pictures that may still be requested; `clock` gives seconds."""

    limit: ImageLimit
    clock: Callable[[], float] = time.monotonic
    left: float = field(init=False)
    counted_at: float = field(init=False)

    def __post_init__(self) -> None:
        self.left, self.counted_at = float(self.limit.pictures), self.clock()

    def take(self, pictures: int, model: str) -> Refusal | None:
        """Take this many pictures, or return the 429 and take none."""
        self._fill()
        # Larger than the whole bucket: no wait would help, so no retry-after is sent, as at OpenAI.
        if pictures > self.limit.pictures:
            return self._too_large(pictures, model)
        # A bucket that fills in fractions may miss a whole picture by a rounding error.
        if pictures > self.left + 1e-9:
            return self._reached(pictures, model)
        self.left -= pictures
        return None

    def headers(self) -> dict[str, str]:
        """Return what every reply says about the limit."""
        return {
            f"x-ratelimit-limit-{_FAMILY}": str(self.limit.pictures),
            f"x-ratelimit-remaining-{_FAMILY}": str(int(self.left + 1e-9)),
            f"x-ratelimit-reset-{_FAMILY}": written_duration(self._wait_s(self.limit.pictures)),
        }

    def _fill(self) -> None:
        now = self.clock()
        grown = (now - self.counted_at) * self.limit.pictures / self.limit.period_s
        self.left, self.counted_at = min(self.limit.pictures, self.left + grown), now

    def _wait_s(self, pictures: int) -> float:
        return max(0.0, pictures - self.left) * self.limit.period_s / self.limit.pictures

    def _reached(self, pictures: int, model: str) -> Refusal:
        wait_s = self._wait_s(pictures)
        used = min(self.limit.pictures, math.ceil(self.limit.pictures - self.left))
        message = (
            f"Rate limit reached for {model} (for limit gpt-image) in organization org-simulated on {_FAMILY} per "
            f"{self.limit.period}: ImageLimit {self.limit.pictures}, Used {used}, Requested {pictures}. "
            f"Please try again in {written_duration(wait_s)}."
        )
        waits = {"retry-after": str(math.ceil(wait_s)), "retry-after-ms": str(math.ceil(1000 * wait_s))}
        return _refusal(message, {**self.headers(), **waits})

    def _too_large(self, pictures: int, model: str) -> Refusal:
        message = (
            f"Request too large for {model} (for limit gpt-image) in organization org-simulated on {_FAMILY} per "
            f"{self.limit.period}: ImageLimit {self.limit.pictures}, Requested {pictures}."
        )
        return _refusal(message, self.headers())


def _refusal(message: str, headers: dict[str, str]) -> Refusal:
    return Refusal(status=429, message=message, type=_FAMILY, code="rate_limit_exceeded", headers=headers)


def written_duration(seconds: float) -> str:
    """Return a duration as Go writes it, rounded up to milliseconds.

    >>> [written_duration(each) for each in (0.467, 12, 58.891, 360)]
    ['467ms', '12s', '58.891s', '6m0s']
    """
    # Rounded up, so that a client that waits exactly this long is not refused again.
    milliseconds = math.ceil(round(1000 * seconds, 6))
    if milliseconds < 1000:
        return f"{milliseconds}ms"
    minutes, rest = divmod(milliseconds, 60_000)
    shown = f"{rest / 1000:.3f}".rstrip("0").rstrip(".")
    return f"{minutes}m{shown}s" if minutes else f"{shown}s"
