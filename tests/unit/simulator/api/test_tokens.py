"""The usage figures are those that OpenAI publishes."""

import pytest

from imgmagic.simulator.api.calls import Call
from imgmagic.simulator.api.tokens import count_tokens, input_tokens, picture_tokens


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


@pytest.mark.parametrize(
    ("size", "tokens"),
    [
        ((256, 256), 256),
        ((512, 512), 1024),
        ((1024, 1024), 1024),
        ((1536, 1024), 1536),
        ((2048, 2048), 1521),
        ((3840, 2160), 1508),
        ((1000, 200), 352),
    ],
)
def test_input_tokens_of_newer_models(size: tuple[int, int], tokens: int) -> None:
    """Small pictures are enlarged, narrow ones padded, large ones shrunk; the figures are others' measurements."""
    assert input_tokens(Call(prompt="x", model="gpt-image-2", width=16, height=16), *size) == tokens


@pytest.mark.parametrize(
    ("size", "fidelity", "tokens"),
    [
        ((1024, 1024), "low", 194),
        ((1536, 1024), "low", 323),
        ((1024, 1024), "high", 4290),
        ((1536, 1024), "high", 6467),
    ],
)
def test_input_tokens_of_older_models(size: tuple[int, int], fidelity: str, tokens: int) -> None:
    """They count tiles, and a high fidelity adds its own."""
    call = Call(prompt="x", model="gpt-image-1.5", width=16, height=16, input_fidelity=fidelity)

    assert input_tokens(call, *size) == tokens
