"""Reading: records from the rows of the database, which may be one that others made."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from enum import StrEnum
from typing import TypeVar

from imgmagic.domain.generation import Status
from imgmagic.domain.origin import Origin
from imgmagic.domain.request import ImageRequest
from imgmagic.domain.source_picture import PictureNumber, SourcePicture
from imgmagic.domain.totals import Totals
from imgmagic.domain.usage import Usage
from imgmagic.store.history.columns import Columns, DatabaseRow
from imgmagic.store.history.records import RUNNING, Record, Started, SweepCell, SweepRecord
from imgmagic.store.stored_image import ImageKind, StoredImage, UnfetchedImage

_Word = TypeVar("_Word", bound=StrEnum)
_USAGE = tuple(each.name for each in fields(Usage))


def read_record(row: DatabaseRow, related: Mapping[str, Sequence[DatabaseRow]]) -> Record:
    """Return the record that these rows hold.

    Args:
        row: of the generation.
        related: the rows that belong to it, by the names of their tables.
    """
    columns = Columns(row)
    tags = _read_tags(related.get("image_tags", ()))
    images = [read_stored_image(each, tags.get(each["position"], ())) for each in related.get("images", ())]
    status = columns.text("status")
    return Record(
        id=row["id"],
        status=status if status == RUNNING else _read_word(status, Status.INTERRUPTED),
        started=_read_started(row, related),
        done_at=columns.time("done_at"),
        elapsed_s=columns.number("elapsed_s"),
        first_partial_s=columns.number("first_partial_s"),
        error_class=columns.optional_text("error_class"),
        error_message=columns.optional_text("error_message"),
        request_id=columns.optional_text("request_id"),
        usage=_read_usage(columns),
        cost=columns.dollars("cost"),
        reserved=columns.dollars("reserved"),
        released=columns.dollars("released"),
        star=bool(row["star"]) or any(image.star for image in images),
        note=columns.text("note"),
        images=tuple(each for each in images if each.kind is ImageKind.FINAL),
        partials=tuple(each for each in images if each.kind is ImageKind.PARTIAL),
        derived=tuple(each for each in images if each.kind is ImageKind.DERIVED),
        unfetched=tuple(_read_unfetched(each) for each in related.get("unfetched_images", ())),
    )


def read_stored_image(row: DatabaseRow, tags: Iterable[str] = ()) -> StoredImage:
    """Return the picture that a row holds, with its tags."""
    columns = Columns(row)
    return StoredImage(
        sha256=columns.sha256(),
        name=columns.image_name(),
        format=columns.image_format(),
        width=columns.count("width"),
        height=columns.count("height"),
        index=columns.count("position"),
        revised_prompt=columns.optional_text("revised_prompt"),
        kind=_read_word(columns.text("kind"), ImageKind.PARTIAL),
        star=bool(row["star"]),
        rating=columns.whole("rating"),
        note=columns.text("note"),
        tags=tuple(tags),
    )


def read_sweep(row: DatabaseRow) -> SweepRecord:
    """Return the sweep that a row holds."""
    columns = Columns(row)
    return SweepRecord(
        id=row["id"],
        template=columns.text("template"),
        axes=columns.json_value("axes"),
        options=columns.json_object("options"),
        session=columns.text("session"),
        created_at=columns.known_time("created_at"),
        notebook=columns.optional_text("notebook"),
        user=columns.optional_text("user_name"),
    )


def read_totals(row: DatabaseRow) -> Totals:
    """Return the totals that a row holds."""
    columns = Columns(row)
    return Totals(
        key=columns.text("name"),
        origin=_read_word(columns.text("origin"), Origin.REUSED),
        generations=columns.count("generations"),
        images=columns.count("images"),
        usage=_read_usage(columns) or Usage(),
        cost=columns.dollars("cost"),
        unknown_costs=columns.count("unknown_costs"),
    )


def _read_started(row: DatabaseRow, related: Mapping[str, Sequence[DatabaseRow]]) -> Started:
    columns = Columns(row)
    return Started(
        request=_read_request(columns, related.get("generation_inputs", ())),
        provider=columns.text("provider"),
        dialect=columns.text("dialect"),
        session=columns.text("session"),
        at=columns.known_time("sent_at"),
        drawn_at=columns.time("drawn_at"),
        origin=_read_word(columns.text("origin"), Origin.REUSED),
        notebook=columns.optional_text("notebook"),
        at_most=columns.dollars("estimated"),
        price_date=columns.optional_text("price_date"),
        tags=tuple(Columns(each).text("tag") for each in related.get("tags", ())),
        server=columns.optional_text("server"),
        user=columns.optional_text("user_name"),
        cell=_read_cell(columns),
    )


def _read_cell(columns: Columns) -> SweepCell | None:
    sweep_id = columns.whole("sweep_id")
    if sweep_id is None:
        return None
    values = columns.json_object("cell_values")
    return SweepCell(sweep_id=sweep_id, key=columns.text("cell_key"), values=values, take=columns.count("take"))


def _read_request(columns: Columns, inputs: Iterable[DatabaseRow]) -> ImageRequest:
    pictures: dict[str, list[SourcePicture]] = {}
    for each in inputs:
        pictures.setdefault(each["role"], []).append(_read_source(each))
    return ImageRequest(
        prompt=columns.text("prompt"),
        template=columns.optional_text("template"),
        model=columns.optional_text("model"),
        options=columns.json_object("parameters"),
        sources=tuple(pictures.get("image", ())),
        mask=next(iter(pictures.get("mask", ())), None),
        markup=next(iter(pictures.get("markup", ())), None),
    )


def _read_source(row: DatabaseRow) -> SourcePicture:
    """Return the picture that a row holds, which was sent with a request; its bytes are in the image store."""
    columns = Columns(row)
    source_id, changes = columns.whole("source_id"), columns.json_value("changes")
    return SourcePicture(
        sha256=columns.sha256(),
        format=columns.image_format(),
        width=columns.count("width"),
        height=columns.count("height"),
        size_bytes=columns.count("size_bytes"),
        name=columns.text("name"),
        origin=PictureNumber(generation_id=source_id, number=columns.count("source_number")) if source_id else None,
        changes=tuple(map(str, changes)) if isinstance(changes, list) else (),
    )


def _read_unfetched(row: DatabaseRow) -> UnfetchedImage:
    columns = Columns(row)
    index, address = columns.count("position"), columns.text("address")
    return UnfetchedImage(index=index, address=address, reason=columns.text("reason"))


def _read_tags(rows: Iterable[DatabaseRow]) -> dict[int, list[str]]:
    """Return the tags of a generation's pictures by their positions."""
    found: dict[int, list[str]] = {}
    for row in rows:
        found.setdefault(row["position"], []).append(Columns(row).text("tag"))
    return found


def _read_usage(columns: Columns) -> Usage | None:
    """Return the usage columns of a row; None when the server counted nothing."""
    found = Usage(**{name: columns.whole(name) for name in _USAGE})
    return None if found == Usage() else found


def _read_word(text: str, otherwise: _Word) -> _Word:
    """Return the word of a list that `text` is; another where it is not on the list."""
    try:
        return type(otherwise)(text)
    except ValueError:
        return otherwise
