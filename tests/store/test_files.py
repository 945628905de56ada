import errno
import os
from pathlib import Path

import pytest

from imgmagic.store.files import Folder, link, reason, write


def refuse(number: int) -> object:
    def fail(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    return fail


def test_a_file_is_there_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When writing fails, what stood there stays, and nothing is left beside it."""
    path = tmp_path / "a" / "file"
    write(path, b"old")
    monkeypatch.setattr(os, "fsync", refuse(errno.ENOSPC))

    with pytest.raises(OSError, match="No space"):
        write(path, b"new")

    assert path.read_bytes() == b"old"
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize("links", [True, False], ids=["with links", "without links"])
def test_a_name_that_is_taken_is_not_overwritten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, links: bool) -> None:
    """Whether the disk knows second names or not, a file is overwritten only when told to."""
    if not links:
        monkeypatch.setattr(os, "link", refuse(errno.EPERM))
    path = tmp_path / "file"

    write(path, b"first", overwrite=False)
    with pytest.raises(FileExistsError):
        write(path, b"second", overwrite=False)
    assert path.read_bytes() == b"first"

    write(path, b"third")
    assert path.read_bytes() == b"third"


def test_a_fault_that_is_not_about_links_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only a disk without links is worked around."""
    monkeypatch.setattr(os, "link", refuse(errno.EIO))

    with pytest.raises(OSError, match="Input/output"):
        write(tmp_path / "file", b"x", overwrite=False)
    with pytest.raises(OSError, match="Input/output"):
        link(tmp_path / "file", tmp_path / "other")
    assert list(tmp_path.iterdir()) == []


def test_what_is_not_there_has_no_size(tmp_path: Path) -> None:
    """Neither a missing file nor one below another file has a size; removing it is no fault."""
    folder = Folder(tmp_path)
    folder.write("file", b"four")

    assert [folder.size(name) for name in ("file", "none", "file/below")] == [4, None, None]
    folder.remove("none")


@pytest.mark.parametrize(
    ("number", "said"),
    [(errno.ENOSPC, "full"), (errno.EDQUOT, "quota"), (errno.EROFS, "read-only"), (errno.EIO, "error")],
)
def test_the_reason_is_said_in_plain_words(number: int, said: str) -> None:
    """People read why, not the number."""
    assert said in reason(OSError(number, os.strerror(number)))
