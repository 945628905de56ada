"""Plain files: what can be read without waiting for it."""

import os
from pathlib import Path

import pytest

from imgmagic.config.plain_files import is_plain_file, require_plain_file


def test_a_plain_file_within_the_bound_is_read(tmp_path: Path) -> None:
    """Its state comes back, by which a cache knows that it has changed."""
    file = tmp_path / "prices.json"
    file.write_bytes(b"12345")

    assert is_plain_file(file)
    assert require_plain_file(file, most_bytes=5).st_size == 5


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes in folders")
def test_a_pipe_is_refused_without_waiting_for_it(tmp_path: Path) -> None:
    """Nobody writes into it, so reading it would hang a cell."""
    pipe = tmp_path / "prices.json"
    os.mkfifo(pipe)

    assert not is_plain_file(pipe)
    with pytest.raises(ValueError, match="it is not a file of at most 5 bytes"):
        require_plain_file(pipe, most_bytes=5)


def test_folders_and_files_past_the_bound_are_refused(tmp_path: Path) -> None:
    """A folder, and a file past the bound; what is missing is the system's own error."""
    (tmp_path / "large.json").write_bytes(b"123456")

    assert not is_plain_file(tmp_path)
    assert not is_plain_file(tmp_path / "missing.json")
    for path in (tmp_path, tmp_path / "large.json"):
        with pytest.raises(ValueError, match="it is not a file of at most 5 bytes"):
            require_plain_file(path, most_bytes=5)
    with pytest.raises(FileNotFoundError):
        require_plain_file(tmp_path / "missing.json", most_bytes=5)
