"""Paste-back: outside the mask every pixel is the original's again."""

import io

import pytest
from PIL import Image

from imgmagic.domain.mask import mask_box
from imgmagic.errors import RequestInvalid
from imgmagic.runs.paste_back import check_feather, paste_back, soften
from tests.support.source_pictures import drawn, grey_png

SIZE = (60, 40)
MASK = mask_box(20, 10, 60, 30).fit(*SIZE)  # it touches the right border


def pixels(data: bytes) -> Image.Image:
    with Image.open(io.BytesIO(data)) as image:
        return image.convert("RGB")


@pytest.mark.parametrize("feather", [0, 1, 8, 200])
@pytest.mark.parametrize("size", [SIZE, (30, 20), (121, 80)])
def test_outside_the_mask_nothing_changes(feather: int, size: tuple[int, int]) -> None:
    """Whatever the size that the server drew, and however soft the edge."""
    original, edited = drawn(SIZE, colour="#112233"), drawn(size, colour="#eeddcc")

    image = pixels(paste_back(original, grey_png(MASK), edited, feather_px=feather))

    assert image.size == SIZE
    outside = [image.getpixel((x, y)) for x in range(SIZE[0]) for y in range(SIZE[1]) if not MASK.may_change(x, y)]
    assert set(outside) == {(0x11, 0x22, 0x33)}


def test_a_hard_edge_takes_the_whole_inside() -> None:
    """Without a feather the mask is a stencil."""
    image = pixels(paste_back(drawn(SIZE), grey_png(MASK), drawn(SIZE, colour="#eeddcc"), feather_px=0))

    inside = {image.getpixel((x, y)) for x in range(20, 60) for y in range(10, 30)}
    assert inside == {(0xEE, 0xDD, 0xCC)}


def test_a_soft_edge_rises_inside_the_mask() -> None:
    """From the original at the edge to the edit in the middle; the border of the picture is not an edge."""
    image = pixels(
        paste_back(drawn(SIZE, colour="#000000"), grey_png(MASK), drawn(SIZE, colour="#ffffff"), feather_px=4)
    )

    row = [image.getpixel((x, 20))[0] for x in range(18, 60)]
    assert row == sorted(row)
    assert 0 < row[3] < 255
    assert row[-1] == 255


@pytest.mark.parametrize("feather", [0, 1, 3, 8])
def test_a_soft_edge_is_the_same_in_any_strips(feather: int) -> None:
    """A large mask is softened some rows at a time, and no seam shows where two strips meet."""
    with Image.open(io.BytesIO(grey_png(MASK))) as mask:
        whole = soften(mask, feather, 0, mask.height)
        strips = [soften(mask, feather, top, top + 5) for top in range(0, mask.height, 5)]

    assert b"".join(each.tobytes() for each in strips) == whole.tobytes()


def test_a_picture_of_many_strips_is_the_edit_inside_and_itself_outside() -> None:
    """Of a size that the server's picture does not have, and opaque though its pixels have an alpha channel."""
    noise = Image.effect_noise((300, 1200), 90).convert("RGBA")
    file = io.BytesIO()
    noise.save(file, "PNG")
    mask = grey_png(mask_box(0, 500, 300, 1200).fit(300, 1200))

    with Image.open(io.BytesIO(paste_back(file.getvalue(), mask, drawn((150, 600)), feather_px=0))) as image:
        assert image.mode == "RGB"
        assert image.crop((0, 0, 300, 500)).tobytes() == noise.convert("RGB").crop((0, 0, 300, 500)).tobytes()
        assert len(image.crop((0, 500, 300, 1200)).getcolors()) == 1


def test_transparency_stays() -> None:
    """A see-through original keeps its transparent pixels outside the mask."""
    original = drawn(SIZE, mode="RGBA", colour="#11223300")

    with Image.open(io.BytesIO(paste_back(original, grey_png(MASK), drawn(SIZE), feather_px=0))) as image:
        assert image.mode == "RGBA"
        assert image.getpixel((0, 0))[3] == 0
        assert image.getpixel((40, 20))[3] == 255


def test_another_shape_does_not_fit() -> None:
    """A square cannot be pasted into a wide picture."""
    with pytest.raises(RequestInvalid, match="60×40, and the server drew 40×40"):
        paste_back(drawn(SIZE), grey_png(MASK), drawn((40, 40)))


@pytest.mark.parametrize("feather", [-1, 501, 1.5, True, "8"])
def test_a_feather_is_a_width_in_pixels(feather: object) -> None:
    """Anything else is refused before anything is sent."""
    with pytest.raises(RequestInvalid, match="not a width in pixels"):
        check_feather(feather)
