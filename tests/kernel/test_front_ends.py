"""Front ends without widgets, and programs that run files: each falls back by itself and ends with text or picture."""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import nbformat
import pytest

from tests.support.environment import clean_environment
from tests.support.kernels import PATIENCE_S, Kernel

FAST = "--size 1024x640 -f jpeg"
WITHOUT_COMM = "import comm\ncreate, comm.create_comm = comm.create_comm, comm._create_comm"  # what is there by default


def texts(kernel: Kernel, cell: str) -> list[str]:
    """Return what a front end shows that knows nothing but text and no updates, as `jupyter console`."""
    return [each["content"]["data"]["text/plain"] for each in kernel.run(cell).of("display_data")]


def test_a_front_end_of_text_ends_with_the_path(kernel: Kernel) -> None:
    """One short line stands for the widgets, then come caption and path; no representation of a widget."""
    view, figure = texts(kernel, f"%%imagine {FAST}\na red fox")

    assert view == "<imgmagic run>"
    assert figure.startswith('"a red fox"')
    assert figure.endswith("-a-red-fox.jpg")


def test_a_kernel_without_comms_shows_the_figure(kernel: Kernel) -> None:
    """Where no message reaches a widget the cell runs all the same."""
    kernel.run(WITHOUT_COMM)
    outcome = kernel.run(f"%%imagine {FAST}\na red fox")
    kernel.run("comm.create_comm = create")

    assert outcome.of("comm_open") == []
    assert (outcome.status, len(outcome.figures)) == ("ok", 1)


@pytest.mark.slow
def test_jupyter_run_waits_for_a_run_in_the_background(home: Path) -> None:
    """It ends the kernel after the last line, and says that it takes input all the same."""
    (home / "script.ipy").write_text(
        f"%load_ext imgmagic\n%imagine {FAST} a fox\n%imagine {FAST} -p slow --no-wait an owl\n"
    )
    command = [str(Path(sys.executable).with_name("jupyter-run")), "script.ipy"]

    done = subprocess.run(
        command,
        env=clean_environment(home, IMGMAGIC_PROVIDER="quick"),
        cwd=home,
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=True,
    )

    assert "-a-fox.jpg" in done.stdout
    assert "-an-owl.jpg" in done.stdout


@pytest.mark.slow
@pytest.mark.parametrize(
    "command",
    [
        ["nbconvert", "--execute", "--to", "notebook", "--output", "out.ipynb", "in.ipynb"],
        ["papermill", "in.ipynb", "out.ipynb"],
    ],
    ids=lambda command: command[0],
)
def test_programs_that_run_notebooks_leave_pictures(home: Path, command: Sequence[str]) -> None:
    """Of a run that waits and of one in the background, for which the kernel would not live long enough."""
    sources = ["%load_ext imgmagic", f"%%imagine {FAST}\na fox", f"%%imagine {FAST} -p slow --no-wait\nan owl"]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    cells = [nbformat.v4.new_code_cell(each) for each in sources]
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel}), home / "in.ipynb")

    subprocess.run(
        [sys.executable, "-m", *command],
        env=clean_environment(home, IMGMAGIC_PROVIDER="quick"),
        cwd=home,
        timeout=PATIENCE_S,
        check=True,
    )

    ran = nbformat.read(home / "out.ipynb", as_version=4)
    shown = [[each["data"].get("text/html", "") for each in cell.outputs] for cell in ran.cells]
    assert [sum(html.count("<img") for html in cell) for cell in shown] == [0, 1, 1]
