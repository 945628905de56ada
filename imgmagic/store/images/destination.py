"""A destination: the file or folder that a user names for a copy, before it touches the disk."""

import os
from pathlib import Path

from imgmagic.config.home import expand_user
from imgmagic.errors import StoreError

_MOST_BYTES = 255  # of a name, on every file system that people use


def read_destination(path: str | Path, *, what: str = "the file") -> Path:
    """Return the path that a user names, with `~` filled in.

    Args:
        path: as it was typed.
        what: what it is to be, for a message.

    Raises:
        StoreError: no file can have this name.
    """
    text = str(path)
    try:
        parts = [os.fsencode(part) for part in Path(text).parts]
    except UnicodeEncodeError as error:
        raise _impossible(text) from error
    if "\0" in text or any(len(part) > _MOST_BYTES for part in parts):
        raise _impossible(text)
    return expand_user(path, what=what)


def is_folder(path: str | Path) -> bool:
    """Return whether a user names a folder: one that is there, or a name that ends with a slash."""
    return str(path).endswith(("/", os.sep)) or read_destination(path).is_dir()


def _impossible(text: str) -> StoreError:
    shown = ascii(text[:60])[1:-1] + ("..." if len(text) > 60 else "")
    return StoreError(f"{shown} cannot be the name of a file or folder.", remedy="Choose another name.")
