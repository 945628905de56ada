"""The engine of a history: its URL, and how each connection is set up; SQLite waits for a lock where Stop is heard."""

import contextlib
import sqlite3
import time
import warnings
from collections.abc import Iterator
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SADeprecationWarning, SAWarning
from sqlalchemy.pool import SingletonThreadPool

from imgmagic.config.home import expand_user
from imgmagic.errors import SettingsError

BUSY_S = 15.0
PAUSE_S = 0.01
WRITES, PATIENCE = "imgmagic_writes", "imgmagic_patience_s"  # options of a transaction
_SLICE_MS = 50
_DRIVERS = {"postgres": "postgresql+psycopg", "postgresql": "postgresql+psycopg", "sqlite": "sqlite+pysqlite"}


def path_in(url: URL) -> Path | None:
    """Return the file of an SQLite database; None for one in memory or on a server."""
    name = url.database
    return Path(name) if url.get_backend_name() == "sqlite" and name and name != ":memory:" else None


def parse_url(url: str) -> URL:
    """Return a URL, or the URL of the SQLite file at a path, with the driver that is used here.

    Raises:
        SettingsError: it cannot be read.
    """
    if "://" not in url:
        return URL.create("sqlite+pysqlite", database=str(expand_user(url, what="the history").absolute()))
    parsed = _read_url(url)
    if parsed is None:  # raised out here: the library's frames hold the password
        raise SettingsError("the history's URL cannot be read.", remedy=_URLS)
    parsed = parsed.set(drivername=_DRIVERS.get(parsed.drivername, parsed.drivername))
    path = parsed.database or "" if parsed.get_backend_name() == "sqlite" else ""
    is_plain = not path.startswith("~") and "\0" not in path
    return parsed if is_plain else parsed.set(database=str(expand_user(path, what="the history")))


def _read_url(url: str) -> URL | None:
    try:
        return make_url(url)
    except (ArgumentError, ValueError):
        return None


_URLS = "Give a file's path, or postgresql://user@host/database."


def make_engine(url: URL, *, maps: bool) -> sa.Engine:
    """Return what opens connections to a history, each set up as it needs.

    Raises:
        SettingsError: no history can be kept there, an option of the URL is not taken, or the driver is missing.
    """
    sqlite = url.get_backend_name() == "sqlite"
    if not sqlite and url.get_backend_name() != "postgresql":
        raise SettingsError(f"the history cannot be kept in {url.get_backend_name()}.", remedy=_URLS)
    waits = {"timeout": str(BUSY_S)} if sqlite else {"connect_timeout": "10"}
    try:
        # What the user's own URL says goes before; a server may have closed connections that lay idle.
        engine = _create(url.set(query={**waits, **url.query}), pool_pre_ping=not sqlite)
    except SAWarning as error:
        raise SettingsError(
            "the history's URL has an option that SQLite does not take, or takes with uri=true only.", remedy=_URLS
        ) from error
    except (ValueError, TypeError) as error:
        raise SettingsError(f"the history's URL has an option that cannot be read: {error}.", remedy=_URLS) from error
    except (ImportError, NoSuchModuleError) as error:
        raise SettingsError(
            f"the history's database driver is missing: {error}.",
            remedy='Run: pip install "jupyter-imgmagic[postgres]".',
        ) from error
    if isinstance(engine.pool, SingletonThreadPool):  # each thread would have a database of its own
        raise SettingsError("the history cannot be kept in memory.", remedy=_URLS)
    if sqlite:
        sa.event.listen(engine, "connect", _on_connect if maps else _on_connect_without_maps)
        sa.event.listen(engine, "begin", _on_begin)
    return engine


def _create(url: URL, *, pool_pre_ping: bool) -> sa.Engine:
    """Return an engine whose options were read, which SQLAlchemy would otherwise do at the first use."""
    with warnings.catch_warnings():
        warnings.simplefilter("error", SAWarning)  # of an option that is ignored, such as mode=ro
        warnings.simplefilter("ignore", SADeprecationWarning)  # of how a pool is chosen for a file in memory
        engine = sa.create_engine(url, pool_pre_ping=pool_pre_ping)
        engine.dialect.create_connect_args(engine.url)
    return engine


def _on_connect(connection: sqlite3.Connection, _record: object) -> None:
    # NORMAL: a killed kernel loses nothing, a power cut at most the last rows; the pictures themselves are flushed.
    _set_up(connection, "PRAGMA journal_mode=WAL", "PRAGMA synchronous=NORMAL")


def _on_connect_without_maps(connection: sqlite3.Connection, _record: object) -> None:
    # A file that another machine left in the mode that needs such memory is only read by one who has it for himself.
    exclusively = ("PRAGMA locking_mode=EXCLUSIVE", "PRAGMA journal_mode=TRUNCATE", "PRAGMA locking_mode=NORMAL")
    _set_up(connection, *exclusively, "SELECT COUNT(*) FROM sqlite_master", "PRAGMA synchronous=FULL")


def _set_up(connection: sqlite3.Connection, *statements: str) -> None:
    connection.isolation_level = None  # Python's module would begin transactions by itself, too late to lock
    with _waiting_here(connection) as patience_s:
        for statement in (*statements, "PRAGMA foreign_keys=ON"):
            _execute_patiently(connection, statement, patience_s)


@contextlib.contextmanager
def _waiting_here(connection: sqlite3.Connection) -> Iterator[float]:
    """Let SQLite give up a lock soon, so that this thread waits where Stop is heard; give how long it would wait."""
    (before,) = connection.execute("PRAGMA busy_timeout").fetchone()
    connection.execute(f"PRAGMA busy_timeout = {min(before, _SLICE_MS)}")
    try:
        yield before / 1000
    finally:
        connection.execute(f"PRAGMA busy_timeout = {before}")


def _execute_patiently(connection: sqlite3.Connection, statement: str, patience_s: float) -> None:
    """Run a statement, again while it meets a lock: SQLite itself does not wait when it enters WAL or mends it.

    Raises:
        sqlite3.OperationalError: something else is wrong, or the lock was held for too long.
    """
    give_up = time.monotonic() + patience_s
    while True:
        try:
            connection.execute(statement)
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > give_up:
                raise
            time.sleep(PAUSE_S)
        else:
            return


def _on_begin(connection: sa.Connection) -> None:
    # A transaction that reads first and locks later fails at once when another wrote between; so lock at the start.
    options, driver = connection.get_execution_options(), connection.connection.driver_connection
    if not options.get(WRITES) or not isinstance(driver, sqlite3.Connection):
        connection.exec_driver_sql("BEGIN")
        return
    with _waiting_here(driver) as patience_s, contextlib.suppress(sqlite3.OperationalError):
        _execute_patiently(driver, "BEGIN IMMEDIATE", min(patience_s, options.get(PATIENCE, patience_s)))
    if not driver.in_transaction:
        with _waiting_here(driver):
            connection.exec_driver_sql("BEGIN IMMEDIATE")  # once more, so that its error is one of SQLAlchemy's
