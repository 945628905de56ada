"""Ownership: whether a file that was named for a history may be one, found out without changing anything.

SQLite itself is not asked in its usual way: it removes journals that lie beside a file and do not fit, and the faster
journal that histories have would be set in another program's database for good.
"""

import contextlib
import sqlite3
from pathlib import Path
from urllib.parse import quote

_MAGIC = b"SQLite format 3\x00"
_ENDINGS = frozenset({".sqlite", ".sqlite3", ".db", ".db3"})
# How SQLite's own files beside a database begin: the log, the journal, and a journal that is done with.
_BESIDE = {"-wal": (b"\x37\x7f\x06\x82", b"\x37\x7f\x06\x83"), "-journal": (b"\xd9\xd5\x05\xf9", bytes(4))}


def may_be_history(path: Path, version_table: str) -> bool:
    """Return whether a path is free, or holds a history, in whichever state.

    An empty file is SQLite's way of an empty database, and may be a module or a mark of somebody else's: it is taken
    where its name is a database's.

    Args:
        path: of the file; links lead where they lead.
        version_table: the table without which a database with anything in it is another program's.
    """
    if path.exists() and not path.is_file():
        return False
    start = _start(path)
    if start:
        return start == _MAGIC and _is_ours_or_unused(path, version_table)
    with contextlib.suppress(OSError):  # it is not there, or that is said elsewhere
        if path.stat().st_size == 0 and path.suffix.lower() not in _ENDINGS:
            return False
    return all(_start(path.with_name(path.name + end))[:4] in (b"", *known) for end, known in _BESIDE.items())


def _start(path: Path) -> bytes:
    """Return the first bytes of a file; none where there is none, or it cannot be read, which is said elsewhere."""
    with contextlib.suppress(OSError), path.open("rb") as file:
        return file.read(len(_MAGIC))
    return b""


def _is_ours_or_unused(path: Path, version_table: str) -> bool:
    # Immutable: without locks and journals. What is only in a journal yet is not seen, and what is being written may
    # look damaged; both are for those to judge who open it after this.
    address = f"file:{quote(str(path.absolute()))}?immutable=1"
    try:
        with contextlib.closing(sqlite3.connect(address, uri=True)) as connection:
            names = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
            if version_table in names:
                found = connection.execute(f"SELECT COUNT(*) FROM {version_table}")  # noqa: S608 - our own name
                return bool(found.fetchone()[0])
            marks = [connection.execute(f"PRAGMA {mark}").fetchone() for mark in ("user_version", "application_id")]
            return not names and marks == [(0,), (0,)]
    except sqlite3.Error:
        return True
