"""Option values as people type and paste them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imgmagic.domain.json_types import JsonValue
from imgmagic.domain.options import OPTIONS, Option
from imgmagic.domain.typed_value import read_typed


@pytest.mark.parametrize(
    ("name", "typed", "sent"),
    [
        ("size", "1024×1024", "1024x1024"),
        ("size", "1024 x 1536", "1024x1536"),
        ("size", "1024X1024", "1024x1024"),
        ("size", "1024*1024;", "1024x1024"),
        ("size", "1024х1024", "1024x1024"),
        ("size", " 1024 by 1024 px ", "1024x1024"),
        ("size", "AUTO", "auto"),
        ("size", "16:9", "16:9"),
        ("size", "2K", "2K"),
        ("quality", "HIGH", "high"),
        ("quality", "High;", "high"),
        ("quality", "ultra", "ultra"),
        ("output_format", "JPEG", "jpeg"),
        ("output_format", "jpg", "jpeg"),
        ("background", "Transparent", "transparent"),
        ("style", "VIVID", "vivid"),
        ("model", "gpt‑image‑2", "gpt-image-2"),
        ("model", "gpt–image–2", "gpt-image-2"),
        ("model", "FLUX.1-dev", "FLUX.1-dev"),
        ("user", "A–b;", "A–b;"),
        ("n", 3, 3),
        ("stream", True, True),
        ("seed", "HIGH", "HIGH"),
    ],
)
def test_a_value_is_sent_in_the_servers_spelling(name: str, typed: JsonValue, sent: JsonValue) -> None:
    """What is plainly meant is taken; what is not known stays as typed, for the dialect to judge."""
    assert read_typed(name, typed) == sent


@given(st.sampled_from(OPTIONS), st.text(max_size=12))
def test_reading_twice_changes_nothing(option: Option, text: str) -> None:
    """The settings read a value once, and planning again."""
    once = read_typed(option.name, text)

    assert read_typed(option.name, once) == once
