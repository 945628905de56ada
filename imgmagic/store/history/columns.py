"""Columns of a row that others may have written: each is what its name promises, or nothing.

A history is a file, and files are sent around. SQLite keeps any value in any column, so whoever reads a row believes no
type: a text is cut to a bounded length, a number is whole or finite, and what cannot be read is as good as missing.
"""

import json
import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, TypeAlias

from imgmagic.domain.json_types import JsonValue
from imgmagic.domain.safe_name import is_hash, is_relative_name

DatabaseRow: TypeAlias = Mapping[str, Any]

NANO = 1_000_000_000
_MOST_CHARS = 1_000_000
_MOST = 2**63
_FORMAT = re.compile(r"[a-z0-9]{1,8}")
_YEARS = range(1900, 9000)  # a time at the edge of what is can be shown in no other zone
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


class Columns:
    """Read the columns of one row."""

    def __init__(self, row: DatabaseRow) -> None:
        self._row = row

    def text(self, name: str) -> str:
        """Return a text; empty where there is none."""
        return self.optional_text(name) or ""

    def optional_text(self, name: str) -> str | None:
        """Return a text; None where there is none."""
        value = self._row[name]
        return value[:_MOST_CHARS] if isinstance(value, str) else None

    def whole(self, name: str) -> int | None:
        """Return a whole number that a database can hold."""
        value = self._row[name]
        return value if isinstance(value, int) and -_MOST <= value < _MOST else None

    def count(self, name: str) -> int:
        """Return a number of things; 0 where there is none."""
        return max(self.whole(name) or 0, 0)

    def number(self, name: str) -> float | None:
        """Return a finite number."""
        value = self._row[name]
        return float(value) if isinstance(value, int | float) and math.isfinite(value) else None

    def dollars(self, name: str) -> Decimal | None:
        """Return whole billionths as US dollars."""
        amount = self.whole(name)
        return None if amount is None else (Decimal(amount) / NANO).normalize()

    def time(self, name: str) -> datetime | None:
        """Return a time with its zone."""
        try:
            at = datetime.fromisoformat(self.text(name))
        except ValueError:
            return None
        at = at if at.tzinfo else at.replace(tzinfo=UTC)
        return at if at.year in _YEARS else None

    def known_time(self, name: str) -> datetime:
        """Return a time that every such row has; long ago where it cannot be read."""
        return self.time(name) or _LONG_AGO

    def json_object(self, name: str) -> Mapping[str, JsonValue]:
        """Return a JSON object; an empty one where there is none."""
        found = self.json_value(name)
        return found if isinstance(found, Mapping) else {}

    def json_value(self, name: str) -> JsonValue:
        """Return a JSON value; None where there is none."""
        try:
            value: JsonValue = json.loads(self.text(name))
        except (ValueError, RecursionError):
            return None
        return value

    def sha256(self) -> str:
        """Return the hash of a picture; empty where it is not a hash."""
        text = self.text("sha256")
        return text if is_hash(text) else ""

    def image_name(self) -> str:
        """Return a picture's name in the store; empty where it would lead elsewhere."""
        text = self.text("name")
        return text if is_relative_name(text) else ""

    def image_format(self) -> str:
        """Return a picture's format; `bin` where it is not a plain word."""
        text = self.text("format")
        return text if _FORMAT.fullmatch(text) else "bin"
