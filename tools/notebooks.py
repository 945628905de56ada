"""Run the notebooks: `demo` draws the first into a page, `save` stores outputs, `check` compares them strictly.

`record` makes the recordings of a lesson anew. Whatever keys the environment holds, nothing is spent: the notebooks see
none of them; a lesson plays what stands beside it, strictly, and every other notebook asks the simulator.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbconvert import HTMLExporter

from tests.support import ROOT
from tests.support.environment import FOREIGN

NOTEBOOKS = ROOT / "notebooks"
BUILD = ROOT / "build"
_ANY_HOME = "/home/you/.local/share/imgmagic"  # in saved outputs, instead of this machine's
_FOLDED = re.compile(r"<details>.*?</details>", re.DOTALL)
_CODE = re.compile(r"^```python\n(.*?)\n```$", re.DOTALL | re.MULTILINE)


def quiet_environment(home: Path, pace_s: str) -> dict[str, str]:
    """Return the environment without keys and settings, and with the simulator as the provider."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(FOREIGN)}
    own = {
        "IMGMAGIC_PROVIDER": "simulator",
        "IMGMAGIC_SIMULATOR_PACE": pace_s,
        "IPYTHONDIR": str(home / "ipython"),  # a profile could set another provider
        "JUPYTER_PREFER_ENV_PATH": "1",  # the kernel of this environment, not one that the user installed
    }
    return {**kept, **own}


def lesson_environment(path: Path, home: Path) -> dict[str, str]:
    """Return what the kernel of one notebook is told: its name, a history of its own, to play its recordings only."""
    named = {"JPY_SESSION_NAME": str(path), "IMGMAGIC_HOME": str(home / path.stem)}
    if not path.with_suffix(".imgmagic").is_dir():
        return named
    return {"IMGMAGIC_MODE": "replay", "IMGMAGIC_REPLAY_SPEED": "0", **named}


def executed(path: Path, environment: Mapping[str, str], *, more: list[str] | None = None) -> nbformat.NotebookNode:
    """Return the notebook with the outputs of a run from top to bottom, and of `more` cells after it."""
    notebook: nbformat.NotebookNode = nbformat.read(path, as_version=4)
    notebook.cells += [nbformat.v4.new_code_cell(source) for source in more or []]
    client = NotebookClient(
        notebook, timeout=120, kernel_name="python3", resources={"metadata": {"path": str(path.parent)}}
    )
    client.store_widget_state = False  # the view leaves nothing that needs it
    client.record_timing = False
    client.execute(env={**os.environ, **environment})
    return notebook


_TOTALS = "import imgmagic; print(repr(imgmagic.usage(by='model')).strip('<>'))"


def demo(arguments: argparse.Namespace) -> int:
    """Run the quickstart, write it as a page with the pictures in it, and say what was drawn."""
    path = NOTEBOOKS / "01_quickstart.ipynb"
    environment = lesson_environment(path, arguments.home)
    notebook = executed(path, environment)
    page, _resources = HTMLExporter().from_notebook_node(notebook)
    target = BUILD / "quickstart.html"
    target.write_text(page, encoding="utf-8")
    for caption in captions(notebook):
        print(caption, end="\n\n")
    told = subprocess.run([sys.executable, "-c", _TOTALS], env=environment, capture_output=True, text=True, check=True)
    print(told.stdout)
    print(f"Everything above was drawn by the simulator; the pictures are in {target.relative_to(ROOT)}.")
    print("Open the notebook yourself with: make lab")
    return 0


def captions(notebook: nbformat.NotebookNode) -> list[str]:
    """Return the plain text of every figure in the notebook."""
    bundles = [output.get("data", {}) for cell in notebook.cells for output in cell.get("outputs", [])]
    return [bundle["text/plain"] for bundle in bundles if "<figure" in bundle.get("text/html", "")]


def solutions(notebook: nbformat.NotebookNode) -> list[str]:
    """Return the cells that stand folded away as solutions."""
    texts = [cell.source for cell in notebook.cells if cell.cell_type == "markdown"]
    return [code for text in texts for folded in _FOLDED.findall(text) for code in _CODE.findall(folded)]


def chosen(arguments: argparse.Namespace) -> list[Path]:
    """Return the notebooks that were named, or all."""
    paths = sorted(NOTEBOOKS.glob("*.ipynb"))
    return [path for path in paths if not arguments.names or path.stem in arguments.names]


def save(arguments: argparse.Namespace) -> int:
    """Run the notebooks and store their outputs in them."""
    for path in chosen(arguments):
        environment = lesson_environment(path, arguments.home)
        notebook = executed(path, environment)
        for cell in notebook.cells:
            cell.metadata.pop("execution", None)
        notebook.metadata.pop("widgets", None)
        notebook.metadata["language_info"] = {"name": "python"}
        text = nbformat.writes(notebook).replace(environment["IMGMAGIC_HOME"], _ANY_HOME)
        path.write_text(text + "\n", encoding="utf-8")
        print(path.relative_to(ROOT))
    return 0


def check(arguments: argparse.Namespace) -> int:
    """Compare the notebooks' outputs with a fresh run, strictly (nbval)."""
    command = [sys.executable, "-m", "pytest", "--nbval", "--nbval-current-env", "-p", "no:cacheprovider"]
    command += ["--nbval-sanitize-with", str(NOTEBOOKS / "nbval.cfg"), "--override-ini", "addopts=", "-q"]
    runs = [
        subprocess.run(
            [*command, str(path)], cwd=ROOT, env={**os.environ, **lesson_environment(path, arguments.home)}, check=False
        )
        for path in chosen(arguments)
    ]
    return max(run.returncode for run in runs)


def record(arguments: argparse.Namespace) -> int:
    """Record the named lessons anew from the simulator, their solutions too, each into the folder beside it."""
    for path in chosen(arguments) if arguments.names else []:
        folder = path.with_suffix(".imgmagic")
        recording = {"IMGMAGIC_MODE": "record", "IMGMAGIC_RECORDINGS": str(folder)}
        shutil.rmtree(folder, ignore_errors=True)
        executed(
            path,
            {**lesson_environment(path, arguments.home), **recording},
            more=solutions(nbformat.read(path, as_version=4)),
        )
        print(f"{folder.relative_to(ROOT)}: now save the notebook and look at it")
    return 0


COMMANDS: Mapping[str, tuple[Callable[[argparse.Namespace], int], str]] = {
    "demo": (demo, "1"),
    "save": (save, "0.2"),
    "check": (check, "0.2"),
    "record": (record, "1.5"),
}


def main() -> int:
    """Run one command in the quiet environment."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("command", choices=COMMANDS)
    parser.add_argument("names", nargs="*", help="notebooks without their ending; all unless given, `record` needs one")
    arguments = parser.parse_args()
    run, pace_s = COMMANDS[arguments.command]
    BUILD.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="home-", dir=BUILD) as home:
        arguments.home = Path(home)
        environment = quiet_environment(arguments.home, pace_s)
        os.environ.clear()
        os.environ.update(environment)
        return run(arguments)


if __name__ == "__main__":
    sys.exit(main())
