"""Plain files: what can be read without waiting and has an end, unlike a device or a pipe, within a bound of size."""

import os
import stat
from pathlib import Path


def is_plain_file(path: Path) -> bool:
    """Return whether there is a file that may be looked at: not a folder, pipe or device."""
    try:
        return stat.S_ISREG(path.stat().st_mode)
    except OSError:
        return False


def require_plain_file(path: Path, *, most_bytes: int) -> os.stat_result:
    """Return the state of a plain file.

    Raises:
        ValueError: it is a folder, a pipe or a device, or it has more than `most_bytes`.
        OSError: there is no such file, or it may not be looked at.
    """
    state = path.stat()
    if not stat.S_ISREG(state.st_mode) or state.st_size > most_bytes:
        message = f"it is not a file of at most {most_bytes:,} bytes"
        raise ValueError(message)
    return state
