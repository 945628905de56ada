"""Measure a saved notebook with one picture."""

import tempfile
from pathlib import Path

import nbformat
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_notebook

from tools.bench.figure import Figure
from tools.bench.support.kernel import PATIENCE_S, start_options, with_this_interpreter
from tools.bench.support.server import Scripted

CELLS = ("%load_ext imgmagic", "%%imagine -p drawing --size 1024x1024\na lighthouse at dusk")
MOST_KB = 150


def saved_figures(server: Scripted) -> list[Figure]:
    """Return the size of a notebook that shows a PNG of 1024 x 1024 and about 1.5 MB."""
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "saved.ipynb"
        nbformat.write(executed(Path(name), server), path)
        (original,) = (Path(name) / "imgmagic" / "images" / "originals").rglob("*.png")
        megabytes = original.stat().st_size / 1_000_000
        title = f"saved notebook with one PNG of {megabytes:.1f} MB"
        return [Figure(name=title, ours=path.stat().st_size / 1000, unit="KB", most=MOST_KB)]


def executed(home: Path, server: Scripted) -> nbformat.NotebookNode:
    """Return a notebook of one picture, run from top to bottom."""
    notebook: nbformat.NotebookNode = new_notebook(cells=[new_code_cell(code) for code in CELLS])
    client = NotebookClient(notebook, km=with_this_interpreter(AsyncKernelManager()), timeout=PATIENCE_S)
    client.execute(**start_options(home, server))
    return notebook
