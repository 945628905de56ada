"""The ledger: the statements that write, settle and count a record, each inside the caller's transaction."""

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from operator import attrgetter
from typing import Any

import sqlalchemy as sa

from imgmagic.domain.generation import Generation, Status
from imgmagic.domain.totals import Origin
from imgmagic.errors import StoreError
from imgmagic.store.history.processes import Process, is_dead
from imgmagic.store.history.records import (
    RUNNING,
    Record,
    Row,
    Started,
    StoredImage,
    image_row,
    record,
    settled_row,
    started_row,
)
from imgmagic.store.history.schema import GENERATIONS, IMAGES, MODELS_OF, SUMS, TAGS, TEXTS, USAGE, models_of, searched

_OPEN = (RUNNING, str(Status.INTERRUPTED))  # a result may come late, to a record that was given up
_STALE = timedelta(days=2)  # no call takes that long: what still runs, on a machine of which nothing is known, has died


def insert(connection: sa.Connection, started: Started, process: Process) -> int:
    """Write a running record, and return its id."""
    row = {**started_row(started), "host": process.host, "pid": process.pid, "process_started": process.started}
    generation_id = int(connection.execute(_INSERT, row).scalar_one())
    put_tags(connection, generation_id, dict.fromkeys(started.tags))
    text = searched(row["prompt"], row["template"], *started.tags)
    connection.execute(_INSERT_TEXT, {"id": generation_id, "text": text})
    return generation_id


def put_tags(connection: sa.Connection, generation_id: int, tags: Iterable[str]) -> None:
    """Write tags that the record does not have yet."""
    if rows := [{"generation_id": generation_id, "tag": tag} for tag in tags]:
        connection.execute(_INSERT_TAG, rows)


def put_image(connection: sa.Connection, generation_id: int, image: StoredImage) -> None:
    """Write a picture, in place of another at its position."""
    row = image_row(generation_id, image)
    connection.execute(_DELETE_IMAGE, {"of_id": generation_id, "at": image.index})
    connection.execute(_INSERT_IMAGE, row)


def settle(
    connection: sa.Connection, generation: Generation, images: Sequence[StoredImage], *, unpriced: int | None
) -> None:
    """Write how a generation ended, and count it; one that is already settled stays as it is."""
    found = locked(connection, generation.id)
    if found is None or found["status"] not in _OPEN:
        return
    attached = pictures(connection, found["id"])
    if found["status"] != RUNNING:
        count_under_all(connection, found, -1, pictures=len(attached))
    if unpriced is None:
        unpriced = generation.request.n if generation.cost is None else 0
    live = found["origin"] == Origin.LIVE
    row = settled_row(generation, reserved=found["reserved"], unpriced=unpriced if live else 0)
    kept = [image_row(found["id"], image) for image in sorted(images, key=attrgetter("index"))]
    if kept != attached:
        _replace_images(connection, found["id"], kept)
    update(connection, found["id"], row)
    count_under_all(connection, {**found, **row}, 1, pictures=len(kept))


def interrupt(connection: sa.Connection, generation_id: int, holds: Callable[[str], bool]) -> bool:
    """Mark a running record as interrupted, drop pictures that were never written, and count it."""
    found = locked(connection, generation_id)
    if found is None or found["status"] != RUNNING:
        return False
    attached = pictures(connection, generation_id)
    kept = [row for row in attached if holds(row["sha256"])]
    if kept != attached:
        _replace_images(connection, generation_id, kept)
    update(connection, generation_id, {"status": str(Status.INTERRUPTED)})
    count_under_all(connection, found, 1, pictures=len(kept))
    return True


def orphans(connection: sa.Connection, now: datetime) -> tuple[int, ...]:
    """Return the ids of running records whose process has died."""
    rows = rows_of(connection.execute(sa.select(GENERATIONS).where(GENERATIONS.c.status == RUNNING)))
    too_old = (now - _STALE).astimezone(UTC).isoformat()
    names = {(row["host"], row["pid"], row["process_started"]) for row in rows}
    dead = {name for name in names if is_dead(Process(host=name[0], pid=name[1], started=name[2]))}
    return tuple(
        row["id"]
        for row in rows
        if (row["host"], row["pid"], row["process_started"]) in dead or row["sent_at"] < too_old
    )


