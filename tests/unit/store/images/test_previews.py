"""Previews: small, of the smaller format, and true to what moves or lets through."""

import io

import pytest
from PIL import Image, ImageDraw

from imgmagic.store.images.previews import make_preview, read_preview


def encoded(image: Image.Image, form: str, **options: object) -> bytes:
    file = io.BytesIO()
    image.save(file, form, **options)
    return file.getvalue()


def noisy(size: tuple[int, int]) -> Image.Image:
    return Image.effect_noise(size, 80).convert("RGB")


def test_a_preview_is_no_longer_than_asked_and_the_smaller_of_two_formats() -> None:
    """An opaque picture becomes WebP or JPEG, whichever is smaller, with its aspect kept."""
    original = encoded(noisy((1200, 600)), "PNG")

    preview = make_preview(original, longest_side=300, quality=80)

    assert (preview.width, preview.height) == (300, 150)
    assert preview.format in ("webp", "jpeg")
    sizes = [len(encoded(noisy((300, 150)), form, quality=80)) for form in ("WEBP", "JPEG")]
    assert len(preview.data) < max(sizes) * 1.2
    assert not preview.is_transparent


def test_what_lets_through_stays_transparent() -> None:
    """A picture with alpha keeps it in its preview, and the preview says so."""
    picture = Image.new("RGBA", (800, 800), (0, 0, 0, 0))
    ImageDraw.Draw(picture).ellipse((200, 200, 600, 600), fill=(255, 0, 0, 255))

    preview = make_preview(encoded(picture, "PNG"), longest_side=100, quality=80)

    assert preview.is_transparent
    with Image.open(io.BytesIO(preview.data)) as small:
        assert small.convert("RGBA").getpixel((1, 1))[3] == 0
    assert read_preview(preview.data).is_transparent


def test_what_moves_goes_on_moving() -> None:
    """An animated GIF becomes an animated preview with as many frames at the same pace."""
    frames = [Image.new("RGB", (400, 400), colour) for colour in ("red", "green", "blue")]
    original = encoded(frames[0], "GIF", save_all=True, append_images=frames[1:], duration=250, loop=0)

    preview = make_preview(original, longest_side=100, quality=80)

    with Image.open(io.BytesIO(preview.data)) as small:
        assert (small.n_frames, small.size) == (3, (100, 100))


@pytest.mark.parametrize("form", ["PNG", "WEBP", "JPEG", "GIF"])
def test_a_small_original_is_its_own_preview(form: str) -> None:
    """A picture that is small already is not made larger."""
    original = encoded(Image.new("RGB", (16, 16), "red"), form)

    assert len(make_preview(original, longest_side=100, quality=80).data) <= len(original)


def test_a_preview_fits_the_bytes_it_may_take() -> None:
    """A picture full of edges loses quality, then size, until its preview is as small as asked."""
    original = encoded(noisy((1024, 1024)), "PNG")

    preview = make_preview(original, longest_side=768, quality=80, most_bytes=60_000)

    assert len(preview.data) <= 60_000
