"""The past: every generation of the history as Python values; it knows nothing of how they are shown."""

import importlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, cast

from imgmagic.domain.generation import Generation
from imgmagic.domain.json_types import JsonValue
from imgmagic.domain.options import OPTION_BY_NAME, ImagineOptions
from imgmagic.domain.request import STREAMING
from imgmagic.domain.totals import Totals
from imgmagic.domain.usage import Usage
from imgmagic.errors import SettingsError, StoreError
from imgmagic.store.archive import Archive
from imgmagic.store.history.history import Kind
from imgmagic.store.history.records import HistoryQuery, Record, StoredImage

if TYPE_CHECKING:
    import pandas

_PAGE = 200
EVERY = 2**63 - 1  # what a database counts to: no history has as many records, and no id is higher


class HistoryView:
    """Every recorded generation, newest first: iterate, `[id]`, `.search(text)`, `.last`, `.totals()`, `.to_pandas()`.

    Args:
        archive: where the records and the originals are; asked anew each time, as settings may change.
    """

    def __init__(self, archive: Callable[[], Archive]) -> None:
        self._archive = archive

    @property
    def archive(self) -> Archive:
        """Return where the records and the originals are."""
        return self._archive()

    def __iter__(self) -> Iterator[Generation]:
        archive = self._archive()
        return (archive.generation(record) for record in self.records())

    def __len__(self) -> int:
        return self._archive().history.count()

    def __bool__(self) -> bool:
        return True  # an empty history is a history

    def __getitem__(self, generation_id: int) -> Generation:
        return self._archive().generation(self.record(generation_id))

    @property
    def last(self) -> Generation | None:
        """Return the newest generation, None in an empty history."""
        return next(iter(self), None)

    def search(self, text: str = "", *, limit: int = 100) -> tuple[Generation, ...]:
        """Return the newest generations in whose prompt, note or tags all words of `text` occur."""
        archive = self._archive()
        return tuple(archive.generation(record) for record in self.records(HistoryQuery(text=text, limit=limit)))

    def totals(self, by: Kind = "model") -> tuple[Totals, ...]:
        """Return what generations took by model, day, provider, tag or session, the last used first.

        Live, simulated, replayed and reused generations are counted apart.
        """
        return self._archive().history.totals(by)

    def to_pandas(self) -> "pandas.DataFrame":
        """Return a table of every generation, a row each, newest first.

        Raises:
            SettingsError: pandas is not installed.
        """
        try:
            frames = importlib.import_module("pandas")
        except ImportError as error:
            raise SettingsError(
                "a table needs pandas, which is not installed.", remedy='Run: pip install "jupyter-imgmagic[pandas]".'
            ) from error
        table: pandas.DataFrame = frames.DataFrame([row_of(record) for record in self.records()], columns=list(COLUMNS))
        return table.astype({"created_at": "datetime64[us, UTC]", "cost": "float64"})

    def record(self, generation_id: int) -> Record:
        """Return the record of one generation.

        Raises:
            StoreError: there is none with this id.
        """
        found = self._archive().history.get(generation_id) if 0 < generation_id <= EVERY else None
        if found is None:
            raise StoreError(f"there is no generation {generation_id}.", remedy="%imgmagic history --all lists them.")
        return found

    def records(self, query: HistoryQuery | None = None) -> Iterator[Record]:
        """Yield the records that `query` asks for, newest first, a page at a time; all of them without one."""
        history = self._archive().history
        query = query or HistoryQuery(limit=EVERY)
        left = query.limit
        while left > 0:
            page = history.page(replace(query, limit=min(left, _PAGE)))
            yield from page
            if len(page) < _PAGE:
                return
            left -= len(page)
            query = replace(query, before_id=page[-1].id)

    def forget(self, generation_id: int) -> tuple[StoredImage, ...]:
        """Remove a generation for good, with the originals that no other generation has, and return those.

        What it cost stays in the totals.

        Raises:
            StoreError: there is none with this id, it still runs, or an original could not be removed.
        """
        record, archive = self.record(generation_id), self._archive()
        alone = archive.history.forget(generation_id)
        for image in record.images:
            if image in alone:
                archive.images.remove(image.sha256, image.name)
            else:
                archive.images.unname(image)
        return alone

    def __repr__(self) -> str:
        return f"<imgmagic history of {len(self):,} generations>"


def options_of(record: Record, changes: ImagineOptions) -> ImagineOptions:
    """Return a recorded call as options that `changes` can be laid over.

    Args:
        record: the call.
        changes: what will be changed; where it streams otherwise, or asks another provider, what was chosen for the
            recorded call does not hold.
    """
    elsewhere = changes.get("provider") not in (None, record.started.provider)
    dropped = STREAMING if elsewhere or "stream" in changes or "partial_images" in changes else frozenset()
    recorded = record.started.request.options
    kept = {name: value for name, value in recorded.items() if name not in dropped}
    params = {name: value for name, value in kept.items() if name not in OPTION_BY_NAME}
    named = {name: value for name, value in kept.items() if name in OPTION_BY_NAME}
    model = None if elsewhere else record.started.request.model
    found = {"provider": record.started.provider, "model": model, **named, "params": params}
    return cast("ImagineOptions", found)


def row_of(record: Record) -> dict[str, object]:
    """Return a record as one flat row: numbers, texts and times, None where unknown."""
    return {name: value(record) for name, value in COLUMNS.items()}


def _usage(name: str) -> Callable[[Record], object]:
    return lambda record: getattr(record.usage or Usage(), name)


def _parameters(record: Record) -> str:
    options: Mapping[str, JsonValue] = record.started.request.options
    return json.dumps(options, sort_keys=True, ensure_ascii=False)


COLUMNS: Mapping[str, Callable[[Record], object]] = {
    "id": lambda record: record.id,
    "status": lambda record: record.status,
    "origin": lambda record: str(record.started.origin),
    "created_at": lambda record: record.started.at,
    "elapsed_s": lambda record: record.elapsed_s,
    "first_partial_s": lambda record: record.first_partial_s,
    "provider": lambda record: record.started.provider,
    "model": lambda record: record.started.request.model,
    "prompt": lambda record: record.started.request.prompt,
    "template": lambda record: record.started.request.template,
    "parameters": _parameters,
    "images": lambda record: len(record.images),
    **{name: _usage(name) for name in Usage.__dataclass_fields__},
    "cost": lambda record: record.cost,
    "price_date": lambda record: record.started.price_date,
    "error_class": lambda record: record.error_class,
    "error": lambda record: record.error_message,
    "request_id": lambda record: record.request_id,
    "session": lambda record: record.started.session,
    "notebook": lambda record: record.started.notebook,
    "tags": lambda record: ", ".join(record.started.tags),
    "star": lambda record: record.star,
    "note": lambda record: record.note,
}