def count_under_all(connection: sa.Connection, row: Row, sign: int, *, pictures: int) -> None:
    """Add a record to the totals of its model, day, provider, session and tags, or take it out."""
    keys = {kind: row[kind] or "" for kind in ("day", "model", "provider", "session")}
    of = {f"of_{kind}": models_of(kind, row[kind]) for kind in MODELS_OF}
    connection.execute(_ADD_UNDER_ALL, {**_sums(row, sign, pictures), **keys, **of, "of_id": row["id"]})


def count_under_tags(connection: sa.Connection, row: Row, sign: int, tags: Iterable[str]) -> None:
    """Add a record to the totals under some tags, or take it out."""
    sums = _sums(row, sign, len(pictures(connection, row["id"])))
    add(connection, [{"kind": "tag", "name": tag, **sums} for tag in sorted(tags)])


def add(connection: sa.Connection, rows: Sequence[Row]) -> None:
    """Add sums to the totals under their kinds and names."""
    if rows:
        connection.execute(_ADD, rows)


def update(connection: sa.Connection, generation_id: int, row: Row) -> None:
    """Change columns of a record."""
    connection.execute(_UPDATE, {"of_id": generation_id, **row})


def refresh_search(connection: sa.Connection, generation_id: int) -> None:
    """Make the searched text anew, after the note or the tags changed."""
    row = existing(connection, generation_id)
    text = searched(row["prompt"], row["template"], row["note"], *tags(connection, generation_id))
    connection.execute(_UPDATE_TEXT, {"of_id": generation_id, "text": text})


def locked(connection: sa.Connection, generation_id: int | None) -> dict[str, Any] | None:
    """Return the row of a record, and let no other transaction change it; None when there is none."""
    found = rows_of(connection.execute(_LOCKED, {"of_id": generation_id}))
    return next(iter(found), None)


def existing(connection: sa.Connection, generation_id: int) -> dict[str, Any]:
    """Return the row of a record.

    Raises:
        StoreError: there is none with this id.
    """
    found = locked(connection, generation_id)
    if found is None:
        raise StoreError(f"there is no generation {generation_id}.", remedy="%imgmagic history lists them.")
    return found


def tags(connection: sa.Connection, generation_id: int) -> list[str]:
    """Return the tags of a record, in their order."""
    return list(connection.scalars(_TAGS, {"of_id": generation_id}))


def pictures(connection: sa.Connection, generation_id: int) -> list[dict[str, Any]]:
    """Return the picture rows of a record, in their order."""
    return rows_of(connection.execute(_IMAGES, {"of_id": generation_id}))


def images_of_no_other(connection: sa.Connection, generation_id: int) -> tuple[Row, ...]:
    """Return the picture rows of a record whose pictures no other record has."""
    other = IMAGES.alias()
    shared = sa.exists().where(other.c.sha256 == IMAGES.c.sha256, other.c.generation_id != generation_id)
    wanted = sa.select(IMAGES).where(IMAGES.c.generation_id == generation_id, ~shared).order_by(IMAGES.c.position)
    return tuple(rows_of(connection.execute(wanted)))


def rows_of(result: sa.Result[Any]) -> list[dict[str, Any]]:
    """Return what a statement found, as rows."""
    names = list(result.keys())
    return [dict(zip(names, row, strict=True)) for row in result]


def whole(connection: sa.Connection, rows: Sequence[Row]) -> tuple[Record, ...]:
    """Return the records of these rows, with their pictures and tags."""
    ids = [row["id"] for row in rows]
    of_these = sa.select(IMAGES).where(IMAGES.c.generation_id.in_(ids)).order_by(IMAGES.c.position)
    pictures = rows_of(connection.execute(of_these))
    tagged = connection.execute(sa.select(TAGS).where(TAGS.c.generation_id.in_(ids)).order_by(TAGS.c.tag)).all()
    return tuple(
        record(
            row,
            [picture for picture in pictures if picture["generation_id"] == row["id"]],
            [each.tag for each in tagged if each.generation_id == row["id"]],
        )
        for row in rows
    )


