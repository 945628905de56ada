"""Opening a history: its folder made, its schema brought up to date, and a damaged one set aside.

Only what is ours is set aside: a file that begins as a database, or the one in the place of a history of ours.
Any other file was named by mistake, and is left as it is; so is a database of another program.
"""

from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import sqlalchemy as sa

from imgmagic.errors import StoreError
from imgmagic.store.history.database import Database
from imgmagic.store.history.disk_abilities import find_local_place, probe_disk
from imgmagic.store.history.engine import parse_url, path_in
from imgmagic.store.history.ownership import may_be_history
from imgmagic.store.history.schema import STEPS, VERSIONS, migrate, version
from imgmagic.store.lock import exclusive
from imgmagic.store.os_errors import as_store_error

_FAILED = "the history cannot be opened"
_REMEDY = "Generations go on without it; IMGMAGIC_HOME or IMGMAGIC_HISTORY_URL names another place."


def open_history(url: str, *, is_ours: bool = False) -> tuple[Database, tuple[str, ...]]:
    """Return a database that is ready, and what there is to tell about it.

    Args:
        url: a SQLAlchemy URL, or the path of a SQLite file.
        is_ours: whether any file that is there is a history of ours, however damaged.

    Raises:
        StoreError: it cannot be opened; nothing was changed.
    """
    path = path_in(parse_url(url))
    if path is None:
        return _open(Database(url), is_ours=is_ours)
    with as_store_error(f"{_FAILED} at {path}", _REMEDY):
        path.parent.mkdir(parents=True, exist_ok=True)
        disk = probe_disk(path.parent)
        if disk.locks:
            return _open(Database(url, maps=disk.maps), is_ours=is_ours)
        local = find_local_place(path)
        database, notices = _open(Database(str(local)), is_ours=True)
    notice = (
        "The disk of the history cannot lock files, as some network disks cannot. The history is kept on this machine "
        f"instead, in {local}; IMGMAGIC_HOME or IMGMAGIC_HISTORY_URL names another place."
    )
    return database, (*notices, notice)


def _open(database: Database, *, is_ours: bool) -> tuple[Database, tuple[str, ...]]:
    if not is_ours and database.path is not None and not may_be_history(database.path, VERSIONS):
        raise _foreign(database.path)
    database.prepare = partial(_prepare, database)
    if database.path is None or not database.is_damaged():
        return _migrate_if_needed(database), ()
    # The second of two kernels would otherwise set aside the first one's new history.
    with exclusive(database.path.parent):
        return _set_aside_and_recreate(database, database.path)


def _migrate_if_needed(database: Database) -> Database:
    try:
        with database.read(_FAILED, _REMEDY) as connection:
            current = version(connection)
            if not current and database.path is not None and sa.inspect(connection).get_table_names():
                raise _foreign(database.path)
        if current != STEPS[-1].number:
            database.write(migrate, _FAILED, _REMEDY)
    except StoreError:
        database.close()
        raise
    return database


def _prepare(database: Database) -> None:
    """Make the tables in a place where they were, and are not any more."""
    if database.path is not None:
        with as_store_error(f"{_FAILED} at {database.path}", _REMEDY):
            database.path.parent.mkdir(parents=True, exist_ok=True)
    _migrate_if_needed(database)


def _foreign(path: Path) -> StoreError:
    return StoreError(
        f"{path} is not a history of imgmagic, and was left as it is.",
        remedy="Name another file, or one that does not exist yet, in IMGMAGIC_HISTORY_URL (history_url).",
    )


def _set_aside_and_recreate(database: Database, path: Path) -> tuple[Database, tuple[str, ...]]:
    if not database.is_damaged():  # another kernel was first
        return _migrate_if_needed(database), ()
    database.close()
    aside = path.with_name(f"{path.stem}.damaged-{datetime.now(UTC):%Y%m%dT%H%M%S%f}{path.suffix}")
    for ending in ("-wal", "-shm", ""):
        part = path.with_name(path.name + ending)
        if part.exists():
            part.rename(aside.with_name(aside.name + ending))
    notice = f"The history {path} was damaged. It is kept as {aside.name}, and a new history was started."
    return _migrate_if_needed(database), (notice,)
