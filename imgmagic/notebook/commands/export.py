"""The command that exports the history: a contact sheet, or a table with the pictures beside it."""

import argparse
import csv
import functools
import io
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from markupsafe import Markup

from imgmagic.display.pages import render_page
from imgmagic.display.sanitize import shorten, strip_control
from imgmagic.domain.local_time import local_time
from imgmagic.domain.source_picture import PictureNumber
from imgmagic.domain.wording import count_noun, describe_picture
from imgmagic.errors import StoreError
from imgmagic.notebook.commands.context import Front, Runs
from imgmagic.notebook.commands.history import (
    build_query,
    family_facts,
    history_of,
    no_match_text,
    record_facts,
)
from imgmagic.notebook.line.refusals import UsageError
from imgmagic.notebook.output.formatters import figure_page
from imgmagic.notebook.output.table import pairs
from imgmagic.session import Session
from imgmagic.store.archive import Archive
from imgmagic.store.history.records import Record
from imgmagic.store.history_view import EVERY, HistoryView
from imgmagic.store.images.atomic_files import write_file
from imgmagic.store.images.copies import check_destination
from imgmagic.store.images.destination import read_destination
from imgmagic.store.images.image_store import ending, slug
from imgmagic.store.os_errors import as_store_error
from imgmagic.store.stored_image import StoredImage
from imgmagic.store.sweep_files.contact_sheet import write_picture_sheet
from imgmagic.store.sweep_files.picture_sheet import PictureSheet, SheetPicture
from imgmagic.store.sweep_history import SweepHistory
from imgmagic.store.table_rows import COLUMNS, row_of

_FORMULA = ("=", "+", "-", "@", "\t", "\r")  # a spreadsheet would run a cell that begins like this
_TABLE = "history.csv"
_PAGES, _SHEETS = frozenset({".html", ".htm"}), frozenset({".png", ".pdf"})
_TITLE = "Images"  # of a sheet without a title


def export(front: Front, options: argparse.Namespace) -> None:
    """Write the generations that the filters select, or the labelled grid of a whole sweep."""
    path = read_destination(options.path)
    if _is_of_a_whole_sweep(options) and path.suffix.lower() in _PAGES | _SHEETS:
        sweep = SweepHistory(lambda: front.session.archive, lambda: front.session.sweeps.tools)[options.sweep]
        title, date, overwrite = options.title or "", options.date, options.overwrite
        front.say(f"wrote {sweep.contact_sheet(path, title=title, date=date, overwrite=overwrite)}")
        return
    write, file = _writer(path, is_folder=options.path.endswith("/") or path.is_dir())
    title = _TITLE if options.title is None else options.title
    target = _Target(path=file, overwrite=options.overwrite, title=title, date=options.date)
    _check(target)
    records = tuple(history_of(front).records(build_query(front, options, limit=EVERY)))
    if not records:
        raise UsageError(f"%imgmagic export: {no_match_text(front, options)}")
    with as_store_error(f"{file} was not written", "Choose another place."):
        front.say(write(target, front.session, records))


def _is_of_a_whole_sweep(options: argparse.Namespace) -> bool:
    """Return whether no other filter leaves cells out, which a grid would show as missing."""
    others = (options.search, options.model, options.tag, options.star, options.status)
    return options.sweep is not None and not any(others)


_Writer = Callable[["_Target", Session, Sequence[Record]], str]


@dataclass(frozen=True, kw_only=True)
class _Target:
    """The file to write, its heading, and whether it and the pictures beside it may replace existing files."""

    path: Path
    overwrite: bool
    title: str = ""
    date: str | None = None

    @property
    def folder(self) -> Path:
        """Return where the pictures go."""
        return self.path.with_name("images" if self.path.name == _TABLE else f"{self.path.stem}-images")

    def date_of(self, records: Sequence[Record]) -> str:
        """Return the date at the head: the one that was given, else the newest record's."""
        newest = local_time(max(each.started.at for each in records))
        return f"{newest:%Y-%m-%d}" if self.date is None else self.date

    def write(self, text: str) -> None:
        write_file(self.path, text.encode("utf-8", "replace"), overwrite=self.overwrite)


def _writer(path: Path, *, is_folder: bool) -> tuple[_Writer, Path]:
    """Return the function that writes to this path, and the file that it writes."""
    if is_folder or not path.suffix:
        return _table, path / _TABLE
    if path.suffix.lower() not in _WRITERS:
        raise UsageError("%imgmagic export: PATH must end in .html, .png, .pdf, .csv or .jsonl, or be a folder")
    return _WRITERS[path.suffix.lower()], path


def _check(target: _Target) -> None:
    # A folder for the table is made if its parent exists.
    folder = target.path.parent
    made = folder if target.path.name == _TABLE and not folder.exists() else target.path
    check_destination(made, overwrite=True)
    if target.path.exists() and not target.overwrite:
        raise StoreError(f"{target.path} already exists; it was not overwritten.", remedy="Add --overwrite.")


