"""Opening a history: its folder made, its schema brought up to date, and a file that is no database set aside."""

from datetime import UTC, datetime
from pathlib import Path

from imgmagic.errors import StoreError
from imgmagic.store.history.database import Database
from imgmagic.store.history.schema import STEPS, migrate, version
from imgmagic.store.images.folder import told
from imgmagic.store.lock import exclusive

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
        # The second of two kernels would otherwise set aside the first one's new history.
        with exclusive(database.path.parent):
            return _repaired(database, database.path)


def _ready(database: Database) -> Database:
    try:
        with database.read(_FAILED, _REMEDY) as connection:
            current = version(connection)
        if current != STEPS[-1].number:
            database.write(migrate, _FAILED, _REMEDY)
    except StoreError:
        database.close()
        raise
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
