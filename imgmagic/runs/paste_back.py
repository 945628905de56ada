"""Paste-back: restores the original's pixels outside the mask, in a second picture beside the server's own.

Models treat a mask as a hint: they draw the whole picture again, and what should stay comes back a little different.
The derived picture has the original's size and its unchanged pixels outside the mask; the edge is softened only inside
it.
"""

import io

from PIL import Image, ImageChops, ImageFilter

from imgmagic.errors import RequestInvalid
from imgmagic.runs.strips import ROWS, cut_strip, strips_of
from imgmagic.store.images.encoding import encode_image

FEATHER_PX = 8  # how far the edge is softened by default
MOST_FEATHER_PX = 500

_SAME_SHAPE = 0.02  # how far the two ratios may differ and still fit


def paste_back(original: bytes, mask: bytes, edited: bytes, *, feather_px: int = FEATHER_PX) -> bytes:
    """Return the edited picture with the original's pixels outside the mask, as a PNG of the original's size.

    Args:
        original: the picture that the edit started from, as it was sent.
        mask: which part of it may change: a grey PNG of its size, white where it may.
        edited: what the server drew; resized to the original's size if necessary.
        feather_px: over how many pixels inside the mask the two blend; 0 for a hard edge.

    Raises:
        RequestInvalid: the server drew a picture of another ratio, so the two do not fit.
    """
    ground, drawn = _load(original), _load(edited)
    del original, edited  # frees the bytes of a photo if nobody else holds them
    _require_same_shape(ground.size, drawn.size)
    is_opaque = _is_opaque(ground) and _is_opaque(drawn)
    ground, drawn = (_in_mode(each, "RGB" if is_opaque else "RGBA") for each in (ground, drawn))
    with Image.open(io.BytesIO(mask)) as soft:
        soft.load()
    # In place and strip by strip, because each copy of a photo's pixels is several times its file.
    for top, bottom in strips_of(ground.height, max(ROWS, 2 * _room(feather_px))):
        strip = cut_strip(drawn, ground.size, top, bottom)
        ground.paste(strip, (0, top), soften(soft, feather_px, top, bottom))
    del drawn, soft
    return encode_image(_in_mode(ground, "RGB") if _is_opaque(ground) else ground, "png")


def soften(mask: Image.Image, feather_px: int, top: int, bottom: int) -> Image.Image:
    """Return rows of a mask that rises from 0 at its edge to 255 inside, and stays 0 outside."""
    rows = mask.crop((0, top, mask.width, bottom)).convert("L")
    if feather_px <= 0 or not rows.getbbox():
        return rows
    room = _room(feather_px)
    wide = _with_room(mask, top, bottom, room)
    # After blurring, the edge itself is 128: what is above is inside.
    blurred = wide.filter(ImageFilter.GaussianBlur(feather_px / 2))
    rising = blurred.crop((room, room, room + rows.width, room + rows.height)).point(
        lambda value: max(0, 2 * value - 255)
    )
    return ImageChops.darker(rows, rising)


def _room(feather_px: int) -> int:
    """Return how many surrounding pixels affect a softened one."""
    return 3 * feather_px


def _with_room(mask: Image.Image, top: int, bottom: int, room: int) -> Image.Image:
    """Return rows of a mask with their surroundings; the picture's border is extended, because it is not an edge."""
    first, last = max(0, top - room), min(mask.height, bottom + room)
    inside = mask.crop((0, first, mask.width, last)).convert("L")
    wide = Image.new("L", (mask.width + 2 * room, bottom - top + 2 * room))
    above = first - (top - room)
    wide.paste(inside, (room, above))
    for column, place in ((0, 0), (inside.width - 1, room + inside.width)):
        border = inside.crop((column, 0, column + 1, inside.height))
        wide.paste(border.resize((room, inside.height)), (place, above))
    below = above + inside.height
    for row, place, height in ((above, 0, above), (below - 1, below, wide.height - below)):
        if height:
            wide.paste(wide.crop((0, row, wide.width, row + 1)).resize((wide.width, height)), (0, place))
    return wide


def _load(data: bytes) -> Image.Image:
    with Image.open(io.BytesIO(data)) as image:
        image.load()
        return image


def _is_opaque(image: Image.Image) -> bool:
    """Return whether a picture is opaque: many have an alpha channel without any transparency."""
    if not image.has_transparency_data:
        return True
    alpha = _in_mode(image, "RGBA").getextrema()[-1]
    return alpha == (255, 255)


def _in_mode(image: Image.Image, mode: str) -> Image.Image:
    return image if image.mode == mode else image.convert(mode)


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
            remedy="Ask for a size with the same ratio.",
        )
