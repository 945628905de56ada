"""Fetching: pictures whose addresses did not answer when they were drawn are asked for once more."""

from imgmagic.domain.generation import GeneratedImage
from imgmagic.domain.image_header import recognise
from imgmagic.domain.picture import Picture
from imgmagic.domain.provider import Provider
from imgmagic.errors import DownloadFailed, StoreError
from imgmagic.runs.event_loop import IoThread
from imgmagic.store.archive import Archive
from imgmagic.store.history.records import Record
from imgmagic.store.stored_image import UnfetchedImage
from imgmagic.wire.dialects import DIALECTS
from imgmagic.wire.download import Downloads
from imgmagic.wire.key_guard import guarding, seal
from imgmagic.wire.picture_notes import without_key


def fetch_missing(record: Record, provider: Provider, archive: Archive, io: IoThread) -> None:
    """Fetch the pictures of a generation that its server gave as addresses, and keep them with it.

    Raises:
        StoreError: it has no picture to fetch, or a picture cannot be kept.
        DownloadFailed: an address still does not answer; those before it are kept.
    """
    if not record.unfetched:
        raise StoreError(f"#{record.id} has no picture to fetch.", remedy="Whatever it has is here already.")
    for missing in record.unfetched:
        _keep(record, missing, io.submit(_fetch(missing, provider)).result(), archive)


async def _fetch(missing: UnfetchedImage, provider: Provider) -> bytes:
    with guarding(provider):
        try:
            data = await Downloads(provider, DIALECTS[provider.dialect]).fetch(missing.address)
        except DownloadFailed as error:
            raise seal(error, provider) from None
    return without_key(data, provider.secrets())


def _keep(record: Record, missing: UnfetchedImage, data: bytes, archive: Archive) -> None:
    pixels = recognise(data)
    if pixels is None:
        return
    picture = Picture(data=data, format=pixels.format, width=pixels.width, height=pixels.height)
    image = GeneratedImage(picture=picture, index=missing.index)
    with archive.images.draft(data) as draft:
        planned = archive.images.plan(
            image, generation_id=record.id, title=record.started.request.prompt, at=record.started.at
        )
        archive.history.attach(record.id, planned)
        archive.images.save(image, planned, draft)
