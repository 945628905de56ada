"""A mask as the PNG for a server, written band by band: in one piece it would take several times its picture."""

import io
import struct
import zlib
from collections.abc import Iterator
from typing import TYPE_CHECKING

from imgmagic.wire.dialects.edits import Polarity

if TYPE_CHECKING:
    from PIL import Image

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_COLOURS_AND_ALPHA = (8, 6, 0, 0, 0)  # bits, colour type, deflate, the five filters, not interlaced (PNG, 11.2.1)
_ROWS = 64
_INVERT = bytes(255 - value for value in range(256))


def render_mask(png: bytes, polarity: Polarity) -> bytes:
    """Return a mask, given in the internal form (grey, white may change), as a PNG in a server's polarity.

    For OpenAI the colour is black throughout, because some layers show what is under full transparency.
    """
    if polarity is Polarity.WHITE:
        return png
    from PIL import Image

    with Image.open(io.BytesIO(png)) as grey:
        packer = zlib.compressobj()
        packed = [packer.compress(row) for row in _rows(grey)]
        header = struct.pack(">IIBBBBB", grey.width, grey.height, *_COLOURS_AND_ALPHA)
    data = b"".join([*packed, packer.flush()])
    return b"".join([_SIGNATURE, *_chunk(b"IHDR", header), *_chunk(b"IDAT", data), *_chunk(b"IEND", b"")])


def _rows(grey: "Image.Image") -> Iterator[bytearray]:
    """Yield the rows of the PNG: no filter, then black pixels, transparent where the picture may change."""
    for top in range(0, grey.height, _ROWS):
        band = grey.crop((0, top, grey.width, min(top + _ROWS, grey.height))).tobytes().translate(_INVERT)
        for start in range(0, len(band), grey.width):
            row = bytearray(1 + 4 * grey.width)
            row[4::4] = band[start : start + grey.width]
            yield row


def _chunk(name: bytes, data: bytes) -> tuple[bytes, ...]:
    return struct.pack(">I", len(data)), name, data, struct.pack(">I", zlib.crc32(data, zlib.crc32(name)))
