"""A print copy: the pictures of a figure as one small JPEG, for what prints notebooks without HTML (LaTeX, PDF)."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from imgmagic.store.images.encoding import encode_image

if TYPE_CHECKING:
    from PIL import Image

_WIDTH, _MOST_SIDE, _MOST_COLUMNS = 640, 480, 4
_GAP = 8
_MOST_BYTES = 9_000  # few, as most notebooks are never printed and all are kept
_LADDER = ((1.0, 75), (1.0, 55), (0.7, 55), (0.5, 45), (0.3, 40))  # shares of the size, with a quality


def make_print_copy(pictures: Iterable[bytes]) -> bytes | None:
    """Return the pictures side by side on white; None where none of them can be decoded here, as a drawing (SVG)."""
    tiles = [tile for tile in map(_open_tile, pictures) if tile is not None]
    if not tiles:
        return None
    sheet = _lay_out(tiles)
    data = b""
    for share, quality in _LADDER:
        size = (max(1, round(sheet.width * share)), max(1, round(sheet.height * share)))
        copy = sheet if share == 1 else sheet.resize(size)
        data = encode_image(copy, "jpeg", quality=quality, optimize=True)
        if len(data) <= _MOST_BYTES:
            break
    return data


def _open_tile(data: bytes) -> "Image.Image | None":
    from PIL import Image

    from imgmagic.store.images.frames import decode_frames

    try:
        frame = decode_frames(data, _MOST_SIDE).images[0]
    except (OSError, ValueError):
        return None
    paper = Image.new("RGB", frame.size, "white")
    paper.paste(frame, mask=frame.getchannel("A") if frame.mode == "RGBA" else None)
    return paper


def _lay_out(tiles: Sequence["Image.Image"]) -> "Image.Image":
    from PIL import Image

    columns = min(len(tiles), _MOST_COLUMNS)
    side = min(_MOST_SIDE, (_WIDTH - _GAP * (columns - 1)) // columns)
    for tile in tiles:
        tile.thumbnail((side, side))
    width, height = max(tile.width for tile in tiles), max(tile.height for tile in tiles)
    rows = -(-len(tiles) // columns)
    sheet = Image.new("RGB", (columns * (width + _GAP) - _GAP, rows * (height + _GAP) - _GAP), "white")
    for number, tile in enumerate(tiles):
        row, column = divmod(number, columns)
        sheet.paste(tile, (column * (width + _GAP), row * (height + _GAP)))
    return sheet
