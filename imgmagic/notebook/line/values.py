"""Values: what the words of an option mean, or argparse's error."""

import argparse
from collections.abc import Callable, Mapping
from decimal import Decimal

from imgmagic.domain.axis_words import read_json
from imgmagic.domain.budget import parse_amount
from imgmagic.domain.json_types import JsonValue
from imgmagic.domain.source_picture import picture_number
from imgmagic.errors import SettingsError
from imgmagic.notebook.line.words import unquote


def whole_number(text: str) -> int:
    """Return a whole number, for argparse."""
    try:
        return int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number") from None


def picture_of_history(text: str) -> str:
    """Return the number of a picture in the history, for argparse."""
    number = picture_number(text)
    if number is None:
        raise argparse.ArgumentTypeError(
            f"{text!r} is not a number of the history, such as 12 or 12.2; a file or a variable is an --image"
        )
    return str(number)


def seconds(text: str) -> float:
    """Return a number of seconds above 0, for argparse."""
    try:
        found = float(text)
    except ValueError:
        found = 0
    if not 0 < found < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of seconds above 0")
    return found


def amount(text: str) -> Decimal:
    """Return US dollars, for argparse."""
    try:
        return parse_amount(text)
    except SettingsError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def text_as_it_is(text: str) -> str:
    """Return a text as it is."""
    return text


KINDS: Mapping[type, Callable[[str], int | str]] = {int: whole_number, str: text_as_it_is}


def key_and_value(text: str) -> tuple[str, JsonValue]:
    """Return a key of the request body and its value: JSON if it parses, else text."""
    key, equals, value = text.partition("=")
    if not equals or not key:
        raise argparse.ArgumentTypeError(f"{text!r} is not KEY=VALUE")
    try:
        return key, read_json(value)
    except (ValueError, RecursionError):
        return key, unquote(value)
