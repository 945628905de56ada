"""A folder of files written whole or not at all; it knows nothing of what is in them.

A file is written under a hidden temporary name on the disk where it will be, flushed, and then named: whoever looks
sees the whole file or none, also after the process was killed or the power went. Names come from databases that others
may have made: one that would lead out of the folder, by itself or through a link, is not there.
"""

import contextlib
import os
import time
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO, Self

from imgmagic.domain.safe_name import is_relative_name
from imgmagic.store.images.atomic_files import flush_file, flush_folder, link, temporary_path, write_file
from imgmagic.store.images.draft import Draft
from imgmagic.store.regular_file import read_regular_file

_DRAFTS = ".drafts"
_MOST_BYTES = 1 << 30  # far more than any server sends
_STALE_S = 86_400.0  # no living writer takes that long over one file, and few clocks jump that far


class FileDraft:
    """Bytes on their way into a folder: the system begins to write them while the caller does something else.

    An early start is all that a draft gives: where it fails, the bytes are written when they get their name.
    """

    def __init__(self, root: Path, data: bytes) -> None:
        self._root = root
        self._data = data
        self._temporary = temporary_path(root / _DRAFTS)
        self._file: BinaryIO | None = None

    def __enter__(self) -> Self:
        try:
            self._temporary.parent.mkdir(parents=True, exist_ok=True)
            self._file = self._temporary.open("xb")
            self._file.write(self._data)
            self._file.flush()
            _start_flush(self._file.fileno())
        except OSError:
            self._drop()
        return self

    def __exit__(self, *_error: object) -> None:
        self._drop()

    def commit(self, name: str) -> None:
        """Put the bytes under `name`.

        Raises:
            OSError: the system refused; nothing is there.
        """
        path = _inside(self._root, name)
        if not self._is_moved(path):
            write_file(path, self._data)

    def _is_moved(self, path: Path) -> bool:
        """Return whether the draft became `path`; not where it was swept, or the folder is on another disk."""
        if self._file is None:
            return False
        try:
            # On the disk before it has the name: after a power cut the name may be missing, never its content.
            flush_file(self._file.fileno())
            self._file.close()
            path.parent.mkdir(parents=True, exist_ok=True)
            self._temporary.replace(path)
        except OSError:
            self._drop()  # which gives the room back that the next attempt needs
            return False
        flush_folder(path.parent)
        return True

    def _drop(self) -> None:
        file, self._file = self._file, None
        if file is not None:
            with contextlib.suppress(OSError):
                file.close()
        with contextlib.suppress(OSError):
            self._temporary.unlink(missing_ok=True)


def _start_flush(descriptor: int) -> None:
    """Let the system begin to write; elsewhere than on Linux the flush at the end does it all."""
    if hasattr(os, "posix_fadvise"):
        with contextlib.suppress(OSError):
            os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)


class Folder:
    """Keep files under one folder, by relative names with forward slashes."""

    def __init__(self, root: Path) -> None:
        self._root = root.expanduser().absolute()

    def location(self, name: str) -> str:
        """Return where `name` is, for people."""
        return str(self._root / name)

    def path(self, name: str) -> Path | None:
        """Return the path of `name`; None where it would not be in the folder."""
        return self._root / name if is_relative_name(name) else None

    def size(self, name: str) -> int | None:
        """Return the length of `name` in bytes, or None when it is not there."""
        try:
            return _inside(self._root, name).stat().st_size
        except (FileNotFoundError, NotADirectoryError):
            return None

    def read(self, name: str) -> bytes:
        """Return the content of `name`; a pipe, device or link that others put there is not read."""
        return read_regular_file(_inside(self._root, name), most_bytes=_MOST_BYTES)

    def write(self, name: str, data: bytes) -> None:
        """Write `name`, whole or not at all."""
        with self.draft(data) as draft:
            draft.commit(name)

    def draft(self, data: bytes) -> Draft:
        """Send `data` on its way to the disk while the block goes on."""
        return FileDraft(self._root, data)

    def sweep(self) -> None:
        """Remove drafts that killed writers left behind long ago; those of living writers are younger."""
        with contextlib.suppress(OSError):
            for draft in (self._root / _DRAFTS).iterdir():
                if time.time() - draft.lstat().st_mtime > _STALE_S:
                    draft.unlink(missing_ok=True)

    def close(self) -> None:
        """Do nothing: what was named is written."""

    def name(self, existing: str, names: Sequence[str]) -> str:
        """Give `existing` the first free one of `names`, and return it; its own name where the disk has no links."""
        return next((name for name in names if link(self._root / existing, self._root / name)), existing)

    def remove(self, name: str) -> None:
        """Remove `name`; one that is not there is not a fault."""
        with contextlib.suppress(FileNotFoundError, NotADirectoryError):
            _inside(self._root, name).unlink()

    def find(self, stem: str) -> tuple[str, ...]:
        """Return the names that begin with `stem`, a folder and the beginning of a file's name."""
        folder, _, beginning = stem.rpartition("/")
        try:
            with os.scandir(_inside(self._root, folder)) as entries:
                names = [f"{folder}/{entry.name}" for entry in entries if entry.name.startswith(beginning)]
        except (FileNotFoundError, NotADirectoryError):
            return ()
        return tuple(sorted(filter(is_relative_name, names)))


def _inside(root: Path, name: str) -> Path:
    """Return the path of `name` below `root`.

    Raises:
        FileNotFoundError: it would lead elsewhere, by itself or through a link.
    """
    path = root / name
    if not is_relative_name(name) or not path.parent.resolve().is_relative_to(root.resolve()):
        raise FileNotFoundError(0, f"{name} would lead out of that folder, by itself or through a link")
    return path
