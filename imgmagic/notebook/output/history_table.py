"""A listing of records: a row each, with a thumbnail where HTML is seen."""

from collections.abc import Sequence

from imgmagic.display.sanitize import escaped, shortened
from imgmagic.domain.budget import dollars
from imgmagic.domain.totals import Origin
from imgmagic.errors import StoreError
from imgmagic.notebook.output.figure import data_uri
from imgmagic.notebook.output.table import Cell, Column, Row, table_html, table_text
from imgmagic.store.archive import Archive
from imgmagic.store.history.records import HistoryQuery, Record, StoredImage
from imgmagic.store.history_view import HistoryView

_SIDE = 96  # CSS pixels; twice as many are kept, for dense screens
_QUALITY = 70
_NEWEST = 10
_WITH_PICTURE = 100  # rows; a notebook must stay small

_COLUMNS = (
    Column(title="picture", is_picture=True),
    Column(title="#", is_number=True),
    Column(title="made (UTC)"),
    Column(title="prompt", is_long=True),
    Column(title="model", is_long=True),
    Column(title="status", is_long=True),
    Column(title="time", is_number=True),
    Column(title="tokens", is_number=True),
    Column(title="cost", is_number=True),
    Column(title="tags", is_long=True),
)


def history_html(records: Sequence[Record], archive: Archive | None, *, caption: str = "") -> str:
    """Return the listing as HTML; `archive` gives the thumbnails, None leaves them out."""
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
    note = f" ({shortened(record.note)})" if record.note else ""
    return (
        Cell(text="", html=_thumbnail(record, archive)),
        str(record.id),
        f"{started.at:%Y-%m-%d %H:%M}",
        ("★ " if record.star else "") + shortened(started.request.prompt, length) + note,
        started.request.model or "",
        record.status if started.origin is Origin.LIVE else f"{record.status}, {started.origin}",
        "" if record.elapsed_s is None else f"{record.elapsed_s:.1f} s",
        "" if tokens is None else f"{tokens:,}",
        _cost(record),
        ", ".join(started.tags),
    )


def _cost(record: Record) -> str:
    if record.started.origin is not Origin.LIVE:
        return "–"
    return "unknown" if record.cost is None else dollars(record.cost)


def _thumbnail(record: Record, archive: Archive | None) -> str:
    if archive is None or not record.images:
        return ""
    image, more = record.images[0], len(record.images) - 1
    try:
        source = _source(archive, image)
    except StoreError:
        return "not in the image store"
    scale = _SIDE / max(image.width, image.height, 1)
    picture = (
        f'<img alt="{escaped(shortened(record.started.request.prompt))}" src="{source}" '
        f'width="{max(1, round(image.width * scale))}" height="{max(1, round(image.height * scale))}">'
    )
    return picture + (f" +{more}" if more else "")


def _source(archive: Archive, image: StoredImage) -> str:
    if image.format == "svg":
        return data_uri(archive.images.load(image.sha256), "svg")
    preview = archive.images.preview(image.sha256, longest_side=2 * _SIDE, quality=_QUALITY)
    return data_uri(preview.data, preview.format)
