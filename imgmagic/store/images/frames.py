"""Frames: a picture decoded small, as a browser would show it, within bounds that hold whatever its bytes say.

A few kilobytes may hold thousands of frames, and a header may promise any size, so that what is decoded is counted in
pixels times frames before it is. A picture is turned as its camera says, its colours become sRGB, and sixteen bits of
grey become eight. Of several pictures in one file, as phones write them, the first is the picture.
"""

import contextlib
import io
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import ceil

from PIL import Image, ImageCms, UnidentifiedImageError

from imgmagic.domain.image_header import MAX_PIXELS

_FORMATS = ("PNG", "JPEG", "GIF", "BMP", "WEBP", "TIFF", "JPEG2000", "AVIF")
_MOVING = frozenset({"PNG", "WEBP", "GIF", "AVIF"})
_MOST_DECODED = 200_000_000  # pixels of all frames together: about two seconds
_MOST_KEPT = 24_000_000  # pixels of all small frames together: about a hundred megabytes
_PACE_MS = 100  # of a frame that does not say
_ORIENTATION = 0x0112  # Exif 2.3, 4.6.4
_TURNS: Mapping[int, Image.Transpose] = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_SIDEWAYS = frozenset({5, 6, 7, 8})
_PNG = b"\x89PNG\r\n\x1a\n"
_NOTES = frozenset({b"tEXt", b"zTXt", b"iTXt"})


@dataclass(frozen=True, kw_only=True)
class Frames:
    """A picture decoded small.

    Args:
        images: its frames as RGB or RGBA; one of a picture that does not move, or moves for too long.
        durations_ms: how long each is shown.
        loop: how often they are shown; 0 for ever.
        form: the format of the bytes.
        width, height: of the picture as it is shown, in pixels.
        is_whole: whether every frame of the picture is among them.
    """

    images: tuple[Image.Image, ...]
    durations_ms: tuple[int, ...]
    loop: int
    form: str
    width: int
    height: int
    is_transparent: bool
    is_whole: bool


