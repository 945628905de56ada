"""A process: which one wrote a running record, and whether it is still alive.

A process is named by its number and the moment when it began, which together never come back on one machine. On Linux
that moment is counted from the boot, so that a clock that is set again changes nothing; psutil, which serves the other
systems, counts it from the wall clock. Of what cannot be known for certain nothing is said: a picture that still comes
is worth more than a record that is tidied early.
"""

import contextlib
import getpass
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
        started: what tells it from later processes with the same number: on Linux the boot, a colon and the moment.
    """

    host: str
    pid: int
    started: str


def this_process() -> Process:
    """Return the process that runs this."""
    pid = os.getpid()
    return Process(host=_host(), pid=pid, started=_moment(pid) or "")


def this_user() -> str | None:
    """Return who runs this: the JupyterHub user where there is one, else the system's name; None where it has none."""
    with contextlib.suppress(OSError, KeyError, ImportError):
        return os.environ.get("JUPYTERHUB_USER") or getpass.getuser()
    return None


def is_alive(process: Process, *, is_shared: bool = True) -> bool | None:
    """Return whether a process runs; None where that cannot be known: on other machines, and before the last boot.

    Args:
        process: which one.
        is_shared: whether other machines write where this process is named. Those that were copied from one image have
            the same names, and only their boots tell them apart; without any, another boot is an earlier one.
    """
    if process.host != _host():
        return None
    boot = process.started.rpartition(":")[0]
    if boot != _boot():
        return None if is_shared or not (boot and _boot()) else False
    return _moment(process.pid) == process.started


def is_dead(process: Process) -> bool:
    """Return whether a process has certainly ended."""
    return is_alive(process) is False


@cache
def _host() -> str:
    machine = ""
    with contextlib.suppress(OSError):
        machine = Path("/etc/machine-id").read_text(encoding="utf-8").strip()
    namespace = ""
    with contextlib.suppress(OSError):
        namespace = str((_PROC / "self/ns/pid").stat().st_ino)
    return ":".join((platform.node(), machine or f"{uuid.getnode():x}", namespace))


@cache
def _boot() -> str:
    """Return which boot of the machine this is; empty where the system does not say."""
    with contextlib.suppress(OSError):
        return (_PROC / "sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    return ""


def _moment(pid: int) -> str | None:
    """Return when a process began, as its name has it; None when there is no such process."""
    if not _boot():
        return _moment_by_psutil(pid)
    try:
        stat = (_PROC / str(pid) / "stat").read_bytes()
    except OSError:
        return None
    values = stat.rpartition(b")")[2].split()  # the name before it may hold anything
    # A zombie still has its number, and nobody in it who could finish a run (proc(5): field 3 is the state, 22 the
    # start).
    return None if values[0] in {b"Z", b"X"} else f"{_boot()}:{values[19].decode()}"


def _moment_by_psutil(pid: int) -> str | None:
    import psutil

    try:
        return f":{psutil.Process(pid).create_time():.2f}"
    except psutil.Error:
        return None
