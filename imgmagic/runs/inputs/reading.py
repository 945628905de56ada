"""Reading inputs: the pictures, the mask and the markup of one call, from what was given to what a request carries."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from imgmagic.domain.options import ImagineOptions
from imgmagic.domain.request import ImageRequest
from imgmagic.domain.source_picture import SourcePicture
from imgmagic.errors import RequestInvalid
from imgmagic.runs.inputs.references import Find, Reference, read
from imgmagic.wire.dialects.edits import Edits

MOST_PICTURES = 100  # more than any server takes, so there is no reason to read more


@dataclass(frozen=True, kw_only=True)
class Inputs:
    """Hold what a request starts from; see `ImageRequest`."""

    sources: tuple[SourcePicture, ...] = ()
    mask: SourcePicture | None = None
    markup: SourcePicture | None = None


def read_inputs(images: object, mask: object, markup: object, *, edits: Edits, find: Find) -> Inputs:
    """Return what a call starts from, ready to be sent.

    Args:
        images: one reference, or several in order; None for none.
        mask: which part of the first picture may change; None for no mask.
        markup: drawn instructions over the first picture; None for none.
        edits: how the server takes pictures.
        find: looks up the history.

    Raises:
        RequestInvalid: one of them is not what it should be; the message names it.
        StoreError: a picture in the history is gone.
    """
    from imgmagic.runs.inputs.masks import read_markup, read_mask
    from imgmagic.runs.inputs.preparation import prepare, upright_size

    given = [read(each, find) for each in in_order(images)]
    sources = tuple(prepare(each, edits) for each in given)
    if not sources:
        _require_picture(mask, markup)
        return Inputs()
    return Inputs(
        sources=sources,
        mask=None if mask is None else read_mask(mask, find, sources[0], upright_size(given[0].data)),
        markup=None if markup is None else read_markup(markup, find, sources[0]),
    )


def with_inputs(request: ImageRequest, options: ImagineOptions, edits: Callable[[], Edits], find: Find) -> ImageRequest:
    """Return a request with the pictures, the mask and the markup that `options` name; unchanged if they name none.

    Args:
        request: the rest of the request.
        options: of the call.
        edits: returns how the server takes pictures, or refuses.
        find: looks up the history.

    Raises:
        RequestInvalid, StoreError: as `read_inputs`, or the server takes no pictures.
    """
    given = [options.get(name) for name in ("images", "mask", "markup")]
    if all(each is None for each in given):
        return request
    found = read_inputs(*given, edits=edits(), find=find)
    return replace(request, sources=found.sources, mask=found.mask, markup=found.markup)


def in_order(images: object) -> Sequence[object]:
    """Return the given pictures as a list, even if there is only one.

    Raises:
        RequestInvalid: there are more than any server takes.
    """
    if images is None:
        return ()
    found = list(images) if isinstance(images, list | tuple) else [images]
    if len(found) > MOST_PICTURES:
        raise RequestInvalid(f"nothing was sent. {len(found)} pictures are too many.", remedy="Servers take up to 16.")
    return found


def _require_picture(mask: object, markup: object) -> None:
    for role, value in (("mask", mask), ("markup", markup)):
        if value is not None:
            name = f" {value.name}" if isinstance(value, Reference) else ""
            raise RequestInvalid(
                f"nothing was sent. The {role}{name} has no picture to apply to.",
                remedy="Say which picture to start from.",
            )
