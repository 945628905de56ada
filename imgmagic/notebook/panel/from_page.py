"""The messages that a panel's page sends to the kernel: one class a kind, checked as they come in."""

from collections.abc import Mapping
from typing import Any

import msgspec

from imgmagic.errors import RequestInvalid


class _Message(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag=str.lower):
    """A message; its class names its kind."""


class Fields(msgspec.Struct, frozen=True, kw_only=True):
    """What the form holds: everything as text."""

    prompt: str = ""
    provider: str = ""
    model: str = ""
    values: dict[str, str] = msgspec.field(default_factory=dict)
    other: str = ""
    max_cost: str = ""
    tags: str = ""


class Search(msgspec.Struct, frozen=True, kw_only=True):
    """Which records the filmstrip shows."""

    text: str = ""
    model: str = ""
    tag: str = ""
    star: bool = False
    session: bool = False


class _OfRun(_Message, frozen=True):
    """A message about a run."""

    run: int


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


class Stop(_OfRun, frozen=True):
    """Stop a run."""


class Dismiss(_OfRun, frozen=True):
    """Take a run that ended off the panel."""


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
    """Ask for small pictures of records."""

    ids: list[int]


class Open(_OfRecord, frozen=True):
    """Ask for one record with its pictures."""


class Use(_OfRecord, frozen=True):
    """Fill the form with a record's settings."""


class Again(_OfRecord, frozen=True):
    """Generate once more what a record asked."""


class Star(_OfRecord, frozen=True):
    """Star a record, or take the star off."""

    on: bool


class Tags(_OfRecord, frozen=True):
    """Give a record exactly these tags, separated by commas."""

    text: str


class Note(_OfRecord, frozen=True):
    """Write a note beside a record."""

    text: str


class Forget(_OfRecord, frozen=True):
    """Remove a record and its pictures for good; the page has asked twice."""


class Compare(_Message, frozen=True):
    """Ask for two to four records side by side."""

    ids: list[int]


class Code(_Message, frozen=True):
    """Ask for a record, or the form, as a cell and as a call."""

    id: int | None = None
    fields: Fields | None = None


Change = Star | Tags | Note
_Other = Hello | Check | Generate | Stop | Dismiss | Key | Page | Thumbs | Open | Use | Again | Forget | Compare | Code
Message = Change | _Other


def read(content: Mapping[str, Any]) -> Message:
    """Return the message in `content`.

    Raises:
        RequestInvalid: it is none.
    """
    try:
        message: Message = msgspec.convert(content, Message)
        return message
    except msgspec.ValidationError:  # its text may quote what was sent
        raise RequestInvalid(
            "the panel's page sent a message that cannot be read.", remedy="Run the cell again."
        ) from None
