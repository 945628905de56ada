"""Masks: whatever a user gives as a mask, in the one internal form and the size of the first picture."""

import io
from typing import cast

from PIL import Image, ImageChops, ImageOps

from imgmagic.domain.mask import Mask, MaskBoxes, require_size, require_some_change
from imgmagic.domain.source_picture import SourcePicture
from imgmagic.errors import RequestInvalid
from imgmagic.runs.inputs.drawn import array_image
from imgmagic.runs.inputs.preparation import require_picture, source_picture
from imgmagic.runs.inputs.references import Find, Found, Reference, read
from imgmagic.store.images.encoding import encode_image

_HALF = 128
_ALPHA_MODES = ("RGBA", "LA", "PA", "La", "RGBa")
_DEEP_MODES = ("I", "I;16", "I;16B", "I;16L", "F")
_GREY_MODES = ("1", "L", *_DEEP_MODES)
_OPAQUE = 255


def read_mask(value: object, find: Find, first: SourcePicture, given_size: tuple[int, int]) -> SourcePicture:
    """Return a mask as a request carries it: a grey PNG of the first picture's size, white where it may change.

    Args:
        value: a Mask, boxes, a reference to a picture, an array, or anything that has a `mask`, such as a painter.
        find: looks up the history.
        first: the picture that the mask is for, as it is sent.
        given_size: width and height of that picture, upright, before it was scaled down.

    Raises:
        RequestInvalid: it is not a mask, has another size, or lets nothing or everything change.
    """
    name = value.name if isinstance(value, Reference | SourcePicture) else ""
    called = name or "that was given"
    mask = require_some_change(require_size(_mask_of(value, find, given_size), given_size, called), called)
    return source_picture(to_grey_png(mask, (first.width, first.height)), Found(data=b"", name=name))


def read_markup(value: object, find: Find, first: SourcePicture) -> SourcePicture:
    """Return a markup as a request carries it: a PNG with transparency, of the first picture's size.

    Raises:
        RequestInvalid: it is not one; the message says why.
    """
    found = read(getattr(_unwrap(value), "markup", None) or value, find)
    pixels = require_picture(found)
    with Image.open(io.BytesIO(found.data)) as image:
        see_through = image.has_transparency_data and image.convert("RGBA").getchannel("A").getextrema()[0] == 0
    if pixels.format != "png" or not see_through:
        raise RequestInvalid(
            f"nothing was sent. The markup {found.name} is not a PNG with transparent pixels.",
            remedy="Draw it on a transparent background, over the first picture.",
        )
    if (pixels.width, pixels.height) != (first.width, first.height):
        raise RequestInvalid(
            f"nothing was sent. The markup {found.name} is {pixels.width}×{pixels.height}, "
            f"and the first picture is {first.pixels}.",
            remedy="Draw it at the first picture's size.",
        )
    return source_picture(found.data, found)


def to_grey_png(mask: Mask, size: tuple[int, int]) -> bytes:
    """Return the internal form of a mask as a PNG of this size: grey, white where the picture may change."""
    # On the cells themselves, not on a copy.
    image = Image.frombuffer("L", (mask.width, mask.height), mask.cells, "raw", "L", 0, 1)
    return encode_image(image if image.size == size else image.resize(size, Image.Resampling.NEAREST), "png")


def from_grey_png(data: bytes) -> Mask:
    """Return the mask in a PNG of the internal form."""
    with Image.open(io.BytesIO(data)) as image:
        return _mask_from(image.convert("L"))


def _mask_of(value: object, find: Find, size: tuple[int, int]) -> Mask:
    given = _unwrap(value)
    painted = getattr(given, "mask", None)
    if isinstance(painted, Mask | MaskBoxes):
        given = painted
    if isinstance(given, Mask):
        return given
    if isinstance(given, MaskBoxes):
        return given.fit(*size)
    if isinstance(given, Image.Image):
        return _mask_from(_editable(given, "that was given"))
    if hasattr(given, "__array_interface__"):
        return _mask_from(_editable(array_image(given), "that was given"))
    found = read(value, find)
    require_picture(found)
    with Image.open(io.BytesIO(found.data)) as image:
        return _mask_from(_editable(image, found.name))


def _unwrap(value: object) -> object:
    return value.value if isinstance(value, Reference) else value


def _editable(image: Image.Image, name: str) -> Image.Image:
    """Return where a picture may change, in white: its transparent pixels, or the bright ones of a grey picture."""
    if 0 in image.size:
        raise RequestInvalid("nothing was sent. The mask is empty.", remedy="Make it the size of the first picture.")
    image = ImageOps.exif_transpose(image)  # upright, as the picture below it
    if image.mode in _ALPHA_MODES or image.has_transparency_data:
        alpha = image.convert("LA" if image.mode == "La" else "RGBA").getchannel("A")
        # Transparency before brightness: OpenAI's masks are transparent where the picture may change, whatever the
        # colour. Many programs add an alpha channel without meaning to an opaque grey mask.
        if alpha.getextrema() != (_OPAQUE, _OPAQUE) or not _is_grey(image):
            return ImageChops.invert(alpha)
        image = image.convert("RGB")
    if image.mode in _GREY_MODES or _is_grey(image):
        return _to_grey(image)
    raise RequestInvalid(
        f"nothing was sent. The mask {name} has no transparency and is not grey.",
        remedy="Give a PNG that is transparent where the picture may change, or a black one that is white there.",
    )


def _to_grey(image: Image.Image) -> Image.Image:
    """Return greys from 0 to 255, whatever their depth; if the brightest is 1, as in label images, that is white."""
    grey = image.convert("F" if image.mode in _DEEP_MODES else "L")
    _, brightest = cast("tuple[float, float]", grey.getextrema())
    factor = _OPAQUE if brightest <= 1 else 1 / 257 if brightest > _OPAQUE else 1
    return (grey if factor == 1 else grey.point(lambda value: cast("int", value) * factor)).convert("L")


def _is_grey(image: Image.Image) -> bool:
    """Return whether all three channels are equal everywhere: many programs save greys as colours."""
    red, green, blue = image.convert("RGB").split()
    same = (ImageChops.difference(red, green), ImageChops.difference(green, blue))
    return all(each.getbbox() is None for each in same)


def _mask_from(image: Image.Image) -> Mask:
    cells = image.point(lambda value: 255 if cast("int", value) >= _HALF else 0).tobytes()
    return Mask(width=image.width, height=image.height, cells=cells)
