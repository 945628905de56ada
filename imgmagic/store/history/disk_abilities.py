"""What a disk can do for a database: lock files between processes, and map one file into the memory of several.

Disks on networks often cannot: NFS without its lock service locks nothing, and many shares map nothing. SQLite says of
both only that it is busy, after a long wait, so they are tried on a file of our own before a history is opened.
"""

import contextlib
import errno
import mmap
import os
import sys
import tempfile
import threading
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

if sys.platform != "win32":
    import fcntl

PATIENCE_S = 2.0
_PAGE = 4096


@dataclass(frozen=True, kw_only=True)
class DiskAbilities:
    """Say whether the disk of a folder locks files, and maps them into memory that processes share."""

    locks: bool = True
    maps: bool = True


def probe_disk(folder: Path, *, patience_s: float = PATIENCE_S) -> DiskAbilities:
    """Return what the disk of `folder` can do; one that does not answer in `patience_s` seconds can do nothing.

    A folder that cannot be written is taken for able: whoever opens a database there is told the true reason.
    """
    if sys.platform == "win32":
        return DiskAbilities()
    found: list[DiskAbilities] = []
    # On a thread that may be left behind: a call to a network disk that is gone never returns, and cannot be
    # interrupted.
    trying = threading.Thread(target=lambda: found.append(_try(folder)), name="imgmagic-probe", daemon=True)
    trying.start()
    trying.join(patience_s)
    return found[0] if found else DiskAbilities(locks=False, maps=False)


def find_local_place(wanted: Path) -> Path:
    """Return where on this machine a history is kept that cannot be kept at `wanted`; the same each time.

    Raises:
        OSError: there is no such place.
    """
    name = f"{wanted.stem}-{sha256(str(wanted).encode('utf-8', 'surrogateescape')).hexdigest()[:12]}{wanted.suffix}"
    # /var/tmp first, as it outlives a restart of the machine.
    for base in dict.fromkeys((Path("/var/tmp"), Path(tempfile.gettempdir()))):  # noqa: S108 - a folder of our own in it
        folder = base / f"imgmagic-{os.getuid() if sys.platform != 'win32' else 'user'}"
        with contextlib.suppress(OSError):
            folder.mkdir(mode=0o700, exist_ok=True)
        if _is_mine(folder) and probe_disk(folder).locks:
            return folder / name
    raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))


def _is_mine(folder: Path) -> bool:
    """Return whether nobody else can write in a folder: others may have made one of this name before us."""
    try:
        state = folder.lstat()
    except OSError:
        return False
    mine = sys.platform == "win32" or state.st_uid == os.getuid()
    return mine and folder.is_dir() and not folder.is_symlink() and not state.st_mode & 0o022


def _try(folder: Path) -> DiskAbilities:
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            os.ftruncate(file.fileno(), _PAGE)
            return DiskAbilities(locks=_locks(file.fileno()), maps=_maps(file.fileno()))
    except OSError:
        return DiskAbilities()


# Whatever the reason that is given: nobody else knows the file, so no other program can be in the way.
def _locks(descriptor: int) -> bool:
    if sys.platform != "win32":
        try:
            fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
    return True


def _maps(descriptor: int) -> bool:
    try:
        mmap.mmap(descriptor, _PAGE).close()
    except OSError:
        return False
    return True
