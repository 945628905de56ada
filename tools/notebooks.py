"""Run the notebooks: `demo` draws the first one into a page, `save` stores outputs, `check` compares them strictly.

Whatever keys the environment holds, nothing is spent: the notebooks see none of them and ask the simulator.
"""

import argparse
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbconvert import HTMLExporter

ROOT = Path(__file__).parent.parent
NOTEBOOKS = ROOT / "notebooks"
BUILD = ROOT / "build"
_HIDDEN = ("IMGMAGIC_", "OPENAI_", "AZURE_OPENAI_", "YANDEX_", "TFY_")


def quiet_environment(pace_s: str) -> dict[str, str]:
    """Return the environment without keys and settings, with a home of its own and the simulator as the provider."""
    home = BUILD / "home"
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir(parents=True)
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_HIDDEN)}
    own = {
        "IMGMAGIC_HOME": str(home / "imgmagic"),
        "IMGMAGIC_PROVIDER": "simulator",
        "IMGMAGIC_SIMULATOR_PACE": pace_s,
        "IPYTHONDIR": str(home / "ipython"),  # a profile could set another provider
        "JUPYTER_PREFER_ENV_PATH": "1",  # the kernel of this environment, not one that the user installed
    }
    return {**kept, **own}


def executed(path: Path) -> nbformat.NotebookNode:
    """Return the notebook with the outputs of a run from top to bottom."""
    notebook = nbformat.read(path, as_version=4)
    client = NotebookClient(
        notebook, timeout=120, kernel_name="python3", resources={"metadata": {"path": str(path.parent)}}
    )
    client.store_widget_state = False  # the view leaves nothing that needs it
    client.record_timing = False
    client.execute(env=dict(os.environ))
    return notebook


def demo(_: argparse.Namespace) -> int:
    """Run the quickstart, write it as a page with the pictures in it, and say what was drawn."""
    notebook = executed(NOTEBOOKS / "01_quickstart.ipynb")
    page, _resources = HTMLExporter().from_notebook_node(notebook)
    BUILD.mkdir(exist_ok=True)
    target = BUILD / "quickstart.html"
    target.write_text(page, encoding="utf-8")
    for caption in captions(notebook):
        print(caption, end="\n\n")
    print(f"Everything above was drawn by the simulator; the pictures are in {target.relative_to(ROOT)}.")
    print("Open the notebook yourself with: make lab")
    return 0


def captions(notebook: nbformat.NotebookNode) -> list[str]:
    """Return the plain text of every figure in the notebook."""
    bundles = [output.get("data", {}) for cell in notebook.cells for output in cell.get("outputs", [])]
    return [bundle["text/plain"] for bundle in bundles if "<figure" in bundle.get("text/html", "")]


def save(_: argparse.Namespace) -> int:
    """Run every notebook and store its outputs in it."""
    for path in sorted(NOTEBOOKS.glob("*.ipynb")):
        notebook = executed(path)
        for cell in notebook.cells:
            cell.metadata.pop("execution", None)
        notebook.metadata.pop("widgets", None)
        notebook.metadata["language_info"] = {"name": "python"}
        nbformat.write(notebook, path)
        print(path.relative_to(ROOT))
    return 0


def check(_: argparse.Namespace) -> int:
    """Compare every notebook's outputs with a fresh run, strictly (nbval)."""
    command = [sys.executable, "-m", "pytest", "--nbval", "--nbval-current-env", "-p", "no:cacheprovider"]
    command += ["--nbval-sanitize-with", str(NOTEBOOKS / "nbval.cfg"), "--override-ini", "addopts=", "-q"]
    return subprocess.run([*command, str(NOTEBOOKS)], cwd=ROOT, env=os.environ, check=False).returncode


COMMANDS: Mapping[str, tuple[Callable[[argparse.Namespace], int], str]] = {
    "demo": (demo, "1"),
    "save": (save, "0.2"),
    "check": (check, "0.2"),
}


def main() -> int:
    """Run one command in the quiet environment."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("command", choices=COMMANDS)
    arguments = parser.parse_args()
    run, pace_s = COMMANDS[arguments.command]
    environment = quiet_environment(pace_s)
    os.environ.clear()
    os.environ.update(environment)
    return run(arguments)


if __name__ == "__main__":
    sys.exit(main())
