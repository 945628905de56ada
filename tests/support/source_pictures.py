"""Source pictures for edits: small, the same bytes each time, with the facts that a request holds of them."""

import hashlib
import io

from PIL import Image

from imgmagic.domain.image_header import sniff
from imgmagic.domain.mask import Mask
from imgmagic.domain.source_picture import SourcePicture


def drawn(size: tuple[int, int] = (4, 3), *, form: str = "png", colour: str = "#3366cc", mode: str = "RGB") -> bytes:
    """Return a picture of one colour."""
    file = io.BytesIO()
    Image.new(mode, size, colour).save(file, format=form.upper())
    return file.getvalue()


def source(data: bytes, name: str = "cat.png") -> SourcePicture:
    """Return what a request holds of these bytes."""
    found = sniff(data)
    assert found is not None
    return SourcePicture(
        sha256=hashlib.sha256(data).hexdigest(),
        format=found.format,
        width=found.width,
        height=found.height,
        size_bytes=len(data),
        name=name,
        load=lambda: data,
    )


def left_half(width: int = 4, height: int = 3) -> Mask:
    """Return a mask that lets the left half change."""
    row = b"\xff" * (width // 2) + b"\x00" * (width - width // 2)
    return Mask(width=width, height=height, cells=row * height)


def grey_png(mask: Mask) -> bytes:
    """Return a mask in the inner form: grey, white may change."""
    file = io.BytesIO()
    Image.frombytes("L", (mask.width, mask.height), mask.cells).save(file, format="PNG")
    return file.getvalue()


def changing(png: bytes, polarity: str) -> bytes:
    """Return which pixels of a rendered mask may change, as the cells of a `Mask`."""
    with Image.open(io.BytesIO(png)) as image:
        assert image.format == "PNG"
        if polarity == "transparent":
            assert image.mode == "RGBA", "only the alpha channel counts"
            return bytes(255 - value for value in image.getchannel("A").tobytes())
        assert image.mode == "L", "one channel, white may change"
        return image.tobytes()