def _replace_images(connection: sa.Connection, generation_id: int, rows: Sequence[Row]) -> None:
    connection.execute(_DELETE_IMAGES, {"of_id": generation_id})
    if rows:
        connection.execute(_INSERT_IMAGE, rows)


def _sums(row: Row, sign: int, pictures: int) -> dict[str, Any]:
    unknown = int(row["cost"] is None or bool(row["reserved"]))
    counted = {"generations": 1, "images": pictures, "unknown_costs": unknown, "cost": row["cost"]}
    counted.update({name: row[name] for name in USAGE})
    sums = {name: None if value is None else sign * value for name, value in counted.items()}
    return {**sums, "last_id": row["id"], "origin": row["origin"]}


def _addition(rows: str) -> sa.TextClause:
    """Return the statement that adds `rows` to the totals; what neither side knows stays unknown."""
    sums = ", ".join(
        f"{name} = CASE WHEN excluded.{name} IS NULL THEN totals.{name} "
        f"ELSE COALESCE(totals.{name}, 0) + excluded.{name} END"
        for name in SUMS
    )
    latest = "last_id = CASE WHEN excluded.last_id > totals.last_id THEN excluded.last_id ELSE totals.last_id END"
    return sa.text(
        f"INSERT INTO totals (kind, name, {', '.join(_COUNTED)}) {rows} "
        f"ON CONFLICT (kind, name, origin) DO UPDATE SET {sums}, {latest}"
    ).bindparams(*(sa.bindparam(name, type_=sa.BigInteger) for name in SUMS))


_COUNTED = ("origin", "last_id", *SUMS)
_VALUES = ", ".join(f":{name}" for name in _COUNTED)
# In an order that never deadlocks; the condition tells SQLite where the query ends.
_UNDER_ALL = f"""
    SELECT kind, name, {_VALUES} FROM (
        SELECT 'day' AS kind, :day AS name UNION ALL SELECT 'model', :model UNION ALL SELECT 'provider', :provider
        UNION ALL SELECT 'session', :session UNION ALL SELECT :of_day, :model UNION ALL SELECT :of_session, :model
        UNION ALL SELECT 'tag', tag FROM tags WHERE generation_id = :of_id
    ) AS keys WHERE true ORDER BY kind, name
"""  # noqa: S608 - constants of the schema

# Built once: making a statement takes longer than running it.
_ID: sa.BindParameter[int] = sa.bindparam("of_id")
_INSERT = sa.insert(GENERATIONS).returning(GENERATIONS.c.id)
_UPDATE = sa.update(GENERATIONS).where(GENERATIONS.c.id == _ID)
_LOCKED = sa.select(GENERATIONS).where(GENERATIONS.c.id == _ID).with_for_update()
_INSERT_TAG = sa.insert(TAGS)
_TAGS = sa.select(TAGS.c.tag).where(TAGS.c.generation_id == _ID).order_by(TAGS.c.tag)
_INSERT_TEXT = sa.insert(TEXTS)
_UPDATE_TEXT = sa.update(TEXTS).where(TEXTS.c.id == _ID)
_INSERT_IMAGE = sa.insert(IMAGES)
_DELETE_IMAGES = sa.delete(IMAGES).where(IMAGES.c.generation_id == _ID)
_DELETE_IMAGE = _DELETE_IMAGES.where(IMAGES.c.position == sa.bindparam("at"))
_IMAGES = sa.select(IMAGES).where(IMAGES.c.generation_id == _ID).order_by(IMAGES.c.position)
_ADD = _addition(f"VALUES (:kind, :name, {_VALUES})")
_ADD_UNDER_ALL = _addition(_UNDER_ALL)
