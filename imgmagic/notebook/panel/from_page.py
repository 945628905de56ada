"""The messages that a panel's page sends to the kernel: one class per kind, checked as they come in.

A picture is named by the number of its generation and its own number in it, from 1.
"""

from collections.abc import Mapping

import msgspec

from imgmagic.errors import RequestInvalid


class _Message(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag=str.lower):
    """A message; its class names its kind."""


class Fields(msgspec.Struct, frozen=True, kw_only=True):
    """What the form holds: as text, but for the switch.

    Args:
        varied: the controls that hold several values, and these values, in the order in which they are axes.
        vary: further axes of a sweep, one per line.
    """

    prompt: str = ""
    provider: str = ""
    model: str = ""
    values: dict[str, str] = msgspec.field(default_factory=dict)
    other: str = ""
    max_cost: str = ""
    tags: str = ""
    images: str = ""
    mask: str = ""
    markup: str = ""
    varied: list[tuple[str, list[str]]] = msgspec.field(default_factory=list)
    paste_back: bool = False
    vary: str = ""


class Search(msgspec.Struct, frozen=True, kw_only=True):
    """Which records the gallery shows; `rating` is the lowest that counts."""

    text: str = ""
    model: str = ""
    tag: str = ""
    star: bool = False
    rating: int = 0
    session: bool = False


class _OfRecord(_Message, frozen=True):
    """A message about a record."""

    id: int


class Hello(_Message, frozen=True):
    """A page opened: it wants everything."""


class Check(_Message, frozen=True):
    """The form changed."""

    fields: Fields
    number: int = 0


class Generate(_Message, frozen=True):
    """Send what the form holds."""

    fields: Fields


class Stop(_Message, frozen=True):
    """Stop a run; all of them without a number."""

    run: int | None = None


class Dismiss(_Message, frozen=True):
    """Take a run that ended off the panel."""

    run: int


class Key(_Message, frozen=True):
    """Keep a key for this session."""

    provider: str
    key: str

    def __repr__(self) -> str:
        """Show no key."""
        return f"Key(provider={self.provider!r})"


class Page(_Message, frozen=True):
    """Ask for records, newest first."""

    search: Search
    number: int = 0
    before: int | None = None


class Thumbs(_Message, frozen=True):
    """Ask for small pictures."""

    pictures: list[tuple[int, int]]


class Open(_OfRecord, frozen=True):
    """Ask for one record with one of its pictures, large."""

    picture: int = 1


class Download(_OfRecord, frozen=True):
    """Ask for the original of a picture."""

    picture: int


class Grid(_Message, frozen=True):
    """Ask for the labelled grid of a sweep."""

    sweep: int


class Use(_OfRecord, frozen=True):
    """Fill the form with a record's settings."""


class Edit(_OfRecord, frozen=True):
    """Let the form start from one picture of a record, counted from 1, and paint over it."""

    picture: int


class Painted(_Message, frozen=True):
    """Keep what is painted over the picture of that name: a PNG, which travels beside the message."""

    picture: str


class Again(_OfRecord, frozen=True):
    """Generate once more what a record asked."""


class Star(_OfRecord, frozen=True):
    """Star a picture, or take the star off."""

    picture: int
    on: bool


class Rate(_OfRecord, frozen=True):
    """Rate a picture from 1 to 5; 0 takes the rating away."""

    picture: int
    rating: int


class Tags(_OfRecord, frozen=True):
    """Give a record exactly these tags, separated by commas."""

    text: str


class Note(_OfRecord, frozen=True):
    """Write a note beside a picture; beside the record where it has no picture."""

    picture: int
    text: str


class Forget(_OfRecord, frozen=True):
    """Remove a record and its pictures for good; the page has asked twice."""


class Compare(_Message, frozen=True):
    """Ask for pictures side by side."""

    pictures: list[tuple[int, int]]


class Code(_Message, frozen=True):
    """Ask for a record, or the form, as a cell and as a call."""

    id: int | None = None
    fields: Fields | None = None


Change = Star | Rate | Tags | Note
_OfHistory = Page | Thumbs | Open | Download | Use | Edit | Again | Forget | Compare
_Other = Hello | Check | Generate | Stop | Dismiss | Key | Code | Grid | Painted
Message = Change | _OfHistory | _Other


def read(content: Mapping[str, object]) -> Message:
    """Return the message in `content`.

    Raises:
        RequestInvalid: it cannot be read.
    """
    try:
        message: Message = msgspec.convert(content, Message)
        return message
    except msgspec.ValidationError:  # its text may quote what was sent
        raise RequestInvalid(
            "the panel's page sent a message that cannot be read.", remedy="Run the cell again."
        ) from None
