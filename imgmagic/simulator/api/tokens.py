"""What a picture counts as: OpenAI's output tokens by model, size and quality."""

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
_BASES: Final[Mapping[str, Mapping[str, int]]] = {
    "gpt-image-2": {"low": 16, "medium": 48, "high": 96},
    "gpt-image-2.5": {"low": 16, "medium": 24, "high": 48, "xhigh": 64, "max": 96},
}
_OF_FIXED_SIZE: Final = ("gpt-image-1", "chatgpt-image")


def count_tokens(call: Call, *, pictures: int, partials: int) -> dict[str, Json]:
    """Return the `usage` of a reply with that many pictures and partial images."""
    read = math.ceil(len(call.prompt) / 4)
    written = pictures * picture_tokens(call) + partials * _PARTIAL_IMAGE
    return {
        "input_tokens": read,
        "input_tokens_details": {"image_tokens": 0, "text_tokens": read},
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
