"""A database: SQLite in a file, or PostgreSQL by its URL; its transactions wait, retry and speak plainly."""

import re
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, SQLAlchemyError

from imgmagic.errors import SettingsError, StoreError

_T = TypeVar("_T")
_BUSY_S = 15.0
_PAUSE_S = 0.01
_ATTEMPTS = 5
_WRITES = "imgmagic_writes"
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
    """

    def __init__(self, url: str) -> None:
        self._url = _parsed(url)
        self._engine = _engine(self._url)
        name = self._url.database
        self.path = Path(name) if self.is_sqlite and name and name != ":memory:" else None
        self._stood: tuple[int, int] | None = None

    @property
    def is_sqlite(self) -> bool:
        """Return whether this is SQLite."""
        return self._url.get_backend_name() == "sqlite"

    @property
    def title(self) -> str:
        """Return the database's name for people, without its password."""
        return str(self.path or self._url.render_as_string(hide_password=True))

    def write(self, step: Callable[[sa.Connection], _T], what: str, remedy: str = "") -> _T:
        """Run `step` in one transaction, again where another program was in the way.

        Raises:
            StoreError: `what` was not done, and why.
        """
        self._check_that_it_is_there(what, remedy)
        give_up = time.monotonic() + _BUSY_S
        for attempt in range(_ATTEMPTS):
            try:
                with self._engine.connect().execution_options(**{_WRITES: True}) as connection, connection.begin():
                    return step(connection)
            except SQLAlchemyError as error:
                last = attempt + 1 == _ATTEMPTS or time.monotonic() > give_up
                if last or not _TRANSIENT.search(str(error)):
                    raise StoreError(f"{what}: {reason(error)} ({self.title}).", remedy=remedy) from error
            time.sleep(_PAUSE_S * 2**attempt)
        raise AssertionError  # the last attempt returned or raised

    @contextmanager
    def read(self, what: str = "the history cannot be read", remedy: str = "") -> Iterator[sa.Connection]:
        """Give a connection that sees one state of the database.

        Raises:
            StoreError: the database cannot be read, and why.
        """
        try:
            with self._engine.connect() as connection:
                yield connection
        except SQLAlchemyError as error:
            raise StoreError(f"{what}: {reason(error)} ({self.title}).", remedy=remedy) from error

    def _check_that_it_is_there(self, what: str, remedy: str) -> None:
        # Systems let a removed file be written to, by those who have it open, and drop it when they close it.
        stands = _identity(self.path)
        if self._stood is not None and stands != self._stood:
            self._engine.dispose()
            if stands is None:
                raise StoreError(f"{what}: the file is gone ({self.title}).", remedy=remedy)
        self._stood = stands

    def is_damaged(self) -> bool:
        """Return whether the file is there and is no database."""
        try:
            with self._engine.connect() as connection:
                connection.exec_driver_sql("SELECT COUNT(*) FROM sqlite_master")
        except DBAPIError as error:
            return bool(_DAMAGED.search(str(error.orig)))
        return False

    def close(self) -> None:
        """Close every connection."""
        self._engine.dispose()


def _identity(path: Path | None) -> tuple[int, int] | None:
    try:
        found = path.stat() if path else None
    except FileNotFoundError:
        return None
    return (found.st_dev, found.st_ino) if found else None


def reason(error: SQLAlchemyError) -> str:
    """Say in a few words what the database said; never its statement, parameters or address."""
    said = str(error.orig) if isinstance(error, DBAPIError) else str(error)
    return next((plain for pattern, plain in _REASONS if pattern.search(said)), said.partition("\n")[0])


def _parsed(url: str) -> URL:
    if "://" not in url:
        return URL.create("sqlite+pysqlite", database=str(Path(url).expanduser().absolute()))
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise SettingsError("the history's URL cannot be read.", remedy=_URLS) from error
    return parsed.set(drivername=_DRIVERS.get(parsed.drivername, parsed.drivername))


_URLS = "Give a file's path, or postgresql://user@host/database."


def _engine(url: URL) -> sa.Engine:
    sqlite = url.get_backend_name() == "sqlite"
    if not sqlite and url.get_backend_name() != "postgresql":
        raise SettingsError(f"the history cannot be kept in {url.get_backend_name()}.", remedy=_URLS)
    waits = {"timeout": str(_BUSY_S)} if sqlite else {"connect_timeout": "10"}
    try:
        # What the user's own URL says goes before; a server may have closed connections that lay idle.
        engine = sa.create_engine(url.set(query={**waits, **url.query}), pool_pre_ping=not sqlite)
    except (ImportError, NoSuchModuleError) as error:
        raise SettingsError(
            f"the history's database driver is missing: {error}.",
            remedy='Run: pip install "jupyter-imgmagic[postgres]".',
        ) from error
    if sqlite:
        sa.event.listen(engine, "connect", _on_connect)
        sa.event.listen(engine, "begin", _on_begin)
    return engine


def _on_connect(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # Python's module would begin transactions by itself, too late to lock
    # NORMAL: a killed kernel loses nothing, a power cut at most the last rows; the pictures themselves are flushed.
    for statement in ("PRAGMA journal_mode=WAL", "PRAGMA synchronous=NORMAL", "PRAGMA foreign_keys=ON"):
        _patiently(connection, statement)


def _patiently(connection: sqlite3.Connection, statement: str) -> None:
    """Run a statement again while it meets a lock: SQLite itself does not wait when it enters WAL or mends it."""
    give_up = time.monotonic() + _BUSY_S
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
    writes = connection.get_execution_options().get(_WRITES)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
