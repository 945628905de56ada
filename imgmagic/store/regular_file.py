"""Reading files that others put there: a plain file of bounded size, and never a link, a pipe or a device."""

import errno
import os
import stat
from pathlib import Path


def read_regular_file(path: Path, *, most_bytes: int) -> bytes:
    """Return the bytes of a plain file.

    A link is not followed, and a pipe or device is neither waited for nor read.

    Raises:
        FileNotFoundError: there is no such file.
        OSError: it is not a plain file, is larger than `most_bytes`, or cannot be read.
    """
    # O_NONBLOCK: opening a pipe would otherwise wait for its other end.
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    # In words here; where the system can, opening also refuses a link that is put there meanwhile.
    if path.is_symlink():
        raise OSError(errno.ELOOP, "it is a link to another place")
    with open(os.open(path, flags), "rb") as file:  # noqa: PTH123 - a descriptor that is already open
        state = os.fstat(file.fileno())
        if not stat.S_ISREG(state.st_mode):
            raise OSError(errno.EINVAL, "it is not a file")
        if state.st_size > most_bytes:
            raise OSError(errno.EINVAL, f"it has more than {most_bytes:,} bytes")
        return file.read(state.st_size)  # not `most_bytes`: Python allocates what it is asked for
