"""Masks: from whatever a user has to the one inner form, in the size of the first picture."""

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from imgmagic.domain.mask import Mask, mask_box
from imgmagic.errors import RequestInvalid
from imgmagic.runs.inputs.masks import from_grey_png, read_markup, read_mask
from imgmagic.runs.inputs.references import Reference
from tests.support.source_pictures import drawn, left_half, source
from tests.unit.runs.inputs.test_references import NOBODY

FIRST = source(drawn((4, 3)))
CELLS = left_half().cells


def png(image: Image.Image) -> bytes:
    file = io.BytesIO()
    image.save(file, format="PNG", exif=image.getexif())
    return file.getvalue()


def grey(mode: str = "L") -> Image.Image:
    return Image.frombytes("L", (4, 3), CELLS).convert(mode)


def see_through(colour: str = "#ff0000") -> Image.Image:
    image = Image.new("RGBA", (4, 3), colour)
    image.putalpha(Image.frombytes("L", (4, 3), bytes(255 - cell for cell in CELLS)))
    return image


def deep() -> Image.Image:
    """Return a mask of 16 bits, whose darker half is brighter than the white of 8 bits."""
    greys = np.where(np.frombuffer(CELLS, dtype="uint8").reshape(3, 4) > 0, 65535, 9000)
    return Image.fromarray(greys.astype("uint16"))


def lying() -> Image.Image:
    """Return the mask as a camera that was turned by a quarter would have it."""
    image = grey().transpose(Image.Transpose.ROTATE_90)
    image.getexif()[0x0112] = 6
    return image


class Painter:
    """What a painter is to a request: something with a mask."""

    mask = left_half()


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(left_half(), id="Mask"),
        pytest.param(mask_box(0, 0, 2, 3), id="box"),
        pytest.param(Painter(), id="painter"),
        pytest.param(png(see_through()), id="PNG with alpha"),
        pytest.param(png(grey()), id="grey PNG"),
        pytest.param(png(grey("1")), id="black and white PNG"),
        pytest.param(png(grey("RGB")), id="grey saved as colours"),
        pytest.param(see_through("#00ff00"), id="Pillow with alpha"),
        pytest.param(grey(), id="grey Pillow"),
        pytest.param(np.frombuffer(CELLS, dtype="uint8").reshape(3, 4) > 0, id="array of truths"),
        pytest.param(np.frombuffer(CELLS, dtype="uint8").reshape(3, 4), id="grey array"),
        pytest.param(np.frombuffer(CELLS, dtype="uint8").reshape(3, 4, 1), id="array with one channel"),
        pytest.param(np.frombuffer(CELLS, dtype="uint8").reshape(3, 4) // 255, id="labels 0 and 1"),
        pytest.param((np.frombuffer(CELLS, dtype="uint8").reshape(3, 4) > 0).astype(int), id="integers 0 and 1"),
        pytest.param((np.frombuffer(CELLS, dtype="uint8").reshape(3, 4) > 0).astype(float), id="fractions"),
        pytest.param(np.frombuffer(CELLS, dtype="uint8").reshape(3, 4).astype("uint16") * 257, id="16-bit array"),
        pytest.param(png(deep()), id="16-bit PNG"),
        pytest.param(deep(), id="16-bit Pillow"),
        pytest.param(grey("F"), id="Pillow of fractions"),
        pytest.param(png(grey("RGBA")), id="grey with an alpha channel that says nothing"),
        pytest.param(png(grey("LA")), id="the same of greys"),
        pytest.param(png(lying()), id="lying on its side"),
        pytest.param(Reference(name="@sky", value=left_half()), id="reference"),
    ],
)
def test_every_kind_of_mask_says_the_same(value: object) -> None:
    """Transparent, white and True mean: this may change."""
    mask = read_mask(value, NOBODY, FIRST, (4, 3))

    assert from_grey_png(mask.data) == left_half()
    assert (mask.format, mask.width, mask.height) == ("png", 4, 3)


def test_equal_masks_have_equal_hashes() -> None:
    """Recordings find a mask by its content, however it was given."""
    hashes = {read_mask(value, NOBODY, FIRST, (4, 3)).sha256 for value in (left_half(), png(see_through()), grey())}

    assert len(hashes) == 1


def test_a_mask_follows_a_picture_that_was_scaled_down() -> None:
    """It was made for the picture as the user knows it."""
    mask = read_mask(left_half(8, 6), NOBODY, FIRST, (8, 6))

    assert from_grey_png(mask.data) == left_half()


REFUSED: list[tuple[object, str]] = [
    (png(Image.new("RGBA", (4, 3), "#ff0000")), "lets nothing change"),
    (png(Image.new("RGBA", (4, 3), "#ff000000")), "lets the whole picture change"),
    (png(Image.new("RGB", (4, 3), "#ff0000")), "no transparency and is not grey"),
    (left_half(8, 6), "is 8×6, and the first picture is 4×3"),
    (b"not a picture", "not a picture of a known format"),
    (np.zeros((3, 4), dtype=bool), "lets nothing change"),
    (~np.zeros((3, 4), dtype=bool), "lets the whole picture change"),
    (mask_box(0, 0, 9, 9), "outside the picture of 4×3"),
    (7.5, "float is not a picture"),
    (np.full((3, 4), np.nan), r"float64, from nan to nan\) is not a picture"),
    (np.full((3, 4), 255.0), r"float64, from 255 to 255\) is not a picture"),
    (Image.new("L", (0, 0)), "The mask is empty"),
]


@pytest.mark.parametrize(("value", "says"), REFUSED, ids=[row[1][:30] for row in REFUSED])
def test_what_is_no_mask_is_refused(value: object, says: str) -> None:
    """Before a paid call, with the way out."""
    with pytest.raises(RequestInvalid, match=says) as failure:
        read_mask(value, NOBODY, FIRST, (4, 3))

    assert failure.value.remedy


def test_a_markup_is_a_transparent_png_over_the_first_picture(tmp_path: Path) -> None:
    """It passes as it is; what is opaque or of another size is refused."""
    arrows = png(see_through())
    (tmp_path / "arrows.png").write_bytes(arrows)

    assert read_markup(tmp_path / "arrows.png", NOBODY, FIRST).data == arrows
    for data, says in ((drawn(), "transparent pixels"), (png(see_through().resize((5, 5))), "is 5×5")):
        with pytest.raises(RequestInvalid, match=says):
            read_markup(data, NOBODY, FIRST)


def test_a_mask_is_not_a_markup() -> None:
    """A Mask value has cells; a markup is a picture."""
    with pytest.raises(RequestInvalid, match="Mask is not a picture"):
        read_markup(Mask(width=1, height=1, cells=b"\xff"), NOBODY, FIRST)
