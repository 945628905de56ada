"""The browser's part: its types, its bundles, and the checks of both; what a developer needs node for.

`python -m tools.page build` makes the types from the messages and the bundles from the sources; `check` formats
nothing and changes nothing, and fails where either is not what its sources make.
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from imgmagic import __version__
from tools.page_types import DECLARATIONS, declarations

ROOT = Path(__file__).parent.parent
NOTEBOOK = ROOT / "imgmagic" / "notebook"
STATIC = NOTEBOOK / "static"
BUNDLES = {
    "marimo_run": "marimo/run_widget",
    "missed_runs": "cell/missed_runs",
    "painter": "painter/page/painter",
    "panel": "panel/page/panel",
    "stop_bar": "cell/stop_bar",
    "sweep_grid": "cell/sweep_grid",
}
"""What is loaded by a front end, and the script, and the style sheet where it has one, that it is made of."""
EXTENSION = "labextension"
"""The folder among the bundles that a wheel installs where JupyterLab and Notebook look for extensions."""

_MODULES = ROOT / "node_modules"
_READY = _MODULES / ".ready"
_OPTIONS = ("--bundle", "--minify", "--target=es2022", "--charset=utf8", "--log-level=warning")


def run(*command: str) -> None:
    """Run a program of the page's tools, with the Python environment's own node."""
    path = os.pathsep.join([str(_MODULES / ".bin"), str(Path(sys.executable).parent), os.environ["PATH"]])
    program = shutil.which(command[0], path=path) or command[0]
    subprocess.run([program, *command[1:]], cwd=ROOT, env={**os.environ, "PATH": path}, check=True)


def install() -> None:
    """Install what the lock file names, where that changed."""
    lock = ROOT / "package-lock.json"
    if not _READY.exists() or _READY.stat().st_mtime < lock.stat().st_mtime:
        run("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")
        _READY.touch()


def bundle(into: Path) -> None:
    """Write every bundle into a folder."""
    for name, source in BUNDLES.items():
        endings = [each for each in ("js", "css") if (NOTEBOOK / f"{source}.{each}").exists()]
        for ending in endings:
            _bundle(f"{source}.{ending}", into / f"{name}.{ending}", "esm")
    _bundle_extension(into / EXTENSION)


def _bundle(source: str, target: Path, form: str, *more: str) -> None:
    run("esbuild", str(NOTEBOOK / source), *_OPTIONS, f"--format={form}", f"--outfile={target}", *more)


def _bundle_extension(into: Path) -> None:
    """Write the front ends' extension, and what tells them how to load it: a classic script, not a module."""
    script = into / "static" / "extension.js"
    _bundle("lab/page/extension.js", script, "iife", "--loader:.css=text")
    digest = hashlib.sha256(script.read_bytes()).hexdigest()[:16]  # browsers keep a script for as long as its address
    build = {"load": f"static/extension.js?v={digest}", "extension": "./extension"}
    described = {"name": "jupyter-imgmagic", "version": __version__, "jupyterlab": {"extension": True, "_build": build}}
    (into / "package.json").write_text(json.dumps(described, indent=2) + "\n", encoding="utf-8")


def contents(folder: Path) -> dict[str, bytes]:
    """Return every file below a folder, by its place in it."""
    return {each.relative_to(folder).as_posix(): each.read_bytes() for each in folder.rglob("*") if each.is_file()}


def build() -> None:
    """Make the types and the bundles."""
    DECLARATIONS.write_text(declarations(), encoding="utf-8")
    bundle(STATIC)


def check() -> None:
    """Check format, lint, types and logic, and that what is committed is what its sources make."""
    run("biome", "check", "--error-on-warnings")
    run("tsc")
    run("node", "--test", "--test-reporter=dot", *map(str, sorted((ROOT / "tests" / "page").glob("*.test.mjs"))))
    with tempfile.TemporaryDirectory() as folder:
        bundle(Path(folder))
        made = contents(Path(folder))
    if made != contents(STATIC) or DECLARATIONS.read_text(encoding="utf-8") != declarations():
        sys.exit("The page's bundles or types are not what their sources make. Run: make page")


def main(arguments: Sequence[str]) -> None:
    """Do what was asked for."""
    steps: Mapping[str, Callable[[], None]] = {"build": build, "check": check}
    if len(arguments) != 1 or arguments[0] not in steps:
        sys.exit("usage: python -m tools.page build|check")
    install()
    steps[arguments[0]]()


if __name__ == "__main__":
    main(sys.argv[1:])
