"""A command as a value, its arguments, and the kinds of words that they take; it knows no particular command."""

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypedDict

from imgmagic.domain.picture_names import PictureName, parse_picture_name
from imgmagic.errors import SettingsError
from imgmagic.notebook.line.values import amount


class ArgparseSettings(TypedDict, total=False):
    """What argparse takes besides an argument's names."""

    action: str
    choices: Sequence[str]
    default: object
    help: str
    metavar: str
    nargs: str
    type: Callable[[str], object]


@dataclass(frozen=True, kw_only=True)
class Argument:
    """One argument of a command.

    Args:
        names: its flags, or the name of a positional argument.
        is_needed: whether the command requires it.
        settings: what argparse should know about it.
        offers: what completion offers: values, or the name of a source such as "ids".
    """

    names: tuple[str, ...]
    is_needed: bool = False
    settings: ArgparseSettings = field(default_factory=ArgparseSettings)
    offers: tuple[str, ...] | str = ()

    @property
    def is_flag(self) -> bool:
        """Return whether it begins with a hyphen."""
        return self.names[0].startswith("-")


@dataclass(frozen=True, kw_only=True)
class Command:
    """One command.

    Args:
        home: which entry of `run.HOMES` runs it.
        usage: its arguments, for the manual.
        help: what it does, in a line.
        passes_on: whether what follows its first word is a line of %%imagine.
        names_flags: whether its words may be the names of flags, with or without hyphens.
    """

    home: str
    help: str
    usage: str = ""
    arguments: tuple[Argument, ...] = ()
    passes_on: bool = False
    names_flags: bool = False


def whole_id(text: str) -> int:
    """Return the number of a generation or a sweep, typed with or without the number sign."""
    try:
        return int(text.removeprefix("#"))
    except ValueError:
        message = f"{text!r} is not a number of the history, such as 12"
        raise argparse.ArgumentTypeError(message) from None


def picture_name(text: str) -> PictureName:
    """Return what the number of a generation or of one of its pictures names."""
    return parse_picture_name(text) or PictureName(generation_id=whole_id(text))


def count(text: str) -> int:
    """Return a number of 1 or more."""
    if not text.isdecimal() or int(text[:9]) < 1:
        message = f"{text!r} is not a number of 1 or more"
        raise argparse.ArgumentTypeError(message)
    return int(text[:9])


def amount_or_off(text: str) -> object:
    """Return US dollars, or one of the words off and release."""
    try:
        return text if text in ("off", "release") else amount(text)
    except SettingsError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
