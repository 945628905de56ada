"""Pictures in the history: the statements for what came back, what was sent along, and what is still elsewhere.

A picture's row is changed, never made again: what people said of it meanwhile, the star and the note, stays.
"""

from collections.abc import Iterable

import sqlalchemy as sa

from imgmagic.domain.request import ImageRequest
from imgmagic.store.history.columns import DatabaseRow
from imgmagic.store.history.rows import image_row, input_rows, unfetched_row
from imgmagic.store.history.schema import IMAGES, INPUTS, UNFETCHED
from imgmagic.store.stored_image import ImageKind, StoredImage, UnfetchedImage


def put_image(connection: sa.Connection, generation_id: int, image: StoredImage) -> None:
    """Write a picture, in place of another of its kind at its position."""
    _put(connection, image_row(generation_id, image))


def replace_images(connection: sa.Connection, generation_id: int, images: Iterable[StoredImage]) -> int:
    """Let a generation have exactly these pictures, and return how many of them are final."""
    rows = [image_row(generation_id, image) for image in images]
    wanted = {_place(row): row for row in rows}
    for found in image_rows(connection, generation_id):
        row = wanted.get(_place(found))
        if row is None:
            _delete(connection, found)
        elif all(found[name] == value for name, value in row.items()):
            del wanted[_place(row)]
    for row in wanted.values():
        _put(connection, row)
    return sum(row["kind"] == ImageKind.FINAL for row in rows)


def drop_unwritten(connection: sa.Connection, generation_id: int, held: Iterable[str]) -> int:
    """Remove the pictures of a generation whose bytes are not `held`, and return how many final ones stay."""
    held, final = set(held), 0
    for row in image_rows(connection, generation_id):
        if row["sha256"] in held:
            final += row["kind"] == ImageKind.FINAL
        else:
            _delete(connection, row)
    return final


def image_rows(connection: sa.Connection, generation_id: int) -> list[DatabaseRow]:
    """Return the picture rows of a generation, in their order."""
    return rows_of(connection.execute(_IMAGES, {"of_id": generation_id}))


def count_final(connection: sa.Connection, generation_id: int) -> int:
    """Return how many finished pictures a generation has."""
    return sum(row["kind"] == ImageKind.FINAL for row in image_rows(connection, generation_id))


def images_of_no_other(connection: sa.Connection, generation_id: int) -> tuple[DatabaseRow, ...]:
    """Return the picture rows of a generation whose bytes no other one shows or was made from."""
    wanted = _select_of_no_other(IMAGES, generation_id).order_by(IMAGES.c.position, IMAGES.c.kind)
    return tuple(rows_of(connection.execute(wanted)))


def inputs_of_no_other(connection: sa.Connection, generation_id: int) -> tuple[DatabaseRow, ...]:
    """Return the rows of what was sent with a generation, where nothing else shows it or was made from it."""
    return tuple(rows_of(connection.execute(_select_of_no_other(INPUTS, generation_id))))


def is_used(connection: sa.Connection, sha256: str) -> bool:
    """Return whether any generation shows these bytes or was made from them."""
    used = (sa.select(table.c.sha256).where(table.c.sha256 == sha256).limit(1) for table in (IMAGES, INPUTS))
    return any(connection.scalar(each) is not None for each in used)


def put_inputs(connection: sa.Connection, generation_id: int, request: ImageRequest) -> None:
    """Write which pictures go to the server."""
    if rows := input_rows(generation_id, request):
        connection.execute(_INSERT_INPUT, rows)


def put_unfetched(connection: sa.Connection, generation_id: int, image: UnfetchedImage) -> None:
    """Write where a picture is that could not be fetched, in place of what was known of it."""
    place = {"of_id": generation_id, "at": image.index}
    connection.execute(_DELETE_UNFETCHED, place)
    connection.execute(_INSERT_UNFETCHED, unfetched_row(generation_id, image))


def rows_of(result: "sa.Result[*tuple[object, ...]]") -> list[DatabaseRow]:
    """Return what a statement found, as rows."""
    names = list(result.keys())
    return [dict(zip(names, row, strict=True)) for row in result]


def _select_of_no_other(table: sa.Table, generation_id: int) -> "sa.Select[*tuple[object, ...]]":
    """Return the statement for rows of a generation whose bytes no other one shows or was made from."""
    elsewhere = (
        sa.exists().where(other.c.sha256 == table.c.sha256, other.c.generation_id != generation_id)
        for other in (IMAGES.alias(), INPUTS.alias())
    )
    return sa.select(table).where(table.c.generation_id == generation_id, *(~each for each in elsewhere))


def _put(connection: sa.Connection, row: DatabaseRow) -> None:
    place = _at(row)
    found = rows_of(connection.execute(_IMAGE, place))
    if found and found[0]["sha256"] == row["sha256"]:
        content = {name: row[name] for name in ("name", "format", "width", "height", "revised_prompt")}
        connection.execute(_UPDATE_IMAGE, {**place, **content})
    else:
        connection.execute(_DELETE_IMAGE, place)
        connection.execute(_INSERT_IMAGE, row)
    if row["kind"] == ImageKind.FINAL:  # it is here now
        connection.execute(_DELETE_UNFETCHED, {"of_id": row["generation_id"], "at": row["position"]})


def _delete(connection: sa.Connection, row: DatabaseRow) -> None:
    connection.execute(_DELETE_IMAGE, _at(row))


def _at(row: DatabaseRow) -> dict[str, object]:
    return {"of_id": row["generation_id"], "of_kind": row["kind"], "at": row["position"]}


def _place(row: DatabaseRow) -> tuple[str, int]:
    return row["kind"], row["position"]


# Built once: making a statement takes longer than running it.
_ID: sa.BindParameter[int] = sa.bindparam("of_id")
_AT: sa.BindParameter[int] = sa.bindparam("at")
_OF = (IMAGES.c.generation_id == _ID, IMAGES.c.kind == sa.bindparam("of_kind"), IMAGES.c.position == _AT)
_IMAGES = sa.select(IMAGES).where(IMAGES.c.generation_id == _ID).order_by(IMAGES.c.kind, IMAGES.c.position)
_IMAGE = sa.select(IMAGES).where(*_OF)
_INSERT_IMAGE = sa.insert(IMAGES)
_UPDATE_IMAGE = sa.update(IMAGES).where(*_OF)
_DELETE_IMAGE = sa.delete(IMAGES).where(*_OF)
_INSERT_INPUT = sa.insert(INPUTS)
_INSERT_UNFETCHED = sa.insert(UNFETCHED)
_DELETE_UNFETCHED = sa.delete(UNFETCHED).where(UNFETCHED.c.generation_id == _ID, UNFETCHED.c.position == _AT)
