"""The archive: what a run gives is recorded before it is sent, kept before it is shown, and counted when it ends.

A disk that is full or a database that is gone never loses a picture: it stays in memory, and a notice says what was not
kept and how to keep it.
"""

import contextlib
import functools
from collections.abc import Iterator, Sequence
from dataclasses import replace

from imgmagic.config.home import make_private
from imgmagic.config.price_table import load_prices
from imgmagic.config.settings import Settings
from imgmagic.domain.budget import Budget
from imgmagic.domain.generation import GeneratedImage, Generation, Status
from imgmagic.domain.origin import SIMULATOR, Origin
from imgmagic.domain.picture import Picture
from imgmagic.domain.picture_names import is_id, missing_generation
from imgmagic.domain.prices import PriceTable
from imgmagic.domain.request import ImageRequest
from imgmagic.domain.shown_address import HiddenAddress
from imgmagic.domain.source_picture import PictureNumber
from imgmagic.errors import ImgmagicError, SettingsError, StoreError
from imgmagic.store.history.history import History
from imgmagic.store.history.open_runs import OpenRuns
from imgmagic.store.history.records import Record, Started
from imgmagic.store.images.copies import save_copies
from imgmagic.store.images.image_store import ImageStore
from imgmagic.store.images.originals import StoredImages, load_image, with_location
from imgmagic.store.inputs import keep_inputs, with_loaders
from imgmagic.store.stored_image import ImageKind, StoredImage


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
        self._open_runs = OpenRuns()
        self._given: set[str] = set()

    @functools.cached_property
    def images(self) -> ImageStore:
        """Return the image store; opened at the first use."""
        return ImageStore(self._open_location("image_store"))

    @functools.cached_property
    def history(self) -> History:
        """Return the history; opened at the first use, when runs that died are marked as interrupted.

        Raises:
            StoreError: it cannot be opened.
        """
        # A damaged file is set aside only where it must be a history of ours; a file that the user named may be
        # anything.
        is_ours = not self._settings.text("history_url")
        history = History(self._open_location("history_url"), is_ours=is_ours, open_runs=self._open_runs)
        # An image store that cannot be reached now does not keep the history closed; the next save says what is wrong.
        with contextlib.suppress(StoreError, SettingsError):
            self.images.sweep()
        history.mark_interrupted(self._may_hold)
        return history

    @property
    def prices(self) -> PriceTable:
        """Return the price table, with the user's own rows over it; without them where their file is unusable."""
        try:
            return self._own_prices()
        except SettingsError:
            return load_prices()

    @property
    def price_faults(self) -> tuple[str, ...]:
        """Return what is wrong with the user's own price table; it is mentioned, and stops nothing."""
        try:
            self._own_prices()
        except SettingsError as error:
            return (f"{error} The prices that come with imgmagic were used.",)
        return ()

    def begin(self, started: Started, budget: Budget) -> tuple[int | None, tuple[str, ...]]:
        """Record a generation that is about to be sent, and reserve its cost.

        Returns:
            Its id, None where it could not be recorded, and what the user is to be told.

        Raises:
            BudgetExceeded: it does not fit; nothing was recorded.
        """
        try:
            generation_id = self.history.begin(started, budget)
            return generation_id, (*self._new(self.history.notices), *self.price_faults, *self._moved_store_notices())
        except (StoreError, SettingsError) as error:
            if budget.is_set:  # a limit that cannot be kept must not be passed
                raise
            return None, (str(error),)

    def reusable(self, key: str) -> Record | None:
        """Return the newest completed generation of another session under a request's key, if its images are here."""
        try:
            found = self.history.find_completed(key, session=self.session)
            whole = (
                found is not None
                and bool(found.images)
                and all(self.images.holds(each.sha256) for each in found.images)
            )
        except (StoreError, SettingsError):
            return None
        return found if whole else None

    def generation(self, record: Record) -> Generation:
        """Return a record as a Generation; its originals are read when asked for."""
        first = PictureNumber(generation_id=record.id)
        return replace(
            begun_generation(record.started, record.id),
            request=with_loaders(record.started.request, lambda: self.images),
            status=Status(record.status) if record.status in set(Status) else Status.INTERRUPTED,
            elapsed_s=record.elapsed_s or 0.0,
            images=StoredImages(record.images, self.load, first=first),
            derived=StoredImages(record.derived, self.load, first=replace(first, number=1 + len(record.images))),
            partials=StoredImages(record.partials, self.load),
            usage=record.usage,
            cost=record.cost,
            error=ImgmagicError(record.error_message) if record.error_message else None,
            first_partial_s=record.first_partial_s,
            request_id=record.request_id,
        )

    def find(self, generation_id: int) -> Generation:
        """Return a generation of the history.

        Raises:
            StoreError: there is none with this id.
        """
        return self.generation(self.record(generation_id))

    def record(self, generation_id: int) -> Record:
        """Return the record of one generation.

        Raises:
            StoreError: there is none with this id.
        """
        found = self.history.get(generation_id) if is_id(generation_id) else None
        if found is None:
            raise missing_generation(generation_id)
        return found

    def keep_inputs(self, request: ImageRequest) -> tuple[ImageRequest, tuple[str, ...]]:
        """Keep what a request starts from, before it leaves.

        Returns:
            The request that reads it from here, and what the user is to be told. Where it cannot be kept it stays in
            memory, as finished pictures do, and is sent all the same.
        """
        try:
            return (keep_inputs(request, self.images) if request.inputs else request), ()
        except (StoreError, SettingsError) as error:
            return request, (f"What this starts from was not kept: {error}",)

    @contextlib.contextmanager
    def inputs_kept(self, request: ImageRequest) -> Iterator[ImageRequest]:
        """Keep what a request starts from while it is recorded; where it is refused, what it brought goes again.

        Yields:
            The request that reads it from here.
        """
        brought = self.missing_inputs(request)
        with contextlib.ExitStack() as refused:
            refused.callback(self.remove_unused, brought)
            yield self.keep_inputs(request)[0]
            refused.pop_all()

    def missing_inputs(self, request: ImageRequest) -> tuple[str, ...]:
        """Return the hashes of what a request starts from and the image store does not have."""
        with contextlib.suppress(StoreError, SettingsError):
            hashes = dict.fromkeys(picture.sha256 for _, picture in request.inputs)
            return tuple(sha256 for sha256 in hashes if not self.images.holds(sha256))
        return ()

    def remove_unused(self, hashes: Sequence[str]) -> None:
        """Remove originals that no record names: another run may have begun from them meanwhile."""
        with contextlib.suppress(StoreError, SettingsError):
            for sha256 in hashes:
                if not self.history.uses(sha256):
                    self.images.remove_original(sha256)

    def keep_derived(
        self, generation: Generation, picture: Picture, *, index: int, title: str
    ) -> tuple[GeneratedImage, tuple[str, ...]]:
        """Keep a picture that was made from one of `generation`, and return it with what the user is to be told.

        Args:
            generation: an ended one.
            picture: what was made.
            index: of the finished picture that it was made from.
            title: what was done, for its name on the disk.
        """
        made = GeneratedImage(picture=picture, index=index, copier=save_copies, is_derived=True)
        try:
            planned = self.images.plan(
                made, generation_id=generation.id, title=f"{generation.prompt[:30]} {title}", at=generation.created_at
            )
            stored = self.images.save(made, replace(planned, kind=ImageKind.DERIVED))
            if generation.id is not None:
                self.history.attach(generation.id, stored)
            return with_location(made, stored, self.images), ()
        except (StoreError, SettingsError) as error:
            return made, (str(error),)

    def load(self, stored: StoredImage) -> GeneratedImage:
        """Return a stored image with its original bytes.

        Raises:
            StoreError: they are not there any more, or have changed.
        """
        return load_image(stored, self.images)

    @property
    def places(self) -> dict[str, str]:
        """Return where the history and the image store are to be, by the names of their settings."""
        return {name: self._configured_location(name) for name in _IN_HOME}

    def close(self) -> None:
        """Close the database and the image store; the next use opens them again."""
        # Where the cached property keeps what it opened: closing must not open a history that nobody used.
        if "history" in self.__dict__:
            self.history.close()
            del self.history
        if "images" in self.__dict__:
            self.images.close()
            del self.images
        self._opened.clear()

    def _open_location(self, name: str) -> str:
        """Return where the history or the image store is to be, and remember it as opened."""
        if self._settings.text(name) is None:
            make_private(self._settings.home)
        self._opened[name] = HiddenAddress(self._configured_location(name))
        return self._opened[name]

    def _configured_location(self, name: str) -> str:
        return self._settings.text(name) or str(self._settings.home / _IN_HOME[name])

    def _moved_store_notices(self) -> tuple[str, ...]:
        """Return a notice for each place that was changed meanwhile: a run must find its record where it wrote it."""
        return tuple(
            f"{name} was changed. This session keeps using the old place until it is closed or the kernel restarts."
            for name, place in self._opened.items()
            if place != self._configured_location(name)
        )

    def _new(self, notices: tuple[str, ...]) -> tuple[str, ...]:
        """Return the notices that this session has not given yet: what lasts is said once."""
        fresh = tuple(notice for notice in notices if notice not in self._given)
        self._given.update(fresh)
        return fresh

    def _own_prices(self) -> PriceTable:
        return load_prices(self._settings.text("price_table"))

    def _may_hold(self, sha256: str) -> bool:
        """Return whether a picture is in the image store, or may be, as the store cannot be asked."""
        try:
            return self.images.holds(sha256)
        except (StoreError, SettingsError):
            return True


def begun_generation(started: Started, generation_id: int | None) -> Generation:
    """Return a generation as it is known before its request leaves; its keeper adds how it ended."""
    drawn_at = started.drawn_at or started.at
    return Generation(
        id=generation_id,
        request=started.request,
        status=Status.INTERRUPTED,
        provider=started.provider,
        created_at=started.at,
        elapsed_s=0.0,
        simulated=_is_simulated(started),
        replayed=drawn_at if started.origin is Origin.REPLAYED else None,
        copier=save_copies,
    )


_IN_HOME = {"history_url": "history.sqlite", "image_store": "images"}  # in IMGMAGIC_HOME


def _is_simulated(started: Started) -> bool:
    """Return whether the simulator drew it, now or for the recording that was played."""
    return started.origin is Origin.SIMULATED or (started.origin is Origin.REPLAYED and started.dialect == SIMULATOR)
