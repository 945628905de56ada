"""A folder of files written whole or not at all; it knows nothing of what is in them.

A file is written under a hidden temporary name in the folder where it will stand, flushed to the disk, and then named:
whoever looks sees the whole file or none, also after the process was killed or the power went.
"""

import contextlib
import errno
import os
import secrets
from collections.abc import Iterator
from pathlib import Path

from imgmagic.errors import StoreError

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
    with _written(path, data) as temporary:
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


@contextlib.contextmanager
def _written(path: Path, data: bytes) -> Iterator[Path]:
    temporary = path.with_name(f".{secrets.token_hex(8)}.tmp")
    try:
        with temporary.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        yield temporary
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)


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
        write(self._root / name, data)

    def link(self, existing: str, name: str) -> bool:
        """Give `existing` the second name `name`, and return whether that worked."""
        return link(self._root / existing, self._root / name)

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
