"""Strips: what is resized some rows at a time is what would be resized at once."""

import random

import pytest
from PIL import Image, ImageChops

from imgmagic.runs.strips import ROWS, cut_strip, resize, strips_of

# Not so strong that what overshoots is cut off between the two passes, whose order Pillow chooses by the size.
_SIZE = (70, 3 * ROWS + 5)
NOISE = Image.frombytes("RGB", _SIZE, bytes(96 + each // 4 for each in random.Random(1).randbytes(3 * 70 * _SIZE[1])))
SIZES = [_SIZE, (31, 401), (140, 1_700), (70, 9)]


def differ(one: Image.Image, other: Image.Image) -> int:
    """Return how far the pixels of two pictures are apart at most."""
    highest = ImageChops.difference(one.convert("RGBA"), other.convert("RGBA")).convert("RGB").getextrema()
    return max(high for _, high in highest)


def test_strips_are_all_rows_once() -> None:
    """Each begins where the one before it ends."""
    strips = list(strips_of(2 * ROWS + 1))

    assert [row for top, bottom in strips for row in range(top, bottom)] == list(range(2 * ROWS + 1))


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("mode", ["RGB", "L", "RGBA", "LA", "P", "1"])
def test_strip_by_strip_is_as_at_once(mode: str, size: tuple[int, int]) -> None:
    """Larger, smaller and the same, in every mode, with what a picture says of itself."""
    image = NOISE.convert(mode)
    image.info["icc_profile"] = b"a profile"
    whole = image.resize(size, Image.Resampling.LANCZOS)

    resized = resize(image, size)

    assert (resized.size, resized.mode, resized.info) == (size, mode, whole.info)
    assert differ(resized, whole) <= 2
    if mode not in ("P", "1"):
        assert differ(cut_strip(image, size, 3, 8), whole.crop((0, 3, size[0], 8))) <= 2
