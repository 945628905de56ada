"""A database: SQLite in a file, or PostgreSQL by its URL; its transactions wait, retry, and fail in plain words."""

import contextlib
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from imgmagic.domain.forks import tell_after_fork
from imgmagic.domain.shown_address import without_secrets
from imgmagic.errors import StoreError
from imgmagic.store.history.engine import BUSY_S, PATIENCE, PAUSE_S, WRITES, make_engine, parse_url, path_in
from imgmagic.store.history.gate import Gate
from imgmagic.store.history.mounts import is_local
from imgmagic.store.os_errors import describe_os_error

_T = TypeVar("_T")
_ATTEMPTS = 5
_FORK_S = 1.0  # a transaction that takes longer waits for another process, and holds no lock
_FAILURES = (SQLAlchemyError, OverflowError)  # the second is sqlite3's own, of a number that no column holds
_TRANSIENT = re.compile(
    r"database( table)? is locked|deadlock detected|could not serialize|database schema has changed"
)
_DAMAGED = re.compile(r"not a database|malformed")
_REASONS = (
    (re.compile(r"disk is full|No space left|could not extend file|disk I/O error"), "the disk is full or failing"),
    (re.compile(r"is locked"), f"another program has held the database for {BUSY_S:.0f} seconds"),
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
        self._engine = make_engine(self._url, maps=maps)
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
        self, step: Callable[[sa.Connection], _T], what: str, remedy: str = "", *, patience_s: float = BUSY_S
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
                with self._transaction(**{WRITES: True, PATIENCE: patience_s}) as connection, connection.begin():
                    return step(connection)
            except _FAILURES as error:
                last = attempt + 1 == _ATTEMPTS or time.monotonic() > give_up
                if last or not _TRANSIENT.search(str(error)):
                    raise StoreError(
                        f"{what}: {describe_database_error(error)} ({self.title}).", remedy=remedy
                    ) from error
            time.sleep(PAUSE_S * 2**attempt)
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
