"""The price table: what a model's tokens and images cost, in US dollars; it knows nothing of requests.

The rows are LiteLLM's (`model_prices_and_context_window.json`), so that
a user's own table may be that file or part of it.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fnmatch import fnmatchcase
from importlib import resources
from pathlib import Path
from typing import NoReturn

import msgspec

from imgmagic.errors import SettingsError

_LARGEST = 1_000_000  # dollars for one token or image: more is a slip of the pen
_SAMPLE = "sample_spec"  # LiteLLM's file begins with a row that explains the fields
_SNAPSHOT = re.compile(r"-\d{4}-\d{2}-\d{2}$")


@dataclass(frozen=True, kw_only=True)
class Price:
    """One row: US dollars per token or per image; None where the row does not say.

    Args:
        per_image: what one generated image costs; LiteLLM calls it `input_cost_per_image` in the rows by size.
        per_pixel: what one pixel of a generated image costs.
    """

    text_in: Decimal | None = None
    image_in: Decimal | None = None
    image_out: Decimal | None = None
    text_out: Decimal | None = None
    per_image: Decimal | None = None
    per_pixel: Decimal | None = None


_FIELDS = {
    "input_cost_per_token": "text_in",
    "input_cost_per_image_token": "image_in",
    "output_cost_per_image_token": "image_out",
    "output_cost_per_token": "text_out",
    "input_cost_per_pixel": "per_pixel",
    "input_cost_per_image": "per_image",
    "output_cost_per_image": "per_image",  # stands last: of the two it is the plainer word for the same
}


@dataclass(frozen=True, kw_only=True)
class TokenRule:
    """How many tokens an image of one family of models takes, by quality.

    Args:
        models: patterns of the models' names, separated by spaces.
        sizes: size -> quality -> tokens, where the guide prints a table.
        base: quality -> base of the formula, where any size may be asked.
    """

    models: str
    sizes: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    base: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class PriceTable:
    """Hold the prices of models, and where they come from.

    Args:
        date: when the table was made; recorded with every cost.
        source: where the figures come from.
        rows: price by name: `model`, `{W-x-H}/{model}` or `{quality}/{W-x-H}/{model}`.
        tokens: how many tokens an image takes, where that is known.
        partial_image_tokens: what each partial image adds.
    """

    date: str
    source: str
    rows: Mapping[str, Price]
    tokens: tuple[TokenRule, ...] = ()
    partial_image_tokens: int = 0

    @classmethod
    def load(cls, path: str | Path | None = None) -> "PriceTable":
        """Return the table that comes with imgmagic, with the rows of a user's own table over it.

        Raises:
            SettingsError: the user's table cannot be read, is not JSON, or has a price that is none.
        """
        table = _shipped(resources.files("imgmagic.config").joinpath("prices.json").read_text(encoding="utf-8"))
        if path is None:
            return table
        own = Path(path).expanduser()
        try:
            text = own.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise SettingsError(f"the price table {own} cannot be read: {error}.") from error
        return table.with_rows(text, origin=str(own))

    def with_rows(self, text: str, *, origin: str) -> "PriceTable":
        """Return this table with the rows of `text`, LiteLLM's JSON, in place of its own of the same names."""
        document = _json_object(text, origin)
        rows = _rows(_mapping(document.get("rows", document), "rows", origin), origin)
        if not rows:
            raise SettingsError(f"the price table {origin} has no prices.", remedy="A row looks like " + _EXAMPLE + ".")
        date = str(document.get("date", f"{self.date}, with {origin}"))
        return PriceTable(
            date=date,
            source=f"{origin}; {self.source}",
            rows={**self.rows, **rows},
            tokens=self.tokens,
            partial_image_tokens=self.partial_image_tokens,
        )

    def price(self, model: str) -> Price | None:
        """Return the row of a model: of its exact name, or of the same model without its maker or its date."""
        return next((self.rows[name] for name in _names(model) if name in self.rows), None)

    def image_price(self, model: str, size: str, quality: str) -> Decimal | None:
        """Return what one image costs, where a row says so for the model, the size and the quality."""
        size = size.replace("x", "-x-")
        for name in _names(model):
            for key in (f"{quality}/{size}/{name}", f"{size}/{name}", name):
                row = self.rows.get(key)
                if row is not None and row.per_image is not None:
                    return row.per_image
        return None

    def token_rule(self, model: str) -> TokenRule | None:
        """Return how many tokens an image of the model takes, where that is known."""
        names = _names(model)
        return next(
            (
                rule
                for rule in self.tokens
                if any(fnmatchcase(name, pattern) for name in names for pattern in rule.models.split())
            ),
            None,
        )


_EXAMPLE = '{"my-model": {"output_cost_per_image": 0.04}}'


def _names(model: str) -> tuple[str, ...]:
    bare = model.removeprefix("openai/")  # gateways put the maker first
    return tuple(dict.fromkeys((model, bare, _SNAPSHOT.sub("", bare))))


def _shipped(text: str) -> PriceTable:
    document = _json_object(text, "prices.json")
    return PriceTable(
        date=str(document["date"]),
        source=str(document["source"]),
        rows=_rows(_mapping(document["rows"], "rows", "prices.json"), "prices.json"),
        tokens=msgspec.convert(document["output_tokens"], tuple[TokenRule, ...]),
        partial_image_tokens=msgspec.convert(document["partial_image_tokens"], int),
    )


def _json_object(text: str, origin: str) -> Mapping[str, object]:
    try:
        document = json.loads(text, parse_float=Decimal, parse_constant=_refuse)
    except (ValueError, ArithmeticError, RecursionError) as error:
        raise SettingsError(
            f"the price table {origin} is not JSON: {error}.", remedy="A table looks like " + _EXAMPLE + "."
        ) from error
    return _mapping(document, "the table", origin)


def _refuse(constant: str) -> NoReturn:
    message = f"{constant} is no number"
    raise ValueError(message)


def _mapping(value: object, name: str, origin: str) -> Mapping[str, object]:
    if not isinstance(value, dict):
        raise SettingsError(
            f"the price table {origin}: {name} is not an object of names.",
            remedy="A table looks like " + _EXAMPLE + ".",
        )
    return value


def _rows(rows: Mapping[str, object], origin: str) -> dict[str, Price]:
    found = {name: _price(name, row, origin) for name, row in rows.items() if isinstance(row, dict) and name != _SAMPLE}
    return {name: price for name, price in found.items() if price != Price()}


def _price(name: str, row: Mapping[str, object], origin: str) -> Price:
    values = {_FIELDS[key]: _amount(name, key, row[key], origin) for key in _FIELDS if row.get(key) is not None}
    return Price(**values)


def _amount(name: str, key: str, value: object, origin: str) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | Decimal) or not 0 <= value <= _LARGEST:
        raise SettingsError(
            f"the price table {origin}: {key} of {name} is {value!r}, not a price of 0 or more.",
            remedy="Prices are numbers in US dollars.",
        )
    return Decimal(value)
