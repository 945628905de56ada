"""Paste-back: outside its mask an edited picture gets the original's pixels again, beside the server's own bytes.

A mask is a hint to the models: they draw the whole picture again, and what should stay comes back a little different.
The derived picture has the size of the original, whose pixels outside the mask it holds unchanged; the edge is softened
inside the mask only.
"""

import io

from PIL import Image, ImageChops, ImageFilter

from imgmagic.errors import RequestInvalid
from imgmagic.store.images.encoding import encode_image

FEATHER_PX = 8  # how far the edge is softened unless said otherwise
MOST_FEATHER_PX = 500

_SAME_SHAPE = 0.02  # how far the two shapes may differ, and still fit


def paste_back(original: bytes, mask: bytes, edited: bytes, *, feather_px: int = FEATHER_PX) -> bytes:
    """Return the edited picture with the original's pixels outside the mask, as a PNG of the original's size.

    Args:
        original: the picture that the edit started from, as it was sent.
        mask: what of it may change: a grey PNG of its size, white where it may.
        edited: what the server drew; brought to the original's size where it has another.
        feather_px: over how many pixels inside the mask the two pass into each other; 0 for a hard edge.

    Raises:
        RequestInvalid: the server drew another shape, so that nothing fits together.
    """
    with Image.open(io.BytesIO(original)) as first, Image.open(io.BytesIO(edited)) as second:
        _require_same_shape(first.size, second.size)
        mode = "RGBA" if first.has_transparency_data or second.has_transparency_data else "RGB"
        ground, drawn = first.convert(mode), second.convert(mode)
    with Image.open(io.BytesIO(mask)) as opened:
        soft = soften(opened.convert("L"), feather_px)
    # In place, as each copy of a photo's pixels is several times its file.
    ground.paste(
        drawn if drawn.size == ground.size else drawn.resize(ground.size, Image.Resampling.LANCZOS), None, soft
    )
    del drawn, soft
    opaque = mode == "RGBA" and ground.getchannel("A").getextrema()[0] == 255
    return encode_image(ground.convert("RGB") if opaque else ground, "png")


def soften(mask: Image.Image, feather_px: int) -> Image.Image:
    """Return a mask that rises from 0 at its edge to 255 inside it, and is 0 outside as before."""
    if feather_px <= 0:
        return mask
    # Blurred, the edge itself is 128: what lies above is inside. The picture's own border is not an edge of the mask.
    room = 3 * feather_px
    wide = Image.new("L", (mask.width + 2 * room, mask.height + 2 * room))
    wide.paste(mask.resize(wide.size), (0, 0))
    wide.paste(mask, (room, room))
    blurred = wide.filter(ImageFilter.GaussianBlur(feather_px / 2)).crop(
        (room, room, room + mask.width, room + mask.height)
    )
    rising = blurred.point(lambda value: max(0, 2 * value - 255))
    return ImageChops.darker(mask, rising)


def check_feather(feather_px: int) -> int:
    """Return a width of the edge that makes sense.

    Raises:
        RequestInvalid: it is not a whole number from 0 to 500.
    """
    if type(feather_px) is not int or not 0 <= feather_px <= MOST_FEATHER_PX:
        raise RequestInvalid(
            f"nothing was sent. {{feather}}: {feather_px!r} is not a width in pixels.",
            remedy=f"Give a whole number from 0 to {MOST_FEATHER_PX}.",
        )
    return feather_px


def _require_same_shape(original: tuple[int, int], edited: tuple[int, int]) -> None:
    shapes = original[0] / original[1], edited[0] / edited[1]
    if abs(shapes[0] / shapes[1] - 1) > _SAME_SHAPE:
        raise RequestInvalid(
            f"nothing was pasted back: the picture is {original[0]}×{original[1]}, and the server drew "
            f"{edited[0]}×{edited[1]}.",
            remedy="Ask for a size of the same shape.",
        )
