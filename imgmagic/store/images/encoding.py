"""Encoding: an image of Pillow's as the bytes of a file."""

import io
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL import Image


def encode_image(image: "Image.Image", image_format: str, **options: object) -> bytes:
    """Return `image` as a file of this format; `options` are those of Pillow's `save`."""
    file = io.BytesIO()
    image.save(file, format=image_format, **options)
    return file.getvalue()
