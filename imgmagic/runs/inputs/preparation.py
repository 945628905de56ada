"""Preparation: the bytes of a picture as a server takes them; unchanged if possible.

A fault that the server finds may cost a paid call, so this checks that it is one complete, still picture of pixels,
upright, of a format and a size that the server reads. Most pictures pass byte for byte.
"""

import hashlib
import io
import math
from collections.abc import Callable, Mapping

from PIL import Image, ImageOps

from imgmagic.domain.image_header import Pixels, sniff
from imgmagic.domain.source_picture import SourcePicture
from imgmagic.errors import RequestInvalid
from imgmagic.runs.inputs.references import RULE, Found
from imgmagic.runs.strips import resize
from imgmagic.store.images.encoding import encode_image
from imgmagic.wire.dialects.edits import MEGABYTE, Edits

MOST_PIXELS = 50_000_000  # of a source picture; the largest photos of phones have as many

_ORIENTATION = 0x0112  # EXIF 2.32, 4.6.4: how the camera was held
_UPRIGHT = 1
_SIDEWAYS = (5, 6, 7, 8)
_MARKS_IN_PNG = (b"eXIf", b"exif", b"XML:com.adobe.xmp")  # a chunk, ImageMagick's text, XMP
_SAVING: Mapping[str, Mapping[str, object]] = {"jpeg": {"quality": 95}, "webp": {"quality": 95}}
_ROUNDS = 6  # of scaling down; each aims lower


def prepare(found: Found, edits: Edits) -> SourcePicture:
    """Return a picture as the server of `edits` takes it: upright, of a format that it reads, and not too large.

    Raises:
        RequestInvalid: it is not a complete, still picture made of pixels, or has too many of them.
    """
    pixels = require_picture(found)
    changes: list[str] = []
    data, image_format = found.data, pixels.format
    # Turned here, because servers read the pixels as stored; the result, and a mask over it, would be sideways.
    if image_format not in edits.formats or _is_turned(data):
        image_format = image_format if image_format in edits.formats else edits.formats[0]
        changes += ["turned upright"] if _is_turned(data) else []
        changes += [f"converted to {image_format}"] if image_format != pixels.format else []
        data = _rewrite(data, image_format)
    if len(data) > edits.most_bytes:
        data = _scale_down(data, image_format, edits.most_bytes)
        size = _require_pixels(data, found.name)
        changes.append(f"scaled down from {pixels.width}×{pixels.height} to {size.width}×{size.height}")
    return source_picture(data, found, tuple(changes))


def source_picture(data: bytes, found: Found, changes: tuple[str, ...] = ()) -> SourcePicture:
    """Return the source picture for `data`, made from `found`."""
    pixels = _require_pixels(data, found.name)
    return SourcePicture(
        sha256=hashlib.sha256(data).hexdigest(),
        format=pixels.format,
        width=pixels.width,
        height=pixels.height,
        size_bytes=len(data),
        name=found.name,
        origin=found.origin,
        changes=changes,
        load=lambda: data,
    )


def require_picture(found: Found) -> Pixels:
    """Return what a picture's header says, after checking that it is one complete, still picture made of pixels.

    Raises:
        RequestInvalid: it is something else; the message says what to give instead.
    """
    pixels = _require_pixels(found.data, found.name)
    if pixels.format == "svg":
        raise RequestInvalid(
            f"nothing was sent. {found.name} is a vector picture (svg).",
            remedy="Give it as a PNG of the size you want.",
        )
    if pixels.count > MOST_PIXELS:
        raise RequestInvalid(
            f"nothing was sent. {found.name} has {pixels.count / 1e6:.1f} megapixels; "
            f"at most {MOST_PIXELS / 1e6:.0f} are accepted.",
            remedy="Scale it down first.",
        )
    _require_whole(found, pixels)
    return pixels


def _require_pixels(data: bytes, name: str) -> Pixels:
    pixels = sniff(data)
    if pixels is None:
        raise RequestInvalid(f"nothing was sent. {name} is not a picture of a known format.", remedy=RULE)
    return pixels


