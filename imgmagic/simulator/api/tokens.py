"""Token counts: OpenAI's output tokens by model, size and quality, and the input tokens of edited pictures."""

import math
from collections.abc import Mapping
from typing import Final

from imgmagic.simulator.api.calls import Call
from imgmagic.simulator.api.refusals import Json

_PARTIAL_IMAGE: Final = 100
_FIXED: Final[Mapping[str, Mapping[str, int]]] = {
    "1024x1024": {"low": 272, "medium": 1056, "high": 4160},
    "1024x1536": {"low": 408, "medium": 1584, "high": 6240},
    "1536x1024": {"low": 400, "medium": 1568, "high": 6208},
}
# Newer models count by area: the base is the number of steps along the longer side of a square picture.
_BASES: Final[Mapping[str, Mapping[str, int]]] = {
    "gpt-image-2": {"low": 16, "medium": 48, "high": 96},
    "gpt-image-2.5": {"low": 16, "medium": 24, "high": 48, "xhigh": 64, "max": 96},
}
# How input pictures are counted is not documented; users inferred these rules from about a hundred calls.
_PATCH_PX: Final = 32
_MOST_PATCHES: Final = 1536
_OF_FIXED_SIZE: Final = ("gpt-image-1", "chatgpt-image")


def count_tokens(call: Call, *, pictures: int, partials: int) -> dict[str, Json]:
    """Return the `usage` of a reply with this many pictures and partial images."""
    # About four characters of English make a token.
    words = math.ceil(len(call.prompt) / 4)
    shown = call.n * sum(input_tokens(call, image.width, image.height) for image in call.sources)
    read = words + shown
    written = pictures * picture_tokens(call) + partials * _PARTIAL_IMAGE
    return {
        "input_tokens": read,
        "input_tokens_details": {"image_tokens": shown, "text_tokens": words},
        "output_tokens": written,
        "output_tokens_details": {"image_tokens": written, "text_tokens": 0},
        "total_tokens": read + written,
    }


def picture_tokens(call: Call) -> int:
    """Return the output tokens of one picture."""
    if call.model.startswith(_OF_FIXED_SIZE) and call.size in _FIXED:
        return _FIXED[call.size].get(call.quality, _FIXED[call.size]["high"])
    bases = _BASES["gpt-image-2.5" if call.model.startswith(("gpt-image-2.5", "gpt-image-2.6")) else "gpt-image-2"]
    base = bases.get(call.quality, bases["medium"])
    ratio = max(call.width, call.height) / min(call.width, call.height)
    steps = round(base / ratio)
    return math.ceil(base * steps * (2_000_000 + call.width * call.height) / 4_000_000)


def input_tokens(call: Call, width: int, height: int) -> int:
    """Return the input tokens of one edited picture, of a size in pixels."""
    if call.model.startswith(_OF_FIXED_SIZE):
        high = 4096 if width == height else 6144
        return _count_tiles(width, height) + (high if call.input_fidelity == "high" else 0)
    return _count_patches(width, height)


def _count_patches(width: float, height: float) -> int:
    """Count patches: small pictures are enlarged up to twice, narrow ones padded, large ones shrunk to the maximum."""
    grown = min(2.0, max(1.0, 1024 / max(width, height)))
    longest = grown * max(width, height)
    shortest = max(grown * min(width, height), longest / 3)
    patches = math.ceil(longest / _PATCH_PX) * math.ceil(shortest / _PATCH_PX)
    if patches <= _MOST_PATCHES:
        return patches
    shrunk = math.sqrt(_MOST_PATCHES * _PATCH_PX**2 / (longest * shortest))
    return int(longest * shrunk / _PATCH_PX) * int(shortest * shrunk / _PATCH_PX)


def _count_tiles(width: float, height: float) -> int:
    """Count tiles of the picture whose shorter side is scaled to one tile."""
    tiles = math.ceil(max(width, height) / min(width, height))
    return 65 + 129 * tiles
