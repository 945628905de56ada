import _thread
import sqlite3
import sys
import threading
import time
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import OperationalError

from imgmagic.errors import SettingsError, StoreError
from imgmagic.store.history.database import Database
from imgmagic.store.history.history import History


def test_a_write_that_another_program_disturbed_is_tried_again(tmp_path: Path) -> None:
    """What failed for a moment only is done once, without a word."""
    database, attempts = Database(str(tmp_path / "history.sqlite")), []

    def step(connection: sa.Connection) -> str:
        attempts.append(connection)
        if len(attempts) < 3:
            raise OperationalError("INSERT", {}, Exception("database is locked"))
        return "done"

    assert database.write(step, "test") == "done"
    assert len(attempts) == 3
    database.close()


def test_a_write_that_can_never_succeed_is_not_repeated(tmp_path: Path) -> None:
    """A fault of its own is told at once, with what was not done and the way out."""
    database, attempts = Database(str(tmp_path / "history.sqlite")), []

    def step(connection: sa.Connection) -> None:
        attempts.append(connection)
        connection.exec_driver_sql("INSERT INTO nowhere VALUES (1)")

    with pytest.raises(StoreError, match="the row was not saved: its tables are gone") as raised:
        database.write(step, "the row was not saved", "Write it down.")

    assert str(raised.value).endswith("Write it down.")
    assert "INSERT" not in str(raised.value)
    assert len(attempts) == 1
    database.close()


def test_a_failed_step_leaves_nothing(tmp_path: Path) -> None:
    """A transaction is all or nothing."""
    database = Database(str(tmp_path / "history.sqlite"))
    database.write(lambda connection: connection.exec_driver_sql("CREATE TABLE t (x)"), "test")

    def step(connection: sa.Connection) -> None:
        connection.exec_driver_sql("INSERT INTO t VALUES (1)")
        raise StoreError("stop")

    with pytest.raises(StoreError, match="stop"):
        database.write(step, "test")
    with database.read() as connection:
        assert connection.scalar(sa.text("SELECT COUNT(*) FROM t")) == 0
    database.close()


def test_a_missing_driver_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """PostgreSQL without psycopg says what to install."""
    monkeypatch.setitem(sys.modules, "psycopg", None)

    with pytest.raises(SettingsError, match=r"jupyter-imgmagic\[postgres\]"):
        Database("postgresql://here/db")


def test_the_password_is_never_in_the_title() -> None:
    """A server is named without what opens it."""
    title = Database("postgresql://user:hunter2secret@here/db").title

    assert "hunter2secret" not in title
    assert "here/db" in title


def test_a_kernel_that_opens_while_another_writes_waits(tmp_path: Path) -> None:
    """Entering WAL meets a lock at once, without SQLite's own patience; opening goes on when the lock is gone."""
    path = tmp_path / "history.sqlite"
    other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    other.execute("CREATE TABLE t (x)")
    other.execute("BEGIN IMMEDIATE")
    threading.Timer(0.1, other.execute, ("COMMIT",)).start()
    database = Database(str(path))

    with database.read() as connection:
        assert connection.scalar(sa.text("PRAGMA journal_mode")) == "wal"

    database.close()
    other.close()


def test_a_tilde_in_an_address_is_the_users_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not a folder of that name beside the notebook."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "h").mkdir()

    History("sqlite:///~/h/history.db").close()

    assert (tmp_path / "h" / "history.db").exists()
    assert not (tmp_path / "~").exists()


def test_an_option_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    """A malformed option of the address is a fault of the setting, not a raw error at the first use."""
    with pytest.raises(SettingsError, match="an option that cannot be read"):
        Database(f"sqlite:///{tmp_path}/history.sqlite?timeout=x")


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("option", ["mode=ro", "nolock=1", "x=y"])
def test_an_option_that_would_be_ignored_is_refused(tmp_path: Path, option: str) -> None:
    """Whoever asks for a database that is only read must not get one that is written, with a library's warning."""
    with pytest.raises(SettingsError, match="an option that SQLite does not take"):
        Database(f"sqlite:///{tmp_path}/history.sqlite?{option}")


@pytest.mark.parametrize(
    "url", ["sqlite://", "sqlite:///", "sqlite:///:memory:", "sqlite:///file:a?mode=memory&uri=true"]
)
def test_a_history_in_memory_is_refused(url: str) -> None:
    """It is read and written from several threads, each of which would have a database of its own."""
    with pytest.raises(SettingsError, match="cannot be kept in memory"):
        Database(url)


def test_no_password_stands_in_a_title() -> None:
    """Neither one before the host nor one among the options."""
    database = Database("postgresql://me:secret1@127.0.0.1:1/x?password=secret2")

    assert "secret" not in database.title
    database.close()


def test_stop_is_heard_while_another_holds_the_database(tmp_path: Path) -> None:
    """Waiting for a lock can be interrupted: nobody who presses Stop waits for the other program."""
    path = tmp_path / "history.sqlite"
    database = Database(str(path))
    database.write(lambda connection: connection.exec_driver_sql("CREATE TABLE t (x)") and None, "test")
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    began = time.monotonic()
    threading.Timer(0.3, _thread.interrupt_main).start()

    with pytest.raises(KeyboardInterrupt):
        database.write(lambda connection: None, "test")

    assert time.monotonic() - began < 10
    other.close()
    assert database.write(lambda connection: 7, "test") == 7
    database.close()
