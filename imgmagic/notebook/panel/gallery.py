"""The gallery: pages of records, pictures of them in three sizes, and one record in full, as the page shows them."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict

from imgmagic.display.word_difference import word_difference
from imgmagic.domain.wording import describe_picture
from imgmagic.errors import StoreError
from imgmagic.notebook.panel.compare import cost_text, rows
from imgmagic.notebook.panel.form import format_value
from imgmagic.notebook.panel.from_page import Search
from imgmagic.notebook.panel.shown import Ancestor, Compared, Details, Entry, Picture, Piece
from imgmagic.notebook.panel.to_page import Comparison, News
from imgmagic.store.archive import Archive
from imgmagic.store.family import ancestors, children_of
from imgmagic.store.history.records import HistoryQuery, Record
from imgmagic.store.history_view import HistoryView
from imgmagic.store.images.image_store import ending
from imgmagic.store.stored_image import ImageKind, StoredImage

PAGE = 48
THUMB_SIDE, THUMB_QUALITY = 256, 72
LARGE_SIDE, LARGE_QUALITY = 1280, 85
SHOWN_SIDE, SHOWN_QUALITY = 640, 80
MOST_THUMBS = 96
MOST_COMPARED = 9


class Gallery:
    """Read records and pictures for a panel.

    Args:
        archive: where they are.
    """

    def __init__(self, archive: Archive) -> None:
        self._archive = archive

    def details(self, record: Record) -> Details:
        """Return everything that is known of a record, with what it began from and what began from it."""
        history = HistoryView(lambda: self._archive)
        request = record.started.request
        usage = {} if record.usage is None else {n: v for n, v in asdict(record.usage).items() if v is not None}
        return Details(
            entry=entry(record),
            prompt=request.prompt,
            template=request.template or "",
            provider=record.started.provider,
            parameters=tuple((name.replace("_", " "), format_value(value)) for name, value in request.options.items()),
            revised=tuple(image.revised_prompt for image in record.images if image.revised_prompt),
            sizes=tuple(describe_picture(image.width, image.height, image.format) for image in record.images),
            usage=tuple((name.replace("_", " "), f"{value:,}") for name, value in usage.items()),
            cost=cost_text(record),
            elapsed_s=record.elapsed_s,
            first_partial_s=record.first_partial_s,
            request_id=record.request_id or "",
            error=record.error_message or "",
            tags=record.started.tags,
            note=record.note,
            line=tuple(Ancestor(id=each.id, forgotten=each.record is None) for each in ancestors(history, record)),
            began_from=tuple(dict.fromkeys(source.origin.generation_id for source in request.sources if source.origin)),
            began=tuple(child.id for child in children_of(history, record.id)),
        )

    def page(self, search: Search, before: int | None = None) -> tuple[tuple[Entry, ...], bool]:
        """Return one page of records, newest first, and whether there are more."""
        query = HistoryQuery(
            text=search.text,
            model=search.model or None,
            tag=search.tag or None,
            star=True if search.star else None,
            rating=search.rating or None,
            session=self._archive.session if search.session else None,
            before_id=before,
            # One more than is shown tells whether there are others, without counting the whole history.
            limit=PAGE + 1,
        )
        found = self._archive.history.page(query)
        return tuple(entry(record) for record in found[:PAGE]), len(found) > PAGE

    def news(self) -> News:
        """Return the newest record, and the models and tags that the history knows, the last used first."""
        history = self._archive.history
        newest = history.page(HistoryQuery(limit=1))
        return News(
            newest=entry(newest[0]) if newest else None,
            models=tuple(dict.fromkeys(total.key for total in history.totals("model", limit=60) if total.key)),
            tags=tuple(dict.fromkeys(total.key for total in history.totals("tag", limit=60) if total.key)),
        )

    def record(self, generation_id: int) -> Record:
        """Return one record.

        Raises:
            StoreError: it does not exist.
        """
        found = self._archive.history.get(generation_id)
        if found is None:
            raise StoreError(f"generation {generation_id} no longer exists.", remedy="Close this view.")
        return found

    def thumb(self, generation_id: int, picture: int) -> tuple[str, bytes] | None:
        """Return the format and bytes of a small picture; None where it cannot be shown."""
        record = self._archive.history.get(generation_id)
        stored = None if record is None else picture_of(record, picture)
        if stored is None:
            return None
        image_format, data = self.fit(stored, THUMB_SIDE, THUMB_QUALITY)
        return (image_format, data) if image_format else None

    def comparison(self, pictures: Sequence[tuple[int, int]]) -> tuple[Comparison, list[bytes]]:
        """Return pictures side by side: prompts against the first one's, and a table of what differs."""
        chosen = [(self.record(number), picture) for number, picture in pictures[:MOST_COMPARED]]
        # All against the first, not each against the one before: people compare variants with what they began from.
        first = chosen[0][0].started.request.prompt
        compared, buffers = [], []
        for record, picture in chosen:
            stored = picture_of(record, picture)
            image_format, data = ("", b"") if stored is None else self.fit(stored, LARGE_SIDE, LARGE_QUALITY)
            request = record.started.request
            words = tuple(Piece(change=change, text=text) for change, text in word_difference(first, request.prompt))
            name, model = name_of(record, picture), request.model or ""
            compared.append(Compared(name=name, model=model, prompt=request.prompt, words=words, format=image_format))
            buffers.append(data)
        return Comparison(pictures=tuple(compared), rows=rows([record for record, _ in chosen])), buffers

    def fit(self, stored: StoredImage, side: int, quality: int) -> tuple[str, bytes]:
        """Return the format and bytes of a picture that is at most `side` pixels long; both empty where it is gone."""
        images = self._archive.images
        try:
            preview = images.preview(stored.sha256, longest_side=side, quality=quality)
        except StoreError:
            return "", b""
        return preview.format, preview.data

    def original(self, generation_id: int, picture: int) -> tuple[str, str, bytes]:
        """Return a file name, the format and the bytes of an original.

        Raises:
            StoreError: it is not there.
        """
        record = self.record(generation_id)
        stored = picture_of(record, picture)
        if stored is None:
            raise StoreError(f"generation {generation_id} does not have a picture {picture}.", remedy="Choose another.")
        data = self._archive.images.load(stored.sha256)
        name = stored.name.rpartition("/")[2]
        return f"{name.rpartition('.')[0] or name}.{ending(stored.format)}", stored.format, data


