"""Mounts: which disk a file is on, and whether another machine may write to it as well.

A local disk has one machine. Whoever wrote there under an earlier boot of it is gone, which nothing else can tell:
machines that were copied from one image, and share a folder, have the same names.
"""

import re
from pathlib import Path

# Disks of one machine at a time. A network's, a host's folder in a virtual machine, and what is not known are not here.
_LOCAL = frozenset({"bcachefs", "btrfs", "ext2", "ext3", "ext4", "f2fs", "jfs", "tmpfs", "xfs", "zfs"})
_ESCAPED = re.compile(r"\\([0-7]{3})")  # how the kernel writes blanks in a name: proc_pid_mountinfo(5)


def is_local(path: Path) -> bool:
    """Return whether a file is on a disk that only this machine has; False where that cannot be known."""
    try:
        table = Path("/proc/self/mountinfo").read_text(encoding="utf-8", errors="surrogateescape")
        return kind_of_disk(path.resolve(), table) in _LOCAL
    except OSError:
        return False


def kind_of_disk(path: Path, table: str) -> str | None:
    """Return the file system of an absolute path by a table in the form of /proc/self/mountinfo; None if unknown."""
    mounts = [line.split(" ") for line in table.splitlines()]
    over = [(len(at.parts), kind) for at, kind in map(_mount, mounts) if path.is_relative_to(at)]
    # The deepest folder counts, and of two that are mounted there the later one, which hides the other.
    return max(reversed(over), key=lambda each: each[0])[1] if over else None


def _mount(fields: list[str]) -> tuple[Path, str]:
    at = _ESCAPED.sub(lambda found: chr(int(found[1], 8)), fields[4])
    return Path(at), fields[fields.index("-") + 1]
