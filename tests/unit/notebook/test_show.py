"""Showing in a program that embeds IPython, with a shell of its own and without a kernel."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.environment import clean_environment

PROGRAM = r"""
import sys
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

class Embedded(InteractiveShell):
    '''A shell as a program makes it.'''

config = Config(HistoryManager={"enabled": False})
shell = Embedded.instance(config=config) if sys.argv[1] == "known" else Embedded(config=config)
CELLS = (
    "%load_ext imgmagic",
    "%%imagine --output-format jpeg\na fox",
    "%%imagine --output-format jpeg --vary quality=low,high\na sea",
    "%imagine --dry-run a wolf",
    "%%imagine --output-format jpeg --no-wait -o bird\na bird",
    "import time\nfor _ in range(300):\n    time.sleep(0.1)\n    if type(bird).__name__ == 'Generation': break",
    "%%imagine --output-format jpeg --no-wait -o birds --vary quality=low,high\na bird",
    "for _ in range(300):\n    time.sleep(0.1)\n    if type(birds).__name__ == 'Sweep': break",
    "%imgmagic history",
    "%imgmagic show 1",
    "%imgmagic key openai",
    "%imgmagic panel",
)
for cell in CELLS:
    print("===", cell.splitlines()[0])
    shell.run_cell(cell)
"""


@pytest.mark.parametrize("shell", ["known", "of its own"])
def test_a_shell_without_a_kernel_draws_and_shows_plain_text(tmp_path: Path, shell: str) -> None:
    """Whether IPython knows the shell or not, a cell shows words, no HTML and no traceback."""
    ran = subprocess.run(
        [sys.executable, "-c", PROGRAM, shell],
        env=clean_environment(tmp_path, IMGMAGIC_PROVIDER="simulator"),
        capture_output=True,
        stdin=subprocess.DEVNULL,
        cwd=tmp_path,
        text=True,
        timeout=120,
        check=False,
    )

    said = ran.stdout
    assert '"a fox"' in said
    assert "Nothing was sent." in said
    assert '"a bird"' in said
    assert said.count("2 pictures in 2 cells") == 2
    assert "<imgmagic" not in said  # what holds the place of a figure in a page
    assert "this front end cannot prompt for input; set OPENAI_API_KEY instead" in ran.stderr + said
    assert "Traceback" not in ran.stderr + said
    assert "<figure" not in said
    assert "<table" not in said
