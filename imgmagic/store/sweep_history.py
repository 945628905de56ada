"""The sweeps of the history as values: how one is written down, and how it is read back with its cells."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from operator import index
from typing import cast, overload

from imgmagic.domain.axes import Axis, AxisValue
from imgmagic.domain.generation import Generation
from imgmagic.domain.json_types import JsonValue
from imgmagic.domain.origin import Origin
from imgmagic.domain.picture_names import is_id
from imgmagic.domain.request import canonical_json
from imgmagic.domain.sweep import NoSweepTools, Sweep, SweepTools, SweptCell
from imgmagic.domain.sweep_shape import SweepShape
from imgmagic.domain.wording import count_noun
from imgmagic.errors import StoreError
from imgmagic.store.archive import Archive
from imgmagic.store.history.records import RUNNING, Record, SweepRecord
from imgmagic.store.slices import cut

_PAGE = 50


class SweepHistory:
    """Every recorded sweep, newest first: iterate, `len`, `[id]`, `[:3]`, `.last`.

    Args:
        archive: where the records and the originals are; asked each time, as settings may change.
        tools: what the sweeps save, draw and retry with.
    """

    def __init__(self, archive: Callable[[], Archive], tools: Callable[[], SweepTools] = NoSweepTools) -> None:
        self._archive = archive
        self._tools = tools

    def __iter__(self) -> Iterator[Sweep]:
        return (restore_sweep(self._archive(), record, self._tools()) for record in self.records())

    def __len__(self) -> int:
        return self._archive().history.count_sweeps()

    def __bool__(self) -> bool:
        return True  # as of the history: one without any is one, too

    @overload
    def __getitem__(self, key: int) -> Sweep: ...
    @overload
    def __getitem__(self, key: slice) -> tuple[Sweep, ...]: ...
    def __getitem__(self, key: int | slice) -> Sweep | tuple[Sweep, ...]:
        """Return a sweep by its number, or several by their places, the newest first.

        Raises:
            StoreError: no sweep has this number.
        """
        archive, tools = self._archive(), self._tools()
        if isinstance(key, slice):
            return tuple(restore_sweep(archive, record, tools) for record in cut(self.records(), key, self.__len__))
        return restore_sweep(archive, self.record(key), tools)

    @property
    def archive(self) -> Archive:
        """Return where the records and the originals are."""
        return self._archive()

    @property
    def last(self) -> Sweep | None:
        """Return the newest sweep, None where there is not any."""
        return next(iter(self), None)

    def record(self, sweep_id: int) -> SweepRecord:
        """Return the record of one sweep.

        Raises:
            StoreError: no sweep has this id.
        """
        return sweep_record(self._archive(), sweep_id)

    def records(self) -> Iterator[SweepRecord]:
        """Yield the records of all sweeps, newest first, a page at a time."""
        history = self._archive().history
        page = history.sweeps(limit=_PAGE)
        while page:
            yield from page
            page = history.sweeps(before_id=page[-1].id, limit=_PAGE)

    def __repr__(self) -> str:
        return f"<imgmagic history of {count_noun(len(self), 'sweep')}>"


def sweep_record(archive: Archive, sweep_id: int) -> SweepRecord:
    """Return the record of one sweep.

    Raises:
        StoreError: no sweep has this id.
    """
    try:
        number = index(sweep_id)
    except TypeError:
        raise StoreError(f"{sweep_id!r} does not name a sweep.", remedy="Write its number, such as 3.") from None
    found = archive.history.sweep(number) if is_id(number) else None
    if found is None:
        raise StoreError(f"there is no sweep {sweep_id}.", remedy="{sweeps} lists them.")
    return found


def axes_to_json(shape: SweepShape, fingerprint: str) -> JsonValue:
    """Return the axes of a sweep as its record keeps them, with what tells its cells from those of all others."""
    axes: list[JsonValue] = [
        {
            "name": axis.name,
            "values": [each.value for each in axis.values],
            "labels": list(axis.labels),
            "typed": [each.is_typed for each in axis.values],
        }
        for axis in shape.axes
    ]
    return {"axes": axes, "zipped": shape.zipped, "cells": fingerprint}


def shape_from_json(axes: JsonValue) -> SweepShape:
    """Return the axes that a record keeps.

    Raises:
        StoreError: something else is there.
    """
    try:
        kept = cast("Mapping[str, JsonValue]", axes)
        found = tuple(
            _axis(cast("Mapping[str, JsonValue]", each)) for each in cast("Sequence[JsonValue]", kept["axes"])
        )
        return SweepShape(axes=found, zipped=kept["zipped"] is True)
    except (KeyError, TypeError, ValueError) as error:
        raise StoreError(f"the record of this sweep is damaged: {error!r}.") from error


def _axis(kept: Mapping[str, JsonValue]) -> Axis:
    columns = (cast("Sequence[JsonValue]", kept[name]) for name in ("values", "labels", "typed"))
    values = tuple(
        AxisValue(value=value, label=str(label), is_typed=typed is True)
        for value, label, typed in zip(*columns, strict=True)
    )
    return Axis(name=str(kept["name"]), values=values)


def restore_sweep(archive: Archive, record: SweepRecord, tools: SweepTools) -> Sweep:
    """Return a recorded sweep with what became of its cells; originals are read when someone looks."""
    shape = shape_from_json(record.axes)
    found = by_values(archive.history.sweep_cells(record.id or 0))
    alt = record.options.get("alt")
    cells: list[SweptCell] = []
    for cell in shape.cells:
        kept = found.get(values_key(cell.plain))
        if kept is None:
            cells.append(SweptCell(cell=cell))
            continue
        note = "it is running" if kept.status == RUNNING else ""
        generation = None if note else generation_of(archive, kept)
        cells.append(SweptCell(cell=cell, prompt=kept.started.request.prompt, generation=generation, note=note))
    return Sweep(
        id=record.id,
        template=record.template,
        shape=shape,
        cells=tuple(cells),
        created_at=record.created_at,
        alt=alt if isinstance(alt, str) else None,
        tools=tools,
    )


def generation_of(archive: Archive, record: Record) -> Generation:
    """Return the generation of a cell's record; one that an earlier sweep drew cost nothing in this one."""
    generation = archive.generation(record)
    is_reused = record.started.origin is Origin.REUSED
    return replace(generation, reused=record.started.drawn_at) if is_reused else generation


def by_values(records: Sequence[Record]) -> dict[str, Record]:
    """Return the record of each cell by the cell's values: the newest completed one, else the newest."""
    found: dict[str, Record] = {}
    for record in records:
        if record.started.cell is None:
            continue
        key = values_key(record.started.cell.values)
        known = found.get(key)
        if known is None or record.status == "completed" or known.status != "completed":
            found[key] = record
    return found


def values_key(values: Mapping[str, JsonValue]) -> str:
    """Return the values of a cell as a text by which it is found."""
    return canonical_json(json.loads(json.dumps(values)))
