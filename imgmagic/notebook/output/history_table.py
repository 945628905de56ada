"""The history as a table: one row per generation, what matters first, with a thumbnail in HTML."""

from collections.abc import Sequence
from datetime import datetime

from imgmagic.display.data_uri import data_uri
from imgmagic.display.sanitize import shorten, to_html
from imgmagic.domain.local_time import local_time
from imgmagic.domain.origin import Origin
from imgmagic.domain.wording import dollars
from imgmagic.errors import StoreError
from imgmagic.notebook.output.table import Column, Row, TableCell, table_html, table_text
from imgmagic.notebook.output.tile_size import fit
from imgmagic.store.archive import Archive
from imgmagic.store.history.records import HistoryQuery, Record
from imgmagic.store.history_view import HistoryView

_SIDE = 96  # CSS pixels; twice as many are kept, for dense screens
_QUALITY = 70
_NEWEST = 10
_WITH_PICTURE = 100  # rows; a notebook must stay small

_COLUMNS = (
    Column(title="picture", is_picture=True),
    Column(title="#", is_number=True),
    Column(title="prompt", is_long=True),
    Column(title="size, quality", is_long=True),
    Column(title="cost", is_number=True),
    Column(title="status", is_long=True),
    Column(title="model", is_long=True),
    Column(title="made"),
    Column(title="time", is_number=True),
    Column(title="tokens", is_number=True),
    Column(title="tags", is_long=True),
)


def history_html(records: Sequence[Record], archive: Archive | None, *, caption: str = "") -> str:
    """Return the listing as HTML; `archive` has the thumbnails, None leaves them out."""
    rows = [
        _row(record, archive if place < _WITH_PICTURE else None, length=300) for place, record in enumerate(records)
    ]
    return table_html(_COLUMNS, rows, caption=caption)


def history_text(records: Sequence[Record]) -> str:
    """Return the listing as text."""
    return table_text(_COLUMNS, [_row(record, None, length=60) for record in records])


def view_html(view: HistoryView) -> str:
    """Return the newest generations of the history as HTML."""
    return history_html(_newest(view), view.archive, caption=_title(view))


def view_text(view: HistoryView) -> str:
    """Return the newest generations of the history as text."""
    return "\n".join(filter(None, (_title(view), history_text(_newest(view)))))


def _newest(view: HistoryView) -> tuple[Record, ...]:
    return tuple(view.records(HistoryQuery(limit=_NEWEST)))


def _title(view: HistoryView) -> str:
    count = len(view)
    return f"{count:,} generations" + (f", the newest {_NEWEST}" if count > _NEWEST else "")


def _row(record: Record, archive: Archive | None, *, length: int) -> Row:
    started = record.started
    tokens = record.usage.total_tokens if record.usage else None
    note = f" ({shorten(record.note)})" if record.note else ""
    return (
        TableCell(text="", html=_thumbnail(record, archive)),
        str(record.id),
        _marks(record) + shorten(started.request.prompt, length) + note,
        _size_and_quality(record),
        _cost(record),
        record.status if started.origin is Origin.LIVE else f"{record.status}, {started.origin}",
        started.request.model or "",
        _local_time(started.at),
        "" if record.elapsed_s is None else f"{record.elapsed_s:.1f} s",
        "" if tokens is None else f"{tokens:,}",
        ", ".join(started.tags),
    )


def _marks(record: Record) -> str:
    """Return the star and the best rating, to go before the prompt."""
    star = "★ " if record.star else ""
    return star if record.rating is None else f"{star}{record.rating}/5 "


def _size_and_quality(record: Record) -> str:
    """Return what was requested, else what came."""
    options = record.started.request.options
    first = record.images[0] if record.images else None
    came = f"{first.width}×{first.height}" if first is not None and first.width else ""
    asked = str(options.get("size", came)).replace("x", "×")
    return ", ".join(filter(None, (asked, str(options.get("quality", "")))))


def _local_time(at: datetime) -> TableCell:
    """Return a time in local time; the tooltip has the zone."""
    local = local_time(at)
    text = f"{local:%Y-%m-%d %H:%M}"
    return TableCell(text=text, html=f'<span title="{to_html(f"{local:%Y-%m-%d %H:%M:%S %Z}")}">{text}</span>')


def _cost(record: Record) -> str:
    if record.started.origin is not Origin.LIVE:
        return "–"
    return "unknown" if record.cost is None else dollars(record.cost)


def _thumbnail(record: Record, archive: Archive | None) -> str:
    if archive is None or not record.images:
        return ""
    image, more = record.images[0], len(record.images) - 1
    try:
        preview = archive.images.preview(image.sha256, longest_side=2 * _SIDE, quality=_QUALITY)
    except StoreError:
        return "not in the image store"
    size = fit(image.width, image.height, _SIDE)
    picture = (
        f'<img alt="{to_html(shorten(record.started.request.prompt))}" src="{data_uri(preview.data, preview.format)}" '
        f'width="{size.width}" height="{size.height}">'
    )
    return picture + (f" +{more}" if more else "")
