"""A preview: a picture small enough to stand in a notebook, made from the bytes of an original."""

import io
import warnings
from dataclasses import dataclass, field

from PIL import Image

from imgmagic.domain.pixels import MAX_PIXELS, sniff
from imgmagic.errors import StoreError


@dataclass(frozen=True, kw_only=True)
class Preview:
    """Hold a small picture: its bytes, format and size in pixels."""

    data: bytes = field(repr=False)
    format: str
    width: int
    height: int


def make_preview(data: bytes, *, longest_side: int, quality: int) -> Preview:
    """Return the picture in `data` no longer than `longest_side`; the original itself where that is smaller.

    Raises:
        StoreError: the bytes are no picture, or one of more than 100 megapixels.
    """
    try:
        _check_size(data)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # Pillow's own limit is a little lower
            return _smallest(data, longest_side, quality)
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


def _smallest(data: bytes, longest_side: int, quality: int) -> Preview:
    with Image.open(io.BytesIO(data)) as image:
        original = _original(image, data)
        small = _encoded(image, longest_side, quality)
    fits = max(original.width, original.height) <= longest_side
    return original if fits and len(data) <= len(small.data) else small


def _original(image: Image.Image, data: bytes) -> Preview:
    return Preview(data=data, format=(image.format or "").lower(), width=image.width, height=image.height)


def _encoded(image: Image.Image, longest_side: int, quality: int) -> Preview:
    image.draft("RGB", (longest_side, longest_side))  # JPEG decodes to a near size at once; others take no notice
    mode = "RGBA" if image.has_transparency_data else "RGB"
    small = image.convert(mode)
    small.thumbnail((longest_side, longest_side))
    file = io.BytesIO()
    small.save(file, "WEBP", quality=quality, method=4)
    return Preview(data=file.getvalue(), format="webp", width=small.width, height=small.height)
