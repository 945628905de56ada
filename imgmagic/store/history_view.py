"""The history as Python values, generation by generation; it knows nothing of how they are shown."""

import importlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, cast, overload

from imgmagic.domain.generation import GeneratedImage, Generation
from imgmagic.domain.options import OPTION_BY_NAME, ImagineOptions
from imgmagic.domain.picture_names import LARGEST_ID, PictureName, missing_picture, parse_picture_name
from imgmagic.domain.request import STREAMING
from imgmagic.domain.sweep import NoSweepTools, SweepTools
from imgmagic.domain.totals import Totals
from imgmagic.errors import SettingsError, StoreError
from imgmagic.store.archive import Archive
from imgmagic.store.history.queries import Kind
from imgmagic.store.history.records import HistoryQuery, Record
from imgmagic.store.slices import cut
from imgmagic.store.stored_image import StoredImage
from imgmagic.store.sweep_history import SweepHistory
from imgmagic.store.table_rows import tabulate

if TYPE_CHECKING:
    import pandas

_PAGE = 200
EVERY = LARGEST_ID  # as a limit: no history has as many records


class Generations(tuple[Generation, ...]):
    """Several generations, which a notebook shows as small figures; a tuple in every other respect."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"<{len(self):,} generation{'' if len(self) == 1 else 's'}>"


class HistoryView:
    """Every recorded generation, newest first: iterate, `[id]`, `[:3]`, `.search(text)`, `.last`, `.to_pandas()`.

    Args:
        archive: where the records and the originals are; asked each time, as settings may change.
        sweep_tools: what sweeps save, draw and retry with.
    """

    def __init__(self, archive: Callable[[], Archive], sweep_tools: Callable[[], SweepTools] = NoSweepTools) -> None:
        self._archive = archive
        self.sweeps = SweepHistory(archive, sweep_tools)

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

    @overload
    def __getitem__(self, key: int) -> Generation: ...
    @overload
    def __getitem__(self, key: str) -> Generation | GeneratedImage: ...
    @overload
    def __getitem__(self, key: slice) -> Generations: ...
    def __getitem__(self, key: int | str | slice) -> Generation | GeneratedImage | Generations:
        """Return a generation by its number, one of its images by both, such as `"12.3"`, or several by their places.

        Raises:
            StoreError: there is none of this name.
        """
        if isinstance(key, slice):
            archive = self._archive()
            return Generations(archive.generation(record) for record in cut(self.records(), key, self.__len__))
        named = self._parse(key)
        record = self.record(named.generation_id)
        generation = self._archive().generation(record)
        if named.index is None:
            return generation
        if named.index >= len(record.images):
            raise missing_picture(named, len(record.images))
        return generation.images[named.index]

    @property
    def last(self) -> Generation | None:
        """Return the newest generation, None in an empty history."""
        return next(iter(self), None)

    def search(
        self,
        text: str = "",
        *,
        limit: int = 100,
        rating: int | None = None,
        star: bool | None = None,
        tag: str | None = None,
        user: str | None = None,
    ) -> Generations:
        """Return the newest generations in whose prompt, notes or tags all words of `text` occur.

        Args:
            text: words, or parts of words.
            limit: how many generations at most.
            rating: only with an image rated so high or higher.
            star: only with a star, or only without.
            tag: only with this tag, on the generation or on one of its images.
            user: only those of this user.
        """
        archive = self._archive()
        query = HistoryQuery(text=text, limit=limit, rating=rating, star=star, tag=tag, user=user)
        return Generations(archive.generation(record) for record in self.records(query))

    def star(self, key: int | str, *, on: bool = True) -> None:
        """Star a generation's images, or one by its name such as `"12.3"`; or take the star off."""
        named = self._require_named(key)
        self._archive().history.star(named.generation_id, index=named.index, on=on)

    def rate(self, key: int | str, rating: int | None) -> None:
        """Rate a generation's images, or one by its name such as `"12.3"`, from 0 to 5; None takes the rating away."""
        named = self._require_named(key)
        self._archive().history.rate(named.generation_id, rating, index=named.index)

    def tag(self, key: int | str, *tags: str) -> None:
        """Tag a generation, or one of its images by its name such as `"12.3"`."""
        named = self._require_named(key)
        self._archive().history.tag(named.generation_id, *tags, index=named.index)

    def note(self, key: int | str, text: str) -> None:
        """Write a note beside a generation, or beside one of its images by its name such as `"12.3"`."""
        named = self._require_named(key)
        self._archive().history.note(named.generation_id, text, index=named.index)

    def _require_named(self, key: int | str) -> PictureName:
        """Return which generation or picture `key` names, once it is known that there is such a generation."""
        named = self._parse(key)
        self.record(named.generation_id)
        return named

    @staticmethod
    def _parse(key: int | str) -> PictureName:
        named = PictureName(generation_id=key) if isinstance(key, int) else parse_picture_name(str(key))
        if named is None:
            raise StoreError(f"{key!r} does not name a generation or a picture.", remedy='Write 12, or "12.3".')
        return named

    def totals(self, by: Kind = "model") -> tuple[Totals, ...]:
        """Return what generations took by model, day, provider, tag or session, the last used first.

        Live, simulated, replayed and reused generations are counted apart.
        """
        return self._archive().history.totals(by)

    def to_pandas(self) -> "pandas.DataFrame":
        """Return a table of every generation, one row each, newest first, with a column for each option that was set.

        `path` is relative to the image store; `imgmagic.history[id].image.path` is the whole one.

        Raises:
            SettingsError: pandas is not installed.
        """
        try:
            frames = importlib.import_module("pandas")
        except ImportError as error:
            raise SettingsError(
                "a table needs pandas, which is not installed.", remedy='Run: pip install "jupyter-imgmagic[pandas]".'
            ) from error
        columns, rows = tabulate(self.records())
        table: pandas.DataFrame = frames.DataFrame(rows, columns=list(columns))
        return table.astype({"created_at": "datetime64[us, UTC]", "cost": "float64"})

    def record(self, generation_id: int) -> Record:
        """Return the record of one generation.

        Raises:
            StoreError: there is none with this id.
        """
        return self._archive().record(generation_id)

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
            # By the last id, not by an offset: records that come or go meanwhile shift no page.
            left -= len(page)
            query = replace(query, before_id=page[-1].id)

    def forget(self, generation_id: int) -> tuple[StoredImage, ...]:
        """Remove a generation for good, with the originals that no other generation has, and return those.

        What it cost stays in the totals.

        Raises:
            StoreError: there is none with this id, it still runs, or an original could not be removed.
        """
        record, archive = self.record(generation_id), self._archive()
        # Asked before the record goes, as its rows go with it; the bytes are removed after, so that a crash in between
        # leaves unused files, never a record without pictures.
        inputs = archive.history.inputs_of_no_other(generation_id)
        alone = archive.history.forget(generation_id)
        hashes = {image.sha256 for image in alone}
        for image in (*record.images, *record.partials, *record.derived):
            if image.sha256 in hashes:
                archive.images.remove(image.sha256, image.name)
            else:
                archive.images.unname(image)
        for sha256 in inputs:
            if not archive.history.uses(sha256):  # by now; an edit may have begun from it meanwhile
                archive.images.remove_original(sha256)
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
    dropped = settings_for(record, changes)
    recorded = record.started.request.options
    kept = {name: value for name, value in recorded.items() if name not in dropped}
    params = {name: value for name, value in kept.items() if name not in OPTION_BY_NAME}
    named = {name: value for name, value in kept.items() if name in OPTION_BY_NAME}
    model = None if "model" in dropped else record.started.request.model
    found = {"provider": record.started.provider, "model": model, **named, "params": params}
    return cast("ImagineOptions", found)


def settings_for(record: Record, changes: ImagineOptions) -> frozenset[str]:
    """Return which settings count when a recorded call is repeated with `changes`.

    Where it streams otherwise that is how it streams, and with another provider its model, too.
    """
    elsewhere = changes.get("provider") not in (None, record.started.provider)
    if elsewhere:
        return STREAMING | {"model"}
    return STREAMING if "stream" in changes or "partial_images" in changes else frozenset()
