import errno
import fcntl
import mmap
import os
import sqlite3
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from imgmagic.store.history import disk_abilities
from imgmagic.store.history.disk_abilities import DiskAbilities, probe_disk
from imgmagic.store.history.history import History
from tests.support.stored_runs import completed


def refuse_with(number: int) -> Callable[..., None]:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number))

    return refuse


def test_an_ordinary_disk_can_do_both(tmp_path: Path) -> None:
    """A local disk locks and maps, and the trial leaves nothing behind."""
    assert probe_disk(tmp_path) == DiskAbilities(locks=True, maps=True)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("number", [errno.ENOLCK, errno.EAGAIN, errno.EACCES, errno.EPERM, errno.ENODEV, errno.ENOMEM])
def test_what_a_disk_refuses_is_found_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    """Locks and maps are tried each by itself; whatever reason is given, nobody else has the file that is tried."""
    monkeypatch.setattr(mmap, "mmap", refuse_with(number))
    assert probe_disk(tmp_path) == DiskAbilities(locks=True, maps=False)

    monkeypatch.setattr(fcntl, "lockf", refuse_with(number))
    assert probe_disk(tmp_path) == DiskAbilities(locks=False, maps=False)


def test_a_disk_that_does_not_answer_is_not_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A network that hangs costs the patience, not the session."""
    answer = threading.Event()
    monkeypatch.setattr(fcntl, "lockf", lambda *_: answer.wait(30))
    began = time.monotonic()

    assert not probe_disk(tmp_path, patience_s=0.05).locks

    assert time.monotonic() - began < 20
    answer.set()


def test_without_locks_the_history_is_kept_on_this_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It says so, and the next session goes on in the same place."""
    home, here = tmp_path / "home", tmp_path / "here"
    here.mkdir(mode=0o700)
    monkeypatch.setattr("imgmagic.store.history.opening.probe_disk", lambda folder: DiskAbilities(locks=False))
    monkeypatch.setattr("imgmagic.store.history.opening.find_local_place", lambda path: here / path.name)

    for number in (1, 2):
        history = History(home / "history.sqlite")
        assert completed(history) == number
        assert "cannot lock files" in history.notices[0]
        assert str(here) in history.notices[0]
        history.close()

    assert list(home.iterdir()) == []


def test_a_place_on_this_machine_is_our_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder of that name that others can write to is not trusted; the place is the same each time."""
    monkeypatch.setattr(disk_abilities, "Path", lambda text: tmp_path / "shared" if text == "/var/tmp" else Path(text))
    shared = tmp_path / "shared" / f"imgmagic-{os.getuid()}"
    shared.mkdir(parents=True)
    shared.chmod(0o777)
    monkeypatch.setattr("tempfile.gettempdir", lambda: str(tmp_path))

    places = {disk_abilities.find_local_place(Path("/net/home/history.sqlite")) for _ in range(2)}

    (place,) = places
    assert place.parent.parent == tmp_path
    assert place.parent.stat().st_mode & 0o777 == 0o700


def test_without_maps_the_history_keeps_another_journal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A history that another machine left in the mode that needs shared memory is read and written without it."""
    path = tmp_path / "history.sqlite"
    before = History(path)
    completed(before)
    before.close()
    monkeypatch.setattr("imgmagic.store.history.opening.probe_disk", lambda folder: DiskAbilities(maps=False))

    history, second = History(path), History(path)

    assert [completed(history), completed(second)] == [2, 3]
    assert sorted(each.name for each in tmp_path.iterdir() if "wal" in each.name or "shm" in each.name) == []
    with sqlite3.connect(path) as other:
        assert other.execute("PRAGMA journal_mode").fetchone() == ("delete",)
    other.close()
    history.close()
    second.close()
