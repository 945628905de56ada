"""Strips: resize large pictures a few rows at a time, because each step on a whole picture would copy it.

Pillow needs four bytes per pixel, many times the size of a photo's file.
"""

import math
from collections.abc import Iterator

from PIL import Image

ROWS = 256  # of one strip

_REACH = 3  # how far Lanczos reaches to each side, in pixels of the smaller scale


def strips_of(height: int, rows: int = ROWS) -> Iterator[tuple[int, int]]:
    """Yield the first row of each strip of a picture, and the first row after it."""
    return ((top, min(top + rows, height)) for top in range(0, height, rows))


def cut_strip(image: Image.Image, size: tuple[int, int], top: int, bottom: int) -> Image.Image:
    """Return the rows from `top` to `bottom` of `image` resized to `size`."""
    if image.size == size:
        return image.crop((0, top, image.width, bottom))
    scale = image.height / size[1]
    reach = math.ceil(_REACH * max(scale, 1)) + 1
    first = max(0, math.floor(top * scale) - reach)
    band = image.crop((0, first, image.width, min(image.height, math.ceil(bottom * scale) + reach)))
    box = (0, top * scale - first, image.width, min(bottom * scale - first, band.height))
    return band.resize((size[0], bottom - top), Image.Resampling.LANCZOS, box=box)


def resize(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    """Return `image` resized to `size`."""
    if image.mode in ("1", "P"):  # one byte per pixel, and a palette that all strips would have to share
        return image.resize(size)
    resized = Image.new(image.mode, size)
    resized.info = dict(image.info)
    for top, bottom in strips_of(size[1]):
        resized.paste(cut_strip(image, size, top, bottom), (0, top))
    return resized
