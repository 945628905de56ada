"""A sweep as a tidy table: one row per picture, or per cell without one; a column per axis, with its own type."""

import csv
import hashlib
import io
import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from imgmagic.domain.axes import Axis
from imgmagic.domain.generation import Generation
from imgmagic.domain.json_types import JsonValue
from imgmagic.domain.sweep import Sweep, SweptCell
from imgmagic.domain.usage import Usage
from imgmagic.errors import SettingsError
from imgmagic.store.images.image_store import ImageStore
from imgmagic.store.images.originals import StoredImages

if TYPE_CHECKING:
    import pandas

TableRow = dict[str, object]

# The type of each column beside the axes, by pandas' names: nullable ones, which Parquet keeps as they are.
COLUMNS: Mapping[str, str] = {
    "cell": "Int64",
    "take": "Int64",
    "prompt": "string",
    "template": "string",
    "provider": "string",
    "model": "string",
    "status": "string",
    "error": "string",
    "path": "string",
    "sha256": "string",
    "format": "string",
    "width": "Int64",
    "height": "Int64",
    "seconds": "Float64",
    "first_partial_s": "Float64",
    "input_tokens": "Int64",
    "output_tokens": "Int64",
    "total_tokens": "Int64",
    "cost": "Float64",
    "request_id": "string",
    "created_at": "datetime64[us, UTC]",
    "id": "Int64",
}
_SAME = frozenset({"prompt", "provider", "model"})  # axes that have a column already


def table_rows(sweep: Sweep, images: ImageStore) -> list[TableRow]:
    """Return the rows; tokens, seconds and cost are the whole generation's, in its first picture's row alone."""
    return [row for cell in sweep.cells for row in _rows(sweep, cell, images)]


def to_pandas(sweep: Sweep, images: ImageStore) -> "pandas.DataFrame":
    """Return the table as a data frame.

    Raises:
        SettingsError: pandas is not installed.
    """
    try:
        import pandas
    except ImportError as error:
        raise SettingsError(
            "a table needs pandas, which is not installed.", remedy='Run: pip install "jupyter-imgmagic[pandas]".'
        ) from error
    kinds = {**{_column(axis.name): _kind(axis) for axis in _own_axes(sweep)}, **COLUMNS}
    table = pandas.DataFrame(table_rows(sweep, images), columns=list(kinds))
    return table.astype(kinds)


def table_csv(rows: list[TableRow]) -> bytes:
    """Return rows as a CSV file in UTF-8, with a mark at its beginning by which spreadsheets know it."""
    file = io.StringIO(newline="")
    writer = csv.DictWriter(file, fieldnames=list(rows[0]) if rows else list(COLUMNS))
    writer.writeheader()
    writer.writerows(rows)
    return file.getvalue().encode("utf-8-sig", "replace")


def _rows(sweep: Sweep, cell: SweptCell, images: ImageStore) -> Iterator[TableRow]:
    axes = {_column(axis.name): _axis_value(cell, axis) for axis in _own_axes(sweep)}
    generation = cell.generation
    facts: TableRow = {**axes, **dict.fromkeys(COLUMNS), "cell": cell.cell.number, "prompt": cell.prompt}
    facts["template"] = sweep.template
    if generation is None:
        yield {**facts, "status": "not drawn", "error": cell.note or None, "take": 1}
        return
    facts |= _facts(generation)
    once = _once(generation)
    pictures = list(_pictures(generation, images)) or [{}]
    for number, picture in enumerate(pictures):
        yield {**facts, "take": number + 1, **picture, **(once if number == 0 else {})}


def _facts(generation: Generation) -> TableRow:
    return {
        "provider": generation.provider,
        "model": generation.model,
        "status": str(generation.status),
        "error": None if generation.error is None else str(generation.error),
        "request_id": generation.request_id,
        "created_at": generation.created_at,
        "id": generation.id,
    }


def _once(generation: Generation) -> TableRow:
    """Return what a generation took as a whole: repeated in each row it would be summed up several times."""
    usage = generation.usage or Usage()
    return {
        "seconds": generation.elapsed_s,
        "first_partial_s": generation.first_partial_s,
        "input_tokens": usage.input_tokens,
        "output_tokens": usage.output_tokens,
        "total_tokens": usage.total_tokens,
        "cost": None if generation.cost is None else float(generation.cost),
    }


def _pictures(generation: Generation, images: ImageStore) -> Iterator[TableRow]:
    if isinstance(generation.images, StoredImages):  # of which nothing is read for a table
        for stored in generation.images.stored:
            path = images.path(stored.name)
            where = str(path) if path else images.location(stored.name)
            size = {"width": stored.width, "height": stored.height}
            yield {"path": where, "sha256": stored.sha256, "format": stored.format, **size}
        return
    for image in generation.images:
        size = {"width": image.width, "height": image.height}
        sha256 = hashlib.sha256(image.data).hexdigest()
        yield {"path": image.location, "sha256": sha256, "format": image.format, **size}


def _own_axes(sweep: Sweep) -> list[Axis]:
    return [axis for axis in sweep.axes if axis.name not in _SAME]


def _column(name: str) -> str:
    return f"{name}_" if name in COLUMNS else name


def _axis_value(cell: SweptCell, axis: Axis) -> JsonValue:
    value = cell.cell.values[axis.name].value
    if _kind(axis) == "string" and value is not None and not isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    return value


def _kind(axis: Axis) -> str:
    """Return the type that all values of an axis have; text where they are of several."""
    kinds = {type(value.value) for value in axis.values if value.value is not None}
    if kinds == {bool}:
        return "boolean"
    if kinds == {int}:
        return "Int64"
    return "Float64" if kinds and kinds <= {int, float} else "string"
