import errno
import os
import stat
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from imgmagic.store.images.atomic_files import write_file
from imgmagic.store.images.folder import Folder
from imgmagic.store.os_errors import describe_os_error


def refuse(number: int) -> object:
    def fail(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    return fail


def test_a_file_is_there_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When writing fails, what stood there stays, and nothing is left beside it."""
    path = tmp_path / "a" / "file"
    write_file(path, b"old")
    monkeypatch.setattr(os, "fsync", refuse(errno.ENOSPC))

    with pytest.raises(OSError, match="No space"):
        write_file(path, b"new")

    assert path.read_bytes() == b"old"
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize("links", [True, False], ids=["with links", "without links"])
def test_a_name_that_is_taken_is_not_overwritten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, links: bool) -> None:
    """Whether the disk knows second names or not, a file is overwritten only when told to."""
    if not links:
        monkeypatch.setattr(os, "link", refuse(errno.EPERM))
    path = tmp_path / "file"

    write_file(path, b"first", overwrite=False)
    with pytest.raises(FileExistsError):
        write_file(path, b"second", overwrite=False)
    assert path.read_bytes() == b"first"

    write_file(path, b"third")
    assert path.read_bytes() == b"third"


def test_a_fault_that_is_not_about_links_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only a disk without links is worked around."""
    monkeypatch.setattr(os, "link", refuse(errno.EIO))

    with pytest.raises(OSError, match="Input/output"):
        write_file(tmp_path / "file", b"x", overwrite=False)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "number", [errno.EXDEV, errno.EINVAL, errno.EPERM], ids=["another disk", "refused", "not allowed"]
)
def test_a_draft_that_cannot_become_the_file_is_written_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    """The early start is an extra: where drafts and originals are on two disks, the bytes are written once more."""
    replace = os.replace

    def refuse_drafts(old: Path, new: Path) -> None:
        if ".drafts" in str(old):
            raise OSError(number, os.strerror(number))
        replace(old, new)

    monkeypatch.setattr(os, "replace", refuse_drafts)

    Folder(tmp_path).write("a/file", b"picture")

    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [tmp_path / "a" / "file"]
    assert (tmp_path / "a" / "file").read_bytes() == b"picture"


@pytest.mark.parametrize("put", [Path.touch, os.mkfifo], ids=["a file", "a pipe"])
def test_a_place_for_drafts_that_is_taken_is_done_without(tmp_path: Path, put: Callable[[Path], None]) -> None:
    """Whatever is there in its place, the picture is written all the same."""
    put(tmp_path / ".drafts")

    Folder(tmp_path).write("a/file", b"picture")

    assert (tmp_path / "a" / "file").read_bytes() == b"picture"


def test_a_link_that_leads_out_is_named_as_the_reason(tmp_path: Path) -> None:
    """Who moved the originals elsewhere by a link reads what is wrong with it."""
    (tmp_path / "store").mkdir()
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "store" / "originals").symlink_to(tmp_path / "elsewhere")

    with pytest.raises(FileNotFoundError) as refusal:
        Folder(tmp_path / "store").write("originals/3f/file.png", b"picture")

    assert "through a link" in describe_os_error(refusal.value)


def test_what_is_not_there_has_no_size(tmp_path: Path) -> None:
    """Neither a missing file nor one below another file has a size; removing it is no fault."""
    folder = Folder(tmp_path)
    folder.write("file", b"four")

    assert [folder.size(name) for name in ("file", "none", "file/below")] == [4, None, None]
    folder.remove("none")


def test_a_draft_is_whole_when_it_is_named(tmp_path: Path) -> None:
    """What is written beside the block stands under its name once named, and nothing else is left."""
    folder = Folder(tmp_path)

    with folder.draft(b"picture") as draft:
        draft.commit("a/file")
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

    with folder.draft(b"picture") as draft, pytest.raises(OSError, match="No space"):
        draft.commit("file")

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
    os.utime(old, times=(time.time() - 200_000,) * 2)
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
    assert said in describe_os_error(OSError(number, os.strerror(number)))


def test_a_disk_that_cannot_flush_folders_keeps_the_picture(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Network and virtual disks refuse to flush a folder; the file stands there none the less."""
    flush = os.fsync

    def flush_files_only(descriptor: int) -> None:
        if stat.S_ISDIR(os.fstat(descriptor).st_mode):
            raise OSError(errno.EINVAL, "Invalid argument")
        flush(descriptor)

    monkeypatch.setattr(os, "fsync", flush_files_only)

    Folder(tmp_path).write("a/file", b"picture")
    write_file(tmp_path / "b" / "file", b"copy")

    assert (tmp_path / "a" / "file").read_bytes() + (tmp_path / "b" / "file").read_bytes() == b"picturecopy"


@pytest.mark.parametrize("number", [errno.EPERM, errno.ENAMETOOLONG, errno.EIO, errno.EMLINK, errno.ENOSPC])
def test_a_second_name_that_is_refused_is_done_without(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    """Whatever the disk has against a second name, the file keeps its first."""
    folder = Folder(tmp_path)
    folder.write("original", b"picture")
    monkeypatch.setattr(os, "link", refuse(number))

    assert folder.name("original", ("2026/fox.png", "2026/fox-1.png")) == "original"


def test_a_draft_that_was_swept_is_written_again(tmp_path: Path) -> None:
    """A clock that jumped lets another kernel sweep the draft of a living one: the bytes are still at hand."""
    folder = Folder(tmp_path)

    with folder.draft(b"picture") as draft:
        for swept in (tmp_path / ".drafts").iterdir():
            swept.unlink()
        draft.commit("a/file")

    assert folder.read("a/file") == b"picture"


@pytest.mark.parametrize(
    "name", ["../outside", "a/../../outside", "/etc/hostname", "away/outside", "", "..", "a\\..\\outside", "a\0b"]
)
def test_no_name_leads_out_of_the_folder(tmp_path: Path, name: str) -> None:
    """What a database of others names is not read, removed or overwritten outside, nor through a link."""
    (tmp_path / "outside").write_bytes(b"mine")
    folder = Folder(tmp_path / "store")
    folder.write("file", b"picture")
    (tmp_path / "store" / "away").symlink_to(tmp_path)

    folder.remove(name)
    for touch in (folder.read, lambda each: folder.write(each, b"theirs")):
        with pytest.raises(FileNotFoundError):
            touch(name)

    assert folder.size(name) is None
    assert (tmp_path / "outside").read_bytes() == b"mine"
    assert Path("/etc/hostname").exists()


@pytest.mark.parametrize("put", [os.mkfifo, lambda path: path.symlink_to("/etc/hostname"), Path.mkdir])
def test_only_plain_files_are_read(tmp_path: Path, put: Callable[[Path], None]) -> None:
    """A store that others made may hold a pipe, for which a reader would wait, or a link to anything."""
    put(tmp_path / "a.png")

    with pytest.raises(OSError, match=r"not a file|is a link|Is a directory"):
        Folder(tmp_path).read("a.png")


def test_nothing_is_found_outside_the_folder(tmp_path: Path) -> None:
    """A search for names that begin with a way out finds nothing."""
    (tmp_path / "outside.png").write_bytes(b"mine")
    folder = Folder(tmp_path / "store")
    folder.write("originals/aa/aab.png", b"picture")

    assert folder.find("../outside") == ()
    assert folder.find("originals/aa/aa") == ("originals/aa/aab.png",)
