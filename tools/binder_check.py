"""Check the lessons as Binder runs them: `make binder`.

It builds an environment from binder/ alone, serves a copy of the repository from it as another user whose only folder
is the home, under a path and a port that were given, and runs every notebook in JupyterLab, in a browser. No network is
there but the loopback, no key and no setting.
"""

import argparse
import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict, Unpack

import nbformat

from tests.support import ROOT
from tests.support.browser import Notebook, Server, opened, running_browser
from tests.support.until import PATIENCE_S, until

NOTEBOOKS = sorted(path.name for path in (ROOT / "notebooks").glob("*.ipynb"))
_USER = 1000  # jovyan on Binder
_BASE = "/user/a-lesson-0a1b2c/"
# Run All is told to be over at the first cell that fails, also where that is meant and the others go on.
_RUN_ALL = """
async () => {
  const { commands, shell } = window.jupyterapp;
  const { content, sessionContext } = shell.currentWidget;
  const code = content.widgets.filter(each => each.model.type === 'code').map(each => each.model);
  for (const each of code) each.clearExecution();
  await commands.execute('notebook:run-all-cells').catch(() => null);
  let idle = 0;
  while (idle < 30 && code.some(each => each.executionCount === null)) {
    await new Promise(done => setTimeout(done, 100));
    idle = sessionContext.session.kernel.status === 'idle' ? idle + 1 : 0;
  }
  return JSON.stringify(content.model.toJSON());
}
"""


class _User(TypedDict, total=False):
    """As whom a program runs."""

    user: int
    group: int
    extra_groups: Collection[int]


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where things stand: the environment's programs, and the home that holds the repository."""

    programs: Path
    home: Path

    @property
    def environment(self) -> dict[str, str]:
        """Return all that the server's process is told."""
        path = f"{self.programs}:/usr/local/bin:/usr/bin:/bin"
        return {"PATH": path, "HOME": str(self.home), "USER": "jovyan", "SHELL": "/bin/bash", "LANG": "C.UTF-8"}


