"""Input tokens: an estimate of the tokens that an edit's source pictures take; the server's own count decides.

OpenAI documents none of this. The patch rule was worked out by users from some hundred calls of gpt-image-2 and is
assumed, unverified, for its successors; the tile rule is that of the older models. So an estimate also gives a maximum,
which a budget reserves.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from imgmagic.domain.json_types import JsonValue

_PATCH = 32
_LEAST_SIDE = 1024  # a small picture is magnified towards this, at most twice
_WIDEST = 3  # a narrower picture is padded to this ratio


@dataclass(frozen=True, kw_only=True)
class InputRule:
    """How many tokens one picture takes for one family of models.

    Args:
        models: patterns of the models' names, separated by spaces.
        patches: the most patches of 32 × 32 pixels that are counted; 0 where tiles are.
        base, tile: tokens of a picture, and of each tile of 512 × 512 pixels.
        fidelity: extra tokens at high fidelity, for a square picture and for any other.
        most: the most tokens that one picture is known to take.
    """

    models: str
    patches: int = 0
    base: int = 0
    tile: int = 0
    fidelity: tuple[int, int] = (0, 0)
    most: int = 0

    def likely(self, width: int, height: int, options: Mapping[str, JsonValue]) -> int:
        """Return the tokens of a picture of this size."""
        if self.patches:
            return patch_tokens(self.patches, width, height)
        closely = self.fidelity[width != height] if options.get("input_fidelity") == "high" else 0
        tiles = math.ceil(Fraction(max(width, height), min(width, height)))  # the short side is scaled to one tile
        return self.base + self.tile * tiles + closely


def patch_tokens(most: int, width: int, height: int) -> int:
    """Return how many patches a picture has, magnified if small, padded if narrow, shrunk if large.

    >>> [patch_tokens(1536, *size) for size in ((256, 256), (1024, 1024), (2048, 2048), (3840, 2160), (1000, 200))]
    [256, 1024, 1521, 1508, 352]
    """
    scale = min(Fraction(2), max(Fraction(1), Fraction(_LEAST_SIDE, max(width, height))))
    sides = sorted((width * scale, height * scale))
    short, long = max(sides[0], sides[1] / _WIDEST), sides[1]
    if math.ceil(short / _PATCH) * math.ceil(long / _PATCH) <= most:
        return math.ceil(short / _PATCH) * math.ceil(long / _PATCH)
    shrink = math.sqrt(most / (short / _PATCH * (long / _PATCH)))
    return int(short / _PATCH * shrink) * int(long / _PATCH * shrink)
