"""A picture as a `data:` address, which an `<img>` shows without running anything in it."""

import base64

_SUBTYPES = {"svg": "svg+xml"}  # of image/, where it is not the format's own name


def image_subtype(image_format: str) -> str:
    """Return what a media type calls a format, after `image/`."""
    return _SUBTYPES.get(image_format, image_format)


def data_uri(data: bytes, image_format: str) -> str:
    """Return the address that holds a picture."""
    return f"data:image/{image_subtype(image_format)};base64,{base64.b64encode(data).decode('ascii')}"
