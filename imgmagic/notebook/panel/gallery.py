"""The filmstrip: pages of records, small pictures of them, and one record in full, as the page shows them."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from imgmagic.errors import StoreError
from imgmagic.notebook.panel.compare import cost_text, rows, word_difference
from imgmagic.notebook.panel.form import written
from imgmagic.notebook.panel.from_page import Search
from imgmagic.store.archive import Archive
from imgmagic.store.history.records import HistoryQuery, Record, StoredImage

PAGE = 24
THUMB_SIDE, THUMB_QUALITY = 200, 72
LARGE_SIDE, LARGE_QUALITY = 1280, 85
SHOWN_SIDE, SHOWN_QUALITY = 640, 80
MOST_THUMBS = 60
MOST_COMPARED = 4


class Filmstrip:
    """Read records and pictures for a panel.

    Args:
        archive: where they are.
    """

    def __init__(self, archive: Archive) -> None:
        self._archive = archive

    def page(self, search: Search, before: int | None = None) -> dict[str, Any]:
        """Return one page of records, newest first, and whether there are more."""
        query = HistoryQuery(
            text=search.text,
            model=search.model or None,
            tag=search.tag or None,
            star=True if search.star else None,
            session=self._archive.session if search.session else None,
            before_id=before,
            limit=PAGE + 1,
        )
        found = self._archive.history.page(query)
        return {"records": [entry(record) for record in found[:PAGE]], "more": len(found) > PAGE}

    def filters(self) -> dict[str, list[str]]:
        """Return the models and tags that the history knows, the last used first."""
        history = self._archive.history
        return {
            "models": list(dict.fromkeys(total.key for total in history.totals("model", limit=60) if total.key)),
            "tags": list(dict.fromkeys(total.key for total in history.totals("tag", limit=60) if total.key)),
        }

    def record(self, generation_id: int) -> Record:
        """Return one record.

        Raises:
            StoreError: there is none with this id.
        """
        found = self._archive.history.get(generation_id)
        if found is None:
            raise StoreError(f"there is no generation {generation_id} any more.")
        return found

    def thumb(self, generation_id: int) -> tuple[str, bytes] | None:
        """Return the format and bytes of a record's small picture; None when it has none that can be shown."""
        record = self._archive.history.get(generation_id)
        if record is None or not record.images:
            return None
        try:
            return self._picture(record.images[0], THUMB_SIDE, THUMB_QUALITY)
        except StoreError:
            return None

    def pictures(
        self, record: Record, side: int = LARGE_SIDE, quality: int = LARGE_QUALITY
    ) -> tuple[list[str], list[bytes]]:
        """Return the formats and bytes of a record's pictures; an empty format where one is gone."""
        shown = [self._shown(each, side, quality) for each in record.images]
        return [each for each, _ in shown], [data for _, data in shown]

    def comparison(self, ids: Sequence[int]) -> tuple[dict[str, Any], list[bytes]]:
        """Return records side by side: their first pictures, prompts against the first one's, and a table."""
        records = [self.record(each) for each in ids[:MOST_COMPARED]]
        shown = [self._shown(record.images[0], LARGE_SIDE, LARGE_QUALITY) for record in records if record.images]
        first = records[0].started.request.prompt
        return {
            "records": [entry(record) for record in records],
            "formats": [each for each, _ in shown],
            "prompts": [[asdict(p) for p in word_difference(first, r.started.request.prompt)] for r in records],
            "rows": [asdict(row) for row in rows(records)],
        }, [data for _, data in shown]

    def _shown(self, stored: StoredImage, side: int, quality: int) -> tuple[str, bytes]:
        try:
            return self._picture(stored, side, quality)
        except StoreError:
            return "", b""

    def _picture(self, stored: StoredImage, side: int, quality: int) -> tuple[str, bytes]:
        images = self._archive.images
        if stored.format == "svg":
            return "svg", images.load(stored.sha256)
        preview = images.preview(stored.sha256, longest_side=side, quality=quality)
        return preview.format, preview.data


def entry(record: Record) -> dict[str, Any]:
    """Return what the filmstrip shows of a record."""
    return {
        "id": record.id,
        "prompt": record.started.request.prompt[:240],
        "model": record.started.request.model or "",
        "status": record.status,
        "origin": str(record.started.origin),
        "at": record.started.at.isoformat(),
        "star": record.star,
        "images": len(record.images),
    }


def details(record: Record) -> dict[str, Any]:
    """Return everything that is known of a record, for people."""
    request = record.started.request
    usage = {} if record.usage is None else {n: v for n, v in asdict(record.usage).items() if v is not None}
    return {
        **entry(record),
        "prompt": request.prompt,
        "template": request.template,
        "provider": record.started.provider,
        "parameters": [[name.replace("_", " "), written(value)] for name, value in request.options.items()],
        "revised": [image.revised_prompt for image in record.images if image.revised_prompt],
        "sizes": [f"{image.width}×{image.height} {image.format}" for image in record.images],
        "usage": [[name.replace("_", " "), f"{value:,}"] for name, value in usage.items()],
        "cost": cost_text(record),
        "elapsed_s": record.elapsed_s,
        "first_partial_s": record.first_partial_s,
        "request_id": record.request_id,
        "error": record.error_message,
        "tags": list(record.started.tags),
        "note": record.note,
    }
