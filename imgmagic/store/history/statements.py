"""Statements: what writes, settles and finds a generation's row, each inside the caller's transaction.

A generation is written as running before its request leaves, and settled once. Settling looks at the row under a lock:
one that ended stays as it is, one that was given up too early is taken out of the totals first, so that a late result
counts once. Its number and its run together name it, as a history may be replaced by another while a call runs.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from imgmagic.domain.generation import Generation, Status
from imgmagic.domain.origin import Origin
from imgmagic.domain.picture_names import missing_generation
from imgmagic.store.history.columns import Columns, DatabaseRow
from imgmagic.store.history.counting import count_under_all
from imgmagic.store.history.pictures import (
    count_final,
    drop_unwritten,
    image_rows,
    put_inputs,
    replace_images,
    rows_of,
)
from imgmagic.store.history.processes import Process, is_alive
from imgmagic.store.history.reading import read_record
from imgmagic.store.history.records import RUNNING, Record, Started
from imgmagic.store.history.rows import settled_row, started_row
from imgmagic.store.history.schema import GENERATIONS, IMAGE_TAGS, IMAGES, INPUTS, TAGS, TEXTS, UNFETCHED
from imgmagic.store.history.text_index import searchable_text
from imgmagic.store.stored_image import StoredImage

_OPEN = (RUNNING, str(Status.INTERRUPTED))  # a result may come late, to a record that was given up
_STALE = timedelta(days=2)  # no call takes that long: what still runs, on a machine of which nothing is known, has died


def insert(connection: sa.Connection, started: Started, process: Process, run: str) -> int:
    """Write a running record, and return its id."""
    names = {"host": process.host, "pid": process.pid, "process_started": process.started}
    row: DatabaseRow = {**started_row(started), **names, "run": run}
    generation_id = int(connection.execute(_INSERT, row).scalar_one())
    tags = [{"generation_id": generation_id, "tag": tag} for tag in dict.fromkeys(started.tags)]
    if tags:
        connection.execute(_INSERT_TAG, tags)
    put_inputs(connection, generation_id, started.request)
    text = searchable_text(row["prompt"], row["template"], *started.tags)
    connection.execute(_INSERT_TEXT, {"id": generation_id, "text": text})
    return generation_id


def settle(
    connection: sa.Connection, generation: Generation, images: Sequence[StoredImage], *, unpriced: int | None
) -> None:
    """Write how a generation ended, and count it; one that is already settled stays as it is."""
    found = select_for_update(connection, generation.id)
    if found is None or found["status"] not in _OPEN:
        return
    if found["status"] != RUNNING:
        count_under_all(connection, found, -1, pictures=count_final(connection, found["id"]))
    # Without a word on it, a known cost holds all images and an unknown one none.
    if unpriced is None:
        unpriced = generation.request.n if generation.cost is None else 0
    live = found["origin"] == Origin.LIVE
    row = settled_row(generation, found, unpriced=unpriced if live else 0)
    pictures = replace_images(connection, found["id"], images)
    update(connection, found["id"], row)
    count_under_all(connection, {**found, **row}, 1, pictures=pictures)


def interrupt(connection: sa.Connection, generation_id: int, holds: Callable[[str], bool]) -> bool:
    """Mark a running record as interrupted, drop pictures that were never written, and count it."""
    found = select_for_update(connection, generation_id)
    if found is None or found["status"] != RUNNING:
        return False
    hashes = {row["sha256"] for row in image_rows(connection, generation_id)}
    pictures = drop_unwritten(connection, generation_id, filter(holds, hashes))
    update(connection, generation_id, {"status": str(Status.INTERRUPTED)})
    count_under_all(connection, found, 1, pictures=pictures)
    return True


def find_orphans(connection: sa.Connection, now: datetime, *, is_shared: bool) -> tuple[int, ...]:
    """Return the ids of running records whose process has died, or must have if nothing is known of it.

    Args:
        connection: to the database.
        now: the time of day.
        is_shared: whether other machines may write to this database.
    """
    rows = rows_of(connection.execute(sa.select(GENERATIONS).where(GENERATIONS.c.status == RUNNING)))
    # Of another machine's process nothing can be known; only its age tells that it must be gone.
    too_old = (now - _STALE).astimezone(UTC).isoformat()
    alive = {process: is_alive(process, is_shared=is_shared) for process in map(process_of, rows)}
    return tuple(
        row["id"]
        for row in rows
        if alive[process_of(row)] is False
        or (alive[process_of(row)] is None and Columns(row).text("sent_at") < too_old)
    )


def process_of(row: DatabaseRow) -> Process:
    """Return the process that wrote a row."""
    columns = Columns(row)
    return Process(host=columns.text("host"), pid=columns.count("pid"), started=columns.text("process_started"))


def is_of_run(connection: sa.Connection, generation_id: int, run: str) -> bool:
    """Return whether a record is the one that was begun under this run, and not another history's with its number."""
    return connection.scalar(_RUN, {"of_id": generation_id}) == run


def update(connection: sa.Connection, generation_id: int, row: DatabaseRow) -> None:
    """Change columns of a record."""
    connection.execute(_UPDATE, {"of_id": generation_id, **row})


def select_for_update(connection: sa.Connection, generation_id: int | None) -> DatabaseRow | None:
    """Return the row of a record, and let no other transaction change it; None when there is none."""
    found = rows_of(connection.execute(_LOCKED, {"of_id": generation_id}))
    return next(iter(found), None)


def require_row(connection: sa.Connection, generation_id: int) -> DatabaseRow:
    """Return the row of a record.

    Raises:
        StoreError: there is none with this id.
    """
    found = select_for_update(connection, generation_id)
    if found is None:
        raise missing_generation(generation_id)
    return found


def tags_of(connection: sa.Connection, generation_id: int) -> list[str]:
    """Return the tags of a record, in their order."""
    return list(connection.scalars(_TAGS, {"of_id": generation_id}))


def to_records(connection: sa.Connection, rows: Sequence[DatabaseRow]) -> tuple[Record, ...]:
    """Return the records of these rows, with what belongs to them."""
    related: dict[int, dict[str, list[DatabaseRow]]] = {row["id"]: {} for row in rows}
    for name, of_these in _RELATED.items() if rows else ():
        for row in rows_of(connection.execute(of_these, {"ids": list(related)})):
            related[row["generation_id"]].setdefault(name, []).append(row)
    return tuple(read_record(row, related[row["id"]]) for row in rows)


# Built once: making a statement takes longer than running it.
_ID: sa.BindParameter[int] = sa.bindparam("of_id")
_INSERT = sa.insert(GENERATIONS).returning(GENERATIONS.c.id)
_RUN = sa.select(GENERATIONS.c.run).where(GENERATIONS.c.id == _ID)
_UPDATE = sa.update(GENERATIONS).where(GENERATIONS.c.id == _ID)
_LOCKED = sa.select(GENERATIONS).where(GENERATIONS.c.id == _ID).with_for_update()
_INSERT_TAG = sa.insert(TAGS)
_TAGS = sa.select(TAGS.c.tag).where(TAGS.c.generation_id == _ID).order_by(TAGS.c.tag)
_INSERT_TEXT = sa.insert(TEXTS)
_RELATED = {
    table.name: sa.select(table)
    .where(table.c.generation_id.in_(sa.bindparam("ids", expanding=True)))
    .order_by(*table.primary_key.columns)
    for table in (IMAGES, UNFETCHED, INPUTS, TAGS, IMAGE_TAGS)
}
