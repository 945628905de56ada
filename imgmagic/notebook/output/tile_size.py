"""The size of a tile on the screen, known before the first byte, so that the page never jumps."""

import re
from dataclasses import dataclass

from imgmagic.domain.json_types import JsonValue

_LONGEST = {1: 512, 2: 360, 3: 320, 4: 280}  # CSS pixels of the longest side, by the number of tiles
_SMALLEST = 220
_LEAST = 160  # below that width a failed tile's reason cannot be read


@dataclass(frozen=True, kw_only=True)
class TileSize:
    """Hold the width and height of a tile in CSS pixels."""

    width: int
    height: int


def tile_size(tiles: int, width: int = 1, height: int = 1) -> TileSize:
    """Return the size on the screen of each of `tiles` pictures of the aspect `width` to `height`."""
    longest = _LONGEST.get(tiles, _SMALLEST)
    scale = longest / max(width, height, 1)
    return TileSize(width=max(1, round(width * scale)), height=max(1, round(height * scale)))


def widest(tiles: int) -> str:
    """Return the greatest width of a tile in CSS: two stand side by side in a narrow cell, one in a very narrow one."""
    return "100%" if tiles == 1 else f"max(50% - 4px, min(100%, {_LEAST}px))"


def asked_aspect(size: JsonValue) -> tuple[int, int]:
    """Return the aspect that a size such as 1536x1024 or 16:9 asks for; square when it says none."""
    found = re.fullmatch(r"(\d{1,6})[x:](\d{1,6})", str(size), re.ASCII)
    width, height = (int(found[1]), int(found[2])) if found else (0, 0)
    return (width, height) if width and height else (1, 1)
