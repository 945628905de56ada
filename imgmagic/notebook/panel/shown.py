"""What the messages to a panel's page hold: values as text and numbers, ready to show."""

from typing import Literal, TypeAlias

import msgspec

from imgmagic.display.word_difference import Change

Kind: TypeAlias = Literal["choice", "number", "text", "json"]
"""How a control is filled in."""

FaultAt = tuple[str, str]
"""A fault: the control that it is about, and what is wrong there."""

Pair = tuple[str, str]
"""A name and its value, ready to show."""

Amounts = tuple[str, str, str]
"""Images, tokens and cost, ready to show."""


class Provider(msgspec.Struct, frozen=True, kw_only=True):
    """A provider to choose; one that is not ready lacks a key."""

    name: str
    ready: bool


class Control(msgspec.Struct, frozen=True, kw_only=True):
    """One control of the form.

    Args:
        name: the key of the request body.
        choices: the allowed values; nothing else is taken.
        offers: values to propose where others are taken too.
        low, high: bounds of a number.
        unset: what holds when nothing is filled in, for people.
        main: whether it is always in view.
    """

    name: str
    label: str
    kind: Kind
    help: str
    choices: tuple[str, ...] = ()
    offers: tuple[str, ...] = ()
    low: int | None = None
    high: int | None = None
    unset: str = ""
    main: bool = False


class Absent(msgspec.Struct, frozen=True, kw_only=True):
    """A parameter that has no control, and why."""

    name: str
    label: str
    reason: str


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """What went wrong: a title, what happened, and what to do next."""

    title: str
    text: str
    next: str


class Picture(msgspec.Struct, frozen=True, kw_only=True):
    """What people said of one picture of a record; `number` counts from 1.

    Args:
        partial: whether it is the last partial image of one that was not finished.
        derived: whether it was made here of one of the others: it has no star, rating and note of its own.
    """

    number: int
    partial: bool
    derived: bool
    star: bool
    rating: int | None
    note: str


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """What the gallery shows of a record."""

    id: int
    prompt: str
    model: str
    status: str
    at: str
    star: bool
    pictures: tuple[Picture, ...]


class Ancestor(msgspec.Struct, frozen=True, kw_only=True):
    """A generation in the line from which a record came."""

    id: int
    forgotten: bool


class Details(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that is known of a record, for people.

    Args:
        line: where it came from, oldest first, by the first picture that each began from.
        began_from: the generations whose pictures it began from itself.
        began: those that began from one of its own.
    """

    entry: Entry
    prompt: str
    template: str
    provider: str
    parameters: tuple[Pair, ...]
    revised: tuple[str, ...]
    sizes: tuple[str, ...]
    usage: tuple[Pair, ...]
    cost: str
    elapsed_s: float | None
    first_partial_s: float | None
    request_id: str
    error: str
    tags: tuple[str, ...]
    note: str
    line: tuple[Ancestor, ...] = ()
    began_from: tuple[int, ...] = ()
    began: tuple[int, ...] = ()


class Piece(msgspec.Struct, frozen=True, kw_only=True):
    """A piece of a prompt: "same", "added" or "removed" against the first prompt."""

    change: Change
    text: str


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the table: a name, its value for each picture, and whether they differ."""

    name: str
    values: tuple[str, ...]
    differs: bool


class Compared(msgspec.Struct, frozen=True, kw_only=True):
    """One of the pictures side by side; `words` tell how its prompt differs from the first one's."""

    name: str
    model: str
    prompt: str
    words: tuple[Piece, ...]
    format: str


class ModelTotals(msgspec.Struct, frozen=True, kw_only=True):
    """What one model took in this session and today."""

    model: str
    session: Amounts
    today: Amounts
