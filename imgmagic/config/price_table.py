"""The price table: the one that comes with imgmagic, with the rows of a user's own over it."""

import functools
import json
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from importlib import resources
from pathlib import Path
from typing import NoReturn

import msgspec

from imgmagic.config.home import expand_user
from imgmagic.config.plain_files import require_plain_file
from imgmagic.domain.input_tokens import InputRule
from imgmagic.domain.prices import Price, PriceTable, TokenRule
from imgmagic.errors import SettingsError

_MOST_BYTES = 50_000_000
_LARGEST = 1_000_000  # dollars for one token or image: more is a typing error
_SAMPLE = "sample_spec"  # LiteLLM's file begins with a row that explains the fields
_FIELDS = {
    "input_cost_per_token": "text_in",
    "input_cost_per_image_token": "image_in",
    "output_cost_per_image_token": "image_out",
    "output_cost_per_token": "text_out",
    "input_cost_per_pixel": "per_pixel",
    "input_cost_per_image": "per_image",
    "output_cost_per_image": "per_image",  # last, as it is the plainer of two names for the same
}
_EXAMPLE = '{"my-model": {"output_cost_per_image": 0.04}}'


def load_prices(path: str | None = None) -> PriceTable:
    """Return the table that comes with imgmagic, with the rows of a user's own table over it.

    A table is read again only when its file changes.

    Raises:
        SettingsError: the user's table cannot be read, is not JSON, or has an invalid price.
    """
    return _shipped_prices() if path is None else _own_prices(path, _changed_at(path))


def with_rows(table: PriceTable, text: str, *, origin: str) -> PriceTable:
    """Return `table` with the rows of `text`, LiteLLM's JSON, in place of its own of the same names."""
    document = _json_object(text, origin)
    rows = _rows(_mapping(document.get("rows", document), "rows", origin), origin)
    if not rows:
        raise SettingsError(f"the price table {origin} has no prices.", remedy=f"A row looks like {_EXAMPLE}.")
    return replace(
        table,
        date=str(document.get("date", f"{table.date}, with {origin}")),
        source=f"{origin}; {table.source}",
        rows={**table.rows, **rows},
    )


@functools.cache
def _shipped_prices() -> PriceTable:
    text = resources.files("imgmagic.config").joinpath("prices.json").read_text(encoding="utf-8")
    document = _json_object(text, "prices.json")
    return PriceTable(
        date=str(document["date"]),
        source=str(document["source"]),
        rows=_rows(_mapping(document["rows"], "rows", "prices.json"), "prices.json"),
        tokens=msgspec.convert(document["output_tokens"], tuple[TokenRule, ...]),
        partial_image_tokens=msgspec.convert(document["partial_image_tokens"], int),
        inputs=msgspec.convert(document["input_tokens"], tuple[InputRule, ...]),
    )


@functools.lru_cache(maxsize=4)
def _own_prices(path: str, _changed_at: float | None) -> PriceTable:
    own = expand_user(path, what="the price table")
    try:
        require_plain_file(own, most_bytes=_MOST_BYTES)
        text = own.read_text(encoding="utf-8")
    except (OSError, ValueError) as error:  # bad UTF-8 is a ValueError
        raise SettingsError(f"the price table {own} cannot be read: {error}.") from error
    return with_rows(_shipped_prices(), text, origin=str(own))


def _changed_at(path: str) -> float | None:
    try:
        return Path(path).expanduser().stat().st_mtime
    except (OSError, RuntimeError, ValueError):  # reading it says why
        return None


def _json_object(text: str, origin: str) -> Mapping[str, object]:
    try:
        document = json.loads(text, parse_float=Decimal, parse_constant=_refuse)
    except (ValueError, ArithmeticError, RecursionError) as error:
        raise SettingsError(
            f"the price table {origin} is not JSON: {error}.", remedy=f"A table looks like {_EXAMPLE}."
        ) from error
    return _mapping(document, "the table", origin)


def _refuse(constant: str) -> NoReturn:
    message = f"{constant} is not a number"
    raise ValueError(message)


def _mapping(value: object, name: str, origin: str) -> Mapping[str, object]:
    if not isinstance(value, dict):
        raise SettingsError(
            f"the price table {origin}: {name} is not a JSON object.",
            remedy=f"A table looks like {_EXAMPLE}.",
        )
    return value


def _rows(rows: Mapping[str, object], origin: str) -> dict[str, Price]:
    found: dict[str, Price] = {}
    for name, row in rows.items():
        if isinstance(row, dict) and name != _SAMPLE:
            amounts = {
                _FIELDS[key]: _amount(name, key, row[key], origin) for key in _FIELDS if row.get(key) is not None
            }
            if amounts:
                found[name] = Price(**amounts)
    return found


def _amount(name: str, key: str, value: object, origin: str) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | Decimal) or not 0 <= value <= _LARGEST:
        raise SettingsError(
            f"the price table {origin}: {key} of {name} is {value!r}, not a price of 0 or more.",
            remedy="Prices are numbers in US dollars.",
        )
    return Decimal(value)