def decode_frames(data: bytes, longest_side: int) -> Frames:
    """Return the picture in `data` with frames no longer than `longest_side`.

    Raises:
        ValueError: the bytes are not a picture that is known here, or one of too many pixels.
        OSError: the bytes are cut off or damaged.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow's own limits are a little lower; broken metadata does not matter
            with Image.open(io.BytesIO(without_notes(data)), formats=_FORMATS) as image:
                _check_size(image)
                return _decode(image, longest_side)
    except (Image.DecompressionBombError, SyntaxError, RuntimeError, MemoryError) as error:
        raise ValueError(str(error) or type(error).__name__) from error
    except (UnidentifiedImageError, KeyError) as error:  # this Pillow may have been built without one of them
        message = "its format is unknown"
        raise ValueError(message) from error


def without_notes(data: bytes) -> bytes:
    """Return a PNG without its texts, of which there may be megabytes (PNG, 11.3.3); other bytes as they are."""
    if not data.startswith(_PNG) or not any(name in data for name in _NOTES):
        return data
    # Chunk by chunk, as Pillow itself stops at its limit for texts and then shows nothing of the picture.
    kept, at = [_PNG], len(_PNG)
    while at + 12 <= len(data):
        end = at + 12 + int.from_bytes(data[at : at + 4])
        if data[at + 4 : at + 8] not in _NOTES:
            kept.append(data[at:end])
        at = end
    return b"".join(kept)


def _check_size(image: Image.Image) -> None:
    if image.width * image.height > MAX_PIXELS:
        message = f"{image.width:,} × {image.height:,} pixels are more than {MAX_PIXELS:,}"
        raise ValueError(message)


def _decode(image: Image.Image, longest_side: int) -> Frames:
    orientation, count = _orientation(image), _count(image)
    is_transparent = image.has_transparency_data
    most = max(1, _MOST_DECODED // (image.width * image.height))
    # All frames or one: a film that stops half-way looks like a broken picture.
    wanted = count if count <= most else 1
    width, height = (image.height, image.width) if orientation in _SIDEWAYS else image.size
    images, durations = _small_frames(image, wanted, longest_side, is_transparent=is_transparent)
    turn = _TURNS.get(orientation)
    return Frames(
        images=tuple(each.transpose(turn) if turn is not None else each for each in images),
        durations_ms=tuple(durations),
        loop=int(image.info.get("loop", 1 if image.format == "GIF" else 0)),
        form="jpeg" if image.format == "MPO" else (image.format or "").lower(),
        width=width,
        height=height,
        is_transparent=is_transparent,
        is_whole=wanted == count,
    )


def _count(image: Image.Image) -> int:
    """Return how many frames are shown one after the other; pages and thumbnails are not."""
    return int(getattr(image, "n_frames", 1)) if image.format in _MOVING else 1


def _orientation(image: Image.Image) -> int:
    with contextlib.suppress(Exception):  # whatever is wrong with metadata, the picture is none the worse
        return int(image.getexif().get(_ORIENTATION, 1))
    return 1


def _small_frames(
    image: Image.Image, count: int, longest_side: int, *, is_transparent: bool
) -> tuple[list[Image.Image], list[int]]:
    """Decode frames one by one, and keep so many that they fit; those between lend their time to the one before."""
    share = min(1.0, longest_side / max(image.size))
    most = max(1, int(_MOST_KEPT / max(1.0, image.width * image.height * share * share)))
    stride = ceil(count / most)
    images: list[Image.Image] = []
    durations: list[int] = []
    image.draft("RGB", (longest_side, longest_side))  # JPEG decodes to a near size at once
    for number in range(count):
        if count > 1:
            image.seek(number)
        if number % stride == 0:
            frame = image.copy() if count > 1 else image  # a large picture is not held twice
            images.append(_shrink(frame, longest_side, is_transparent=is_transparent))
            durations.append(0)
        durations[-1] += round(image.info.get("duration") or _PACE_MS)
    return images, durations


def _shrink(frame: Image.Image, longest_side: int, *, is_transparent: bool) -> Image.Image:
    profile = frame.info.get("icc_profile")
    is_plain = frame.mode in {"RGB", "RGBA", "L", "CMYK"}
    small = frame if is_plain else _in_plain_mode(frame, is_transparent=is_transparent)
    # Before the colours: converting the few pixels that stay costs next to nothing, converting the original's a lot.
    small.thumbnail((longest_side, longest_side))
    return _in_srgb(small, profile, is_transparent=is_transparent)


def _in_plain_mode(frame: Image.Image, *, is_transparent: bool) -> Image.Image:
    """Return a frame in one of the modes that can be made smaller smoothly."""
    if frame.mode.startswith(("I", "F")):
        return _eight_bits(frame)
    return frame.convert("RGBA" if is_transparent else "RGB")


def _eight_bits(frame: Image.Image) -> Image.Image:
    """Return grey of more than eight bits in eight, from black to white as the numbers mean it."""
    wide = frame.convert("F")
    highest = float(str(wide.getextrema()[1]))
    white = 65_535.0 if frame.mode.startswith("I") and highest > 255 else max(highest, 1.0)
    scale: Callable[[Image.ImagePointTransform], Image.ImagePointTransform] = lambda value: value * (255 / white)  # noqa: E731 - Pillow reads the expression
    return wide.point(scale).convert("L")


def _in_srgb(frame: Image.Image, profile: object, *, is_transparent: bool) -> Image.Image:
    mode = "RGBA" if is_transparent else "RGB"
    if not isinstance(profile, bytes) or not profile:
        return frame.convert(mode)
    colours = frame.convert("RGB") if frame.mode in {"RGBA", "P"} else frame
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        shown = ImageCms.profileToProfile(colours, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
    except (ImageCms.PyCMSError, OSError, ValueError):  # a profile that is damaged, or of other colours
        return frame.convert(mode)
    if shown is None:
        return frame.convert(mode)
    if is_transparent and frame.mode == "RGBA":
        shown.putalpha(frame.getchannel("A"))
    return shown.convert(mode)
