"""Pixels: formats and sizes read from real headers, and from every way of breaking them."""

import io
import struct

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from PIL import Image

from imgmagic.domain.image_header import MAX_PIXELS, Pixels, recognise, sniff


def drawn(name: str, width: int, height: int, **options: object) -> bytes:
    file = io.BytesIO()
    Image.new(options.pop("mode", "RGB"), (width, height), "teal").save(file, name, **options)
    return file.getvalue()


DRAWN = {
    "png": drawn("PNG", 37, 11),
    "jpeg": drawn("JPEG", 37, 11),
    "progressive jpeg": drawn("JPEG", 37, 11, progressive=True),
    "jpeg with exif": drawn("JPEG", 37, 11, exif=b"Exif\0\0" + b"\0" * 40_000),
    "webp": drawn("WEBP", 37, 11),
    "lossless webp": drawn("WEBP", 37, 11, lossless=True),
    "webp with alpha": drawn("WEBP", 37, 11, mode="RGBA"),
    "webp with exif": drawn("WEBP", 37, 11, exif=b"Exif\0\0" + b"\0" * 40),
    "gif": drawn("GIF", 37, 11),
    "avif": drawn("AVIF", 37, 11),
    "bmp": drawn("BMP", 37, 11),
    "tiff": drawn("TIFF", 37, 11),
    "compressed tiff": drawn("TIFF", 37, 11, compression="tiff_lzw"),
    "ico": drawn("ICO", 37, 11, sizes=[(37, 11)]),
    "jp2": drawn("JPEG2000", 37, 11),
    "jp2 codestream": drawn("JPEG2000", 37, 11, no_jp2=True),
}

RARE = ("avif", "bmp", "tiff", "jp2", "heic", "jxl", "ico", "psd")  # known also where their size is not
PNG_HEAD = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR"


@pytest.mark.parametrize("name", DRAWN)
def test_reads_format_and_size_of_what_pillow_writes(name: str) -> None:
    """Each kind of file that Pillow can write is recognised, with its size."""
    known = ("png", "jpeg", "webp", "gif", "avif", "bmp", "tiff", "jp2", "ico")
    expected = next(each for each in known if each in name)

    found = sniff(DRAWN[name])

    assert found == Pixels(format=expected, width=37, height=11)


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ('<svg xmlns="http://www.w3.org/2000/svg" width="40" height="30"/>', (40, 30)),
        ('<?xml version="1.0"?>\n<!-- by hand -->\n<svg viewBox="0 0 64 32"></svg>', (64, 32)),
        ('<svg width="12.5px" height="20px" viewBox="0 0 1 1"/>', (12, 20)),
        ('\ufeff <svg width="100%" height="100%" viewBox="0 0 1024 768"/>', (1024, 768)),
        ('<svg xmlns="http://www.w3.org/2000/svg"/>', (300, 150)),
        ("<svg stroke-width='9' width='8' height='7'>", (8, 7)),
    ],
)
def test_reads_the_size_of_an_svg(text: str, size: tuple[int, int]) -> None:
    """An SVG's size is its root's width and height, else its view box, else what a browser takes."""
    found = sniff(text.encode())

    assert found == Pixels(format="svg", width=size[0], height=size[1])


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"hello",
        b"<html><svg width='1' height='1'></svg></html>",
        b"<?xml version='1.0'?><rss/>",
        b"RIFF\0\0\0\0WAVEfmt ",
        b"RIFF\0\0\0\0WEBPXXXX" + b"\0" * 40,
        PNG_HEAD + struct.pack(">II", 0, 5),
        b"\x89PNG\r\n\x1a\n\0\0\0\x0dIDAT" + struct.pack(">II", 5, 5),
        b"\xff\xd8\xff\xd9",
        b"\xff\xd8\xff\xe0\x00\x02nothing",
    ],
)
def test_knows_what_is_no_image(data: bytes) -> None:
    """Text, other files, and headers without a size are no images."""
    assert sniff(data) is None


def test_a_size_is_read_before_anything_is_decoded() -> None:
    """A header that promises more pixels than are accepted is read, so that it can be refused."""
    found = sniff(PNG_HEAD + struct.pack(">II", 60_000, 60_000))

    assert found is not None
    assert found.count > MAX_PIXELS


