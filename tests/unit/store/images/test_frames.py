"""Frames: whatever the bytes say, a picture is shown as it is, within bounds."""

import io
import struct
import zlib

import pytest
from PIL import Image, ImageCms

from imgmagic.errors import StoreError
from imgmagic.store.images.frames import decode_frames, without_notes
from imgmagic.store.images.previews import Preview, make_preview


def encoded(image: Image.Image, form: str, **options: object) -> bytes:
    file = io.BytesIO()
    image.save(file, form, **options)
    return file.getvalue()


def opened(preview: Preview) -> Image.Image:
    image = Image.open(io.BytesIO(preview.data))
    image.load()
    return image


def top_left(preview: Preview) -> tuple[int, ...]:
    return opened(preview).convert("RGB").getpixel((8, 8))


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def gif(frames: int, side: int = 768) -> bytes:
    """Make a GIF of a few bytes per frame."""
    head = b"GIF89a" + struct.pack("<HHBBB", side, side, 0x80, 0, 0) + b"\0\0\0\xff\xff\xff"
    one = b"\x21\xf9\x04\x00\x01\x00\x00\x00" + b"\x2c" + struct.pack("<HHHHB", 0, 0, 1, 1, 0) + b"\x02\x02\x44\x01\x00"
    return head + one * frames + b"\x3b"


HALVES = Image.new("RGB", (400, 200), "blue")
HALVES.paste("red", (0, 0, 200, 200))


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_picture_stands_as_its_camera_says(orientation: int) -> None:
    """Each of the eight orientations of Exif is turned back, and the size is that of what is seen."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    preview = make_preview(encoded(HALVES, "JPEG", exif=exif, quality=95), longest_side=100, quality=80)

    sideways = orientation >= 5
    assert (preview.width, preview.height) == ((50, 100) if sideways else (100, 50))
    red_is_first = orientation in (1, 4, 5, 6)
    red, _, blue = top_left(preview)
    assert (red > blue) == red_is_first


def test_sixteen_bits_of_grey_become_eight() -> None:
    """Middle grey stays middle grey: it is not cut off to white."""
    grey = Image.new("I;16", (64, 64), 32_768)

    assert 120 <= top_left(make_preview(encoded(grey, "PNG"), longest_side=32, quality=90))[0] <= 136


def test_colours_of_a_profile_become_those_of_the_screen() -> None:
    """A picture in another colour space looks the same in its preview, which has no profile."""
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB"))
    shown = Image.new("LAB", (64, 64), (128, 128, 128))
    srgb = ImageCms.createProfile("sRGB")
    expected = ImageCms.profileToProfile(shown, lab, srgb, outputMode="RGB").getpixel((0, 0))
    tiff = encoded(shown, "TIFF", icc_profile=lab.tobytes())

    assert all(
        abs(a - b) < 40
        for a, b in zip(top_left(make_preview(tiff, longest_side=32, quality=90)), expected, strict=True)
    )


@pytest.mark.parametrize("profile", [b"not a profile", b"\0" * 200])
def test_a_damaged_profile_does_not_matter(profile: bytes) -> None:
    """The colours are then those that stand there."""
    picture = encoded(Image.new("RGB", (64, 64), "red"), "PNG", icc_profile=profile)

    assert top_left(make_preview(picture, longest_side=32, quality=90))[0] > 240


def test_printing_colours_are_shown() -> None:
    """CMYK becomes RGB."""
    cyan = encoded(Image.new("CMYK", (64, 64), (255, 0, 0, 0)), "JPEG")

    red, green, blue = top_left(make_preview(cyan, longest_side=32, quality=90))
    assert red < 60
    assert min(green, blue) > 150


@pytest.mark.parametrize("second", [(400, 300), (1600, 1200)])
def test_the_first_picture_of_a_phones_file_is_the_picture(second: tuple[int, int]) -> None:
    """A JPEG with a thumbnail or a second view beside it is neither an error nor an animation."""
    mpo = encoded(Image.new("RGB", (1600, 1200), "red"), "MPO", save_all=True, append_images=[Image.new("RGB", second)])

    preview = make_preview(mpo, longest_side=300, quality=80)

    assert top_left(preview)[0] > 240
    assert getattr(opened(preview), "n_frames", 1) == 1
    small = encoded(Image.effect_noise((30, 20), 90).convert("RGB"), "MPO", save_all=True, append_images=[HALVES])
    assert make_preview(small, longest_side=300, quality=80).format in {"jpeg", "webp"}


@pytest.mark.parametrize(("form", "loop", "kept"), [("GIF", 0, 0), ("GIF", 3, 3), ("GIF", None, 1), ("WEBP", 2, 2)])
def test_what_moves_keeps_its_times_and_its_end(form: str, loop: int | None, kept: int) -> None:
    """Each frame is shown as long as it was, and an animation that ends, ends."""
    frames = [Image.new("RGB", (200, 200), colour) for colour in ("red", "green", "blue")]
    options = {} if loop is None else {"loop": loop}
    times = [100, 700, 250]
    moving = encoded(frames[0], form, save_all=True, append_images=frames[1:], duration=times, **options)

    preview = opened(make_preview(moving, longest_side=100, quality=80))

    assert preview.info["loop"] == kept
    found = []
    for number in range(preview.n_frames):
        preview.seek(number)
        preview.load()
        found.append(preview.info["duration"])
    assert found == times


def test_thousands_of_frames_are_shown_as_one() -> None:
    """A few bytes per frame do not become gigabytes: such a picture stands still."""
    frames = decode_frames(gif(3_000), 768)

    assert (len(frames.images), frames.is_whole) == (1, False)
    assert make_preview(gif(3_000), longest_side=768, quality=80).format != "gif"


def test_many_small_frames_are_thinned_and_keep_their_time() -> None:
    """An animation that would be too large in memory loses frames, not time."""
    frames = decode_frames(gif(200, side=900), 900)

    assert 1 < len(frames.images) <= 30
    assert sum(frames.durations_ms) == 200 * 10 or sum(frames.durations_ms) == 200 * 100


def test_a_png_with_megabytes_of_notes_is_shown() -> None:
    """What tools write into a picture's texts does not hide the picture."""
    plain = encoded(HALVES, "PNG")
    notes = chunk(b"iTXt", b"workflow\0\0\0\0\0" + b"x" * 70_000_000)
    noted = plain[:33] + notes + plain[33:]

    assert without_notes(noted) == plain
    assert make_preview(noted, longest_side=100, quality=80).width == 100


