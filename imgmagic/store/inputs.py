"""Inputs: the pictures that a request starts from, in the image store beside the originals, by their hashes."""

from collections.abc import Callable
from dataclasses import replace

from imgmagic.domain.options import ImagineOptions
from imgmagic.domain.request import ImageRequest
from imgmagic.domain.source_picture import SourcePicture, no_loader
from imgmagic.store.images.image_store import ImageStore


def keep_inputs(request: ImageRequest, images: ImageStore) -> ImageRequest:
    """Keep what a request starts from, and return the request with pictures that are read from the store.

    Raises:
        StoreError: one could not be written.
    """
    return _with_inputs(request, images.keep_source)


def without_loaders(request: ImageRequest) -> ImageRequest:
    """Return a request whose pictures are known by their hashes alone, so that it can travel."""
    return _with_inputs(request, lambda picture: replace(picture, load=no_loader))


def with_loaders(request: ImageRequest, images: Callable[[], ImageStore]) -> ImageRequest:
    """Return a recorded request with pictures that are read from the store when someone looks."""
    return _with_inputs(request, lambda picture: replace(picture, load=lambda: images().load(picture.sha256)))


def input_options(request: ImageRequest) -> ImagineOptions:
    """Return what a request starts from as options of a call, to start from the same again."""
    given: ImagineOptions = {}
    if request.sources:
        given["images"] = list(request.sources)
    if request.mask is not None:
        given["mask"] = request.mask
    if request.markup is not None:
        given["markup"] = request.markup
    return given


def _with_inputs(request: ImageRequest, change: Callable[[SourcePicture], SourcePicture]) -> ImageRequest:
    if not request.inputs:
        return request
    return replace(
        request,
        sources=tuple(map(change, request.sources)),
        mask=request.mask and change(request.mask),
        markup=request.markup and change(request.markup),
    )