def _page(target: _Target, session: Session, records: Sequence[Record]) -> str:
    articles = [_article(session, record) for record in records]
    about = " · ".join(filter(None, (target.date_of(records), count_noun(len(records), "generation"))))
    target.write(render_page(__package__, "export_page.html.j2", title=target.title, about=about, articles=articles))
    return _describe_export(records, target)


def _describe_export(records: Sequence[Record], target: _Target) -> str:
    return f"{len(records):,} generation{' is' if len(records) == 1 else 's are'} in {target.path}"


def _article(session: Session, record: Record) -> Mapping[str, object]:
    facts = pairs((*record_facts(record), *family_facts(HistoryView(lambda: session.archive), record)))[0]
    return {
        "id": record.id,
        "prompt": record.started.request.prompt,
        "figure": Markup(figure_page(session.archive.generation(record), session.settings)),  # noqa: S704 - escaped there
        "facts": Markup(facts),  # noqa: S704 - escaped there
    }


def _sheet(target: _Target, session: Session, records: Sequence[Record]) -> str:
    pictures = tuple(each for record in records for each in _sheet_pictures(session.archive, record))
    if not pictures:
        raise UsageError("%imgmagic export: these generations have no pictures")
    sheet = PictureSheet(title=target.title, date=target.date_of(records), pictures=pictures)
    write_picture_sheet(sheet, target.path, overwrite=target.overwrite)
    return _describe_export(records, target)


def _sheet_pictures(archive: Archive, record: Record) -> Iterator[SheetPicture]:
    request = record.started.request
    facts = [request.model or record.started.provider, str(request.options.get("quality") or "")]
    for image in record.images:
        number = PictureNumber(generation_id=record.id, number=image.index + 1)
        yield SheetPicture(
            name=strip_control(f"{number} {shorten(request.prompt)}"),
            facts=" · ".join(filter(None, (*facts, describe_picture(image.width, image.height, image.format)))),
            load=functools.partial(archive.images.load, image.sha256),
        )


def _table(target: _Target, session: Session, records: Sequence[Record]) -> str:
    copied = [tuple(_copy_originals(target, session.archive, record)) for record in records]
    rows = [{**_texts(record), "images": names} for record, names in zip(records, copied, strict=True)]
    is_json = target.path.suffix.lower() == ".jsonl"
    target.write("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows) if is_json else _csv(rows))
    lost = sum(len(record.images) for record in records) - sum(map(len, copied))
    missing = f"; {lost:,} of them are no longer in the image store" if lost else ""
    return f"{_describe_export(records, target)}, pictures in {target.folder}{missing}"


def _copy_originals(target: _Target, archive: Archive, record: Record) -> Iterator[str]:
    """Copy the originals of a record that are still there, and yield their names beside the table."""
    for image in record.images:
        name = f"{record.id}-{slug(record.started.request.prompt)}-{image.index + 1}.{ending(image.format)}"
        data = _original(archive, image)
        if data is not None:
            _copy(target, name, data)
            yield f"{target.folder.name}/{name}"


def _original(archive: Archive, image: StoredImage) -> bytes | None:
    try:
        return archive.images.load(image.sha256)
    except StoreError:  # a missing picture does not keep the others from being exported
        return None


def _copy(target: _Target, name: str, data: bytes) -> None:
    path = target.folder / name
    try:
        write_file(path, data, overwrite=target.overwrite)
    except FileExistsError as error:
        if path.read_bytes() != data:
            raise StoreError(f"{path} already exists; it was not overwritten.", remedy="Add --overwrite.") from error


def _texts(record: Record) -> dict[str, object]:
    """Return the row of a record with times and amounts as text: JSON has neither."""
    return {
        name: value.isoformat() if isinstance(value, datetime) else value if _is_plain(value) else str(value)
        for name, value in row_of(record).items()
    }


def _is_plain(value: object) -> bool:
    return value is None or isinstance(value, str | int | float)


def _csv(rows: Sequence[Mapping[str, object]]) -> str:
    file = io.StringIO()
    writer = csv.DictWriter(file, list(COLUMNS))
    writer.writeheader()
    writer.writerows({name: _harmless(value) for name, value in row.items()} for row in rows)
    return file.getvalue()


def _harmless(value: object) -> object:
    text = "; ".join(value) if isinstance(value, tuple) else value
    return f"'{text}" if isinstance(text, str) and text.startswith(_FORMULA) else text


_WRITERS: Mapping[str, _Writer] = {
    **dict.fromkeys(_PAGES, _page),
    **dict.fromkeys(_SHEETS, _sheet),
    **dict.fromkeys((".csv", ".jsonl"), _table),
}
RUN: Runs = {"export": export}
