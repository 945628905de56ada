"""References: one rule for what a user means by a picture, and one error for what is none."""

import io
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from imgmagic.domain.generation import Generation, Status
from imgmagic.domain.request import ImageRequest
from imgmagic.domain.source_picture import PictureNumber
from imgmagic.errors import RequestInvalid, StoreError
from imgmagic.runs.inputs.references import Found, read, resolve
from tests.support.pictures import generated_image
from tests.support.source_pictures import drawn

CAT, SOFA = drawn(), drawn(colour="#cc6633")


def generation(*pictures: bytes, number: int | None = 12, status: Status = Status.COMPLETED) -> Generation:
    images = tuple(
        generated_image(data=data, format="png", width=4, height=3, index=index) for index, data in enumerate(pictures)
    )
    return Generation(
        request=ImageRequest(prompt="a fox"),
        status=status,
        provider="openai",
        created_at=datetime(2026, 1, 1, tzinfo=UTC),
        elapsed_s=1.0,
        images=images,
        id=number,
    )


def history(*generations: Generation) -> Callable[[int], Generation]:
    def find(number: int) -> Generation:
        for each in generations:
            if each.id == number:
                return each
        raise StoreError(f"there is no generation {number}.")

    return find


NOBODY = history()


@pytest.mark.parametrize(
    ("text", "origin", "data"),
    [("#12", PictureNumber(generation_id=12), CAT), ("#12.2", PictureNumber(generation_id=12, number=2), SOFA)],
)
def test_a_number_is_a_picture_of_the_history(text: str, origin: PictureNumber, data: bytes) -> None:
    """The first picture unless another is named."""
    found = read(resolve(text, {}), history(generation(CAT, SOFA)))

    assert found == Found(data=data, name=text, origin=origin)


def test_a_word_is_a_file_or_a_variable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whichever of the two is there; @ and ./ say which one is meant."""
    monkeypatch.chdir(tmp_path)
    Path("sofa").write_bytes(SOFA)

    assert read(resolve("cat", {"cat": CAT}), NOBODY) == Found(data=CAT, name="cat")
    assert read(resolve("sofa", {"cat": CAT}), NOBODY) == Found(data=SOFA, name="sofa")
    assert read(resolve("@sofa", {"sofa": CAT}), NOBODY) == Found(data=CAT, name="@sofa")
    assert read(resolve("./sofa", {"sofa": CAT}), NOBODY) == Found(data=SOFA, name="./sofa")
    with pytest.raises(RequestInvalid, match="both a file here and a variable") as failure:
        resolve("sofa", {"sofa": CAT})
    assert "./sofa for the file, @sofa for the variable" in str(failure.value)


class Figure:
    """What draws itself, as matplotlib's figures do."""

    def savefig(self, file: io.BytesIO, *, format: str) -> None:  # noqa: A002 - matplotlib's own name
        file.write(drawn(form=format))


def photo() -> Image.Image:
    """Return a photo as it lies in a file whose EXIF says that the camera was turned by a quarter."""
    with Image.open(io.BytesIO(CAT)) as cat:
        lying = cat.transpose(Image.Transpose.ROTATE_90)
    lying.getexif()[0x0112] = 6
    file = io.BytesIO()
    lying.save(file, format="PNG", exif=lying.getexif())
    return Image.open(file)


def closed() -> Image.Image:
    image = Image.open(io.BytesIO(CAT))
    image.close()
    return image


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(CAT, id="bytes"),
        pytest.param(bytearray(CAT), id="bytearray"),
        pytest.param(generation(CAT), id="generation"),
        pytest.param(generation(CAT).images[0], id="one of its images"),
        pytest.param(generation(CAT, number=None), id="a generation without a number"),
        pytest.param(Image.open(io.BytesIO(CAT)), id="Pillow"),
        pytest.param(np.asarray(Image.open(io.BytesIO(CAT))), id="array of whole numbers"),
        pytest.param(np.asarray(Image.open(io.BytesIO(CAT))) / 255.0, id="array of fractions"),
        pytest.param(np.asarray(Image.open(io.BytesIO(CAT))).astype("int64"), id="array of long numbers"),
        pytest.param(np.asarray(Image.open(io.BytesIO(CAT))).astype("uint16") * 257, id="array of 16 bits"),
        pytest.param(Image.open(io.BytesIO(CAT)).convert("RGBa"), id="Pillow, premultiplied"),
        pytest.param(photo(), id="photo that Pillow opened"),
        pytest.param(Figure(), id="figure"),
    ],
)
def test_values_are_what_they_are(value: object) -> None:
    """Each becomes the bytes of a picture with the same pixels."""
    found = read(value, NOBODY)

    with Image.open(io.BytesIO(found.data)) as image, Image.open(io.BytesIO(CAT)) as cat:
        assert image.size == cat.size
        assert image.convert("RGB").tobytes() == cat.convert("RGB").tobytes()


def test_a_whole_number_of_numpy_is_a_number() -> None:
    """As the generations of a table are."""
    assert read(np.int64(12), history(generation(CAT))).origin == PictureNumber(generation_id=12)


NOTHING: list[tuple[object, str]] = [
    ("#99", "there is no generation 99"),
    (99, "there is no generation 99"),
    ("#12.3", "#12.3 is not a picture: generation 12 (completed) has 1 picture"),
    ("#13", "generation 13 (failed) has none"),
    ("@sofa", "There is no variable 'sofa'"),
    ("sofa.png", "There is no file 'sofa.png'"),
    ("", "is not a picture"),
    ("/", "is not a picture"),
    ("/dev/zero", "zero is not a picture: it is not a file"),
    (object(), "Give a generation, one of its images, a Pillow image"),
    (" ", "An empty text is not a picture"),
    ("12", "For a picture in the history write #12."),
    ("12.2", "For a picture in the history write #12.2."),
    ("https://example.org/cat.png", "Pictures are not fetched from https: addresses. Download the picture"),
    ("data:image/png;base64,iVBORw0KGgo", "Pictures are not fetched from data: addresses"),
    (io.BytesIO(b""), "BytesIO is not a picture. Give its content as bytes"),
    (Image.Image, "type is not a picture"),
    (Image.new("RGB", (0, 0)), "The image cannot be read"),
    (closed(), "The image cannot be read: operation on closed image"),
    (Image.open(io.BytesIO(drawn((99, 99))[:-40])), "The image cannot be read"),
    (np.zeros((0, 0, 3), dtype="uint8"), "An array of 0×0×3 (uint8) is not a picture"),
    (np.full((2, 2, 3), 200.0), "An array of 2×2×3 (float64, from 200 to 200) is not a picture"),
    (np.full((2, 2, 3), 300), "An array of 2×2×3 (int64, from 300 to 300) is not a picture"),
    (None, "NoneType is not a picture"),
    (True, "bool is not a picture"),
    (np.zeros((2, 2, 7)), "An array of 2×2×7 (float64, from 0 to 0) is not a picture"),
]


@pytest.mark.parametrize(("value", "says"), NOTHING, ids=[row[1][:30] for row in NOTHING])
def test_what_is_nothing_is_refused(value: object, says: str) -> None:
    """One message that says what it is not, and the rule."""
    find = history(generation(CAT), generation(number=13, status=Status.FAILED))

    with pytest.raises((RequestInvalid, StoreError)) as failure:
        read(resolve(value, {}) if isinstance(value, str) else value, find)

    assert says in str(failure.value)
