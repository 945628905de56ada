"""A family: which generations began from pictures of which others, as the history remembers it.

A record holds the numbers of the pictures that it began from, not the records: one of them may have been forgotten
since, and then still has its place. Numbers only grow, so that nothing is its own ancestor; a history that was changed
by hand is walked without going in circles all the same.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from imgmagic.domain.source_picture import PictureNumber
from imgmagic.errors import StoreError
from imgmagic.store.history.records import HistoryQuery, Record
from imgmagic.store.history_view import HistoryView

MOST_SHOWN = 200  # of one family; more is a list, not a tree

_CHILDREN = 100


@dataclass(frozen=True, kw_only=True)
class Relative:
    """One generation in its family.

    Args:
        id: its number.
        record: what the history has of it; None where it was forgotten.
        began_from: the pictures that it began from, in order.
        children: those that began from one of its pictures, oldest first.
    """

    id: int
    record: Record | None = None
    began_from: tuple[PictureNumber, ...] = ()
    children: tuple["Relative", ...] = ()

    def __iter__(self) -> Iterator["Relative"]:
        yield self
        for child in self.children:
            yield from child


def ancestors(history: HistoryView, record: Record) -> tuple[Relative, ...]:
    """Return the line from which a generation came, oldest first, by the first picture that each began from."""
    line: list[Relative] = []
    seen = {record.id}
    origin = first_origin(record)
    while origin is not None and origin.generation_id not in seen:
        seen.add(origin.generation_id)
        found = _find(history, origin.generation_id)
        line.append(_relative(origin.generation_id, found))
        origin = first_origin(found) if found else None
    return tuple(reversed(line))


def family_of(history: HistoryView, generation_id: int) -> Relative:
    """Return the oldest ancestor of a generation with everything that came of it.

    Raises:
        StoreError: there is no such generation.
    """
    record = history.record(generation_id)
    line = ancestors(history, record)
    oldest = line[0] if line else _relative(record.id, record)
    return _with_children(history, oldest, {oldest.id})


def children_of(history: HistoryView, generation_id: int) -> tuple[Record, ...]:
    """Return the generations that began from a picture of this one, oldest first."""
    found = history.records(HistoryQuery(source_id=generation_id, limit=_CHILDREN))
    return tuple(sorted(found, key=lambda record: record.id))


def first_origin(record: Record) -> PictureNumber | None:
    """Return which picture of the history a generation began from; the first where there are several."""
    return next((source.origin for source in record.started.request.sources if source.origin is not None), None)


def _with_children(history: HistoryView, relative: Relative, seen: set[int]) -> Relative:
    children = []
    for record in children_of(history, relative.id):
        if record.id not in seen and len(seen) < MOST_SHOWN:
            seen.add(record.id)
            children.append(_with_children(history, _relative(record.id, record), seen))
    return replace(relative, children=tuple(children))


def _relative(generation_id: int, record: Record | None) -> Relative:
    sources = record.started.request.sources if record else ()
    origins = tuple(source.origin for source in sources if source.origin is not None)
    return Relative(id=generation_id, record=record, began_from=origins)


def _find(history: HistoryView, generation_id: int) -> Record | None:
    try:
        return history.record(generation_id)
    except StoreError:
        return None
