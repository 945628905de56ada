"""Preparation: pictures pass byte for byte where they can, and say what was done to them where not."""

import io
from dataclasses import replace

import pytest
from PIL import Image, PngImagePlugin

from imgmagic.domain.source_picture import SourcePicture
from imgmagic.errors import RequestInvalid
from imgmagic.runs.inputs.preparation import prepare, upright_size
from imgmagic.runs.inputs.references import Found
from imgmagic.wire.dialects.edits import Edits
from tests.support.source_pictures import drawn

EDITS = Edits()


def prepared(data: bytes, edits: Edits = EDITS) -> SourcePicture:
    return prepare(Found(data=data, name="cat.png"), edits)


def saved(image: Image.Image, form: str, **how: object) -> bytes:
    file = io.BytesIO()
    image.save(file, format=form, **how)
    return file.getvalue()


def colours(width: int = 60, height: int = 40) -> Image.Image:
    image = Image.new("RGB", (width, height))
    image.putdata([(x * 4 % 256, y * 6 % 256, (x * y) % 256) for y in range(height) for x in range(width)])
    return image


@pytest.mark.parametrize("form", ["png", "jpeg", "webp"])
def test_a_picture_that_the_server_takes_stays_byte_for_byte(form: str) -> None:
    """Nothing is written again, so nothing is lost, credentials in the file among it."""
    data = drawn(form=form)

    picture = prepared(data)

    assert picture.data == data
    assert (picture.format, picture.width, picture.height, picture.changes) == (form, 4, 3, ())


def held_sideways() -> dict[str, object]:
    exif = Image.Exif()
    exif[0x0112] = 6
    return {"exif": exif}


def said_in_xmp() -> dict[str, object]:
    text = PngImagePlugin.PngInfo()
    text.add_itxt("XML:com.adobe.xmp", '<x:xmpmeta xmlns:x="adobe:ns:meta/" tiff:Orientation="6"></x:xmpmeta>')
    return {"pnginfo": text}


@pytest.mark.parametrize(("form", "how"), [("JPEG", held_sideways()), ("PNG", held_sideways()), ("PNG", said_in_xmp())])
def test_a_photo_is_turned_upright(form: str, how: dict[str, object]) -> None:
    """A camera's orientation is applied, since servers and masks do not know it."""
    data = saved(colours(), form, **how)

    picture = prepared(data)

    assert (picture.width, picture.height) == upright_size(data) == (40, 60)
    assert picture.changes == ("turned upright",)
    with Image.open(io.BytesIO(picture.data)) as image:
        assert image.getexif().get(0x0112, 1) == 1


@pytest.mark.parametrize("form", ["GIF", "WEBP"])
def test_another_format_is_converted(form: str) -> None:
    """What the server does not read becomes the first format that it does."""
    picture = prepared(saved(colours(), form), replace(EDITS, formats=("png", "jpeg")))

    assert picture.format == "png"
    assert picture.changes == ("converted to png",)


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP"])
def test_a_picture_too_large_is_scaled_down(form: str) -> None:
    """It fits afterwards, keeps its shape, and says from which size."""
    data = saved(colours(600, 400), form, lossless=True) if form == "WEBP" else saved(colours(600, 400), form)

    picture = prepared(data, replace(EDITS, most_bytes=len(data) // 3))

    assert picture.size_bytes <= len(data) // 3
    assert picture.width / picture.height == pytest.approx(1.5, rel=0.03)
    assert picture.changes[0].startswith("scaled down from 600×400 to ")
    assert repr(picture).startswith(
        f"<SourcePicture cat.png, {form.lower()} {picture.pixels}, scaled down from 600×400 "
    )


ANIMATED = [Image.new("RGB", (4, 4), colour) for colour in ("red", "blue")]
REFUSED: list[tuple[bytes, str]] = [
    (b"not a picture at all", "not a picture of a known format"),
    (b"<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'/>", "vector picture"),
    (saved(ANIMATED[0], "GIF", save_all=True, append_images=ANIMATED[1:]), "animated (2 frames)"),
    (saved(ANIMATED[0], "WEBP", save_all=True, append_images=ANIMATED[1:]), "animated (2 frames)"),
    (saved(ANIMATED[0], "PNG", save_all=True, append_images=ANIMATED[1:]), "animated (2 frames)"),
    (saved(colours(), "PNG")[:-40], "damaged, or was cut off"),
    (saved(colours(), "JPEG")[:-40], "damaged, or was cut off"),
    (saved(colours(), "WEBP")[:-40], "damaged, or was cut off"),
    (saved(colours(), "PNG").replace(b"IDAT", b"IDAX"), "damaged, or was cut off"),
    (saved(Image.new("1", (10_000, 6_000)), "PNG"), "60.0 megapixels; at most 50 are accepted"),
]


@pytest.mark.parametrize(
    ("data", "says"), REFUSED, ids=[f"{number}-{row[1][:25]}" for number, row in enumerate(REFUSED)]
)
def test_what_no_server_would_take_is_refused(data: bytes, says: str) -> None:
    """The message names the picture, the rule and what to give instead."""
    with pytest.raises(RequestInvalid) as failure:
        prepared(data)

    assert "nothing was sent. cat.png" in str(failure.value)
    assert says in str(failure.value)
    assert failure.value.remedy
