"""Usage as servers spell it: OpenAI's names, the chat names, prices in dollars or in ticks."""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation

from imgmagic.domain.json_types import JsonValue
from imgmagic.domain.usage import Usage

_TICKS_PER_DOLLAR = Decimal(10) ** 10  # xAI, `cost_in_usd_ticks`
_COST_HEADERS = ("x-litellm-response-cost",)

# Field -> where servers put it, in order of preference; a path leads into nested objects.
_PLACES: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "input_tokens": (("input_tokens",), ("prompt_tokens",)),
    "output_tokens": (("output_tokens",), ("completion_tokens",)),
    "total_tokens": (("total_tokens",),),
    "input_text_tokens": (("input_tokens_details", "text_tokens"), ("prompt_tokens_details", "text_tokens")),
    "input_image_tokens": (("input_tokens_details", "image_tokens"), ("prompt_tokens_details", "image_tokens")),
    "output_text_tokens": (("output_tokens_details", "text_tokens"), ("completion_tokens_details", "text_tokens")),
    "output_image_tokens": (("output_tokens_details", "image_tokens"), ("completion_tokens_details", "image_tokens")),
}


def read_usage(value: JsonValue) -> Usage | None:
    """Return the tokens in a `usage` object; None if it counts none, as from servers that cannot count."""
    counts = {field: _count(value, places) for field, places in _PLACES.items()}
    return Usage(**counts) if any(counts.values()) else None


def read_cost(value: JsonValue) -> str | None:
    """Return the price in US dollars that a `usage` object names, as plain decimal text."""
    if not isinstance(value, Mapping):
        return None
    ticks = _decimal(value.get("cost_in_usd_ticks"))
    return _text(_decimal(value.get("cost")) if ticks is None else ticks / _TICKS_PER_DOLLAR)


def read_cost_header(headers: Mapping[str, str]) -> str | None:
    """Return the price in US dollars that a gateway puts into a header."""
    return next((_text(_decimal(headers[name])) for name in _COST_HEADERS if name in headers), None)


def _count(value: JsonValue, places: tuple[tuple[str, ...], ...]) -> int | None:
    found = (_follow(value, path) for path in places)
    return next((each for each in found if isinstance(each, int) and not isinstance(each, bool) and each >= 0), None)


def _follow(value: JsonValue, path: tuple[str, ...]) -> JsonValue:
    for name in path:
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def _decimal(value: JsonValue) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = Decimal(str(value)[:40])
    except InvalidOperation:
        return None
    return number if number.is_finite() and 0 <= number < 10**9 else None


def _text(number: Decimal | None) -> str | None:
    return None if number is None else f"{number:f}"
