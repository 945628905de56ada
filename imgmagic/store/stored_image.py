"""A stored image: what a picture is, where the image store keeps it, and what people say of it."""

from dataclasses import dataclass
from enum import StrEnum


class ImageKind(StrEnum):
    """What a kept picture is to its generation; only the final ones are its result."""

    FINAL = "final"
    PARTIAL = "partial"  # the last partial image of one that was stopped or cut off
    DERIVED = "derived"  # made here from the server's own, which is kept with it


@dataclass(frozen=True, kw_only=True)
class StoredImage:
    """Say what a picture is and where the image store keeps it.

    Args:
        sha256: the hash of its bytes, by which the store finds it.
        name: its name for people, relative to the store; the original's own where it has no other.
        index: which image of its generation it is, from 0; a partial or derived one has that of its final one.
        kind: final, partial or derived.
        rating: 0 to 5; None where nobody rated it.
    """

    sha256: str
    name: str
    format: str
    width: int
    height: int
    index: int = 0
    revised_prompt: str | None = None
    kind: ImageKind = ImageKind.FINAL
    star: bool = False
    rating: int | None = None
    note: str = ""
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class UnfetchedImage:
    """Say where a picture is that the server gave as an address, and why it is not here."""

    address: str
    reason: str
    index: int = 0
