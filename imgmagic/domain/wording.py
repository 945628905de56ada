"""Wording: the words that several messages share, such as lists, closest matches and amounts."""

import difflib
import math
import re
from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal

from imgmagic.domain import unknown_bytes
from imgmagic.domain.json_types import JsonValue

_KEY_START = re.compile(r"(?:sk|pk|xai)-\S{8}")
_DIGIT, _LOWER, _UPPER = (re.compile(each) for each in ("[0-9]", "[a-z]", "[A-Z]"))
_LONGEST = 200  # characters of a text in a message
_JOINTS = re.compile(r"[_/.-]")  # of names and paths

_NEAR = 0.74  # difflib's ratio: one letter in four may differ; a wilder guess misleads more than it helps
_BEGINNING = 3  # this many letters count as the beginning of a word


def is_key_like(text: str) -> bool:
    """Return whether a text looks like a key rather than a name: someone may have put one in the wrong place."""
    return _KEY_START.search(text) is not None or any(map(_is_mixed, text.split()))


def _is_mixed(word: str) -> bool:
    """Return whether a word looks like a key: long, and with letters and digits mixed, or without separators.

    Step by step, because a single expression takes minutes for a word of a megabyte.
    """
    if len(word) < 20 or _LOWER.search(word) is None:
        return False
    last = _JOINTS.split(word)[-1]
    is_jointless = len(last) >= 24 and _UPPER.search(last) is not None and _LOWER.search(last) is not None
    return is_jointless or _DIGIT.search(word) is not None


def quote_name(text: str, noun: str = "") -> str:
    """Return a text in quotes for a message, after `noun`; without the text if it may be a key.

    >>> quote_name("opnai", "the dialect"), quote_name("sk-0123456789abcdef")
    ("the dialect 'opnai'", 'a text that is not shown, as it may be a key')
    """
    if is_key_like(text):
        return f"{noun or 'a text'} that is not shown, as it may be a key"
    shown = text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
    return f"{noun} {shown!r}".strip()


def listed(values: Iterable[JsonValue]) -> str:
    """Join values in a list: a, b or c."""
    words = [str(value) for value in values]
    return " or ".join(filter(None, (", ".join(words[:-1]), words[-1]))) if words else "nothing"


def closest(value: JsonValue, allowed: Iterable[JsonValue]) -> str:
    """Return " Did you mean X?" for the nearest allowed value, or an empty string if none is near.

    >>> closest("histry", ["history", "star"]), closest("hist", ["history"]), closest("cancel", ["panel"])
    (' Did you mean history?', ' Did you mean history?', '')
    """
    typed, known = str(value), [str(each) for each in allowed]
    near = difflib.get_close_matches(typed, known, n=1, cutoff=_NEAR)
    long_enough = [each for each in known if min(len(each), len(typed)) >= _BEGINNING]
    begun = [each for each in long_enough if each.startswith(typed) or typed.startswith(each)]
    return f" Did you mean {found}?" if (found := next(iter([*near, *begun]), "")) else ""


def type_of(value: object) -> str:
    """Describe a value for a message: None, the non-finite number, or its type.

    >>> type_of(None), type_of(float("nan")), type_of([1])
    ('None', 'nan', 'of type list')
    """
    if isinstance(value, float) and not math.isfinite(value):
        return str(float(value))
    return "None" if value is None else f"of type {type(value).__name__}"


def dollars(amount: Decimal) -> str:
    """Return an amount for people: cents, with more places below a dollar."""
    places = 2 if amount >= 1 or amount == amount.quantize(Decimal("0.01")) else 4
    return f"${amount.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)}"


def describe_picture(width: int, height: int, form: str) -> str:
    """Return the size and format of a picture, leaving out what could not be read.

    >>> describe_picture(640, 480, "png"), describe_picture(0, 0, "heic"), describe_picture(0, 0, "bin")
    ('640×480 png', 'heic', 'unknown format')
    """
    name = "unknown format" if form == unknown_bytes.FORMAT else form
    return f"{width}×{height} {name}" if width and height else name


def count_noun(count: int, noun: str) -> str:
    """Return a number with its noun, in the plural except for 1."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
