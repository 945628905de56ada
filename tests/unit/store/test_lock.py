import errno
import fcntl
import os
import threading
from pathlib import Path

import pytest

from imgmagic.errors import StoreError
from imgmagic.store.lock import exclusive


def test_a_second_writer_waits_for_the_first(tmp_path):
    """Two threads are in the folder one after the other, and no lock file is left."""
    order, entered, leave = [], threading.Event(), threading.Event()

    def first():
        with exclusive(tmp_path):
            entered.set()
            leave.wait(10)
            order.append("first")

    def second():
        with exclusive(tmp_path):
            order.append("second")

    threads = [threading.Thread(target=first), threading.Thread(target=second)]
    threads[0].start()
    entered.wait(10)
    threads[1].start()
    leave.set()
    for thread in threads:
        thread.join(10)

    assert order == ["first", "second"]
    assert list(tmp_path.iterdir()) == []


def test_a_writer_that_never_finishes_is_named(tmp_path):
    """Waiting ends with an error instead of a cell that hangs."""
    with exclusive(tmp_path), pytest.raises(StoreError, match="another process"), exclusive(tmp_path, patience_s=0.05):
        pytest.fail("two writers at once")


def test_many_writers_are_never_in_at_once(tmp_path):
    """However often the lock file comes and goes, one writer is in the folder."""
    inside, seen = [], []

    def write():
        for _ in range(20):
            with exclusive(tmp_path):
                inside.append(1)
                seen.append(len(inside))
                inside.pop()

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    assert seen == [1] * 80


def test_a_lock_file_that_links_elsewhere_is_not_followed(tmp_path):
    """A link in the place of the lock makes no file at its other end."""
    (tmp_path / "inside").mkdir()
    (tmp_path / "inside" / ".lock").symlink_to(tmp_path / "outside")

    with pytest.raises(OSError, match="symbolic"), exclusive(tmp_path / "inside"):
        pytest.fail("followed the link")

    assert not (tmp_path / "outside").exists()


@pytest.mark.parametrize("number", [errno.ENOLCK, errno.EPERM, errno.EIO])
def test_a_disk_that_locks_nothing_is_locked_by_a_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    """Where files cannot be locked, whoever makes a folder holds the lock, and it is gone at the end."""

    def refuse(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(fcntl, "flock", refuse)

    with exclusive(tmp_path), pytest.raises(StoreError, match="another process"), exclusive(tmp_path, patience_s=0.05):
        pytest.fail("two writers at once")
    assert list(tmp_path.iterdir()) == []

    (tmp_path / ".lock.held").mkdir()
    os.utime(tmp_path / ".lock.held", times=(0, 0))  # left behind by one that was killed
    with exclusive(tmp_path, patience_s=1):
        pass
