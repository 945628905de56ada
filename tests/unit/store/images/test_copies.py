import io
import os
from pathlib import Path

import pytest
from PIL import Image

from imgmagic.domain.generation import GeneratedImage
from imgmagic.errors import StoreError
from imgmagic.store.images.copies import check_destination, save_copies
from tests.support.pictures import generated_image


def pictures(n: int = 1, picture_format: str = "png") -> list[GeneratedImage]:
    return [
        generated_image(data=b"picture %d" % number, format=picture_format, width=8, height=6, index=number)
        for number in range(n)
    ]


def real() -> GeneratedImage:
    """Return a picture that can be read."""
    file = io.BytesIO()
    Image.new("RGB", (8, 6), "red").save(file, "PNG")
    return generated_image(data=file.getvalue(), format="png", width=8, height=6)


@pytest.mark.parametrize(
    ("path", "n", "names"),
    [
        ("fox.png", 1, ["fox.png"]),
        ("fox", 1, ["fox.jpg"]),
        ("fox.v2", 1, ["fox.v2.jpg"]),
        ("fox.png", 3, ["fox-1.png", "fox-2.png", "fox-3.png"]),
        ("fox", 2, ["fox-1.jpg", "fox-2.jpg"]),
        ("", 1, ["12-a-red-fox.jpg"]),
        ("", 2, ["12-a-red-fox-1.jpg", "12-a-red-fox-2.jpg"]),
        (".", 1, ["12-a-red-fox.jpg"]),
    ],
)
def test_copies_have_the_names_that_were_asked_for(tmp_path: Path, path: str, n: int, names: list[str]) -> None:
    """A file as named, several with numbers, in a folder by the title; a missing ending is the format's."""
    made = save_copies(pictures(n, "jpeg"), tmp_path / path, title="12 A red fox")

    assert [each.name for each in made] == names
    assert [each.read_bytes() for each in made] == [image.data for image in pictures(n)]


def test_a_file_that_exists_is_not_overwritten(tmp_path: Path) -> None:
    """Neither before sending nor when saving, unless that is asked for."""
    path = tmp_path / "fox.png"
    path.write_bytes(b"mine")

    with pytest.raises(StoreError, match=r"fox\.png already exists"):
        check_destination(path)
    with pytest.raises(StoreError, match="not overwritten"):
        save_copies(pictures(), path, title="x")
    assert path.read_bytes() == b"mine"

    check_destination(path, overwrite=True)
    save_copies(pictures(), path, title="x", overwrite=True)
    assert path.read_bytes() == b"picture 0"


def test_any_numbered_file_that_exists_stops_the_call(tmp_path: Path) -> None:
    """Of several names, one that is taken is found before anything is sent."""
    (tmp_path / "fox-3.png").write_bytes(b"mine")

    check_destination(tmp_path / "fox.png", n=2)
    with pytest.raises(StoreError, match=r"fox-3\.png"):
        check_destination(tmp_path / "fox.png", n=3)


def test_saving_the_same_bytes_again_is_no_fault(tmp_path: Path) -> None:
    """A cell that is run again finds its file there already."""
    first = save_copies(pictures(), tmp_path / "fox.png", title="x")

    assert save_copies(pictures(), tmp_path / "fox.png", title="x") == first


def test_a_folder_that_does_not_exist_is_named(tmp_path: Path) -> None:
    """Folders are not made by accident: a slip of the pen would hide the picture."""
    target = f"{tmp_path}/nowhere/fox.png"

    with pytest.raises(StoreError, match="nowhere does not exist"):
        check_destination(target)
    with pytest.raises(StoreError, match="does not exist"):
        save_copies(pictures(), target + "fox.png", title="x")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Permission is looked at before anything is sent."""
    monkeypatch.setattr(os, "access", lambda *_: False)  # root may write anywhere

    with pytest.raises(StoreError, match="not allowed"):
        check_destination(tmp_path)


def test_the_home_folder_may_be_written_short(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A tilde means what it does in a shell."""
    monkeypatch.setenv("HOME", str(tmp_path))

    check_destination("~/fox.png")

    assert save_copies(pictures(), "~/fox.png", title="x") == (tmp_path / "fox.png",)


def test_nothing_is_left_beside_the_copies(tmp_path: Path) -> None:
    """No temporary file stays, whether a copy was made or refused."""
    save_copies(pictures(), tmp_path / "fox.png", title="x")
    with pytest.raises(StoreError):
        save_copies(pictures(2)[1:], tmp_path / "fox.png", title="x")

    assert [path.name for path in tmp_path.iterdir()] == ["fox.png"]


def test_a_folder_with_a_slash_is_made(tmp_path: Path) -> None:
    """Whoever writes the slash means a folder; it is made when there is something to put in."""
    check_destination(f"{tmp_path}/new/deep/")
    assert not (tmp_path / "new").exists()

    (path,) = save_copies([real()], f"{tmp_path}/new/deep/", title="A fox")

    assert path == tmp_path / "new" / "deep" / "a-fox.png"


@pytest.mark.parametrize(
    ("name", "form"), [("fox.jpg", "JPEG"), ("fox.JPEG", "JPEG"), ("fox.webp", "WEBP"), ("fox.png", "PNG")]
)
def test_a_copy_is_what_its_name_says(tmp_path: Path, name: str, form: str) -> None:
    """A name with another ending gets a converted copy, in its own size; what cannot be read is copied as it came."""
    image = real()
    (path,) = save_copies([image], tmp_path / name, title="x")

    with Image.open(path) as written:
        assert (written.format, written.size) == (form, (image.width, image.height))
    again = save_copies([image], tmp_path / name, title="x")
    assert again == (path,)


@pytest.mark.parametrize("name", ["a\0b", "x" * 300, "\u00fc" * 130, "\ud800"])
def test_what_cannot_be_a_name_is_refused(tmp_path: Path, name: str) -> None:
    """Neither a null byte, nor half a letter, nor a name that is too long reaches the disk."""
    for refuse in (check_destination, lambda path: save_copies([real()], path, title="x")):
        with pytest.raises(StoreError, match="cannot be the name of a file"):
            refuse(f"{tmp_path}/{name}")
