import pytest

from imgmagic.errors import RecordingDamaged, StoreError
from imgmagic.recordings.blobs import Blobs, blob_name, smaller
from tests.support.recorded_runs import picture

SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'


def test_a_picture_is_kept_once_and_comes_back(tmp_path):
    """Writing the same bytes twice leaves one file, named by their hash."""
    blobs = Blobs(tmp_path)

    names = {blobs.write(picture(), "png") for _ in range(2)}

    assert [blobs.read(name) for name in names] == [picture()]
    assert [path.name for path in tmp_path.iterdir()] == [blob_name(picture(), "png")]


@pytest.mark.parametrize("name", ["../secret.png", "/etc/passwd", ""])
def test_a_name_that_is_no_hash_is_never_opened(tmp_path, name):
    """A path is refused before the disk is asked."""
    with pytest.raises(RecordingDamaged, match="a name that recordings never use"):
        Blobs(tmp_path / "blobs").read(name)


def test_a_folder_in_the_place_of_a_picture_is_an_error(tmp_path):
    """What the system refuses is told as an error of ours."""
    name = blob_name(picture(), "png")
    (tmp_path / name).mkdir()

    with pytest.raises(StoreError, match=f"blobs/{name} cannot be read"):
        Blobs(tmp_path).read(name)


@pytest.mark.parametrize(("data", "image_format"), [(b"no picture", "png"), (picture(), "../png"), (picture(), "")])
def test_what_could_not_be_played_gets_no_name(data, image_format):
    """Bytes that are no image, or a format that is no word, are refused."""
    with pytest.raises(StoreError, match="cannot be recorded"):
        blob_name(data, image_format)


def test_sizes_of_a_folder_that_is_not_there_are_none(tmp_path):
    """A recording without pictures has no folder for them."""
    assert Blobs(tmp_path / "blobs").sizes() == {}


def test_a_large_picture_is_bounded():
    """The longest side is cut to the bound."""
    data, image_format = smaller(picture(size=(600, 300)), "png", 100)

    assert len(data) < len(picture(size=(600, 300)))
    assert image_format == "webp"


@pytest.mark.parametrize(
    ("data", "image_format", "side"),
    [
        (SVG, "svg", 10),
        (picture(size=(600, 300)), "png", None),
        (picture(image_format="webp", size=(4, 4)), "webp", 100),
        (b"broken", "png", 10),
    ],
)
def test_a_picture_that_cannot_or_need_not_shrink_stays_as_it_came(data, image_format, side):
    """Drawings, unbounded and small pictures keep their bytes."""
    assert smaller(data, image_format, side) == (data, image_format)
