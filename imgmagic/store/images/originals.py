"""Originals: pictures as the images of a generation, from an event or from the image store, read when someone looks."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import overload

from imgmagic.domain.events import CompletedImage
from imgmagic.domain.generation import GeneratedImage
from imgmagic.domain.picture import Picture
from imgmagic.domain.source_picture import PictureNumber
from imgmagic.store.images.copies import save_copies
from imgmagic.store.images.image_store import ImageStore
from imgmagic.store.stored_image import ImageKind, StoredImage


class StoredImages(Sequence[GeneratedImage]):
    """Images whose originals are read one by one, when someone looks.

    Args:
        stored: what is known of them.
        load: reads one.
        first: the number of the first in the history; None for images that have no number.
    """

    def __init__(
        self,
        stored: Sequence[StoredImage],
        load: Callable[[StoredImage], GeneratedImage],
        *,
        first: PictureNumber | None = None,
    ) -> None:
        self.stored = tuple(stored)
        self._load = load
        self._first = first

    @overload
    def __getitem__(self, index: int) -> GeneratedImage: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[GeneratedImage, ...]: ...
    def __getitem__(self, index: int | slice) -> GeneratedImage | tuple[GeneratedImage, ...]:
        places = range(len(self))[index]
        return self._read(places) if isinstance(places, int) else tuple(map(self._read, places))

    def _read(self, place: int) -> GeneratedImage:
        image, first = self._load(self.stored[place]), self._first
        return image if first is None else replace(image, number=replace(first, number=first.number + place))

    def __len__(self) -> int:
        return len(self.stored)

    def __repr__(self) -> str:
        return f"<{len(self)} stored images>"


def image_from_event(event: CompletedImage) -> GeneratedImage:
    """Return the image that an event brought, kept nowhere yet."""
    return GeneratedImage(picture=event.picture, index=event.index, copier=save_copies)


def load_image(stored: StoredImage, images: ImageStore) -> GeneratedImage:
    """Return a stored image with its original bytes.

    Raises:
        StoreError: they are not there any more, or have changed.
    """
    picture = Picture(
        data=images.load(stored.sha256),
        format=stored.format,
        width=stored.width,
        height=stored.height,
        revised_prompt=stored.revised_prompt,
    )
    derived = stored.kind is ImageKind.DERIVED
    image = GeneratedImage(picture=picture, index=stored.index, copier=save_copies, is_derived=derived)
    return with_location(image, stored, images)


def with_location(image: GeneratedImage, stored: StoredImage, images: ImageStore) -> GeneratedImage:
    """Return `image` with the path or the address where it is kept."""
    name = stored.name or images.original_name(stored)
    path = images.path(name)
    return replace(image, path=path, address=None if path else images.location(name), name=name)
