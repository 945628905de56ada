"""The usage figures are those that OpenAI publishes."""

import pytest

from imgmagic.simulator.api.calls import Call
from imgmagic.simulator.api.tokens import count_tokens, picture_tokens


@pytest.mark.parametrize(
    ("model", "size", "quality", "tokens"),
    [
        ("gpt-image-1.5", (1024, 1024), "low", 272),
        ("gpt-image-1-mini", (1024, 1536), "high", 6240),
        ("chatgpt-image-latest", (1536, 1024), "medium", 1568),
        ("gpt-image-2", (1024, 1024), "medium", 1756),
        ("gpt-image-2", (3840, 2160), "high", 13342),
        ("gpt-image-2-2026-04-21", (816, 816), "low", 171),
        ("gpt-image-2.5-flare", (1024, 1024), "medium", 439),
        ("gpt-image-2.5-sunburst", (2048, 1152), "xhigh", 2511),
        ("gpt-image-2.5-flare", (1024, 1536), "max", 5488),
    ],
)
def test_picture_tokens(model: str, size: tuple[int, int], quality: str, tokens: int) -> None:
    """A picture counts by model, size and quality."""
    call = Call(prompt="a cat", model=model, width=size[0], height=size[1], quality=quality)

    assert picture_tokens(call) == tokens


def test_partial_images_count_extra() -> None:
    """Each partial image adds 100 tokens, and everything sums up."""
    call = Call(prompt="x" * 41, model="gpt-image-2", width=1024, height=1024, quality="low")

    usage = count_tokens(call, pictures=2, partials=3)

    assert usage == {
        "input_tokens": 11,
        "input_tokens_details": {"image_tokens": 0, "text_tokens": 11},
        "output_tokens": 2 * 196 + 300,
        "output_tokens_details": {"image_tokens": 692, "text_tokens": 0},
        "total_tokens": 703,
    }
