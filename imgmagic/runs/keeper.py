"""The keeper: records a run before it leaves, keeps its pictures as they come, and makes its Generation at the end.

Paid pictures come first: whatever else fails becomes a notice, and the run goes on.
"""

import contextlib
from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal

from imgmagic.domain.bill import bill
from imgmagic.domain.budget import Budget
from imgmagic.domain.events import AddressReceived, CompletedImage, PartialImage
from imgmagic.domain.generation import GeneratedImage, Generation
from imgmagic.domain.image_header import sniff
from imgmagic.domain.origin import Origin
from imgmagic.domain.picture import Picture
from imgmagic.domain.progress import Progress
from imgmagic.domain.source_picture import PictureNumber
from imgmagic.errors import DownloadFailed, SettingsError, StoreError
from imgmagic.store.archive import Archive, begun_generation
from imgmagic.store.history.records import Record, Started
from imgmagic.store.images.copies import save_copies
from imgmagic.store.images.originals import image_from_event, with_location
from imgmagic.store.stored_image import ImageKind, StoredImage, UnfetchedImage


class Keeper:
    """Keep one run in the archive; used by the io thread's workers, one step at a time.

    Args:
        archive: the history and the image store.
        started: what is known about the run before its request leaves.
        budget: the limits that apply to it.
        alt: alternative text of the pictures; None means the prompt.
        left_out: settings that the server does not take.
        notices: what to tell the user with the result.

    Raises:
        BudgetExceeded: it does not fit; nothing was recorded.
    """

    def __init__(
        self,
        archive: Archive,
        started: Started,
        budget: Budget,
        *,
        alt: str | None = None,
        left_out: tuple[str, ...] = (),
        notices: Iterable[str] = (),
    ) -> None:
        self.id, told = archive.begin(started, budget)
        self._archive = archive
        self._started = started
        self._alt = alt
        self._left_out = left_out
        self._notices = [*told, *notices]
        self._stored: dict[int, StoredImage] = {}
        self._partials: dict[int, StoredImage] = {}

    @property
    def notices(self) -> tuple[str, ...]:
        """Return what the user is to be told with the result, as far as it is known."""
        return tuple(self._notices)

    def tell(self, *notices: str) -> None:
        """Tell the user with the result."""
        self._notices += notices

    def keep(self, event: CompletedImage) -> None:
        """Put a finished image on the disk before anybody sees it."""
        stored = self._store(image_from_event(event), ImageKind.FINAL)
        if stored is not None:
            self._stored[event.index] = stored

    def note_address(self, event: AddressReceived) -> None:
        """Record where a finished image is, so that it can be fetched even if this process is killed meanwhile."""
        if self.id is not None:
            reason = "the run ended before it was fetched."
            missing = UnfetchedImage(address=event.address, reason=reason, index=event.index)
            with contextlib.suppress(StoreError):  # it is retried at the end
                self._archive.history.put_unfetched(self.id, missing)

    def finish(self, progress: Progress) -> Generation:
        """Record how the run ended, and return it as a generation with its id, cost, paths and notices."""
        is_live = self._started.origin is Origin.LIVE
        billed = bill(progress, self._started.request, self._archive.prices)
        # Only for pictures that did not arrive: the last stage of one that broke off is all that was bought.
        partials = tuple(self._keep_partial(index, event) for index, event in progress.unfinished.items())
        generation = replace(
            begun_generation(self._started, self.id),
            status=progress.status,
            elapsed_s=progress.elapsed_s,
            images=tuple(self._image(event, number) for number, event in enumerate(progress.images, 1)),
            alt=self._alt,
            usage=progress.usage,
            cost=billed.cost if is_live else None,
            error=progress.error,
            first_partial_s=progress.first_partial_s,
            request_id=progress.request_id,
            left_out=self._left_out,
            partials=tuple(filter(None, partials)),
            partial_count=max(tile.partials for tile in progress.tiles),
            held=self._held_amount(billed.unpriced) if is_live else None,
        )
        self._note_addresses(progress)
        self._settle(generation, billed.unpriced)
        return replace(generation, notices=(*progress.notices, *dict.fromkeys(self._notices)))

    def _note_addresses(self, progress: Progress) -> None:
        """Keep the addresses of pictures that could not be fetched, so that they can be fetched later."""
        for index, tile in enumerate(progress.tiles):
            failure = tile.error if isinstance(tile.error, DownloadFailed) else None
            address = failure.address if failure else tile.address
            if self.id is None or not address:
                continue
            reason = failure.message if failure else "the run was stopped before it was fetched."
            try:
                missing = UnfetchedImage(address=address, reason=reason, index=index)
                self._archive.history.put_unfetched(self.id, missing)
            except StoreError as error:
                self._notices.append(str(error))
                continue
            again = f"%imgmagic fetch {self.id} asks for the picture"
            if failure:
                failure.remedy = f"Its address is kept: {again} again. {failure.remedy}".strip()
            else:
                self._notices.append(f"A picture was drawn but not fetched yet; its address is kept: {again}.")

    def _store(self, image: GeneratedImage, kind: ImageKind) -> StoredImage | None:
        """Put a picture on the disk, and name it in the record; what cannot be written becomes a notice."""
        try:
            store = self._archive.images
            # Writing starts while the record is made, but the record comes first: a crash then leaves a name without a
            # picture, which is found later, never a picture without a name.
            with store.draft(image.data) as draft:
                planned = store.plan(
                    image, generation_id=self.id, title=self._started.request.prompt, at=self._started.at
                )
                planned = replace(planned, kind=kind)
                self._attach(planned)
                return store.save(image, planned, draft)
        except (StoreError, SettingsError) as error:
            self._notices.append(str(error))
        except Exception as error:  # noqa: BLE001 - a fault of our own must not cost the pictures that are still to come
            self._notices.append(
                f"The picture is kept in memory only, as imgmagic itself failed ({type(error).__name__}: {error}): "
                "save it with generation.save('picture'), and please report this message."
            )
        return None

    def _keep_partial(self, index: int, event: PartialImage) -> GeneratedImage | None:
        """Keep the last partial image of a picture that was not finished; it always stays a partial image."""
        header = sniff(event.data)
        if header is None:
            return None
        picture = Picture(data=event.data, format=header.format, width=header.width, height=header.height)
        image = GeneratedImage(picture=picture, index=index, copier=save_copies)
        stored = self._store(image, ImageKind.PARTIAL)
        if stored is None:
            return image
        self._partials[index] = stored
        return with_location(image, stored, self._archive.images)

    def _held_amount(self, unpriced: int) -> Decimal | None:
        """Return what stays reserved for images that may still be billed."""
        at_most = self._started.at_most
        return at_most * unpriced / max(self._started.request.n, 1) if at_most and unpriced else None

    def _attach(self, planned: StoredImage) -> None:
        """Name the picture in its record; if that fails, the picture is kept nevertheless."""
        if self.id is None:
            return
        try:
            self._archive.history.attach(self.id, planned)
        except StoreError as error:
            self._notices.append(str(error))

    def _settle(self, generation: Generation, unpriced: int) -> None:
        if self.id is None:
            return
        try:
            kept = (*self._stored.values(), *self._partials.values())
            self._archive.history.settle(generation, kept, unpriced=unpriced)
        except StoreError as error:
            self._notices.append(str(error))

    def _image(self, event: CompletedImage, number: int) -> GeneratedImage:
        image, stored = image_from_event(event), self._stored.get(event.index)
        if self.id is not None:
            image = replace(image, number=PictureNumber(generation_id=self.id, number=number))
        return image if stored is None else with_location(image, stored, self._archive.images)


class ReusedKeeper:
    """Return an earlier generation as it was recorded; nothing is written, because nothing was drawn.

    Args:
        archive: where the generation is.
        record: the earlier generation.
        alt: alternative text of the pictures, from the current call.
        left_out: settings that the server does not take, of the current call.
    """

    def __init__(
        self, archive: Archive, record: Record, *, alt: str | None = None, left_out: tuple[str, ...] = ()
    ) -> None:
        self._archive = archive
        self._record = record
        self._alt = alt
        self._left_out = left_out

    @property
    def notices(self) -> tuple[str, ...]:
        """Return nothing: everything was said when the picture was drawn."""
        return ()

    def keep(self, event: CompletedImage) -> None:
        """Do nothing: the image is already in the store."""

    def note_address(self, event: AddressReceived) -> None:
        """Do nothing: the image is already here."""

    def finish(self, progress: Progress) -> Generation:
        """Return the earlier generation with the images that were just read."""
        found = self._archive.generation(self._record)
        return replace(
            found,
            reused=self._record.started.at,
            alt=self._alt,
            left_out=self._left_out,
            notices=progress.notices,
        )
