"""The size of a tile on the screen, known before the first byte, so that the page never jumps."""

import re
from dataclasses import dataclass

from imgmagic.domain.json_types import JsonValue

_LONGEST = {1: 512, 2: 360, 3: 320, 4: 280}  # CSS pixels of the longest side, by the number of tiles
_SMALLEST = 200  # five fit in a row in a window of 1200 pixels
_LEAST = 160  # narrower, a failed tile's reason cannot be read
_GAP = 8  # between two tiles
_MOST_COLUMNS = 5


@dataclass(frozen=True, kw_only=True)
class TileSize:
    """Hold the width and height of a tile in CSS pixels."""

    width: int
    height: int


def tile_size(tiles: int, width: int = 1, height: int = 1) -> TileSize:
    """Return the size on the screen of each of `tiles` pictures of the aspect `width` to `height`."""
    return fit(width, height, _LONGEST.get(tiles, _SMALLEST))


def fit(width: int, height: int, side: int) -> TileSize:
    """Return the size of a picture of this aspect whose longer side is `side`.

    >>> fit(1536, 1024, 96)
    TileSize(width=96, height=64)
    """
    scale = side / max(width, height, 1)
    return TileSize(width=max(1, round(width * scale)), height=max(1, round(height * scale)))


def widest(tiles: int) -> str:
    """Return the maximum width of a tile in CSS: two fit side by side in a narrow cell, one in a very narrow one."""
    return "100%" if tiles == 1 else f"max(50% - 4px, min(100%, {_LEAST}px))"


def row_width(tiles: int, size: TileSize) -> str:
    """Return the maximum width in CSS of the tiles' container: as many per row as fit and make even rows.

    Each term is the width of that many tiles if there is room, and negative otherwise.
    """
    if tiles == 1:
        return "none"
    least, *wider = [columns * size.width + (columns - 1) * _GAP for columns in _even_columns(tiles)]
    return f"max({', '.join([f'{least}px', *(f'min({each}px, (100% - {each - 1}px) * 9999)' for each in wider)])})"


def _even_columns(tiles: int) -> list[int]:
    """Return the numbers of columns, from two up, for which the last row is at most one short of the others."""
    return [columns for columns in range(2, min(tiles, _MOST_COLUMNS) + 1) if -tiles % columns <= 1]


def asked_aspect(size: JsonValue) -> tuple[int, int]:
    """Return the aspect of a size such as 1536x1024 or 16:9; square if it has none."""
    found = re.fullmatch(r"(\d{1,6})[x:](\d{1,6})", str(size), re.ASCII)
    width, height = (int(found[1]), int(found[2])) if found else (0, 0)
    return (width, height) if width and height else (1, 1)