@pytest.mark.parametrize("form", ["BMP", "TIFF", "JPEG2000", "AVIF"])
def test_formats_that_browsers_do_not_show_are_shown(form: str) -> None:
    """Their preview is of a format that every browser knows."""
    preview = make_preview(encoded(HALVES, form), longest_side=1000, quality=80)

    assert preview.format in {"webp", "jpeg", "avif"}


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x00\x00\x00\x18ftypheic" + bytes(100),
        encoded(HALVES, "JPEG")[:800],
        b"%!PS-Adobe-3.0 EPSF-3.0\n",
        b'<svg xmlns="http://www.w3.org/2000/svg" width="10" height="10"><!--' + b"x" * 600_000 + b"--></svg>",
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 100_000_000, 9, 1, 0, 0, 0, 0)),
    ],
    ids=["nothing", "heic", "cut", "postscript", "large drawing", "too many pixels"],
)
def test_what_cannot_be_shown_says_so(data: bytes) -> None:
    """One sentence says that the picture cannot be shown here, and that it is kept."""
    with pytest.raises(StoreError, match=r"cannot be shown here: .*The original is kept"):
        make_preview(data, longest_side=100, quality=80)


def test_a_drawing_is_its_own_preview() -> None:
    """What has no pixels scales by itself."""
    drawing = b'<svg xmlns="http://www.w3.org/2000/svg" width="10" height="20"></svg>'

    preview = make_preview(drawing, longest_side=5, quality=80)

    assert (preview.data, preview.format, preview.width, preview.height) == (drawing, "svg", 10, 20)
