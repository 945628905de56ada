"""A PostgreSQL server of one's own, for as long as tests or measurements need one: Debian's programs, a unix socket."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any


@contextmanager
def running_postgres() -> Iterator[str]:
    """Run an empty server, and give its address as a URL.

    Raises:
        FileNotFoundError: the server's programs are not installed.
    """
    programs, folder = _programs(), Path(tempfile.mkdtemp(prefix="imgmagic-pg-"))
    as_user = _as_ordinary_user(folder)
    made = [programs / "initdb", "-D", folder / "data", "-A", "trust", "-U", "tester", "--no-sync", "-E", "UTF8"]
    subprocess.run(made, check=True, stdout=subprocess.DEVNULL, **as_user)
    settings = ("listen_addresses=", f"unix_socket_directories={folder}", "fsync=off")
    served = [programs / "postgres", "-D", folder / "data", *(word for each in settings for word in ("-c", each))]
    with (
        (folder / "log").open("w") as log,
        subprocess.Popen([*_ENDS_WITH_US, *served], stderr=log, **as_user) as server,
    ):
        try:
            _wait(programs, folder, server)
            yield f"postgresql://tester@/postgres?host={folder}"
        finally:
            server.send_signal(signal.SIGQUIT)  # at once: nothing in it is kept
    shutil.rmtree(folder)


# Also when whoever runs the server is killed.
_ENDS_WITH_US = ("setpriv", "--pdeathsig", "QUIT")
_PATIENCE_S = 60


def _wait(programs: Path, folder: Path, server: "subprocess.Popen[bytes]") -> None:
    ask = [programs / "pg_isready", "--quiet", "--host", folder]
    deadline = time.monotonic() + _PATIENCE_S
    while subprocess.run(ask, check=False).returncode:
        if server.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError((folder / "log").read_text())
        time.sleep(0.05)


def _programs() -> Path:
    named = shutil.which("initdb")
    found = [Path(named).resolve().parent] if named else sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    if not found:
        message = "PostgreSQL's server programs are not installed"
        raise FileNotFoundError(message)
    return found[-1]


def _as_ordinary_user(folder: Path) -> dict[str, Any]:
    """PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    os.chown(folder, nobody.pw_uid, nobody.pw_gid)
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": [], "cwd": folder}
