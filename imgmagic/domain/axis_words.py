"""The words of an axis: what an unquoted one means, as a number, JSON or text; it knows nothing of axes."""

import json

from imgmagic.domain.json_types import JsonValue


def number_or_text(word: str) -> JsonValue:
    """Return a number if `word` is exactly how it is written, else the word: 3 is a number, 1.10 and true are text.

    >>> number_or_text("3"), number_or_text("2.5"), number_or_text("1.10"), number_or_text("007")
    (3, 2.5, '1.10', '007')
    """
    for kind in (int, float):
        try:
            number = kind(word)
        except ValueError:
            continue
        if str(number) == word and word not in ("inf", "-inf", "nan"):
            return number
    return word


def json_or_text(word: str) -> JsonValue:
    """Return `word` as a JSON value if it is one, else the word, as for any other key of a request's body."""
    try:
        return read_json(word)
    except (ValueError, RecursionError):
        return word


def read_json(text: str) -> JsonValue:
    """Parse JSON text.

    Raises:
        ValueError, RecursionError: it is not JSON, nor are NaN and Infinity, though Python writes them.
    """
    value: JsonValue = json.loads(text, parse_constant=_refuse_constant)
    return value


def _refuse_constant(constant: str) -> JsonValue:
    raise ValueError(constant)  # NaN and Infinity are Python's, not JSON's
