"""A folder of files written whole or not at all; it knows nothing of what is in them.

A file is written under a hidden temporary name on the disk where it will stand, flushed, and then named: whoever looks
sees the whole file or none, also after the process was killed or the power went.
"""

import contextlib
import errno
import os
import secrets
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TypeAlias

from imgmagic.errors import StoreError

Draft: TypeAlias = AbstractContextManager[Callable[[str], None]]
"""Bytes on their way to the disk: what it gives names them, once they are there; unnamed they are dropped."""

_DRAFTS = ".drafts"
_STALE_S = 3600.0  # no living writer takes so long over one file
_NO_LINKS = {errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EXDEV, errno.ENOSYS, errno.EMLINK, errno.EACCES}
_REASONS = {
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "the disk quota is used up",
    errno.EFBIG: "the file would pass the allowed size",
    errno.EROFS: "the disk is read-only",
    errno.EACCES: "writing there is not allowed",
    errno.EPERM: "writing there is not allowed",
    errno.ENOENT: "the folder does not exist",
    errno.ENOTDIR: "a file stands where a folder is needed",
}


def reason(error: OSError) -> str:
    """Say in a few words why the system refused."""
    return _REASONS.get(error.errno or 0, error.strerror or type(error).__name__)


def write(path: Path, data: bytes, *, overwrite: bool = True) -> None:
    """Write `data` to `path`, making its folder; when it returns, the file is on the disk, whole.

    Raises:
        FileExistsError: `path` exists and is not to be overwritten.
        OSError: the system refused; nothing stands at `path` that did not stand there before.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with _dropped(_temporary(path.parent)) as temporary:
        _flush(temporary, data)
        if overwrite:
            temporary.replace(path)
        else:
            _name(temporary, path)
    _flush_folder(path.parent)


def link(existing: Path, path: Path) -> bool:
    """Give `existing` a second name, and return whether the disk can; a `path` that is taken is left as it is."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(existing, path)
    except FileExistsError:
        return path.samefile(existing)
    except OSError as error:
        if error.errno in _NO_LINKS:
            return False
        raise
    return True


def _temporary(folder: Path) -> Path:
    return folder / f".{secrets.token_hex(8)}.tmp"


@contextlib.contextmanager
def _dropped(temporary: Path) -> Iterator[Path]:
    """Give a temporary name, and remove what still has it at the end."""
    try:
        yield temporary
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)


def _flush(path: Path, data: bytes) -> None:
    with path.open("xb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _name(temporary: Path, path: Path) -> None:
    """Name the file in one step that fails when the name is taken; disks without links need two."""
    try:
        os.link(temporary, path)
    except FileExistsError:
        raise
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        path.touch(exist_ok=False)
        temporary.replace(path)


def _flush_folder(folder: Path) -> None:
    if os.name != "posix":
        return  # Windows opens no folders, and names files durably by itself
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _start_flush(descriptor: int) -> None:
    """Let the system begin to write; elsewhere than on Linux the flush at the end does it all."""
    if hasattr(os, "posix_fadvise"):
        os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)


class Folder:
    """Keep files under one folder, by relative names with forward slashes."""

    def __init__(self, root: Path) -> None:
        self._root = root.expanduser().absolute()

    def location(self, name: str) -> str:
        """Return where `name` stands, for people."""
        return str(self._root / name)

    def path(self, name: str) -> Path | None:
        """Return the path of `name`."""
        return self._root / name

    def size(self, name: str) -> int | None:
        """Return the length of `name` in bytes, or None when it is not there."""
        try:
            return (self._root / name).stat().st_size
        except (FileNotFoundError, NotADirectoryError):
            return None

    def read(self, name: str) -> bytes:
        """Return the content of `name`."""
        return (self._root / name).read_bytes()

    def write(self, name: str, data: bytes) -> None:
        """Write `name`, whole or not at all."""
        with self.draft(data) as named:
            named(name)

    @contextlib.contextmanager
    def draft(self, data: bytes) -> Iterator[Callable[[str], None]]:
        """Send `data` on its way to the disk while the block goes on; see `Draft`."""
        drafts = self._root / _DRAFTS
        drafts.mkdir(parents=True, exist_ok=True)
        with _dropped(_temporary(drafts)) as temporary, temporary.open("xb") as file:
            file.write(data)
            file.flush()
            _start_flush(file.fileno())

            def named(name: str) -> None:
                os.fsync(file.fileno())
                file.close()
                path = self._root / name
                path.parent.mkdir(parents=True, exist_ok=True)
                temporary.replace(path)
                _flush_folder(path.parent)

            yield named

    def sweep(self) -> None:
        """Remove drafts that killed writers left behind long ago; those of living writers are younger."""
        with contextlib.suppress(OSError):
            for draft in (self._root / _DRAFTS).iterdir():
                if time.time() - draft.stat().st_mtime > _STALE_S:
                    draft.unlink(missing_ok=True)

    def close(self) -> None:
        """Do nothing: what was named is written."""

    def name(self, existing: str, names: Sequence[str]) -> str:
        """Give `existing` the first of `names` that no other file has, and return its name; its own on a poor disk."""
        return next((name for name in names if link(self._root / existing, self._root / name)), existing)

    def remove(self, name: str) -> None:
        """Remove `name`; one that is not there is no fault."""
        (self._root / name).unlink(missing_ok=True)

    def find(self, stem: str) -> tuple[str, ...]:
        """Return the names that begin with `stem`, a folder and the beginning of a file's name."""
        folder, _, beginning = stem.rpartition("/")
        found = (self._root / folder).glob(f"{beginning}*")
        return tuple(sorted(path.relative_to(self._root).as_posix() for path in found))


@contextlib.contextmanager
def told(what: str, remedy: str) -> Iterator[None]:
    """Turn what the system refuses into a StoreError: what was not done, why, and the way out."""
    try:
        yield
    except OSError as error:
        raise StoreError(f"{what}: {reason(error)}.", remedy=remedy) from error
