"""Marks: what people say of a generation or of one of its pictures: stars, ratings, notes and tags.

Each function is one step of a transaction. `index` is a picture's place in its generation, from 0; None means the whole
generation. A star or a rating for a whole generation goes to each of its pictures, so that there is one truth of each.
"""

from collections.abc import Iterable, Mapping, Sequence

import sqlalchemy as sa

from imgmagic.errors import StoreError
from imgmagic.store.history.columns import DatabaseRow
from imgmagic.store.history.counting import count_under_tags
from imgmagic.store.history.pictures import count_final
from imgmagic.store.history.records import RUNNING
from imgmagic.store.history.schema import IMAGE_TAGS, IMAGES, TAGS, TEXTS
from imgmagic.store.history.statements import require_row, tags_of, update
from imgmagic.store.history.text_index import searchable_text

MAX_RATING = 5


def star(connection: sa.Connection, generation_id: int, index: int | None, *, on: bool) -> None:
    """Star a picture, or every picture of a generation; one without any pictures is starred itself."""
    require_row(connection, generation_id)
    marked = _mark(connection, generation_id, index, {"star": int(on)})
    if index is None:
        update(connection, generation_id, {"star": int(on and not marked)})


def rate(connection: sa.Connection, generation_id: int, index: int | None, rating: int | None) -> None:
    """Rate a picture, or every picture of a generation; None takes the rating away.

    Raises:
        StoreError: the rating is not 0 to 5, or there is no picture to rate.
    """
    if rating is not None and not 0 <= rating <= MAX_RATING:
        raise StoreError(f"{rating} is not a rating.", remedy=f"Rate from 0 to {MAX_RATING}.")
    require_row(connection, generation_id)
    if not _mark(connection, generation_id, index, {"rating": rating}):
        raise StoreError(f"generation {generation_id} has no picture to rate.", remedy="Rate one that has.")


def note(connection: sa.Connection, generation_id: int, index: int | None, text: str) -> None:
    """Write a note beside a generation or a picture, in place of the one before."""
    require_row(connection, generation_id)
    if index is None:
        update(connection, generation_id, {"note": text})
    else:
        _mark(connection, generation_id, index, {"note": text})
    refresh_search(connection, generation_id)


def tag(connection: sa.Connection, generation_id: int, index: int | None, tags: Iterable[str]) -> None:
    """Add tags to a generation, or to one of its pictures."""
    row = require_row(connection, generation_id)
    if index is not None:
        _mark(connection, generation_id, index, {})
    new = [each for each in dict.fromkeys(tags) if each not in _tags(connection, generation_id, index)]
    if index is not None:
        place = {"generation_id": generation_id, "position": index}
        _insert(connection, IMAGE_TAGS, [{**place, "tag": each} for each in new])
    else:
        _count(connection, row, 1, new)
        _insert(connection, TAGS, [{"generation_id": generation_id, "tag": each} for each in new])
    refresh_search(connection, generation_id)


def untag(connection: sa.Connection, generation_id: int, index: int | None, tags: Iterable[str]) -> None:
    """Take tags off a generation, or off one of its pictures."""
    row = require_row(connection, generation_id)
    old = [each for each in dict.fromkeys(tags) if each in _tags(connection, generation_id, index)]
    table = TAGS if index is None else IMAGE_TAGS
    gone = sa.delete(table).where(table.c.generation_id == generation_id, table.c.tag.in_(old))
    if index is None:
        _count(connection, row, -1, old)
    else:
        gone = gone.where(IMAGE_TAGS.c.position == index)
    connection.execute(gone)
    refresh_search(connection, generation_id)


def refresh_search(connection: sa.Connection, generation_id: int) -> None:
    """Make the searched text again, after a note or the tags changed."""
    row = require_row(connection, generation_id)
    notes = connection.scalars(_IMAGE_NOTES, {"of_id": generation_id})
    image_tags = connection.scalars(_IMAGE_TAGS, {"of_id": generation_id})
    said = (row["note"], *notes, *tags_of(connection, generation_id), *image_tags)
    text = searchable_text(row["prompt"], row["template"], *said)
    connection.execute(_UPDATE_TEXT, {"of_id": generation_id, "text": text})


def _mark(connection: sa.Connection, generation_id: int, index: int | None, columns: Mapping[str, object]) -> int:
    """Change columns of one picture or of all, and return how many there are.

    Raises:
        StoreError: there is no such picture.
    """
    of = IMAGES.c.generation_id == generation_id
    of = of if index is None else of & (IMAGES.c.position == index)
    found = connection.scalar(sa.select(sa.func.count()).select_from(IMAGES).where(of)) or 0
    if index is not None and not found:
        raise StoreError(
            f"generation {generation_id} has no picture {index + 1}.", remedy="Name one that it has, or the generation."
        )
    if found and columns:
        connection.execute(sa.update(IMAGES).where(of).values(**columns))
    return found


def _tags(connection: sa.Connection, generation_id: int, index: int | None) -> list[str]:
    if index is None:
        return tags_of(connection, generation_id)
    wanted = sa.select(IMAGE_TAGS.c.tag).where(IMAGE_TAGS.c.generation_id == generation_id)
    return list(connection.scalars(wanted.where(IMAGE_TAGS.c.position == index)))


def _insert(connection: sa.Connection, table: sa.Table, rows: Sequence[DatabaseRow]) -> None:
    if rows:
        connection.execute(sa.insert(table), rows)


def _count(connection: sa.Connection, row: DatabaseRow, sign: int, tags: list[str]) -> None:
    if row["status"] != RUNNING:  # that one is counted when it ends
        count_under_tags(connection, row, sign, tags, pictures=count_final(connection, row["id"]))


_ID: sa.BindParameter[int] = sa.bindparam("of_id")
_IMAGE_NOTES = sa.select(IMAGES.c.note).where(IMAGES.c.generation_id == _ID).order_by(IMAGES.c.position)
_IMAGE_TAGS = sa.select(IMAGE_TAGS.c.tag).where(IMAGE_TAGS.c.generation_id == _ID).order_by(IMAGE_TAGS.c.tag)
_UPDATE_TEXT = sa.update(TEXTS).where(TEXTS.c.id == _ID)
