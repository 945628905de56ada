"""The changes that people make to records from a panel: a star, tags, a note, and the end of one."""

from collections.abc import Callable, Mapping
from typing import Any

from imgmagic.notebook.panel import from_page
from imgmagic.notebook.panel.assessment import tags_in
from imgmagic.store.archive import Archive


def apply(archive: Archive, message: from_page.Change) -> None:
    """Do what a message asks for.

    Raises:
        StoreError: the record is not there, or could not be changed.
    """
    _CHANGES[type(message)](archive, message)


def forget(archive: Archive, generation_id: int) -> None:
    """Remove a record, and those of its pictures that no other record has."""
    for image in archive.history.forget(generation_id):
        archive.images.remove(image.sha256, image.name)


def _star(archive: Archive, message: from_page.Star) -> None:
    archive.history.star(message.id, on=message.on)


def _tags(archive: Archive, message: from_page.Tags) -> None:
    record = archive.history.get(message.id)
    old, new = record.started.tags if record else (), tags_in(message.text)
    archive.history.untag(message.id, *(each for each in old if each not in new))
    archive.history.tag(message.id, *(each for each in new if each not in old))


def _note(archive: Archive, message: from_page.Note) -> None:
    archive.history.note(message.id, message.text)


_CHANGES: Mapping[type, Callable[[Archive, Any], None]] = {
    from_page.Star: _star,
    from_page.Tags: _tags,
    from_page.Note: _note,
}
