"""Sizes: how a size is written, which bounds free sizes have, and how one becomes a ratio or two edges."""

import re
from collections.abc import Callable, Mapping
from math import gcd, log, sqrt

from imgmagic.domain.json_types import JsonObject, JsonValue
from imgmagic.domain.wording import closest, listed

_PAIR = re.compile(r"([1-9][0-9]{0,4})[x:]([1-9][0-9]{0,4})")
_STEP, _LONGEST, _RATIO, _FEWEST, _MOST = 16, 3840, 3, 655_360, 8_294_400


def edges(value: JsonValue) -> tuple[int, int] | None:
    """Return the two numbers of a size (`1024x768`) or a ratio (`4:3`); None when it is neither."""
    found = _PAIR.fullmatch(str(value))
    return (int(found[1]), int(found[2])) if found else None


def free_size(value: JsonValue) -> str | None:
    """Say what is wrong with a size if any within bounds is allowed (OpenAI, image generation guide, size)."""
    if value == "auto":
        return None
    size = edges(value)
    if size is None or ":" in str(value):
        return f"{value!r} is not a size; write width x height, such as 1024x1024, or auto."
    broken = _broken_bounds(*size)
    return f"{value} does not fit: {'; '.join(broken)}.{_nearest(*size)}" if broken else None


def _broken_bounds(width: int, height: int) -> list[str]:
    bounds = {
        f"both edges must be multiples of {_STEP}": width % _STEP == 0 and height % _STEP == 0,
        f"the longest edge must be at most {_LONGEST}": max(width, height) <= _LONGEST,
        f"the ratio must be at most {_RATIO}:1": max(width, height) <= _RATIO * min(width, height),
        f"width times height must be {_FEWEST:,} to {_MOST:,}": _FEWEST <= width * height <= _MOST,
    }
    return [text for text, holds in bounds.items() if not holds]


def _nearest(width: int, height: int) -> str:
    """Suggest a size of about this shape within every bound; slightly inside, because edges are rounded."""
    wanted = min(max(width * height, _FEWEST * 1.05), _MOST * 0.95)
    steepest = _RATIO * 0.97
    shape = min(max(width / height, 1 / steepest), steepest)
    exact = (min(sqrt(wanted * shape), _LONGEST), min(sqrt(wanted / shape), _LONGEST))
    size = tuple(round(edge / _STEP) * _STEP for edge in exact)
    return "" if _broken_bounds(*size) else f" Did you mean {size[0]}x{size[1]}?"


def pixels(value: JsonValue) -> str | None:
    """Say what is wrong with a size that must be width x height in pixels."""
    if edges(value) and ":" not in str(value):
        return None
    return f"{value!r} is not width x height in pixels, such as 1024x1024."


def ratio(value: JsonValue) -> str | None:
    """Say what is wrong with a size that must be a ratio, written as one or in pixels."""
    return None if edges(value) else f"{value!r} is not an aspect ratio; write one such as 16:9, or width x height."


def ratio_among(ratios: tuple[str, ...]) -> Callable[[JsonValue], str | None]:
    """Return the check of a size that must be exactly one of `ratios`."""

    def check(value: JsonValue) -> str | None:
        written = as_ratio(value)
        if written in ratios:
            return None
        said = "" if written == str(value) else f" is {written}, which"
        return f"{value}{said} is not among the ratios {listed(ratios)}.{_nearest_ratio(value, ratios)}"

    return check


def _nearest_ratio(value: JsonValue, ratios: tuple[str, ...]) -> str:
    size = edges(value)
    if size is None:
        return closest(value, ratios)
    distances = {each: abs(log(size[0] * b / (size[1] * a))) for each in ratios for a, b in filter(None, [edges(each)])}
    return f" Did you mean {min(distances, key=lambda each: distances[each])}?"


def as_ratio(value: JsonValue, between: str = ":") -> str:
    """Return a size as the ratio in lowest terms: `1536x1024` is `3:2`; anything else stays as it is."""
    size = edges(value)
    if size is None:
        return str(value)
    divisor = gcd(*size)
    return f"{size[0] // divisor}{between}{size[1] // divisor}"


def aspect_ratio(value: JsonValue) -> JsonObject:
    """Encode a size as the key `aspect_ratio`."""
    return {"aspect_ratio": as_ratio(value)}


def width_and_height(value: JsonValue) -> JsonObject:
    """Encode a size as the keys `width` and `height`; anything else stays as it is."""
    size = edges(value)
    keys: Mapping[str, JsonValue] = {"size": value} if size is None else {"width": size[0], "height": size[1]}
    return keys
