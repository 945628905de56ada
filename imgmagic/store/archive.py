"""The archive: what a run gives is recorded before it is sent, kept before it is shown, and counted when it ends.

A disk that is full or a database that is gone never loses a picture: it stays in memory, and a notice says what was not
kept and how to keep it.
"""

import contextlib
import functools
from dataclasses import replace
from pathlib import Path

from imgmagic.config.providers import SIMULATOR
from imgmagic.config.settings_table import Settings
from imgmagic.domain.budget import Budget
from imgmagic.domain.events import CompletedImage
from imgmagic.domain.generation import GeneratedImage, Generation, Status
from imgmagic.domain.prices import PriceTable
from imgmagic.domain.progress import Progress
from imgmagic.domain.totals import Origin
from imgmagic.errors import ImgmagicError, SettingsError, StoreError
from imgmagic.store.history.history import History
from imgmagic.store.history.records import Record, Started, StoredImage, request_key
from imgmagic.store.images.copies import save_copies
from imgmagic.store.images.image_store import ImageStore
from imgmagic.store.images.originals import StoredImages, arrived, loaded, placed


class Archive:
    """Keep generations in the history and their originals in the image store.

    Args:
        settings: where both are, and the price table.
        session: the name of the session that writes.
    """

    def __init__(self, settings: Settings, *, session: str) -> None:
        self._settings = settings
        self.session = session
        self._opened: dict[str, str] = {}

    @functools.cached_property
    def images(self) -> ImageStore:
        """Return the image store; opened at the first use."""
        store = ImageStore(self._place("image_store"))
        store.sweep()
        return store

    @functools.cached_property
    def history(self) -> History:
        """Return the history; opened at the first use, when runs that died are marked as interrupted.

        Raises:
            StoreError: it cannot be opened.
        """
        history = History(self._place("history_url"))
        history.mark_interrupted(self.images.holds)
        return history

    @property
    def prices(self) -> PriceTable:
        """Return the price table, with the user's own rows over it; without them where their file is unusable."""
        try:
            return self._own_prices()
        except SettingsError:
            return _shipped_prices()

    @property
    def price_faults(self) -> tuple[str, ...]:
        """Return what is wrong with the user's own price table: a reason to say so, not to draw nothing."""
        try:
            self._own_prices()
        except SettingsError as error:
            return (f"{error} The prices that come with imgmagic were used.",)
        return ()

    def begin(self, started: Started, budget: Budget, *, notices: tuple[str, ...] = ()) -> "Entry":
        """Record a generation that is about to be sent, and reserve its cost.

        Raises:
            BudgetExceeded: it does not fit; nothing was recorded.
        """
        try:
            generation_id = self.history.begin(started, budget)
            notices = (*self.history.notices, *self.price_faults, *self._moved(), *notices)
        except (StoreError, SettingsError) as error:
            if budget.is_set:  # a limit that cannot be kept must not be passed
                raise
            return Entry(self, started, None, (*notices, str(error)))
        return Entry(self, started, generation_id, notices)

    def reusable(self, started: Started) -> Record | None:
        """Return the newest completed generation of an identical request by another session, if its images are here."""
        try:
            found = self.history.find_completed(request_key(started.provider, started.request), session=self.session)
            whole = found is not None and bool(found.images) and all(map(self._holds, found.images))
        except (StoreError, SettingsError):
            return None
        return found if whole else None

    def generation(self, record: Record) -> Generation:
        """Return a record as a Generation; its originals are read when asked for."""
        started = record.started
        at = started.at
        drawn_at = started.drawn_at or at
        return Generation(
            id=record.id,
            request=started.request,
            status=Status(record.status) if record.status in set(Status) else Status.INTERRUPTED,
            provider=started.provider,
            created_at=at,
            elapsed_s=record.elapsed_s or 0.0,
            images=StoredImages(record.images, self.load),
            usage=record.usage,
            cost=record.cost,
            error=ImgmagicError(record.error_message) if record.error_message else None,
            first_partial_s=record.first_partial_s,
            request_id=record.request_id,
            simulated=_is_simulated(started),
            replayed=drawn_at if started.origin is Origin.REPLAYED else None,
            reused=drawn_at if started.origin is Origin.REUSED else None,
            copier=save_copies,
        )

    def load(self, stored: StoredImage) -> GeneratedImage:
        """Return a stored image with its original bytes.

        Raises:
            StoreError: they are not there any more, or have changed.
        """
        return loaded(stored, self.images)

    def close(self) -> None:
        """Close the database and the image store; the next use opens them again."""
        if "history" in self.__dict__:
            self.history.close()
            del self.history
        if "images" in self.__dict__:
            self.images.close()
            del self.images

    def _place(self, name: str) -> str:
        """Return where the history or the image store is to be, and remember it as opened."""
        self._opened[name] = self._wanted(name)
        return self._opened[name]

    def _wanted(self, name: str) -> str:
        return self._settings.text(name) or str(self._settings.home / _HERE[name])

    def _moved(self) -> tuple[str, ...]:
        """Return what was set anew while the session uses another: what runs must find its record where it wrote it."""
        return tuple(
            f"{name} was changed, and this session goes on where it began. Type %reload_ext imgmagic to change over."
            for name, place in self._opened.items()
            if place != self._wanted(name)
        )

    def _own_prices(self) -> PriceTable:
        path = self._settings.text("price_table")
        return _shipped_prices() if path is None else _read_prices(path, _changed_at(path))

    def _holds(self, stored: StoredImage) -> bool:
        return self.images.holds(stored.sha256)


