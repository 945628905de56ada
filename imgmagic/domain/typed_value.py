"""Typed values: option values as people type and paste them, respelled as servers take them."""

import re
from collections.abc import Mapping

from imgmagic.domain.json_types import JsonValue
from imgmagic.domain.options import OPTION_BY_NAME

# Dashes that keyboards, word processors and web pages use instead of a hyphen.
DASHES = "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\uff0d"
_HYPHENS = str.maketrans(dict.fromkeys(DASHES, "-"))
# The sign of multiplication, its look-alikes, and the letter that Cyrillic keyboards write.
_SIZE = re.compile(r"\s*(\d{1,6})\s*(?:[xX*\u00d7\u2715\u2716\u0445\u0425]|by)\s*(\d{1,6})\s*(?:px)?\s*", re.ASCII)
_OTHER_NAMES: Mapping[str, Mapping[str, str]] = {"output_format": {"jpg": "jpeg"}}


_QUOTES = (('"', '"'), ("'", "'"), ("`", "`"), ("“", "”"), ("‘", "’"), ("«", "»"), ("<", ">"))


def strip_quotes(word: str) -> str:
    """Return a word without the straight quotes around it."""
    is_quoted = len(word) > 1 and word[0] == word[-1] and word[0] in "\"'"
    return word[1:-1] if is_quoted else word


def without_quotes(text: str) -> str:
    """Return a text without the quotes and invisible marks around it: `%set_env` and word processors keep both."""
    text = text.strip().strip("\u200b\u2060\ufeff").strip()
    is_quoted = len(text) > 1 and (text[0], text[-1]) in _QUOTES
    return text[1:-1].strip() if is_quoted else text


def read_typed(name: str, value: JsonValue) -> JsonValue:
    """Return an option's value as servers spell it; an unknown one stays as it is.

    >>> [read_typed("size", "1024 × 1024"), read_typed("quality", "HIGH"), read_typed("output_format", "JPG;")]
    ['1024x1024', 'high', 'jpeg']
    """
    option = OPTION_BY_NAME.get(name)
    if option is None or not isinstance(value, str) or name == "user":
        return value
    text = without_quotes(value.strip().removesuffix(";")).translate(_HYPHENS)
    if name == "size" and (found := _SIZE.fullmatch(text)):
        return f"{found[1]}x{found[2]}"
    plain = _OTHER_NAMES.get(name, {}).get(text.lower(), text.lower())
    return plain if plain in option.offers else text