def picture_of(record: Record, picture: int) -> StoredImage | None:
    """Return a picture of a record by its number, from 1; None where it does not have one."""
    return pictures_of(record).get(picture)


def pictures_of(record: Record) -> Mapping[int, StoredImage]:
    """Return a record's pictures by their numbers, in order: its own, then those that were made here of them.

    The last partial image is shown in place of one that was not finished.
    """
    finished = {image.index for image in record.images}
    left = (image for image in record.partials if image.index not in finished)
    own = {image.index + 1: image for image in sorted((*record.images, *left), key=lambda image: image.index)}
    derived = dict(enumerate(record.derived, len(record.images) + 1))
    return {**own, **{number: image for number, image in derived.items() if number not in own}}


def _picture(number: int, image: StoredImage) -> Picture:
    return Picture(
        number=number,
        partial=image.kind is ImageKind.PARTIAL,
        derived=image.kind is ImageKind.DERIVED,
        star=image.star,
        rating=image.rating,
        note=image.note,
    )


def name_of(record: Record, picture: int) -> str:
    """Return what people call a picture: #12.3, or #12 where it is the only one."""
    return f"#{record.id}" if len(pictures_of(record)) < 2 and picture < 2 else f"#{record.id}.{picture}"


def entry(record: Record) -> Entry:
    """Return what the gallery shows of a record."""
    return Entry(
        id=record.id,
        prompt=record.started.request.prompt[:240],
        model=record.started.request.model or "",
        status=record.status,
        at=record.started.at.isoformat(),
        star=record.star,
        pictures=tuple(_picture(number, image) for number, image in pictures_of(record).items()),
    )
