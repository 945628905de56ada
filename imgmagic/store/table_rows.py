"""The history as a flat table: one row per record, one column per fact and per option, for pandas and for files."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping

from imgmagic.domain.json_types import JsonValue
from imgmagic.domain.usage import Usage
from imgmagic.store.history.records import Record


def row_of(record: Record) -> dict[str, object]:
    """Return the facts of a record: numbers, texts and times, None where unknown."""
    return {name: value(record) for name, value in COLUMNS.items()}


def tabulate(records: Iterable[Record]) -> tuple[tuple[str, ...], list[dict[str, object]]]:
    """Return the names of the columns and the rows of these records; None where nothing is known.

    Every option that one of them set has a column, named `option_` and its name where a fact has that name already.
    """
    rows, options = [], dict[str, None]()
    for record in records:
        asked = record.started.request.options
        typed = {f"option_{name}" if name in COLUMNS else name: value for name, value in asked.items()}
        options.update(dict.fromkeys(typed))
        rows.append({**row_of(record), **typed})
    columns = (*COLUMNS, *sorted(options))
    return columns, [{name: row.get(name) for name in columns} for row in rows]


def _usage(name: str) -> Callable[[Record], object]:
    return lambda record: getattr(record.usage or Usage(), name)


def _parameters(record: Record) -> str:
    options: Mapping[str, JsonValue] = record.started.request.options
    return json.dumps(options, sort_keys=True, ensure_ascii=False)


def _name_sources(record: Record) -> str:
    """Return the pictures that it began from: their numbers in the history, else their names."""
    return ", ".join(str(source.origin or source.name) for source in record.started.request.sources)


def _image_tags(record: Record) -> Iterator[str]:
    for image in record.images:
        yield from image.tags


COLUMNS: Mapping[str, Callable[[Record], object]] = {
    "id": lambda record: record.id,
    "status": lambda record: record.status,
    "origin": lambda record: str(record.started.origin),
    "created_at": lambda record: record.started.at,
    "elapsed_s": lambda record: record.elapsed_s,
    "first_partial_s": lambda record: record.first_partial_s,
    "provider": lambda record: record.started.provider,
    "model": lambda record: record.started.request.model,
    "prompt": lambda record: record.started.request.prompt,
    "template": lambda record: record.started.request.template,
    "parameters": _parameters,
    "started_from": _name_sources,
    "images": lambda record: len(record.images),
    "path": lambda record: record.images[0].name if record.images else None,
    **{name: _usage(name) for name in Usage.__dataclass_fields__},
    "cost": lambda record: record.cost,
    "held": lambda record: record.reserved,
    "released": lambda record: record.released,
    "price_date": lambda record: record.started.price_date,
    "error_class": lambda record: record.error_class,
    "error": lambda record: record.error_message,
    "request_id": lambda record: record.request_id,
    "session": lambda record: record.started.session,
    "notebook": lambda record: record.started.notebook,
    "user": lambda record: record.started.user,
    "sweep": lambda record: record.started.cell.sweep_id if record.started.cell else None,
    "tags": lambda record: ", ".join(dict.fromkeys((*record.started.tags, *_image_tags(record)))),
    "star": lambda record: record.star,
    "rating": lambda record: record.rating,
    "note": lambda record: record.note,
}
