"""A preview: a picture small enough to stand in a notebook, made from the bytes of an original."""

import io
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from PIL import Image, ImageSequence

from imgmagic.domain.image_header import MAX_PIXELS, sniff
from imgmagic.errors import StoreError

_LADDER = ((1, 0.75), (1, 0.5), (0.75, 0.5), (0.5, 0.5), (0.35, 0.5))  # shares of the side and of the quality
_PACE_MS = 100  # of a moving picture that does not say


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

    Args:
        data: the original.
        longest_side: in pixels.
        quality: 1 to 100.
        most_bytes: what the preview may take; quality, then size, are lowered until it fits.

    Raises:
        StoreError: the bytes are no picture, or one of more than 100 megapixels.
    """
    try:
        _check_size(data)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # Pillow's own limit is a little lower
            return _fitting(data, longest_side, quality, most_bytes)
    except (OSError, ValueError, SyntaxError) as error:
        raise StoreError(
            f"no preview can be made of this picture: {error}.", remedy="The original is kept as it came."
        ) from error


def read_preview(data: bytes) -> Preview:
    """Return what `make_preview` made earlier, from its bytes."""
    try:
        with Image.open(io.BytesIO(data)) as image:
            return _original(image, data)
    except OSError as error:
        raise StoreError(f"a cached preview is damaged: {error}.") from error


def _check_size(data: bytes) -> None:
    pixels = sniff(data)
    if pixels is None:
        message = "it is of no known format"
        raise ValueError(message)
    if pixels.count > MAX_PIXELS:
        message = f"{pixels.width} × {pixels.height} pixels are more than {MAX_PIXELS:,}"
        raise ValueError(message)


def _fitting(data: bytes, longest_side: int, quality: int, most_bytes: int | None) -> Preview:
    preview = _smallest(data, longest_side, quality)
    for side, share in _LADDER:
        if most_bytes is None or len(preview.data) <= most_bytes:
            break
        preview = _smallest(data, round(longest_side * side), max(1, round(quality * share)))
    return preview


def _smallest(data: bytes, longest_side: int, quality: int) -> Preview:
    with Image.open(io.BytesIO(data)) as image:
        original = _original(image, data)
        small = _encoded(image, longest_side, quality)
    fits = max(original.width, original.height) <= longest_side
    return original if fits and len(data) <= len(small.data) else small


def _original(image: Image.Image, data: bytes) -> Preview:
    return Preview(
        data=data,
        format=(image.format or "").lower(),
        width=image.width,
        height=image.height,
        is_transparent=image.has_transparency_data,
    )


def _encoded(image: Image.Image, longest_side: int, quality: int) -> Preview:
    image.draft("RGB", (longest_side, longest_side))  # JPEG decodes to a near size at once; others take no notice
    is_transparent = image.has_transparency_data
    frames = [_small(frame, longest_side, is_transparent=is_transparent) for frame in ImageSequence.Iterator(image)]
    pace_ms = int(image.info.get("duration", _PACE_MS))
    forms = _forms(frames, is_transparent=is_transparent)
    tried = [(_written(frames, form, quality, pace_ms), form) for form in forms]
    data, picked = min(tried, key=lambda each: len(each[0]))
    width, height = frames[0].size
    return Preview(data=data, format=picked, width=width, height=height, is_transparent=is_transparent)


def _small(frame: Image.Image, longest_side: int, *, is_transparent: bool) -> Image.Image:
    small = frame.convert("RGBA" if is_transparent else "RGB")
    small.thumbnail((longest_side, longest_side))
    return small


def _forms(frames: Sequence[Image.Image], *, is_transparent: bool) -> tuple[str, ...]:
    """Return the formats to try, of which the smaller result is taken: JPEG can neither move nor let through."""
    return ("webp",) if is_transparent or len(frames) > 1 else ("webp", "jpeg")


def _written(frames: Sequence[Image.Image], form: str, quality: int, pace_ms: int) -> bytes:
    moving: dict[str, Any] = {}
    if len(frames) > 1:
        moving = {"save_all": True, "append_images": frames[1:], "duration": pace_ms, "loop": 0}
    file = io.BytesIO()
    frames[0].save(file, form.upper(), quality=quality, **{**_OPTIONS[form], **moving})
    return file.getvalue()


_OPTIONS: Mapping[str, Mapping[str, Any]] = {"webp": {"method": 4}, "jpeg": {"optimize": True, "progressive": True}}
