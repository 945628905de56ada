"""The command that takes the history elsewhere: one page with everything in it, or a table with pictures beside it."""

import argparse
import csv
import io
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from IPython.core.error import UsageError

from imgmagic.display.sanitize import escaped
from imgmagic.errors import StoreError
from imgmagic.notebook.commands.context import Front
from imgmagic.notebook.commands.history import facts, nothing, past, query, seen
from imgmagic.notebook.output.formatters import html
from imgmagic.notebook.output.table import pairs
from imgmagic.store.archive import Archive
from imgmagic.store.history.records import Record, StoredImage
from imgmagic.store.history_view import COLUMNS, EVERY, row_of
from imgmagic.store.images import folder as files
from imgmagic.store.images.copies import check_destination
from imgmagic.store.images.image_store import ending, slug

_PAGE = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width">
<title>Image history</title>
<style>
:root {{ color-scheme: light dark; font-family: system-ui, sans-serif; }}
body {{ max-width: 70rem; margin: 2rem auto; padding: 0 1rem; }}
article {{ margin: 2rem 0; }}
h2 {{ font-size: 1rem; }}
p {{ white-space: pre-wrap; overflow-wrap: anywhere; }}
</style>
</head>
<body>
<h1>Image history</h1>
<p>{count} generations, the newest first</p>
{articles}
</body>
</html>
"""
_FORMULA = ("=", "+", "-", "@", "\t", "\r")  # a spreadsheet would run a cell that begins so
_TABLE = "history.csv"


def export(front: Front, options: argparse.Namespace) -> None:
    """Write the generations that the filters ask for."""
    path = Path(options.path).expanduser()
    write, file = _writer(path, is_folder=options.path.endswith("/") or path.is_dir())
    target = _Target(path=file, overwrite=options.overwrite)
    _check(target)
    records = tuple(past(front).records(query(front, options, limit=EVERY)))
    if not records:
        raise UsageError(f"%imgmagic export: {nothing(front, options)}")
    with files.told(f"{file} was not written", "Choose another place."):
        front.say(write(target, front.session.archive, records))


_Writer = Callable[["_Target", Archive, Sequence[Record]], str]


@dataclass(frozen=True, kw_only=True)
class _Target:
    """The file to write, and whether it and the pictures beside it may replace others."""

    path: Path
    overwrite: bool

    @property
    def folder(self) -> Path:
        """Return where the pictures go."""
        return self.path.with_name("images" if self.path.name == _TABLE else f"{self.path.stem}-images")

    def write(self, text: str) -> None:
        files.write(self.path, text.encode("utf-8", "replace"), overwrite=self.overwrite)


def _writer(path: Path, *, is_folder: bool) -> tuple[_Writer, Path]:
    """Return what writes to this path, and the file that it writes."""
    if is_folder or not path.suffix:
        return _table, path / _TABLE
    if path.suffix.lower() not in _WRITERS:
        raise UsageError("%imgmagic export: PATH ends in .html, .csv or .jsonl, or is a folder")
    return _WRITERS[path.suffix.lower()], path


def _check(target: _Target) -> None:
    # A folder that is to hold the table is made, if the one above it is there.
    folder = target.path.parent
    made = folder if target.path.name == _TABLE and not folder.exists() else target.path
    check_destination(made, overwrite=True)
    if target.path.exists() and not target.overwrite:
        raise StoreError(f"{target.path} exists already; it was not overwritten.", remedy="Add --overwrite.")


def _page(target: _Target, archive: Archive, records: Sequence[Record]) -> str:
    articles = "\n".join(_article(archive, record) for record in records)
    target.write(_PAGE.format(count=f"{len(records):,}", articles=articles))
    return _written(records, target)


def _written(records: Sequence[Record], target: _Target) -> str:
    return f"{len(records):,} generation{' is' if len(records) == 1 else 's are'} in {target.path}"


def _article(archive: Archive, record: Record) -> str:
    figure = html(seen(archive.generation(record)))
    prompt = f"<p>{escaped(record.started.request.prompt)}</p>"
    return f"<article><h2>#{record.id}</h2>{prompt}{figure}{pairs(tuple(facts(record)))[0]}</article>"


def _table(target: _Target, archive: Archive, records: Sequence[Record]) -> str:
    copied = [tuple(_copied(target, archive, record)) for record in records]
    rows = [{**_texts(record), "images": names} for record, names in zip(records, copied, strict=True)]
    target.write(_json_lines(rows) if target.path.suffix.lower() == ".jsonl" else _csv(rows))
    lost = sum(len(record.images) for record in records) - sum(map(len, copied))
    missing = f"; {lost:,} of them are not in the image store any more" if lost else ""
    return f"{_written(records, target)}, pictures in {target.folder}{missing}"


def _copied(target: _Target, archive: Archive, record: Record) -> Iterator[str]:
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
    except StoreError:  # one picture that is gone does not keep the others from being exported
        return None


def _copy(target: _Target, name: str, data: bytes) -> None:
    path = target.folder / name
    try:
        files.write(path, data, overwrite=target.overwrite)
    except FileExistsError as error:
        if path.read_bytes() != data:
            raise StoreError(f"{path} exists already; it was not overwritten.", remedy="Add --overwrite.") from error


def _texts(record: Record) -> dict[str, object]:
    """Return the row of a record with times and amounts as text: JSON has neither."""
    return {
        name: value.isoformat() if isinstance(value, datetime) else value if _is_plain(value) else str(value)
        for name, value in row_of(record).items()
    }


def _is_plain(value: object) -> bool:
    return value is None or isinstance(value, str | int | float)


def _json_lines(rows: Sequence[Mapping[str, object]]) -> str:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def _csv(rows: Sequence[Mapping[str, object]]) -> str:
    file = io.StringIO()
    writer = csv.DictWriter(file, list(COLUMNS))
    writer.writeheader()
    writer.writerows({name: _harmless(value) for name, value in row.items()} for row in rows)
    return file.getvalue()


def _harmless(value: object) -> object:
    text = "; ".join(value) if isinstance(value, tuple) else value
    return f"'{text}" if isinstance(text, str) and text.startswith(_FORMULA) else text


_WRITERS: Mapping[str, _Writer] = {".html": _page, ".htm": _page, ".csv": _table, ".jsonl": _table}
RUN: Mapping[str, Callable[[Front, argparse.Namespace], None]] = {"export": export}
