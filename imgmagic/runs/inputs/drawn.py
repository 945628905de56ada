"""What other libraries draw, as a PNG: Pillow images of any mode, and arrays of pixels."""

from collections.abc import Mapping
from typing import Any, cast

from PIL import Image, ImageOps

from imgmagic.errors import RequestInvalid
from imgmagic.store.images.encoding import encode_image

_SLACK = 0.01  # how far fractions may be outside 0 to 1, as after interpolation
_KEPT = ("1", "L", "LA", "P", "RGB", "RGBA", "I;16")
_PLAIN: Mapping[str, str] = {"La": "LA", "RGBa": "RGBA", "PA": "RGBA"}


def array_image(value: object) -> Image.Image:
    """Return an array of pixels as an image: rows x columns (x 3 or 4), whole numbers 0 to 255, or fractions 0 to 1.

    Raises:
        RequestInvalid: it has another shape, type or range.
    """
    array = cast("Any", value)  # from numpy or another library: only what they share is used
    try:
        flat = array[:, :, 0] if array.ndim == 3 and array.shape[2] == 1 else array
        return Image.fromarray(_as_bytes(flat))
    except (TypeError, ValueError, AttributeError):
        shape = "×".join(map(str, getattr(value, "shape", ()))) or "no shape"
        told = f"{getattr(value, 'dtype', '?')}{_range_of(array)}"
        raise RequestInvalid(
            f"nothing was sent. An array of {shape} ({told}) is not a picture.",
            remedy="Give rows x columns x 3, whole numbers 0 to 255 (uint8) or fractions 0 to 1.",
        ) from None


def _as_bytes(array: Any) -> Any:
    """Return pixels as whole numbers from 0 to 255; refuse what would lose more than its last digits."""
    low, high = array.min(), array.max()
    kind = array.dtype.kind
    if kind == "b":
        return array.astype("uint8") * 255
    if kind == "f" and -_SLACK <= low <= high <= 1 + _SLACK:
        return (array.clip(0, 1) * 255).round().astype("uint8")
    if kind in "iu" and 0 <= low <= high <= 255:
        return array.astype("uint8")
    if array.dtype.str[1:] == "u2":
        return (array // 257).astype("uint8")
    raise ValueError(kind)


def _range_of(array: Any) -> str:
    try:
        return f", from {array.min():g} to {array.max():g}"
    except (TypeError, ValueError, AttributeError):
        return ""


def to_png(image: Image.Image) -> bytes:
    """Return an image as a lossless, upright PNG; a mode that PNG does not have is converted to colours.

    Raises:
        RequestInvalid: it is closed, damaged or empty.
    """
    try:
        # Pillow's PNG no longer says how the camera was held.
        upright = ImageOps.exif_transpose(image)
        kept = upright if upright.mode in _KEPT else upright.convert(_PLAIN.get(upright.mode, "RGB"))
        return encode_image(kept, "png")
    except (OSError, SyntaxError, ValueError) as error:
        raise RequestInvalid(
            f"nothing was sent. The image cannot be read: {str(error).lower()}.", remedy="Open or draw it again."
        ) from error