@given(st.sampled_from(sorted(DRAWN)), st.data())
def test_never_raises_on_a_header_that_is_cut_or_damaged(name: str, data: st.DataObject) -> None:
    """Whatever byte changes and wherever the file ends, there is an answer."""
    whole = bytearray(DRAWN[name])
    whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    cut = bytes(whole[: data.draw(st.integers(0, len(whole)))])

    found = sniff(cut)

    assert found is None or min(found.width, found.height) > 0 or found.format in RARE


@given(st.sampled_from([b"", b"\xff\xd8\xff", b"RIFF\0\0\0\0WEBPVP8X", PNG_HEAD, b"GIF89a", b"<svg "]), st.binary())
@example(b"\xff\xd8\xff", b"\xff" * 100)
def test_never_raises_on_garbage(start: bytes, rest: bytes) -> None:
    """Bytes that only begin like an image give an answer too."""
    sniff(start + rest)


def boxes(major: bytes, *compatible: bytes, size: tuple[int, int] | None = (37, 11)) -> bytes:
    """Return the head of a file of ISO boxes, with its brands and the size that it states."""
    names = b"".join(compatible)
    property_ = b"" if size is None else b"\0\0\0\x14ispe\0\0\0\0" + struct.pack(">II", *size)
    return struct.pack(">I", 16 + len(names)) + b"ftyp" + major + b"\0\0\0\0" + names + property_


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (boxes(b"avif"), ("avif", 37, 11)),
        (boxes(b"mif1", b"miaf", b"avif"), ("avif", 37, 11)),
        (boxes(b"msf1", b"avis"), ("avif", 37, 11)),
        (boxes(b"heic", b"mif1"), ("heic", 37, 11)),
        (boxes(b"mif1", b"heic"), ("heic", 37, 11)),
        (boxes(b"hevc"), ("heic", 37, 11)),
        (boxes(b"heic", size=None), ("heic", 0, 0)),
        (boxes(b"avif", size=None), ("avif", 0, 0)),
        (b"\xff\x0a" + bytes([0b0100_0001, 0]) + bytes(20), ("jxl", 8, 8)),
        (b"\0\0\0\x0cJXL \r\n\x87\n" + b"\0\0\0\x20jxlc\xff\x0a" + bytes([0b0100_0101, 0]) + bytes(9), ("jxl", 24, 24)),
        (b"\0\0\0\x0cJXL \r\n\x87\n", ("jxl", 0, 0)),
        (b"II*\0\x08\0\0\0", ("tiff", 0, 0)),
        (b"8BPS\0\x01" + bytes(6) + b"\0\x03" + struct.pack(">II", 11, 37), ("psd", 37, 11)),
        (b"8BPS\0\x02", ("psd", 0, 0)),
        (b"\0\0\1\0\2\0" + b"\x20\x20" + bytes(14) + b"\0\0" + bytes(14), ("ico", 256, 256)),
    ],
)
def test_knows_formats_that_are_kept_and_not_shown(data: bytes, found: tuple[str, int, int]) -> None:
    """Whichever brand comes first, and also where the size cannot be read: paid bytes are kept and named."""
    assert sniff(data) == Pixels(format=found[0], width=found[1], height=found[2])


@pytest.mark.parametrize(("name", "length"), [("png", 12), ("jpeg", 12), ("webp", 12), ("gif", 8)])
def test_a_picture_without_its_header_is_known_by_its_beginning(name: str, length: int) -> None:
    """What was paid for is kept as what it begins as; nobody is told a size that is not there."""
    cut = DRAWN[name][:length]

    assert sniff(cut) is None
    assert recognise(cut) == Pixels(format=name, width=0, height=0)
    assert recognise(DRAWN[name]) == sniff(DRAWN[name])
    assert recognise(b"hello there") is None


def test_unknown_bytes_are_named_as_such() -> None:
    """What begins as nothing that is known is a picture of an unknown format, of which nothing is said."""
    unknown = b"NEWPIC\x01\x00" + bytes(range(256))

    assert sniff(unknown) is None
    assert recognise(unknown) == Pixels(format="bin", width=0, height=0)


@pytest.mark.parametrize("data", [boxes(b"isom", b"mp42"), b"BM and other words", b"II* or so", b"\xff\x0b"])
def test_takes_nothing_else_for_a_picture(data: bytes) -> None:
    """A film, and words that begin as a bitmap does, are not pictures."""
    assert sniff(data) is None
