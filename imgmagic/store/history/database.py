"""A database: SQLite in a file, or PostgreSQL by its URL; its transactions wait, retry, and fail in plain words."""

import contextlib
import re
import sqlite3
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, SQLAlchemyError

from imgmagic.config.home import expand_user
from imgmagic.domain.forks import tell_after_fork
from imgmagic.domain.shown_address import without_secrets
from imgmagic.errors import SettingsError, StoreError
from imgmagic.store.history.gate import Gate
from imgmagic.store.history.mounts import is_local
from imgmagic.store.os_errors import describe_os_error

_T = TypeVar("_T")
_BUSY_S = 15.0
_PAUSE_S = 0.01
_ATTEMPTS = 5
_SLICE_MS = 50
_FORK_S = 1.0  # a transaction that takes longer waits for another process, and holds no lock
_WRITES, _PATIENCE = "imgmagic_writes", "imgmagic_patience_s"
_FAILURES = (SQLAlchemyError, OverflowError)  # the second is sqlite3's own, of a number that no column holds
_DRIVERS = {"postgres": "postgresql+psycopg", "postgresql": "postgresql+psycopg", "sqlite": "sqlite+pysqlite"}
_TRANSIENT = re.compile(
    r"database( table)? is locked|deadlock detected|could not serialize|database schema has changed"
)
_DAMAGED = re.compile(r"not a database|malformed")
_REASONS = (
    (re.compile(r"disk is full|No space left|could not extend file|disk I/O error"), "the disk is full or failing"),
    (re.compile(r"is locked"), f"another program has held the database for {_BUSY_S:.0f} seconds"),
    (re.compile(r"readonly|read-only"), "the database is read-only"),
    (re.compile(r"unable to open"), "the file cannot be opened"),
    (_DAMAGED, "the database is damaged"),
    (re.compile(r"no such table|does not exist"), "its tables are gone"),
    (re.compile(r"authentication failed|no password supplied"), "the server does not accept the user or password"),
    (re.compile(r"connection|could not translate|timeout expired|terminat"), "the server cannot be reached"),
)


class Database:
    """Open connections to one database, and run transactions on it.

    `path` is the file of an SQLite database, None for a server's.

    Args:
        url: a SQLAlchemy URL, or the path of a SQLite file.
        maps: whether the disk of a SQLite file maps memory that processes share, which its faster journal needs.
    """

    def __init__(self, url: str, *, maps: bool = True) -> None:
        self._url = parse_url(url)
        self._engine = _engine(self._url, maps=maps)
        self._gate = Gate()
        self.path = path_in(self._url)
        self._stood: tuple[int, int] | None = None
        self._is_lost = False
        self.prepare: Callable[[], object] = lambda: None
        """What makes the tables, where the file was removed or another was put in its place."""
        tell_after_fork(self)

    @property
    def is_shared(self) -> bool:
        """Return whether other machines may write to this database, as far as is known."""
        return self.path is None or not is_local(self.path)

    @property
    def title(self) -> str:
        """Return the database's name for people, without its password."""
        return str(self.path or without_secrets(self._url.render_as_string(hide_password=True)))

    def write(
        self, step: Callable[[sa.Connection], _T], what: str, remedy: str = "", *, patience_s: float = _BUSY_S
    ) -> _T:
        """Run `step` in one transaction, again where another program was in the way for up to `patience_s` seconds.

        Raises:
            StoreError: `what` was not done, and why.
        """
        self._check_that_it_is_there(what, remedy)
        give_up = time.monotonic() + patience_s
        # SQLite waits for a lock by itself, but not for one that it could only get by rolling back, and PostgreSQL
        # picks a victim of a deadlock. Both ask for the whole transaction again, so a step must be safe to run twice.
        for attempt in range(_ATTEMPTS):
            try:
                with self._transaction(**{_WRITES: True, _PATIENCE: patience_s}) as connection, connection.begin():
                    return step(connection)
            except _FAILURES as error:
                last = attempt + 1 == _ATTEMPTS or time.monotonic() > give_up
                if last or not _TRANSIENT.search(str(error)):
                    raise StoreError(
                        f"{what}: {describe_database_error(error)} ({self.title}).", remedy=remedy
                    ) from error
            time.sleep(_PAUSE_S * 2**attempt)
        raise AssertionError  # the last attempt returned or raised

    @contextlib.contextmanager
    def read(self, what: str = "the history cannot be read", remedy: str = "") -> Iterator[sa.Connection]:
        """Give a connection that sees one state of the database.

        Raises:
            StoreError: the database cannot be read, and why.
        """
        try:
            with self._transaction() as connection:
                yield connection
        except _FAILURES as error:
            raise StoreError(f"{what}: {describe_database_error(error)} ({self.title}).", remedy=remedy) from error

    @contextlib.contextmanager
    def _transaction(self, **options: object) -> Iterator[sa.Connection]:
        with self._gate.enter(), self._engine.connect().execution_options(**options) as connection:
            yield connection

    def _check_that_it_is_there(self, what: str, remedy: str) -> None:
        # Systems let a removed file be written to, by those who have it open, and drop it when they close it.
        try:
            before, self._stood = self._stood, _identity(self.path)
        except OSError as error:
            raise StoreError(f"{what}: {describe_os_error(error)} ({self.title}).", remedy=remedy) from error
        if before is not None and self._stood != before:
            self._engine.dispose()
            self._is_lost = True
            if self._stood is None:
                raise StoreError(f"{what}: the file is gone ({self.title}).", remedy=remedy)
        if self._is_lost:
            self._is_lost = False
            self.prepare()
            self._stood = _identity(self.path)

    def is_damaged(self) -> bool:
        """Return whether the file is there and is not a database."""
        try:
            with self._transaction() as connection:
                connection.exec_driver_sql("SELECT COUNT(*) FROM sqlite_master")
        except DBAPIError as error:
            return bool(_DAMAGED.search(str(error.orig)))
        return False

    def close(self) -> None:
        """Close every connection."""
        self._engine.dispose()

    def before_fork(self) -> None:
        """Let transactions end, and close connections: a child would take the parent's locks for its own."""
        self._gate.shut(patience_s=_FORK_S)
        with contextlib.suppress(SQLAlchemyError):
            self._engine.dispose()

    def go_on_after_fork(self) -> None:
        """Let transactions begin again."""
        self._gate.open()

    def after_fork(self) -> None:
        """Leave the connections to the parent, neither used nor closed, and open others when needed."""
        self._gate = Gate()
        _OF_THE_PARENT.append(self._engine.pool)
        self._engine.dispose(close=False)  # closing them would send the server the parent's goodbye


