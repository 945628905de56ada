"""A draft: the bytes of a picture on their way to the disk, before their name is known."""

from typing import Protocol, Self


class Draft(Protocol):
    """Bytes on their way; without a commit, what was written is dropped at the end of the block."""

    def commit(self, name: str) -> None:
        """Put the bytes under `name`; when it returns they are on the disk, whole."""

    def __enter__(self) -> Self:
        """Begin to write."""

    def __exit__(self, *_error: object) -> None:
        """Drop what was not committed."""
