"""A source picture: what an edit starts from, its mask, or its markup, identified by the hash of its bytes.

The bytes stay where they are, on the disk or in memory, until someone sends or shows them: a request may live as long
as its notebook, and must not hold megabytes for that long.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from imgmagic.errors import StoreError


@dataclass(frozen=True, kw_only=True)
class PictureNumber:
    """Name one picture in the history: the generation's id, and which of its pictures, from 1."""

    generation_id: int
    number: int = 1

    def __str__(self) -> str:
        return f"#{self.generation_id}" if self.number == 1 else f"#{self.generation_id}.{self.number}"


_NUMBER = re.compile(r"#?([1-9]\d{0,17})(?:\.([1-9]\d{0,3}))?")


def picture_number(text: str) -> PictureNumber | None:
    """Return the picture in the history that `12`, `#12` or `#12.2` names; None for any other text."""
    found = _NUMBER.fullmatch(text.strip())
    return PictureNumber(generation_id=int(found[1]), number=int(found[2] or 1)) if found else None


def no_loader() -> bytes:
    """Refuse, because the bytes are elsewhere."""
    raise StoreError("the bytes of this picture are not available.", remedy="Give the picture itself again.")


@dataclass(frozen=True, kw_only=True)
class SourcePicture:
    """Hold what is known about one picture that a request carries.

    Args:
        sha256: the hash of the bytes that are sent, in hexadecimal.
        format: png, jpeg, webp or gif, read from the bytes.
        width, height: pixels.
        size_bytes: how many bytes there are.
        name: what the user calls it, such as `cat.png`, `@sofa` or `#12`; for messages and captions.
        origin: which picture in the history it is, or was made from; None for others.
        changes: what was done to it before it was kept, in words, such as "scaled down from 4000×3000".
        load: reads the bytes; raises StoreError if they are gone.
    """

    sha256: str
    format: str
    width: int
    height: int
    size_bytes: int
    name: str = field(default="", compare=False)
    origin: PictureNumber | None = field(default=None, compare=False)
    changes: tuple[str, ...] = field(default=(), compare=False)
    load: Callable[[], bytes] = field(default=no_loader, repr=False, compare=False)

    @property
    def data(self) -> bytes:
        """Return the bytes, read now.

        Raises:
            StoreError: they are no longer there.
        """
        return self.load()

    @property
    def pixels(self) -> str:
        """Return width and height for people."""
        return f"{self.width}×{self.height}"

    def __repr__(self) -> str:
        return f"<SourcePicture {', '.join([self.name or 'a picture', f'{self.format} {self.pixels}', *self.changes])}>"
