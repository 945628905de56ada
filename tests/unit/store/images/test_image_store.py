import io
import random
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PIL import Image

from imgmagic.domain.generation import GeneratedImage
from imgmagic.domain.shown_address import HiddenAddress
from imgmagic.errors import SettingsError, StoreError
from imgmagic.store.images.image_store import ImageStore, slug
from imgmagic.store.stored_image import StoredImage
from tests.support.buckets import keys
from tests.support.pictures import generated_image

AT = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def picture(side: int = 64, picture_format: str = "png", index: int = 0, level: int = 40) -> GeneratedImage:
    file = io.BytesIO()
    noise = random.Random(level).randbytes(side * (side // 2))
    Image.frombytes("L", (side, side // 2), noise).save(file, picture_format.upper())
    return generated_image(data=file.getvalue(), format=picture_format, width=side, height=side // 2, index=index)


def save(
    store: ImageStore, image: GeneratedImage, generation_id: int | None = 12, title: str = "A red fox"
) -> StoredImage:
    return store.save(image, store.plan(image, generation_id=generation_id, title=title, at=AT))


def files(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def test_a_setting_names_a_folder_by_a_word(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Settings hand over a text that hides passwords, of which a path of Python 3.11 is not made."""
    monkeypatch.chdir(tmp_path)

    save(ImageStore(HiddenAddress("pictures")), picture())

    assert files(tmp_path / "pictures")


@pytest.mark.parametrize("location", ["~nobody-of-this-name/x", "a\0b"])
def test_a_folder_that_cannot_be_is_refused(location: str) -> None:
    """The setting is at fault."""
    with pytest.raises(SettingsError, match="the image store is set to"):
        ImageStore(location)


@pytest.fixture(params=["folder", "bucket"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[ImageStore]:
    """An empty image store, of each kind."""
    opened = ImageStore(tmp_path / "images" if request.param == "folder" else request.getfixturevalue("bucket"))
    yield opened
    opened.close()


def test_what_is_saved_comes_back_byte_for_byte(store: ImageStore) -> None:
    """An original is found by its hash, as it came."""
    image = picture()

    stored = save(store, image)

    assert store.load(stored.sha256) == image.data
    assert store.holds(stored.sha256)
    assert not store.holds("0" * 64)


def test_a_picture_that_is_not_there_is_said_so(store: ImageStore) -> None:
    """Asking for an unknown hash is an error that says so."""
    with pytest.raises(StoreError, match="is not in the image store"):
        store.load("0" * 64)


def test_a_preview_is_small_and_made_once(store: ImageStore) -> None:
    """A preview keeps the shape, fits the size that was asked, and is the same the second time."""
    stored = save(store, picture(side=800))

    preview = store.preview(stored.sha256, longest_side=200, quality=80)

    assert (preview.width, preview.height) == (200, 100)
    assert preview.format in ("webp", "jpeg")
    assert store.preview(stored.sha256, longest_side=200, quality=80) == preview


def test_a_removed_picture_leaves_nothing_behind(store: ImageStore) -> None:
    """Original, name and previews go together; a second time is no fault."""
    stored = save(store, picture())
    store.preview(stored.sha256, longest_side=16, quality=80)

    store.remove(stored.sha256, stored.name)
    store.remove(stored.sha256, stored.name)

    assert not store.holds(stored.sha256)
    assert store._files.find(f"previews/{stored.sha256}") == ()


def test_a_name_alone_can_be_taken_away(store: ImageStore) -> None:
    """The original stays, under its hash and under the names that other generations gave it."""
    first, second = save(store, picture(), generation_id=12), save(store, picture(), generation_id=13)

    store.unname(first)

    assert [store._files.size(each.name) for each in (first, second)] == [None, len(picture().data)]
    assert store.load(second.sha256) == picture().data


def test_the_bucket_can_be_browsed_by_date(bucket: str) -> None:
    """Each picture stands under its hash, and once the store is closed under a dated name too, byte for byte."""
    store, image = ImageStore(bucket), picture()

    stored = save(store, image)
    store.close()

    name = f"2026/11/22/12-a-red-fox-{stored.sha256[:8]}.png"
    assert keys(bucket) == dict.fromkeys((name, f"originals/{stored.sha256[:2]}/{stored.sha256}.png"), image.data)
    assert (stored.name, store.location(stored.name), store.path(stored.name)) == (name, f"{bucket}/{name}", None)


def test_histories_that_share_a_bucket_take_no_name_from_each_other(bucket: str) -> None:
    """The first generation of one history and that of another have the same number, date and prompt."""
    store, pictures = ImageStore(bucket), [picture(level=20), picture(level=90)]

    names = [save(store, each, generation_id=1).name for each in pictures]
    store.close()

    found = keys(bucket)
    assert [found[name] for name in names] == [each.data for each in pictures]


def test_a_bucket_that_refuses_a_dated_name_keeps_the_picture(bucket: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A name for people is a convenience: without it the picture is as safe."""
    store = ImageStore(bucket)
    monkeypatch.setattr(store._files._files, "cp_file", _refuse_links)

    stored = save(store, picture())
    store.close()

    assert list(keys(bucket)) == [f"originals/{stored.sha256[:2]}/{stored.sha256}.png"]
    assert ImageStore(bucket).load(stored.sha256) == picture().data


def test_an_address_without_what_reads_it_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who never installed the extra is told how."""
    monkeypatch.delitem(sys.modules, "imgmagic.store.images.bucket", raising=False)
    monkeypatch.setitem(sys.modules, "fsspec", None)

    with pytest.raises(SettingsError, match=r"pip install \"jupyter-imgmagic\[s3\]\""):
        ImageStore("s3://pictures")


def test_a_bucket_that_does_not_answer_is_one_clear_message(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever library fails below, the message is ours."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")

    with pytest.raises(StoreError, match="not saved"):
        save(ImageStore("s3://nowhere/at/all"), picture())


def test_an_address_of_an_unknown_kind_is_refused() -> None:
    """A scheme that fsspec does not know is an error of the settings."""
    with pytest.raises(SettingsError, match="cannot be opened"):
        ImageStore("nosuch://bucket")


def test_the_names_are_for_people(tmp_path: Path) -> None:
    """By date, number and prompt; several pictures of one generation are told apart."""
    store = ImageStore(tmp_path)

    names = [save(store, picture(index=index, level=20 + index)).name for index in range(2)]

    assert names == ["2026/11/22/12-a-red-fox.png", "2026/11/22/12-a-red-fox-2.png"]
    assert store.path(names[0]).read_bytes() == picture(level=20).data


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("A red Fox, in snow!", "a-red-fox-in-snow"),
        ("../../etc/passwd", "etc-passwd"),
        ("Лиса в снегу", "лиса-в-снегу"),
        ("狐狸", "狐狸"),
        ("  \n", "image"),
        ("CON", "con"),
        ("a\x00b", "a-b"),
        ("x" * 500, "x" * 48),
    ],
)
def test_a_prompt_becomes_a_harmless_name(text: str, name: str) -> None:
    """No prompt leads out of its folder or makes a name that a disk refuses."""
    assert slug(text) == name


def test_a_format_that_is_no_word_leads_nowhere(tmp_path: Path) -> None:
    """A format that a server made up is never part of a path."""
    hostile = generated_image(data=b"x", format="../../x", width=1, height=1)

    stored = save(ImageStore(tmp_path), hostile)

    assert stored.name.endswith(".bin")
    assert all(name.startswith(("2026/", "originals/")) for name in files(tmp_path))


def test_the_same_picture_is_written_once(tmp_path: Path) -> None:
    """Bytes that are there are never written again; the second generation gets a name for the same file."""
    store = ImageStore(tmp_path)
    image = picture()
    first = save(store, image)
    original = tmp_path / f"originals/{first.sha256[:2]}/{first.sha256}.png"
    before = original.stat()

    second = save(store, image, generation_id=13)

    assert second.name == "2026/11/22/13-a-red-fox.png"
    assert original.stat().st_ino == before.st_ino == (tmp_path / second.name).stat().st_ino
    assert original.stat().st_mtime_ns == before.st_mtime_ns


def test_a_name_that_another_picture_has_is_not_taken(tmp_path: Path) -> None:
    """After a history began anew, numbers come again: the older file keeps its name and content."""
    store = ImageStore(tmp_path)
    old = save(store, picture(level=20))

    new = save(store, picture(level=90))

    assert new.name == f"2026/11/22/12-a-red-fox-{new.sha256[:8]}.png"
    assert store.path(old.name).read_bytes() == store.load(old.sha256)


def test_a_disk_without_links_keeps_the_original_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a file can have one name only, the picture stands under its hash."""
    monkeypatch.setattr("os.link", _refuse_links)
    store = ImageStore(tmp_path)

    stored = save(store, picture())

    assert stored.name == f"originals/{stored.sha256[:2]}/{stored.sha256}.png"
    store.unname(stored)
    assert store.holds(stored.sha256)


def _refuse_links(*_: object) -> None:
    raise PermissionError(1, "Operation not permitted")


def test_an_original_that_was_cut_short_is_written_again(tmp_path: Path) -> None:
    """A file that someone damaged is told from the whole one, and healed when the same picture comes again."""
    store = ImageStore(tmp_path)
    image = picture()
    stored = save(store, image)
    (tmp_path / f"originals/{stored.sha256[:2]}/{stored.sha256}.png").write_bytes(image.data[:50])

    with pytest.raises(StoreError, match="has changed"):
        store.load(stored.sha256)

    save(store, image)
    assert store.load(stored.sha256) == image.data


def test_a_preview_of_a_damaged_cache_is_made_anew(tmp_path: Path) -> None:
    """A cache is only a cache."""
    store = ImageStore(tmp_path)
    stored = save(store, picture(side=400))
    preview = store.preview(stored.sha256, longest_side=64, quality=80)
    (cached,) = (tmp_path / "previews").iterdir()
    cached.write_bytes(b"not a picture")

    assert store.preview(stored.sha256, longest_side=64, quality=80) == preview


@pytest.mark.parametrize("form", ["exe", "html", "desktop", "../x", ""])
def test_a_file_is_named_by_a_format_of_pictures_or_none(tmp_path: Path, form: str) -> None:
    """What a history of others calls a format never becomes the ending of a program."""
    stored = save(ImageStore(tmp_path), generated_image(data=b"\x01\x02" * 50, format=form, width=1, height=1))

    assert stored.name.endswith(".bin")
    assert {file.suffix for file in tmp_path.rglob("*") if file.is_file()} == {".bin"}


@pytest.mark.parametrize("data", [b"", b"not a picture"])
def test_what_is_no_picture_has_no_preview(tmp_path: Path, data: bytes) -> None:
    """Bytes that cannot be drawn are kept as they came, and say that they have no preview."""
    store = ImageStore(tmp_path)
    stored = save(store, generated_image(data=data, format="png", width=1, height=1))

    with pytest.raises(StoreError, match="cannot be shown here"):
        store.preview(stored.sha256, longest_side=64, quality=80)
    assert store.load(stored.sha256) == data


def test_a_picture_of_too_many_pixels_is_not_decoded(tmp_path: Path) -> None:
    """More than 100 megapixels are refused from the header, before any memory is taken."""
    file = io.BytesIO()
    Image.new("1", (11_000, 11_000)).save(file, "PNG")
    store = ImageStore(tmp_path)
    stored = save(store, generated_image(data=file.getvalue(), format="png", width=11_000, height=11_000))

    with pytest.raises(StoreError, match="pixels"):
        store.preview(stored.sha256, longest_side=64, quality=80)


def test_a_plain_folder_needs_no_fsspec(tmp_path: Path) -> None:
    """The machinery for buckets is loaded for buckets only."""
    program = f"import sys; from imgmagic.store.images.image_store import ImageStore; ImageStore({str(tmp_path)!r}); "
    program += "print('fsspec' in sys.modules)"

    said = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)

    assert said.stdout.strip() == "False"


@pytest.mark.parametrize("sha256", ["", "../../outside", "*", "ab", "A" * 64])
def test_what_is_not_a_hash_is_not_in_the_store(tmp_path: Path, sha256: str) -> None:
    """A database that others made may say anything: it finds, reads and removes nothing."""
    (tmp_path / "outside.png").write_bytes(b"mine")
    images = ImageStore(tmp_path / "store")
    save(images, picture())

    images.remove(sha256, "../outside.png")

    assert not images.holds(sha256)
    with pytest.raises(StoreError, match="not in the image store"):
        images.load(sha256)
    assert (tmp_path / "outside.png").exists()
    assert len(list((tmp_path / "store" / "originals").rglob("*.png"))) == 1


def test_a_long_name_in_any_script_fits_on_an_encrypted_disk() -> None:
    """A name takes few bytes, not few letters, and is never cut within a letter."""
    name = slug("\u72d0\u72f8" * 30)

    assert len(name.encode()) <= 96
    assert set(name) == {"\u72d0", "\u72f8"}


@pytest.mark.parametrize("address", ["s3://{0}:{0}@bucket/x", "s3://{0}@bucket", "nothing://u:{0}@127.0.0.1/x"])
def test_no_password_of_a_stores_address_is_shown(address: str) -> None:
    """It is refused before a library puts the address into words of its own."""
    key = "MARKq7Qz9Kx2Vt5Wb8Yn3Rd6"

    with pytest.raises(SettingsError) as raised:
        ImageStore(address.format(key))

    assert key not in str(raised.value)


def test_a_store_that_cannot_be_reached_is_one_clear_message() -> None:
    """A server that refuses is said so, without the password of its address."""
    with pytest.raises(StoreError, match=r"image store ftp://127\.0\.0\.1:1/x cannot be opened") as raised:
        ImageStore("ftp://me:secret@127.0.0.1:1/x")

    assert "secret" not in str(raised.value)
