"""The messages that the kernel sends to a panel's page: one class per kind, from which the page's types are made.

Everything here is text, numbers and lists of them; pictures travel beside a message as binary buffers, in the order in
which the message speaks of them.
"""

import msgspec

from imgmagic.notebook.panel.from_page import Fields
from imgmagic.notebook.panel.shown import (
    Absent,
    Compared,
    Control,
    Details,
    Entry,
    FaultAt,
    ModelTotals,
    Problem,
    Provider,
    Row,
)


class ToPage(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag=str.lower):
    """A message; its class names its kind."""


class Hello(ToPage, frozen=True):
    """The answer to a page that opens: what both sides must agree on.

    Args:
        most_thumbs: small pictures that a page keeps at a time.
        most_compared: pictures that can be compared at a time.
        cell: the id of the panel's cell; empty where the front end names none.
    """

    most_thumbs: int
    most_compared: int
    cell: str


class Fill(ToPage, frozen=True):
    """What the form is filled with, and the providers to choose from.

    Args:
        used: the generation whose settings these are; None when they are the form's own.
    """

    fields: Fields
    providers: tuple[Provider, ...] | None = None
    used: int | None = None


class Form(ToPage, frozen=True):
    """The form for what is filled in, and the verdict on it.

    Args:
        number: which question of the page this answers; 0 when it was not asked.
        provider, model: what would be asked; an empty model is the server's own choice.
        key_wanted: whether the provider only lacks a key.
        price, left: what the call would cost, and what is left of the budget.
        pictures: how many a sweep would ask for; 1 for a single call.
        names: what the `{{ }}` of the prompt use.
    """

    number: int
    faults: tuple[FaultAt, ...]
    provider: str
    title: str
    model: str
    models: tuple[str, ...]
    controls: tuple[Control, ...]
    absent: tuple[Absent, ...]
    key_wanted: bool
    price: str
    left: str
    pictures: int = 1
    names: tuple[str, ...] = ()


class Painting(ToPage, frozen=True):
    """The picture that the form starts from, to be painted over; its buffers hold it, and what is painted already.

    Args:
        picture: its name, by which the form starts from it.
        mask: the name by which the form has what is painted.
    """

    picture: str
    mask: str
    width: int
    height: int
    format: str


class Refused(ToPage, frozen=True):
    """Nothing was sent, and why."""

    faults: tuple[FaultAt, ...]


class Run(ToPage, frozen=True):
    """One run on its way or ended.

    Args:
        run: its number in this panel.
        ended: whether it has ended; `state` says how.
        seconds: how long it has been running; None when it does not run.
        aspect: width and height of its pictures, to keep room for them.
        tiles: what to say below each picture.
        id: the generation's number in the history once it has ended.
        sweep: the sweep's number in the history, where it is one.
        problem: why it failed.
    """

    run: int
    state: str
    ended: bool
    line: str
    seconds: float | None
    prompt: str
    aspect: tuple[int, int]
    tiles: tuple[str, ...]
    id: int | None
    sweep: int | None
    problem: Problem | None


class Tile(ToPage, frozen=True):
    """The latest picture of one tile of a run; its buffer holds the bytes."""

    run: int
    index: int
    format: str


class Dismissed(ToPage, frozen=True):
    """A run was taken off the panel."""

    run: int


class Page(ToPage, frozen=True):
    """Records, newest first.

    Args:
        number: which question this answers.
        first: whether this is the first page of that question.
        more: whether older ones follow.
    """

    number: int
    first: bool
    records: tuple[Entry, ...]
    more: bool


class Thumb(ToPage, frozen=True):
    """A small picture."""

    id: int
    picture: int
    format: str


class News(ToPage, frozen=True):
    """What is new in the history: its newest record, and what can be filtered by."""

    newest: Entry | None
    models: tuple[str, ...]
    tags: tuple[str, ...]


class Record(ToPage, frozen=True):
    """One record in full, with one of its pictures; its format is empty where there is none to show."""

    details: Details
    picture: int
    format: str
    name: str


class Changed(ToPage, frozen=True):
    """A record whose star, tags or note changed."""

    details: Details


class Forgotten(ToPage, frozen=True):
    """A record that is not there any more."""

    id: int


class Comparison(ToPage, frozen=True):
    """Pictures side by side; a buffer for each, empty where its format is."""

    pictures: tuple[Compared, ...]
    rows: tuple[Row, ...]


class Download(ToPage, frozen=True):
    """The original of a picture, and what its file should be called."""

    name: str
    format: str


class Grid(ToPage, frozen=True):
    """The labelled grid of a sweep, as HTML of the kernel's own making in which every text is escaped."""

    title: str
    html: str


class Code(ToPage, frozen=True):
    """A request as a cell and as a call."""

    cell: str
    call: str


class Totals(ToPage, frozen=True):
    """What this session and this day took, in words and by model."""

    session: str
    today: str
    models: tuple[ModelTotals, ...]


class Said(ToPage, frozen=True):
    """Something that went wrong in the panel."""

    problem: Problem


Answer = (
    Hello
    | Fill
    | Form
    | Painting
    | Refused
    | Run
    | Tile
    | Dismissed
    | Page
    | Thumb
    | News
    | Record
    | Changed
    | Forgotten
    | Comparison
    | Download
    | Grid
    | Code
    | Totals
    | Said
)
