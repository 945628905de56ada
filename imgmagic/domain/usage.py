"""Usage: tokens counted by the server; None means that the server did not say, 0 that it counted none."""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from functools import reduce
from operator import add


def _sum(a: int | None, b: int | None) -> int | None:
    return a if b is None else b if a is None else a + b


@dataclass(frozen=True, kw_only=True)
class Usage:
    """Hold the tokens of one generation as the server counted them (OpenAI, `usage` of the images response)."""

    input_tokens: int | None = None
    output_tokens: int | None = None
    total_tokens: int | None = None
    input_text_tokens: int | None = None
    input_image_tokens: int | None = None
    output_text_tokens: int | None = None
    output_image_tokens: int | None = None

    def __add__(self, other: "Usage") -> "Usage":
        """Return the sum, field by field; a field unknown on both sides stays unknown."""
        names = [field.name for field in fields(Usage)]
        return Usage(**{name: _sum(getattr(self, name), getattr(other, name)) for name in names})


def sum_usage(counts: Iterable[Usage]) -> Usage | None:
    """Return the sum of all `counts`; None if there are none."""
    found = list(counts)
    return reduce(add, found) if found else None
