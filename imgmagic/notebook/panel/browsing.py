"""Browsing: what a panel's pages ask of the history, and the changes that people make there."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from imgmagic.notebook.panel import from_page, to_page
from imgmagic.notebook.panel.assessment import tags_in
from imgmagic.notebook.panel.channel import Channel
from imgmagic.notebook.panel.gallery import (
    LARGE_QUALITY,
    LARGE_SIDE,
    MOST_THUMBS,
    Gallery,
    name_of,
    picture_of,
)
from imgmagic.store.archive import Archive
from imgmagic.store.history_view import HistoryView


class Browsing:
    """Answer what a page asks about records; every answer comes from the channel's worker.

    Args:
        archive: where the records and the originals are.
        channel: carries the answers.
        gallery: reads records and pictures.
    """

    def __init__(self, archive: Archive, channel: Channel, gallery: Gallery) -> None:
        self._archive = archive
        self._channel = channel
        self._gallery = gallery
        self._opened: from_page.Open | None = None

    def page(self, message: from_page.Page) -> None:
        """Post one page of records."""
        self._channel.later(lambda: self._show_page(message))

    def thumbs(self, message: from_page.Thumbs) -> None:
        """Post small pictures, one by one."""
        for generation_id, picture in message.pictures[:MOST_THUMBS]:
            self._channel.later_picture(partial(self._show_thumb, generation_id, picture))

    def open(self, message: from_page.Open) -> None:
        """Post one record with one of its pictures, unless another was asked for since: people go on by arrow keys."""
        self._opened = message

        def step() -> None:
            # Looked at when its turn comes: of ten keystrokes through the gallery only the last large picture is read.
            if message is self._opened:
                self._show_record(message.id, message.picture)

        self._channel.later(step)

    def download(self, message: from_page.Download) -> None:
        """Post the original of a picture."""
        self._channel.later(lambda: self._show_original(message.id, message.picture))

    def compare(self, message: from_page.Compare) -> None:
        """Post pictures side by side."""
        self._channel.later(lambda: self._channel.post(*self._gallery.comparison(message.pictures)))

    def change(self, message: from_page.Change, tell: Callable[[to_page.Answer], None]) -> None:
        """Change a record, and tell it to all who show it."""

        def step() -> None:
            _CHANGES[type(message)](self._archive, message)
            tell(to_page.Changed(details=self._gallery.details(self._gallery.record(message.id))))

        self._channel.later(step)

    def forget(self, message: from_page.Forget, tell: Callable[[to_page.Answer], None]) -> None:
        """Remove a record with its pictures, and tell it to all who show it."""

        def step() -> None:
            HistoryView(lambda: self._archive).forget(message.id)
            tell(to_page.Forgotten(id=message.id))

        self._channel.later(step)

    def _show_page(self, message: from_page.Page) -> None:
        records, more = self._gallery.page(message.search, message.before)
        is_first = message.before is None
        self._channel.post(to_page.Page(number=message.number, first=is_first, records=records, more=more))

    def _show_thumb(self, generation_id: int, picture: int) -> None:
        found = self._gallery.thumb(generation_id, picture)
        if found is not None:
            image_format, data = found
            self._channel.post(to_page.Thumb(id=generation_id, picture=picture, format=image_format), (data,))

    def _show_record(self, generation_id: int, picture: int) -> None:
        record = self._gallery.record(generation_id)
        stored = picture_of(record, picture)
        image_format, data = ("", b"") if stored is None else self._gallery.fit(stored, LARGE_SIDE, LARGE_QUALITY)
        name = name_of(record, picture)
        answer = to_page.Record(details=self._gallery.details(record), picture=picture, format=image_format, name=name)
        self._channel.post(answer, (data,))

    def _show_original(self, generation_id: int, picture: int) -> None:
        name, image_format, data = self._gallery.original(generation_id, picture)
        self._channel.post(to_page.Download(name=name, format=image_format), (data,))


def _star(archive: Archive, message: from_page.Star) -> None:
    archive.history.star(message.id, index=_index(message.picture), on=message.on)


def _rate(archive: Archive, message: from_page.Rate) -> None:
    archive.history.rate(message.id, message.rating or None, index=_index(message.picture))


def _tags(archive: Archive, message: from_page.Tags) -> None:
    record = archive.history.get(message.id)
    # As a difference, so that a tag that another page added meanwhile is not taken away.
    old, new = record.started.tags if record else (), tags_in(message.text)
    archive.history.untag(message.id, *(each for each in old if each not in new))
    archive.history.tag(message.id, *(each for each in new if each not in old))


def _note(archive: Archive, message: from_page.Note) -> None:
    archive.history.note(message.id, message.text, index=_index(message.picture))


def _index(picture: int) -> int | None:
    """Return a picture's place as the history counts; None for the record itself."""
    return picture - 1 if picture else None


_CHANGES: Mapping[type, Callable[[Archive, Any], None]] = {
    from_page.Star: _star,
    from_page.Rate: _rate,
    from_page.Tags: _tags,
    from_page.Note: _note,
}
