"""Conversion: a picture written in another format, whole and in its own size."""

from collections.abc import Mapping

from imgmagic.store.images.encoding import encode_image

_WHOLE = 100_000  # pixels: longer than any side
_OPTIONS: Mapping[str, Mapping[str, object]] = {"jpeg": {"quality": 95}, "webp": {"quality": 95}, "png": {}}


def convert(data: bytes, picture_format: str) -> bytes | None:
    """Return the first frame of a picture as png, jpeg or webp; None where the picture cannot be read."""
    from imgmagic.store.images.frames import decode_frames

    try:
        image = decode_frames(data, _WHOLE).images[0]
    except (OSError, ValueError):
        return None
    flat = image.convert("RGB") if picture_format == "jpeg" else image
    return encode_image(flat, picture_format, **_OPTIONS[picture_format])
