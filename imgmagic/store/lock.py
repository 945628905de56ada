"""The lock of a folder: one writer at a time, threads and processes alike; it leaves no file behind where it can.

Disks that cannot lock a file, as some on networks, can make a folder once: whoever made it holds the lock. Such a lock
outlives a holder that was killed, so that one that is old is taken over.
"""

import errno
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from imgmagic.errors import StoreError

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

_NAME = ".lock"
_PAUSE_S = 0.01
_STALE_S = 60.0  # no writer holds a folder for that long
_TAKEN = {errno.EAGAIN, errno.EACCES}  # another holds the lock; any other error means that this disk locks nothing


@contextmanager
def exclusive(folder: Path, *, patience_s: float = 10.0) -> Iterator[None]:
    """Hold `folder` against every other writer; wait at most `patience_s` seconds for it.

    Raises:
        StoreError: another writer kept the folder for longer.
    """
    path = folder / _NAME
    descriptor = _acquire(path, time.monotonic() + patience_s)
    try:
        yield
    finally:
        if descriptor is None:
            _held_folder(path).rmdir()
        elif sys.platform != "win32":
            path.unlink(missing_ok=True)
        if descriptor is not None:
            os.close(descriptor)


def _acquire(path: Path, deadline: float) -> int | None:
    """Return the descriptor of the locked file; None where a folder is the lock."""
    # A lock file of its own, as a folder cannot be locked on network file systems, which want a writable descriptor.
    flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0)
    while True:
        descriptor = os.open(path, flags, 0o666)
        locked = _lock(descriptor)
        # Whoever held it before unlinks the file, so a lock may be on a file that no longer has the name; then another
        # writer has locked the new one.
        if locked and _is_still_there(path, descriptor):
            return descriptor
        os.close(descriptor)
        if locked is None:
            path.unlink(missing_ok=True)
            if _make(_held_folder(path)):
                return None
        if time.monotonic() > deadline:
            raise StoreError(
                f"{path.parent} is being written by another process that does not finish.",
                remedy="Stop the other kernel, then try again.",
            )
        time.sleep(_PAUSE_S)


def _held_folder(path: Path) -> Path:
    return path.with_name(f"{_NAME}.held")


def _make(folder: Path) -> bool:
    """Return whether this call made the folder; one that is old was left behind."""
    try:
        if time.time() - folder.stat().st_mtime > _STALE_S:
            folder.rmdir()
    except OSError:  # it is not there, or another took it over
        pass
    try:
        folder.mkdir()
    except FileExistsError:
        return False
    return True


def _lock(descriptor: int) -> bool | None:
    """Return whether the file is locked now; None where this disk locks nothing."""
    try:
        if sys.platform == "win32":
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        else:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        return False if error.errno in _TAKEN else None
    return True


def _is_still_there(path: Path, descriptor: int) -> bool:
    """Return whether the locked file is the one in the folder: the writer before may have removed it meanwhile."""
    try:
        return os.path.samestat(path.stat(), os.fstat(descriptor))
    except FileNotFoundError:
        return False
