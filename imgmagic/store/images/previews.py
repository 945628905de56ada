"""A preview: a picture small enough for a notebook, made from the bytes of an original."""

import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from imgmagic.domain.image_header import SHOWN_FORMATS, sniff
from imgmagic.errors import StoreError
from imgmagic.store.images.encoding import encode_image

if TYPE_CHECKING:
    from PIL import Image

    from imgmagic.store.images.frames import Frames

_LADDER = ((1, 0.75), (1, 0.5), (0.75, 0.5), (0.5, 0.5), (0.35, 0.5))  # shares of the side and of the quality
_MOST_SVG_BYTES = 500_000


@dataclass(frozen=True, kw_only=True)
class Preview:
    """Hold a small picture: its bytes, format and size in pixels, and whether something shows through it."""

    data: bytes = field(repr=False)
    format: str
    width: int
    height: int
    is_transparent: bool = False


def make_preview(data: bytes, *, longest_side: int, quality: int, most_bytes: int | None = None) -> Preview:
    """Return the picture in `data` no longer than `longest_side`; the original itself where that is smaller.

    A drawing (SVG) has no pixels and is its own preview.

    Args:
        data: the original.
        longest_side: in pixels.
        quality: 1 to 100.
        most_bytes: what the preview may take; quality, then size, are lowered until it fits.

    Raises:
        StoreError: the picture cannot be shown here: its bytes are damaged or of an unknown format, it has more than
            100 megapixels, or is a drawing of more than 500 kB.
    """
    try:
        return _drawing(data) or _fitting(data, longest_side, quality, most_bytes)
    except (OSError, ValueError) as error:
        raise StoreError(
            f"this picture cannot be shown here: {error}.", remedy="The original is kept unchanged."
        ) from error


def read_preview(data: bytes) -> Preview:
    """Return what `make_preview` made earlier, from its bytes."""
    from PIL import Image

    if drawing := _drawing(data):
        return drawing
    try:
        with Image.open(io.BytesIO(data), formats=("PNG", "JPEG", "WEBP", "GIF", "AVIF")) as image:
            form, is_transparent = (image.format or "").lower(), image.has_transparency_data
            return Preview(
                data=data, format=form, width=image.width, height=image.height, is_transparent=is_transparent
            )
    except (OSError, ValueError, SyntaxError) as error:
        raise StoreError(f"a cached preview is damaged: {error}.") from error


def _drawing(data: bytes) -> Preview | None:
    pixels = sniff(data)
    if pixels is None or pixels.format != "svg":
        return None
    if len(data) > _MOST_SVG_BYTES:
        message = f"a drawing of {len(data):,} bytes is larger than {_MOST_SVG_BYTES:,}"
        raise ValueError(message)
    return Preview(data=data, format="svg", width=pixels.width, height=pixels.height, is_transparent=True)


def _fitting(data: bytes, longest_side: int, quality: int, most_bytes: int | None) -> Preview:
    from imgmagic.store.images.frames import decode_frames

    frames = decode_frames(data, longest_side)
    preview = _encode(frames, longest_side, quality)
    # Small originals are often smaller than anything that is encoded from them again, and lose nothing.
    if _is_its_own(frames, longest_side) and len(data) <= len(preview.data):
        return Preview(
            data=data,
            format=frames.form,
            width=frames.width,
            height=frames.height,
            is_transparent=frames.is_transparent,
        )
    # Quality falls before size: at the width of a notebook's column, softer details are seen later than fewer pixels.
    for side, share in _LADDER:
        if most_bytes is None or len(preview.data) <= most_bytes:
            break
        preview = _encode(frames, round(longest_side * side), max(1, round(quality * share)))
    return preview


def _is_its_own(frames: "Frames", longest_side: int) -> bool:
    fits = max(frames.width, frames.height) <= longest_side
    return fits and frames.is_whole and frames.form in SHOWN_FORMATS


def _encode(frames: "Frames", longest_side: int, quality: int) -> Preview:
    """Return the frames in the smaller of the formats that can hold them: JPEG can neither move nor let through."""
    images = [_shrink(image, longest_side) for image in frames.images]
    forms = ("webp",) if frames.is_transparent or len(images) > 1 else ("webp", "jpeg")
    moving: dict[str, object] = {}
    if len(images) > 1:
        times = {"duration": list(frames.durations_ms), "loop": frames.loop}
        moving = {"save_all": True, "append_images": images[1:], **times, "method": 2}
    tried = [(encode_image(images[0], form, quality=quality, **{**_OPTIONS[form], **moving}), form) for form in forms]
    data, form = min(tried, key=lambda each: len(each[0]))
    width, height = images[0].size
    return Preview(data=data, format=form, width=width, height=height, is_transparent=frames.is_transparent)


def _shrink(image: "Image.Image", longest_side: int) -> "Image.Image":
    if max(image.size) <= longest_side:
        return image
    small = image.copy()
    small.thumbnail((max(longest_side, 1), max(longest_side, 1)))
    return small


_OPTIONS: Mapping[str, Mapping[str, object]] = {"webp": {"method": 4}, "jpeg": {"optimize": True, "progressive": True}}
