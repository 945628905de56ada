"""Rate limits as servers state them: `x-ratelimit-*` headers, and the words of a 429.

No document names the headers of the images endpoints, so whatever follows the known prefix is a kind (`requests`,
`tokens`, `input-images`, ...), and none is required. The words are OpenAI's, which gateways pass on even if they drop
the headers: "on input-images per min: Limit 5, Used 5, Requested 1. Please try again in 12s."
"""

import re
from collections.abc import Mapping
from dataclasses import replace

from imgmagic.domain.rate_limit import RateLimit

_MAX_KINDS = 20  # a server that names more is not describing limits
_HEADER = re.compile(r"(?:x-)?ratelimit-(limit|remaining|reset)(?:-([a-z][a-z0-9_-]{0,40}))?")
_COUNT = re.compile(r"\d{1,15}")

# A Go duration, as the headers and the texts have it: 467ms, 12s, 1.5s, 6m0s, 1h2m3s, 2d.
_UNITS_S: Mapping[str, float] = {
    "ns": 1e-9,
    "us": 1e-6,
    "µs": 1e-6,
    "ms": 1e-3,
    "s": 1.0,
    "m": 60.0,
    "h": 3600.0,
    "d": 86_400.0,
}
_PART = re.compile(r"(\d{1,12}(?:\.\d{1,12})?)(ns|us|µs|ms|s|m|h|d)")
_DURATION = re.compile(rf"(?:{_PART.pattern}){{1,8}}")

_WINDOWS_S: Mapping[str, float] = {
    "second": 1.0,
    "sec": 1.0,
    "minute": 60.0,
    "min": 60.0,
    "hour": 3600.0,
    "day": 86_400.0,
}
_WINDOW = re.compile(r"\bon ([a-z][a-z _-]{0,40}?) per (second|sec|minute|min|hour|day)\b", re.IGNORECASE)
_FIGURE = re.compile(r"\b(limit|used|requested):? (\d{1,15})\b", re.IGNORECASE)
_TRY_AGAIN = re.compile(
    r"\b(?:try again|retry) (?:in|after) (\d[\d.a-zµ]{0,30})( ?(?:seconds?|minutes?)\b)?", re.IGNORECASE
)
_PATIENCE_CHARS = 2000  # the words come first


def read_rate_headers(headers: Mapping[str, str]) -> tuple[RateLimit, ...]:
    """Return the limits that the headers of a reply state, one per kind, in the order in which they appear.

    Args:
        headers: by lower-case name.
    """
    found: dict[str, RateLimit] = {}
    for name, value in headers.items():
        part = _HEADER.fullmatch(name)
        if part is None or len(found) == _MAX_KINDS:
            continue
        known = found.get(part[2] or "", RateLimit(kind=part[2] or ""))
        found[known.kind] = _with_value(known, part[1], value.strip())
    return tuple(each for each in found.values() if each != RateLimit(kind=each.kind))


def read_rate_text(text: str) -> RateLimit | None:
    """Return the limit that the words of a 429 name; None if there is none."""
    text = text[:_PATIENCE_CHARS]
    window = _WINDOW.search(text)
    figures = {name.lower(): int(value) for name, value in _FIGURE.findall(text)}
    again = _TRY_AGAIN.search(text)
    if not (figures or again):
        return None
    return RateLimit(
        kind=window[1].strip().lower() if window else "",
        limit=figures.get("limit"),
        used=figures.get("used"),
        requested=figures.get("requested"),
        window_s=_WINDOWS_S[window[2].lower()] if window else None,
        reset_s=_stated_wait(again[1], again[2]) if again else None,
    )


def read_duration(text: str) -> float | None:
    """Return the seconds of a duration (`6m0s`, `467ms`, or a bare number of seconds); None when it is not one.

    >>> read_duration("1h2m3.5s"), read_duration("12"), read_duration("soon")
    (3723.5, 12.0, None)
    """
    if _DURATION.fullmatch(text):
        return sum(float(number) * _UNITS_S[unit] for number, unit in _PART.findall(text))
    return float(text) if re.fullmatch(r"\d{1,9}(?:\.\d{1,9})?", text) else None


def _with_value(known: RateLimit, name: str, value: str) -> RateLimit:
    if name == "reset":
        return replace(known, reset_s=read_duration(value))
    found = _COUNT.match(value)  # the IETF draft names the window after the figure: "5, 5;w=60"
    count = int(found[0]) if found else None
    return replace(known, limit=count) if name == "limit" else replace(known, remaining=count)


def _stated_wait(figure: str, unit: str | None) -> float | None:
    seconds = read_duration(figure.rstrip("."))
    return seconds * 60 if seconds is not None and unit and unit.strip().startswith("minute") else seconds
