"""The files of values that a sweep's cell names."""

from pathlib import Path

import pytest

from imgmagic.errors import RequestInvalid
from imgmagic.notebook.cell.sweep_run import read_file


@pytest.mark.parametrize("name", ["circle", "~nobody-of-this-name/x.txt", "a\0b", "x" * 300, "."])
def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """A link to itself, the home of nobody, a name that no file can have, a folder."""
    monkeypatch.chdir(tmp_path)
    Path("circle").symlink_to("circle")

    with pytest.raises(RequestInvalid, match="nothing was sent"):
        read_file(name)
