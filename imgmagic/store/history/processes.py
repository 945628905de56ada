"""A process: which one wrote a running record, and whether it is still alive."""

import contextlib
import os
import platform
import uuid
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_PROC = Path("/proc")


@dataclass(frozen=True, kw_only=True)
class Process:
    """Name one process so that no other, on this machine or another, now or later, has the same name.

    Args:
        host: the machine and, on Linux, the namespace of its process numbers (a container has its own).
        pid: its number.
        started: what tells it from later processes with the same number; empty where the system does not say.
    """

    host: str
    pid: int
    started: str


def this_process() -> Process:
    """Return the process that runs this."""
    pid = os.getpid()
    return Process(host=_host(), pid=pid, started=_start(pid) or "")


def is_dead(process: Process) -> bool:
    """Return whether a process has certainly ended; of other machines nothing is certain."""
    if process.host != _host():
        return False
    if _PROC.joinpath("self/stat").exists():
        return _start(process.pid) != process.started
    return os.name == "posix" and not _answers(process.pid)  # Windows has no harmless signal: there it is never certain


@cache
def _host() -> str:
    machine = ""
    with contextlib.suppress(OSError):
        machine = Path("/etc/machine-id").read_text(encoding="utf-8").strip()
    namespace = ""
    with contextlib.suppress(OSError):
        namespace = str((_PROC / "self/ns/pid").stat().st_ino)
    return ":".join((platform.node(), machine or f"{uuid.getnode():x}", namespace))


def _start(pid: int) -> str | None:
    """Return when a process started, as the boot and the clock ticks since; None when there is no such process."""
    try:
        stat = (_PROC / str(pid) / "stat").read_bytes()
        boot = (_PROC / "sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return None
    values = stat.rpartition(b")")[2].split()  # the name before it may hold anything
    return None if values[0] in {b"Z", b"X"} else f"{boot}:{values[19].decode()}"


def _answers(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
