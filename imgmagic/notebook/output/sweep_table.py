"""The sweeps of the history as a table, in HTML and plain text: one row each, with what it varies and what it drew."""

from collections.abc import Sequence
from itertools import islice

from imgmagic.display.amounts import describe_totals, sum_totals
from imgmagic.display.sanitize import shorten
from imgmagic.domain.local_time import local_time
from imgmagic.domain.wording import count_noun
from imgmagic.notebook.output.table import Column, table_html, table_text
from imgmagic.store.archive import Archive
from imgmagic.store.history.records import SweepRecord
from imgmagic.store.sweep_history import SweepHistory, shape_from_json

_NEWEST = 10
_MOST_LABELS = 6  # of one axis
_COLUMNS = (
    Column(title="#", is_number=True),
    Column(title="made"),
    Column(title="prompt", is_long=True),
    Column(title="axes", is_long=True),
    Column(title="drawn", is_long=True),
)


def sweeps_html(records: Sequence[SweepRecord], archive: Archive, *, caption: str = "") -> str:
    """Return the listing as HTML."""
    return table_html(_COLUMNS, [_row(record, archive) for record in records], caption=caption)


def sweeps_text(records: Sequence[SweepRecord], archive: Archive) -> str:
    """Return the listing as text."""
    return table_text(_COLUMNS, [_row(record, archive) for record in records])


def newest_html(history: SweepHistory) -> str:
    """Return the newest sweeps of the history as HTML."""
    return sweeps_html(_newest(history), history.archive, caption=_title(history))


def newest_text(history: SweepHistory) -> str:
    """Return the newest sweeps of the history as text."""
    found = _newest(history)
    return "\n".join([_title(history), *([sweeps_text(found, history.archive)] if found else [])])


def _newest(history: SweepHistory) -> tuple[SweepRecord, ...]:
    return tuple(islice(history.records(), _NEWEST))


def _title(history: SweepHistory) -> str:
    count = len(history)
    return count_noun(count, "sweep") + (f", the newest {_NEWEST}" if count > _NEWEST else "")


def _row(record: SweepRecord, archive: Archive) -> list[str]:
    axes = ", ".join(_describe(axis.name, axis.labels) for axis in shape_from_json(record.axes).axes)
    totals = archive.history.totals("sweep", key=str(record.id))
    made = f"{local_time(record.created_at):%Y-%m-%d %H:%M}"
    drawn = describe_totals(sum_totals(totals)) if totals else "nothing"
    return [str(record.id), made, shorten(record.template, 200), shorten(axes, 200), drawn]


def _describe(name: str, labels: Sequence[str]) -> str:
    more = ", …" if len(labels) > _MOST_LABELS else ""
    return f"{name}: {', '.join(labels[:_MOST_LABELS])}{more}"