def build(folder: Path) -> Place:
    """Make the environment and the home that binder/ describes, owned by Binder's user where that is possible."""
    place = Place(programs=folder / "venv" / "bin", home=folder / "home")
    copy_repository(place.home)
    _run([_interpreter(), "-m", "venv", str(folder / "venv")])
    pip = [str(place.programs / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    _run([*pip, "-r", "binder/requirements.txt"], cwd=place.home)
    if os.getuid() == 0:
        folder.chmod(0o755)
        _run(["chown", "-R", f"{_USER}:{_USER}", str(folder / "venv"), str(place.home)])
    _run(["binder/postBuild"], cwd=place.home, env=place.environment, **identity())
    return place


def copy_repository(home: Path) -> None:
    """Copy what git knows, as Binder clones it."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True).stdout
    for name in filter(None, listed.decode().split("\0")):
        if (ROOT / name).is_file():
            (home / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, home / name)


def identity() -> _User:
    """Return as whom to run: as Binder's user where we may choose."""
    return {"user": _USER, "group": _USER, "extra_groups": ()} if os.getuid() == 0 else {}


@contextmanager
def serving(place: Place, *, address: str, as_user: _User) -> Iterator[Server]:
    """Serve the home as Binder does, at a path and a port that were given."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    token = secrets.token_hex(8)
    options = {
        "ServerApp.ip": address,
        "ServerApp.port": port,
        "ServerApp.base_url": _BASE,
        "ServerApp.open_browser": False,
        "ServerApp.allow_root": True,  # where there is no other user
        "IdentityProvider.token": token,
        "LabApp.expose_app_in_browser": True,  # so that the check can ask the page for its notebook
    }
    command = [str(place.programs / "jupyter-lab"), *(f"--{name}={value}" for name, value in options.items())]
    with (place.home.parent / "server.log").open("w") as log:
        process = subprocess.Popen(command, env=place.environment, cwd=place.home, stdout=log, stderr=log, **as_user)
    try:
        until(lambda: process.poll() is not None or _answers(port), "the server does not start")
        if process.poll() is not None:
            sys.exit((place.home.parent / "server.log").read_text())
        yield Server(url=f"http://127.0.0.1:{port}{_BASE}", token=token, folder=place.home / "notebooks")
    finally:
        process.terminate()  # by its own id; it ends its kernels
        process.wait(timeout=PATIENCE_S)


def run_all(notebook: Notebook) -> nbformat.NotebookNode:
    """Run every cell in the page and return the notebook as the page holds it then."""
    notebook.page.wait_for_function("() => window.jupyterapp.shell.currentWidget.content.model !== null")
    ran: nbformat.NotebookNode = nbformat.reads(notebook.page.evaluate(_RUN_ALL), as_version=4)
    return ran


def faults(ran: nbformat.NotebookNode, saved: nbformat.NotebookNode) -> Iterator[str]:
    """Yield what is wrong with a run, compared with the notebook as it was saved."""
    for number, (cell, before) in enumerate(zip(ran.cells, saved.cells, strict=True)):
        if cell.cell_type != "code":
            continue
        if cell.execution_count is None:
            yield f"cell {number} did not run"
        if (shown := figures(cell)) != (wanted := figures(before)):
            yield f"cell {number} shows {shown} figures, not {wanted}"
        if "raises-exception" not in cell.metadata.get("tags", []):
            yield from (f"cell {number}: {each.evalue}" for each in cell.outputs if each.output_type == "error")


def figures(cell: nbformat.NotebookNode) -> int:
    """Return how many figures a cell shows."""
    return sum("<figure" in output.get("data", {}).get("text/html", "") for output in cell.outputs)


def check(place: Place, names: Sequence[str], *, address: str, as_user: _User) -> list[str]:
    """Run notebooks in a browser; return what was wrong."""
    found = []
    with serving(place, address=address, as_user=as_user) as server, running_browser() as browser:
        for name in names:
            saved = nbformat.read(server.folder / name, as_version=4)
            with opened(browser, server, name, front_end="lab/tree/notebooks") as notebook:
                wrong = list(faults(run_all(notebook), saved))
            print(f"{name}: {'; '.join(wrong) or 'all cells ran'}", flush=True)
            found += wrong
    return found


def without_network(folder: Path, names: Sequence[str]) -> int:
    """Run the check again in a process that has no network but its own loopback."""
    again = ["sh", "-c", 'ip link set lo up && exec "$@"', "sh", sys.executable, "-m", "tools.binder_check"]
    as_root = [] if os.getuid() == 0 else ["--map-root-user"]
    command = ["unshare", "--net", *as_root, "--", *again, "--built", str(folder), *names]
    return subprocess.run(command, cwd=ROOT, check=False).returncode


def _closed() -> bool:
    try:
        socket.create_connection(("192.0.2.1", 80), timeout=3).close()  # an address for documents only
    except TimeoutError:
        return False
    except OSError:
        return True
    return False


def _answers(port: int) -> bool:
    with socket.socket() as asking:
        return asking.connect_ex(("127.0.0.1", port)) == 0


def _interpreter() -> str:
    """Return a Python that another user may run too."""
    return "/usr/bin/python3" if os.getuid() == 0 and Path("/usr/bin/python3").exists() else sys.executable


def _run(
    command: Sequence[str],
    *,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    **as_user: Unpack[_User],
) -> None:
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd=cwd, env=env, **as_user)


def main() -> int:
    """Build the environment, close the network, and run the notebooks."""
    parser = argparse.ArgumentParser(prog="python -m tools.binder_check", description=__doc__)
    parser.add_argument("names", nargs="*", default=NOTEBOOKS, help="notebooks; all unless given")
    parser.add_argument("--built", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.built is None:
        with tempfile.TemporaryDirectory(prefix="binder-") as folder:
            build(Path(folder))
            return without_network(Path(folder), arguments.names)
    if not _closed():
        print("the network is open: nothing would be proven", file=sys.stderr)
        return 1
    place = Place(programs=arguments.built / "venv" / "bin", home=arguments.built / "home")
    every = "0.0.0.0"  # noqa: S104 - as Binder does; there is no network but our own loopback
    return int(bool(check(place, arguments.names, address=every, as_user=identity())))


if __name__ == "__main__":
    sys.exit(main())
