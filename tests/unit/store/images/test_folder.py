import errno
import os
import time
from pathlib import Path

import pytest

from imgmagic.store.images.folder import Folder, link, reason, write


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


def test_a_draft_is_whole_when_it_is_named(tmp_path: Path) -> None:
    """What is written beside the block stands under its name once named, and nothing else is left."""
    folder = Folder(tmp_path)

    with folder.draft(b"picture") as named:
        named("a/file")
        seen = folder.read("a/file")

    assert seen == b"picture"
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [tmp_path / "a" / "file"]


def test_a_draft_that_is_never_named_is_dropped(tmp_path: Path) -> None:
    """A block that fails leaves nothing of its draft."""
    folder = Folder(tmp_path)

    with pytest.raises(KeyError), folder.draft(bytes(1_000_000)):
        raise KeyError

    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_a_draft_that_cannot_be_written_says_so_when_it_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk's refusal comes where the name is given; nothing stands there."""
    folder = Folder(tmp_path)
    monkeypatch.setattr(os, "fsync", refuse(errno.ENOSPC))

    with folder.draft(b"picture") as named, pytest.raises(OSError, match="No space"):
        named("file")

    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_a_system_that_cannot_begin_early_flushes_at_the_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only some systems can be asked to begin; a draft is as whole on the others."""
    monkeypatch.delattr(os, "posix_fadvise", raising=False)

    Folder(tmp_path).write("file", b"picture")

    assert (tmp_path / "file").read_bytes() == b"picture"


def test_old_drafts_are_swept_and_young_ones_stay(tmp_path: Path) -> None:
    """What a killed writer left behind long ago goes; what may still be written, and what is no draft, does not."""
    folder = Folder(tmp_path)
    folder.write("file", b"picture")
    old, young = (tmp_path / ".drafts" / name for name in (".old.tmp", ".young.tmp"))
    for each in (old, young):
        each.write_bytes(b"half")
    os.utime(old, times=(time.time() - 7200,) * 2)
    os.utime(tmp_path / "file", times=(0, 0))

    folder.sweep()

    assert {path.name for path in tmp_path.rglob("*") if path.is_file()} == {"file", ".young.tmp"}


def test_there_is_nothing_to_sweep_in_a_new_folder(tmp_path: Path) -> None:
    """A folder that does not exist yet is not made by sweeping it."""
    Folder(tmp_path / "none").sweep()

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("number", "said"),
    [(errno.ENOSPC, "full"), (errno.EDQUOT, "quota"), (errno.EROFS, "read-only"), (errno.EIO, "error")],
)
def test_the_reason_is_said_in_plain_words(number: int, said: str) -> None:
    """People read why, not the number."""
    assert said in reason(OSError(number, os.strerror(number)))
