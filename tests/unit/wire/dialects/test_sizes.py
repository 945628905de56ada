"""Sizes: which are allowed where any is, and how they become ratios or edges."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imgmagic.wire.dialects import DIALECTS
from imgmagic.wire.dialects.sizes import free_size
from tests.support.typed import faults, preflight, provider_of


@pytest.mark.parametrize(
    "size", ["auto", "1024x1024", "1536x1024", "3840x2160", "2160x3840", "3072x1024", "1024x640", "816x816"]
)
@pytest.mark.parametrize("model", ["gpt-image-2.5-flare", "gpt-image-2", "gpt-image-2-2026-04-21"])
def test_free_sizes_within_their_rules(model: str, size: str) -> None:
    """The second generation takes any size of multiples of 16 within its bounds."""
    assert faults("openai", model=model, size=size) == []


@pytest.mark.parametrize(
    ("size", "message"),
    [
        ("1000x1000", "both edges must be multiples of 16. Did you mean 992x992?"),
        ("512x512", "width times height must be 655,360 to 8,294,400. Did you mean 832x832?"),
        ("3840x3840", "width times height must be 655,360 to 8,294,400. Did you mean 2800x2800?"),
        ("4096x2304", "the longest edge must be at most 3840; width times height must be 655,360 to 8,294,400."),
        ("3088x1024", "the ratio must be at most 3:1."),
        ("16:9", "'16:9' is not a size; write width x height, such as 1024x1024, or auto."),
        ("large", "'large' is not a size"),
        ("1024X1024", "'1024X1024' is not a size"),
        ("0x1024", "'0x1024' is not a size"),
        ("1024x", "'1024x' is not a size"),
    ],
)
def test_free_sizes_outside_their_rules(size: str, message: str) -> None:
    """The fault names each rule that is broken, and a size that keeps them all."""
    (found,) = faults("openai", size=size)

    assert found.startswith("--size: ")
    assert message in found


@given(st.integers(1, 9999), st.integers(1, 9999))
def test_a_suggested_size_is_allowed(width: int, height: int) -> None:
    """What the fault proposes does not fail in its turn."""
    said = free_size(f"{width}x{height}")
    suggested = said.rpartition("Did you mean ")[2].rstrip("?") if said else "auto"

    assert free_size(suggested) is None


@pytest.mark.parametrize(
    ("size", "ratio"), [("16:9", "16x9"), ("16x9", "16x9"), ("1024x1024", "1x1"), ("1792x1024", "7x4"), ("4:2", "2x1")]
)
def test_yandex_is_sent_a_ratio(size: str, ratio: str) -> None:
    """However the size is written, two whole numbers in lowest terms leave."""
    yandex = DIALECTS["yandex"]
    provider = provider_of(yandex)

    found = preflight(yandex, provider, {"size": size})

    assert yandex.body(found.request, provider)["size"] == ratio
