"""The lock of a folder: one writer at a time, threads and processes alike; it leaves no file behind where it can."""

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


@contextmanager
def exclusive(folder: Path, *, patience_s: float = 10.0) -> Iterator[None]:
    """Hold `folder` against every other writer; wait at most `patience_s` seconds for it.

    Raises:
        StoreError: another writer kept the folder for longer.
    """
    path = folder / _NAME
    descriptor = _acquired(path, time.monotonic() + patience_s)
    try:
        yield
    finally:
        if sys.platform != "win32":
            path.unlink(missing_ok=True)
        os.close(descriptor)


def _acquired(path: Path, deadline: float) -> int:
    # A lock file of its own, as a folder cannot be locked on network file systems, which want a writable descriptor.
    flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0)
    while True:
        descriptor = os.open(path, flags, 0o666)
        if _locked(descriptor) and _is_still_there(path, descriptor):
            return descriptor
        os.close(descriptor)
        if time.monotonic() > deadline:
            raise StoreError(
                f"{path.parent} is being written by another process that does not finish.",
                remedy="Stop the other kernel, then try again.",
            )
        time.sleep(_PAUSE_S)


def _locked(descriptor: int) -> bool:
    try:
        if sys.platform == "win32":
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        else:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    return True


def _is_still_there(path: Path, descriptor: int) -> bool:
    """Return whether the locked file is the one in the folder: the writer before may have removed it meanwhile."""
    try:
        return os.path.samestat(path.stat(), os.fstat(descriptor))
    except FileNotFoundError:
        return False
