"""The price table: what a model's tokens and images cost, in US dollars; it knows nothing of requests.

The rows are LiteLLM's (`model_prices_and_context_window.json`), so that
a user's own table may be that file or part of it.
"""

import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fnmatch import fnmatchcase

from imgmagic.domain.input_tokens import InputRule

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


@dataclass(frozen=True, kw_only=True)
class TokenRule:
    """How many tokens an image of one family of models takes, by quality.

    Args:
        models: patterns of the models' names, separated by spaces.
        sizes: size -> quality -> tokens, if the guide prints a table.
        base: quality -> base of the formula, if any size may be asked for.
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
        inputs: how many tokens a picture to start from takes, where that is known.
    """

    date: str
    source: str
    rows: Mapping[str, Price]
    tokens: tuple[TokenRule, ...] = ()
    partial_image_tokens: int = 0
    inputs: tuple[InputRule, ...] = ()

    def price(self, model: str) -> Price | None:
        """Return the row for a model: for its exact name, or for its name without maker or date."""
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
        return next((rule for rule in self.tokens if _is_for(rule.models, model)), None)

    def input_rule(self, model: str) -> InputRule | None:
        """Return how many tokens a picture to start from takes, where that is known."""
        return next((rule for rule in self.inputs if _is_for(rule.models, model)), None)


@functools.lru_cache(maxsize=4096)
def _is_for(patterns: str, model: str) -> bool:
    return any(fnmatchcase(name, pattern) for name in _names(model) for pattern in patterns.split())


def _names(model: str) -> tuple[str, ...]:
    bare = model.removeprefix("openai/")  # gateways put the maker first
    return tuple(dict.fromkeys((model, bare, _SNAPSHOT.sub("", bare))))
