"""Files written whole or not at all.

What is essential fails, and leaves nothing behind: the bytes, and the name under which they are asked for. What only
adds to it, a folder's names flushed early or a second name, is done without where a disk cannot: disks on networks,
encrypted ones, and those that programs make up refuse each of these.
"""

import contextlib
import errno
import os
import secrets
from collections.abc import Iterator
from pathlib import Path

_NOT_WRITTEN = {errno.EIO, errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.ESTALE}  # all else: this disk cannot flush
_NO_LINKS = {
    errno.EPERM,
    errno.ENOTSUP,
    errno.EOPNOTSUPP,
    errno.EXDEV,
    errno.ENOSYS,
    errno.EMLINK,
    errno.EACCES,
    errno.EINVAL,
}


def write_file(path: Path, data: bytes, *, overwrite: bool = True) -> None:
    """Write `data` to `path`, making its folder; when it returns, the file is on the disk, whole.

    Raises:
        FileExistsError: `path` exists and is not to be overwritten.
        OSError: the system refused; `path` is as it was before.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with dropped(temporary_path(path.parent)) as temporary:
        _write(temporary, data)
        if overwrite:
            temporary.replace(path)
        else:
            _name(temporary, path)
    flush_folder(path.parent)


def link(existing: Path, path: Path) -> bool:
    """Give `existing` a second name, and return whether the disk would; a `path` that is taken is left as it is."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        os.link(existing, path)
    except FileExistsError:
        return path.exists() and path.samefile(existing)
    except (OSError, UnicodeError):  # the second: this system's names hold no such letters
        return False
    return True


def temporary_path(folder: Path) -> Path:
    """Return a hidden name in `folder` that no other file has."""
    return folder / f".{secrets.token_hex(8)}.tmp"


@contextlib.contextmanager
def dropped(temporary: Path) -> Iterator[Path]:
    """Give a temporary name, and remove what still has it at the end."""
    try:
        yield temporary
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)


def flush_file(descriptor: int) -> None:
    """Write a file to the disk itself, where the disk knows how to.

    Raises:
        OSError: the disk is full or failing.
    """
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno in _NOT_WRITTEN:
            raise


def flush_folder(folder: Path) -> None:
    """Write a folder's names to the disk, where it can: they would get there a little later by themselves."""
    if os.name != "posix":
        return  # Windows opens no folders, and names files durably by itself
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _write(path: Path, data: bytes) -> None:
    with path.open("xb") as file:
        file.write(data)
        file.flush()
        flush_file(file.fileno())


def _name(temporary: Path, path: Path) -> None:
    """Name the file in one step that fails when the name is taken; disks without links need two."""
    try:
        os.link(temporary, path)
    except FileExistsError:
        raise
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        # Reserves the name; the file is empty for a moment, which is the price of a disk without links.
        path.touch(exist_ok=False)
        temporary.replace(path)
