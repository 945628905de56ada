"""Front ends by the marks that they leave, and what follows from them."""

import pytest

from imgmagic.notebook.shell import FRONT_ENDS, Marks, front_end


@pytest.mark.parametrize(
    ("marks", "name", "has_page"),
    [
        (Marks(environ={}, modules={}), "Jupyter", True),
        (Marks(environ={}, modules={"google.colab"}), "Colab", False),
        (Marks(environ={"KAGGLE_KERNEL_RUN_TYPE"}, modules={}), "Kaggle", True),
        (Marks(environ={"VSCODE_PID"}, modules={}), "VS Code", False),
        (Marks(environ={}, modules={}, names={"__vsc_ipynb_file__"}), "VS Code", False),
        (Marks(environ={}, modules={}, platform="emscripten"), "JupyterLite", True),
    ],
)
def test_front_end_is_known_by_its_marks(marks: Marks, name: str, has_page: bool) -> None:
    """Each leaves one; without any it is Jupyter's own."""
    found = front_end(marks)

    assert (found.name, found.has_page) == (name, has_page)


def test_every_front_end_says_how_a_cell_is_stopped() -> None:
    """Where our Stop cannot, the bar says what can."""
    assert all("stop" in each.interrupt for each in FRONT_ENDS)
