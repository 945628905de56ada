"""Headers of the image formats that not every browser shows; such pictures are kept and named anyway.

Each reader takes the bytes of a file that begins like its format and returns width and height, or None if the header
does not say; it may raise IndexError or struct.error if the header is cut off.
"""

import re
import struct
from collections.abc import Iterator

Size = tuple[int, int]

_HEAD_BYTES = 1024 * 1024
_HEIF_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1", b"mif2", b"miaf"})
_AVIF_BRANDS = frozenset({b"avif", b"avis"})
_MOST_BRANDS = 40


def brands(data: bytes) -> frozenset[bytes]:
    """Return the brands of a file of ISO boxes, the major one among them; none of any other file."""
    if data[4:8] != b"ftyp":
        return frozenset()
    end = min(int.from_bytes(data[:4]), 16 + 4 * _MOST_BRANDS, len(data))
    return frozenset({data[8:12], *(data[at : at + 4] for at in range(16, end - 3, 4))})


def is_avif(data: bytes) -> bool:
    """Return whether it is AVIF, whichever brand comes first (AVIF, 6.2)."""
    return bool(brands(data) & _AVIF_BRANDS)


def is_heic(data: bytes) -> bool:
    """Return whether it is another HEIF file (ISO 23008-12)."""
    return bool(brands(data) & _HEIF_BRANDS)


def heif_size(data: bytes) -> Size | None:
    """Take the largest `ispe` property: tiles, thumbnails and alpha planes have their own (ISO 23008-12, 6.5.3)."""
    head = data[:_HEAD_BYTES]
    places = [found.start() for found in re.finditer(rb"\x00\x00\x00\x14ispe", head)]
    sizes = [struct.unpack_from(">II", head, place + 12) for place in places]
    return max(sizes, key=lambda size: size[0] * size[1], default=None)


def is_jxl(data: bytes) -> bool:
    """Return whether it is JPEG XL: the bare codestream, or a file of boxes (ISO 18181-2, 9)."""
    return data.startswith((b"\xff\x0a", b"\x00\x00\x00\x0cJXL \r\n\x87\n"))


def jxl_size(data: bytes) -> Size | None:
    """Read the size header of the codestream (ISO 18181-1, D.2)."""
    start = 0 if data.startswith(b"\xff\x0a") else _jxl_codestream(data)
    if start < 0:
        return None
    bits = _Bits(data[start + 2 : start + 18])
    is_small = bits.read(1)
    height = _jxl_side(bits, is_small=bool(is_small))
    ratio = bits.read(3)
    if ratio:
        across, down = _JXL_RATIOS[ratio]
        return height * across // down, height
    return _jxl_side(bits, is_small=bool(is_small)), height


_JXL_RATIOS = {1: (1, 1), 2: (12, 10), 3: (4, 3), 4: (3, 2), 5: (16, 9), 6: (5, 4), 7: (2, 1)}
_JXL_SIDES = (9, 13, 18, 30)


def _jxl_codestream(data: bytes) -> int:
    head = data[:_HEAD_BYTES]
    found = re.search(rb"jxlc(?=\xff\x0a)|jxlp.{4}(?=\xff\x0a)", head, re.DOTALL)
    return found.end() if found else -1


def _jxl_side(bits: "_Bits", *, is_small: bool) -> int:
    return (bits.read(5) + 1) * 8 if is_small else bits.read(_JXL_SIDES[bits.read(2)]) + 1


class _Bits:
    """Read bits, the lowest of each byte first."""

    def __init__(self, data: bytes) -> None:
        self._value = int.from_bytes(data, "little")
        self._left = 8 * len(data)

    def read(self, count: int) -> int:
        self._left -= count
        if self._left < 0:
            raise IndexError("cut off")
        taken = self._value & ((1 << count) - 1)
        self._value >>= count
        return taken


def is_jp2(data: bytes) -> bool:
    """Return whether it is JPEG 2000: a codestream, or a file of boxes (ISO 15444-1, A.4 and I.5)."""
    return data.startswith((b"\xff\x4f\xff\x51", b"\x00\x00\x00\x0cjP  \r\n\x87\n"))


def jp2_size(data: bytes) -> Size | None:
    """Read SIZ of the codestream, or the image header box."""
    if data.startswith(b"\xff\x4f"):
        right, bottom, left, top = struct.unpack_from(">IIII", data, 8)
        return right - left, bottom - top
    at = data.find(b"ihdr", 0, _HEAD_BYTES)
    if at < 0:
        return None
    height, width = struct.unpack_from(">II", data, at + 4)
    return width, height


def is_bmp(data: bytes) -> bool:
    """Return whether it is a bitmap, whose second header has one of the known lengths."""
    return data.startswith(b"BM") and int.from_bytes(data[14:18], "little") in (12, 16, 40, 52, 56, 64, 108, 124)


def bmp_size(data: bytes) -> Size | None:
    """Read the information header; a negative height counts from the top."""
    if int.from_bytes(data[14:18], "little") == 12:
        width, height = struct.unpack_from("<HH", data, 18)
        return width, height
    width, height = struct.unpack_from("<ii", data, 18)
    return abs(width), abs(height)


def is_tiff(data: bytes) -> bool:
    """Return whether it is TIFF (TIFF 6.0, section 2)."""
    return data.startswith((b"II*\x00", b"MM\x00*"))


def tiff_size(data: bytes) -> Size | None:
    """Read ImageWidth and ImageLength of the first directory."""
    order = "<" if data.startswith(b"II") else ">"
    found = dict(_tiff_entries(data, order))
    return (found[256], found[257]) if 256 in found and 257 in found else None


def _tiff_entries(data: bytes, order: str) -> Iterator[tuple[int, int]]:
    (start,) = struct.unpack_from(f"{order}I", data, 4)
    (count,) = struct.unpack_from(f"{order}H", data, start)
    for at in range(start + 2, start + 2 + 12 * min(count, 200), 12):
        tag, kind = struct.unpack_from(f"{order}HH", data, at)
        if tag in (256, 257) and kind in (3, 4):  # SHORT, LONG
            (value,) = struct.unpack_from(f"{order}{'H' if kind == 3 else 'I'}", data, at + 8)
            yield tag, value


def is_ico(data: bytes) -> bool:
    """Return whether it is a Windows icon: its header counts pictures, whose first entry leaves a byte empty."""
    return data.startswith(b"\x00\x00\x01\x00") and data[4:6] not in (b"", b"\x00\x00") and data[9:10] in (b"", b"\x00")


def ico_size(data: bytes) -> Size | None:
    """Take the largest of the pictures; a side of 256 is written as 0."""
    (count,) = struct.unpack_from("<H", data, 4)
    sides = [struct.unpack_from("BB", data, 6 + 16 * number) for number in range(min(count, 64))]
    sizes = [(width or 256, height or 256) for width, height in sides]
    return max(sizes, key=lambda size: size[0] * size[1], default=None)


def is_psd(data: bytes) -> bool:
    """Return whether it is a Photoshop document, even a large one (Adobe's specification, file header)."""
    return data.startswith((b"8BPS\x00\x01", b"8BPS\x00\x02"))


def psd_size(data: bytes) -> Size | None:
    """Read the file header."""
    height, width = struct.unpack_from(">II", data, 14)
    return width, height