_OF_THE_PARENT: list[object] = []  # what is collected is closed, and a server would end the parent's connection too


def _identity(path: Path | None) -> tuple[int, int] | None:
    try:
        found = path.stat() if path else None
    except (FileNotFoundError, NotADirectoryError):
        return None
    # Device and number, not the time: a database that others write to changes all the time, and stays the same file.
    return (found.st_dev, found.st_ino) if found else None


def describe_database_error(error: Exception) -> str:
    """Say in a few words what the database said; never its statement, parameters or address."""
    said = str(error.orig) if isinstance(error, DBAPIError) else str(error)
    return next((plain for pattern, plain in _REASONS if pattern.search(said)), said.partition("\n")[0])


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
    is_in_home = parsed.get_backend_name() == "sqlite" and (parsed.database or "").startswith("~")
    return parsed.set(database=str(expand_user(parsed.database or "", what="the history"))) if is_in_home else parsed


def _read_url(url: str) -> URL | None:
    try:
        return make_url(url)
    except (ArgumentError, ValueError):
        return None


_URLS = "Give a file's path, or postgresql://user@host/database."


def _engine(url: URL, *, maps: bool) -> sa.Engine:
    sqlite = url.get_backend_name() == "sqlite"
    if not sqlite and url.get_backend_name() != "postgresql":
        raise SettingsError(f"the history cannot be kept in {url.get_backend_name()}.", remedy=_URLS)
    waits = {"timeout": str(_BUSY_S)} if sqlite else {"connect_timeout": "10"}
    try:
        # What the user's own URL says goes before; a server may have closed connections that lay idle.
        engine = sa.create_engine(url.set(query={**waits, **url.query}), pool_pre_ping=not sqlite)
        engine.dialect.create_connect_args(engine.url)  # which would otherwise read its options at the first use
    except (ValueError, TypeError) as error:
        raise SettingsError(f"the history's URL has an option that cannot be read: {error}.", remedy=_URLS) from error
    except (ImportError, NoSuchModuleError) as error:
        raise SettingsError(
            f"the history's database driver is missing: {error}.",
            remedy='Run: pip install "jupyter-imgmagic[postgres]".',
        ) from error
    if sqlite:
        sa.event.listen(engine, "connect", _on_connect if maps else _on_connect_without_maps)
        sa.event.listen(engine, "begin", _on_begin)
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
            time.sleep(_PAUSE_S)
        else:
            return


def _on_begin(connection: sa.Connection) -> None:
    # A transaction that reads first and locks later fails at once when another wrote between; so lock at the start.
    options, driver = connection.get_execution_options(), connection.connection.driver_connection
    if not options.get(_WRITES) or not isinstance(driver, sqlite3.Connection):
        connection.exec_driver_sql("BEGIN")
        return
    with _waiting_here(driver) as patience_s, contextlib.suppress(sqlite3.OperationalError):
        _execute_patiently(driver, "BEGIN IMMEDIATE", min(patience_s, options.get(_PATIENCE, patience_s)))
    if not driver.in_transaction:
        with _waiting_here(driver):
            connection.exec_driver_sql("BEGIN IMMEDIATE")  # once more, so that its error is one of SQLAlchemy's
