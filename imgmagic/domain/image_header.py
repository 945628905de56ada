"""Image headers: an image's format and size, read from its first bytes; nothing is decoded, and nothing raises."""

import re
import struct
from collections.abc import Callable
from dataclasses import dataclass

from imgmagic.domain import rare_image_headers as rare
from imgmagic.domain import unknown_bytes

MAX_PIXELS = 100_000_000  # more than any model draws; a decoder would need 400 MB for it
# What every browser can show.
SHOWN_FORMATS = frozenset({"png", "jpeg", "webp", "gif", "avif", "svg"})

_SVG_HEAD_BYTES = 64 * 1024
_SVG_DEFAULT = (300, 150)  # CSS 2.2, 10.3.2: the size of a replaced element that has none
_JPEG_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}  # SOF0..15 without DHT, JPG, DAC (ITU T.81, B.1)
_JPEG_BARE = frozenset({0x01, *range(0xD0, 0xD9)})  # markers without a length: TEM, RST0..7, SOI


@dataclass(frozen=True, kw_only=True)
class Pixels:
    """Hold what an image's header says: its format, such as png, and its size in pixels."""

    format: str
    width: int
    height: int

    @property
    def count(self) -> int:
        """Return how many pixels a decoder would have to hold."""
        return self.width * self.height


def sniff(data: bytes) -> Pixels | None:
    """Read format and size from the header of `data`; None when it is not an image of a known format.

    A format that is kept but not shown is recognised even if its size is not; the size is then 0 by 0.
    """
    for recognised, name, read in _FORMATS:
        if recognised(data):
            size = _size(read, data) or (_UNKNOWN if name in _RARE else None)
            return Pixels(format=name, width=size[0], height=size[1]) if size else None
    return None


def recognise(data: bytes) -> Pixels | None:
    """Read what `sniff` reads; for a damaged or cut-off header the format alone, 0 by 0, and "bin" for anything else.

    What a server sent as a finished picture is paid for: it is kept under the format of its first bytes, even if nobody
    can show it. None means that it is plainly something else: a web page, JSON, words.
    """
    whole = sniff(data)
    if whole is not None:
        return whole
    begun = next((name for recognised, name, _ in _FORMATS if recognised(data)), None)
    form = begun or (unknown_bytes.FORMAT if unknown_bytes.may_be_picture(data) else None)
    return Pixels(format=form, width=0, height=0) if form else None


def begins_as_picture(start: bytes) -> bool:
    """Return whether bytes begin like an image of a known format, however much of the header is there."""
    return any(recognised(start) for recognised, _, _ in _FORMATS)


_Size = tuple[int, int]
_UNKNOWN = (0, 0)
_RARE = frozenset({"avif", "heic", "jxl", "jp2", "bmp", "tiff", "ico", "psd"})


def _size(read: Callable[[bytes], _Size | None], data: bytes) -> _Size | None:
    try:
        size = read(data)
    except (struct.error, IndexError):  # the header is cut off
        return None
    return size if size and min(size) > 0 else None


def _png(data: bytes) -> _Size | None:
    """Read IHDR, which must come first (PNG, 5.6)."""
    width, height = struct.unpack_from(">II", data, 16)
    return (width, height) if data[12:16] == b"IHDR" else None


def _gif(data: bytes) -> _Size:
    width, height = struct.unpack_from("<HH", data, 6)
    return width, height


def _jpeg(data: bytes) -> _Size | None:
    """Walk the marker segments up to the first frame header (ITU T.81, B.2.2)."""
    at = 2
    while data[at] == 0xFF:
        marker = data[at + 1]
        if marker in _JPEG_FRAMES:
            height, width = struct.unpack_from(">HH", data, at + 5)
            return width, height
        if marker == 0xFF:  # a fill byte
            at += 1
        elif marker in _JPEG_BARE:
            at += 2
        else:
            at += 2 + struct.unpack_from(">H", data, at + 2)[0]
    return None


def _webp(data: bytes) -> _Size | None:
    """Read the first chunk: VP8 (RFC 6386, 9.1), VP8L (lossless, 3), or VP8X (container, extended)."""
    read = _WEBP_CHUNKS.get(data[12:16])
    return read(data) if read else None


def _vp8(data: bytes) -> _Size:
    width, height = struct.unpack_from("<HH", data, 26)
    return width & 0x3FFF, height & 0x3FFF


def _vp8l(data: bytes) -> _Size:
    (bits,) = struct.unpack_from("<I", data, 21)
    return (bits & 0x3FFF) + 1, ((bits >> 14) & 0x3FFF) + 1


def _vp8x(data: bytes) -> _Size:
    if len(data) < 30:
        message = "cut off"
        raise IndexError(message)
    return int.from_bytes(data[24:27], "little") + 1, int.from_bytes(data[27:30], "little") + 1


_WEBP_CHUNKS = {b"VP8 ": _vp8, b"VP8L": _vp8l, b"VP8X": _vp8x}


_SVG_ROOT = re.compile(rb"<svg(?=[\s>/])[^>]*", re.IGNORECASE)
_SVG_LENGTH = re.compile(rb"""\s(width|height)\s*=\s*["']\s*(\d{1,7})(?:\.\d*)?(?:px)?\s*["']""")
_SVG_BOX = re.compile(
    rb"""\sviewBox\s*=\s*["']\s*-?[\d.]{1,16}[\s,]+-?[\d.]{1,16}[\s,]+(\d{1,7})[\d.]{0,16}[\s,]+(\d{1,7})"""
)


def _svg(data: bytes) -> _Size | None:
    """Read the root's width and height, else its view box, else the size that a browser would give it."""
    root = _SVG_ROOT.search(data, 0, _SVG_HEAD_BYTES)
    if root is None:
        return None
    lengths = {name: int(value) for name, value in _SVG_LENGTH.findall(root[0])}
    box = _SVG_BOX.search(root[0])
    width, height = (int(box[1]), int(box[2])) if box else _SVG_DEFAULT
    return lengths.get(b"width", width), lengths.get(b"height", height)


def _is_svg(data: bytes) -> bool:
    head = data[:_SVG_HEAD_BYTES].removeprefix(b"\xef\xbb\xbf").lstrip()
    return head.startswith((b"<svg", b"<?xml", b"<!--", b"<!DOCTYPE svg")) and _SVG_ROOT.search(head) is not None


_FORMATS: tuple[tuple[Callable[[bytes], bool], str, Callable[[bytes], _Size | None]], ...] = (
    (lambda data: data.startswith(b"\x89PNG\r\n\x1a\n"), "png", _png),
    (lambda data: data.startswith(b"\xff\xd8\xff"), "jpeg", _jpeg),
    (lambda data: data.startswith(b"RIFF") and data[8:12] == b"WEBP", "webp", _webp),
    (lambda data: data.startswith((b"GIF87a", b"GIF89a")), "gif", _gif),
    (rare.is_avif, "avif", rare.heif_size),
    (rare.is_heic, "heic", rare.heif_size),
    (rare.is_jxl, "jxl", rare.jxl_size),
    (rare.is_jp2, "jp2", rare.jp2_size),
    (rare.is_bmp, "bmp", rare.bmp_size),
    (rare.is_tiff, "tiff", rare.tiff_size),
    (rare.is_ico, "ico", rare.ico_size),
    (rare.is_psd, "psd", rare.psd_size),
    (_is_svg, "svg", _svg),
)
KNOWN_FORMATS = frozenset(name for _, name, _ in _FORMATS)