class Entry:
    """One generation on its way into the archive; used from the io thread's workers, one step after the other."""

    def __init__(
        self, archive: Archive, started: Started, generation_id: int | None, notices: tuple[str, ...] = ()
    ) -> None:
        self.id = generation_id
        self._archive = archive
        self._started = started
        self._notices = list(notices)
        self._stored: dict[int, StoredImage] = {}

    def keep(self, event: CompletedImage) -> None:
        """Put a finished image on the disk; what cannot be written becomes a notice."""
        image = arrived(event)
        store = self._archive.images
        reused = self._started.origin is Origin.REUSED  # its bytes stand there already
        try:
            with contextlib.nullcontext() if reused else store.draft(image.data) as named:
                planned = store.plan(
                    image, generation_id=self.id, title=self._started.request.prompt, at=self._started.at
                )
                self._attach(planned)
                self._stored[event.index] = store.save(image, planned, named)
        except StoreError as error:
            self._notices.append(str(error))

    def _attach(self, planned: StoredImage) -> None:
        """Name the picture in its record; where that fails, the picture is kept none the less."""
        if self.id is None:
            return
        try:
            self._archive.history.attach(self.id, planned)
        except StoreError as error:
            self._notices.append(str(error))

    def finish(self, generation: Generation, progress: Progress) -> Generation:
        """Record how the generation ended and return it with its id, cost, paths and notices."""
        is_live = self._started.origin is Origin.LIVE
        whole = replace(
            generation,
            id=self.id,
            images=tuple(self._image(image) for image in progress.images),
            cost=progress.cost(self._started.request, self._archive.prices) if is_live else None,
            copier=save_copies,
        )
        self._settle(whole, progress.unpriced(self._started.request, whole.cost))
        return replace(whole, notices=(*generation.notices, *dict.fromkeys(self._notices)))

    def _settle(self, generation: Generation, unpriced: int) -> None:
        if self.id is None:
            return
        try:
            self._archive.history.settle(generation, self._stored.values(), unpriced=unpriced)
        except StoreError as error:
            self._notices.append(str(error))

    def _image(self, event: CompletedImage) -> GeneratedImage:
        image, stored = arrived(event), self._stored.get(event.index)
        return image if stored is None else placed(image, stored, self._archive.images)


_HERE = {"history_url": "history.sqlite", "image_store": "images"}  # in IMGMAGIC_HOME


def _is_simulated(started: Started) -> bool:
    """Return whether the simulator drew it, now or for the recording that was played."""
    return started.origin is Origin.SIMULATED or (started.origin is Origin.REPLAYED and started.dialect == SIMULATOR)


@functools.cache
def _shipped_prices() -> PriceTable:
    return PriceTable.load()


@functools.lru_cache(maxsize=4)
def _read_prices(path: str, changed_at: float | None) -> PriceTable:
    del changed_at  # an edited file is another one
    return PriceTable.load(path)


def _changed_at(path: str) -> float | None:
    try:
        return Path(path).expanduser().stat().st_mtime
    except OSError:
        return None
