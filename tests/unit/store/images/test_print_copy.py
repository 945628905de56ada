"""What stands in a printed notebook: one small JPEG of all pictures of a figure."""

import io

import pytest
from PIL import Image

from imgmagic.store.images.print_copy import make_print_copy


def picture(color: str = "red", size: tuple[int, int] = (64, 48), mode: str = "RGB", form: str = "png") -> bytes:
    file = io.BytesIO()
    Image.new(mode, size, color).save(file, form)
    return file.getvalue()


def opened(data: bytes | None) -> Image.Image:
    assert data is not None
    with Image.open(io.BytesIO(data)) as image:
        image.load()
    assert image.format == "JPEG"
    return image


def test_pictures_stand_side_by_side() -> None:
    """In their order, with white between them, and what is transparent on white; four make a row."""
    row = opened(make_print_copy([picture("red"), picture("#00ff0000", mode="RGBA"), picture("blue", form="webp")]))

    assert row.size == (3 * 64 + 2 * 8, 48)
    assert [_name(row.getpixel((x, 24))) for x in (32, 68, 104, 176)] == ["red", "white", "white", "blue"]
    assert opened(make_print_copy([picture()] * 10)).size == (4 * 64 + 3 * 8, 3 * 48 + 2 * 8)


def test_a_large_picture_is_small_in_print() -> None:
    """However little a JPEG can pack it: the notebook's file stays light."""
    noise = Image.effect_noise((2000, 1200), 120)
    file = io.BytesIO()
    noise.save(file, "png")

    printed = make_print_copy([file.getvalue()] * 4)

    assert printed is not None
    assert len(printed) <= 9_000


@pytest.mark.parametrize("data", [b"<svg width='8' height='8'/>", picture()[:40], b""])
def test_what_cannot_be_decoded_is_left_out(data: bytes) -> None:
    """There is a print copy of the others, and none without any."""
    assert make_print_copy([data]) is None
    assert opened(make_print_copy([data, picture()])).size == (64, 48)


def _name(pixel: object) -> str:
    assert isinstance(pixel, tuple)
    near = {"red": (255, 0, 0), "white": (255, 255, 255), "blue": (0, 0, 255)}
    return min(near, key=lambda name: sum(abs(a - b) for a, b in zip(near[name], pixel, strict=True)))