def _require_whole(found: Found, pixels: Pixels) -> None:
    """Look for a second frame and for a missing end, without decoding: that would take several times the memory."""
    frames = 1
    try:
        with Image.open(io.BytesIO(found.data)) as image:
            frames = getattr(image, "n_frames", 1)
        with Image.open(io.BytesIO(found.data)) as image:
            # `verify` reads the checksums of a PNG without decoding; it leaves the image unusable, so it gets a
            # separate one.
            image.verify()
        ends = _ENDS.get(pixels.format)
        whole = ends is None or ends(found.data)
    except (OSError, SyntaxError, ValueError, EOFError, Image.DecompressionBombError):
        whole = False
    if not whole:
        raise RequestInvalid(
            f"nothing was sent. {found.name} is damaged, or was cut off.", remedy="Save it again from its source."
        )
    if frames > 1:
        raise RequestInvalid(
            f"nothing was sent. {found.name} is animated ({frames} frames).", remedy="Give one frame of it, as a PNG."
        )


def _jpeg_ends(data: bytes) -> bool:
    return b"\xff\xd9" in data[-64 * 1024 :]  # some cameras write after the end marker (ITU T.81, B.1.1.3)


def _webp_ends(data: bytes) -> bool:
    return int.from_bytes(data[4:8], "little") + 8 <= len(data)  # RIFF states its length


_ENDS: Mapping[str, Callable[[bytes], bool]] = {"jpeg": _jpeg_ends, "webp": _webp_ends}


def _is_turned(data: bytes) -> bool:
    return _orientation(data) not in (_UPRIGHT, 0)


def _orientation(data: bytes) -> int:
    """Return how the camera was held; Pillow decodes a whole PNG for that, as it may come after the pixels."""
    if data.startswith(b"\x89PNG") and not any(mark in data for mark in _MARKS_IN_PNG):
        return _UPRIGHT
    with Image.open(io.BytesIO(data)) as image:
        return int(image.getexif().get(_ORIENTATION, _UPRIGHT))


def upright_size(data: bytes) -> tuple[int, int]:
    """Return the width and height of a picture as it is viewed."""
    with Image.open(io.BytesIO(data)) as image:
        return (image.height, image.width) if _orientation(data) in _SIDEWAYS else image.size


def _rewrite(data: bytes, image_format: str) -> bytes:
    with Image.open(io.BytesIO(data)) as image:
        upright = ImageOps.exif_transpose(image)
        return _encode(upright, image_format)


def _scale_down(data: bytes, image_format: str, most_bytes: int) -> bytes:
    """Return the picture scaled down to fit, first by its share of bytes, then further."""
    image: Image.Image = Image.open(io.BytesIO(data))
    width, height = image.size
    factor = math.sqrt(most_bytes / len(data))
    for _ in range(_ROUNDS):
        # A little below the estimate: bytes shrink more slowly than pixels.
        factor *= 0.95
        size = max(1, round(width * factor)), max(1, round(height * factor))
        image.draft(None, size)  # a JPEG that is not decoded yet is decoded at a half, a quarter or an eighth
        image = resize(image, size)  # and not kept beside it: pixels take several times their file
        smaller = _encode(image, image_format)
        if len(smaller) <= most_bytes:
            return smaller
        factor *= math.sqrt(most_bytes / len(smaller))
        del smaller
    message = f"nothing was sent. The picture cannot be reduced to {most_bytes / MEGABYTE:.0f} MB."
    raise RequestInvalid(message, remedy="Give a smaller one.")


def _encode(image: Image.Image, image_format: str) -> bytes:
    if image.mode not in _MODES[image_format]:
        image = image.convert("RGBA" if image.has_transparency_data and image_format != "jpeg" else "RGB")
    return encode_image(image, image_format, **_SAVING.get(image_format, {}))


_MODES: Mapping[str, tuple[str, ...]] = {
    "png": ("1", "L", "LA", "P", "RGB", "RGBA"),
    "jpeg": ("L", "RGB"),
    "webp": ("RGB", "RGBA"),
}
