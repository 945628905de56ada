"""Opening a history: its folder made, its schema brought up to date, and a file that is no database set aside."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from imgmagic.store.database import Database
from imgmagic.store.files import told
from imgmagic.store.schema import STEPS, migrate, version

_LOCK_S = 10.0
_FAILED = "the history cannot be opened"
_REMEDY = "Generations go on without it; IMGMAGIC_HOME or IMGMAGIC_HISTORY_URL names another place."


def opened(url: str) -> tuple[Database, tuple[str, ...]]:
    """Return a database that is ready, and what there is to tell about it.

    Raises:
        StoreError: it cannot be opened; nothing was changed.
    """
    database = Database(url)
    if database.path is None:
        return _ready(database), ()
    with told(f"{_FAILED} at {database.path}", _REMEDY):
        database.path.parent.mkdir(parents=True, exist_ok=True)
        if not database.is_damaged():
            return _ready(database), ()
        with _alone(database.path):
            return _repaired(database, database.path)


def _ready(database: Database) -> Database:
    with database.read(_FAILED, _REMEDY) as connection:
        current = version(connection)
    if current != STEPS[-1].number:
        database.write(migrate, _FAILED, _REMEDY)
    return database


def _repaired(database: Database, path: Path) -> tuple[Database, tuple[str, ...]]:
    if not database.is_damaged():  # another kernel was first
        return _ready(database), ()
    database.close()
    aside = path.with_name(f"{path.stem}.damaged-{datetime.now(UTC):%Y%m%dT%H%M%S%f}{path.suffix}")
    for ending in ("-wal", "-shm", ""):
        part = path.with_name(path.name + ending)
        if part.exists():
            part.rename(aside.with_name(aside.name + ending))
    notice = f"The history {path} was damaged. It is kept as {aside.name}, and a new history was begun."
    return _ready(database), (notice,)


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Let one kernel at a time set a file aside: the second would otherwise set aside the first one's new history."""
    lock = path.with_name(path.name + ".lock")
    give_up = time.monotonic() + _LOCK_S
    while not _created(lock):
        if time.monotonic() > give_up:
            break  # whoever made it has died
        time.sleep(0.02)
    try:
        yield
    finally:
        lock.unlink(missing_ok=True)


def _created(lock: Path) -> bool:
    try:
        os.close(os.open(lock, os.O_CREAT | os.O_EXCL))
    except FileExistsError:
        return False
    return True
