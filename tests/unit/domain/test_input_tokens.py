"""Input tokens: what pictures to start from add to an estimate."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imgmagic.config.price_table import load_prices
from imgmagic.domain.cost import Estimate, cost, estimate
from imgmagic.domain.input_tokens import patch_tokens
from imgmagic.domain.request import ImageRequest
from imgmagic.domain.usage import Usage
from tests.support.source_pictures import drawn, source

TABLE = load_prices()


def asked(model: str, *sizes: tuple[int, int], **options: Any) -> ImageRequest:
    sources = tuple(source(drawn(size)) for size in sizes)
    return ImageRequest(prompt="", model=model, options=options, sources=sources)


# Counted by users of gpt-image-2: width, height, tokens.
COUNTED = [
    (256, 256, 256),
    (512, 512, 1024),
    (1024, 1024, 1024),
    (1536, 1024, 1536),
    (2048, 2048, 1521),
    (3840, 2160, 1508),
    (1000, 200, 352),
]


@pytest.mark.parametrize(("width", "height", "tokens"), COUNTED)
def test_the_patch_rule_agrees_with_what_was_counted(width: int, height: int, tokens: int) -> None:
    """On either side."""
    assert (patch_tokens(1536, width, height), patch_tokens(1536, height, width)) == (tokens, tokens)


@given(st.integers(1, 9000), st.integers(1, 9000))
def test_no_picture_takes_more_than_the_most(width: int, height: int) -> None:
    """Whatever its size, and never nothing."""
    assert 0 < patch_tokens(1536, width, height) <= 1536


PRICED = [
    ("gpt-image-2", [(1024, 1024)], {}, "0.008192"),
    ("gpt-image-2.5-flare", [(1024, 1024), (1536, 1024)], {}, "0.02048"),
    ("gpt-image-1.5", [(1024, 1024)], {}, "0.001552"),
    ("gpt-image-1.5", [(1024, 1024)], {"input_fidelity": "high"}, "0.03432"),
    ("gpt-image-1.5", [(1536, 1024)], {"input_fidelity": "high"}, "0.051736"),
    ("gpt-image-1-mini", [(1024, 1024)], {}, "0.000485"),
]


@pytest.mark.parametrize(("model", "sizes", "options", "dollars"), PRICED)
def test_an_estimate_counts_the_pictures(
    model: str, sizes: list[tuple[int, int]], options: dict[str, Any], dollars: str
) -> None:
    """An edit costs what a new picture does, and its input pictures for each of n; the most lies above."""
    how = {"size": "1024x1024", "quality": "low", **options}
    plain, edit, two = (
        estimate(asked(model, *given, **how, **more), TABLE)
        for given, more in (((), {}), (sizes, {}), (sizes, {"n": 2}))
    )

    assert plain.likely is not None
    assert edit.likely is not None
    assert edit.at_most is not None
    assert edit.likely - plain.likely == Decimal(dollars)
    assert two.likely == 2 * edit.likely
    assert edit.likely < edit.at_most


def test_pictures_whose_tokens_nobody_knows_make_the_cost_unknown() -> None:
    """Unknown is never nothing; a model that bills by the image takes nothing for what it is given."""
    unknown = asked("gpt-image-2", (8, 8), size="1024x1024", quality="low")
    blind = estimate(unknown, TABLE.__class__(date="", source="", rows=TABLE.rows, tokens=TABLE.tokens))
    flux = asked("azure_ai/flux.2-pro", (8, 8), size="1024x1024")

    assert blind == Estimate()
    assert estimate(flux, TABLE).likely == Decimal("0.04")


def test_input_pictures_are_billed_at_their_own_price() -> None:
    """Text, input pictures and output each have theirs (OpenAI, `usage.input_tokens_details`)."""
    usage = Usage(input_tokens=1056, output_tokens=196, input_text_tokens=32, input_image_tokens=1024)

    found = cost(asked("gpt-image-2.6-flare"), usage, [(1024, 1024)], TABLE)

    assert found == 32 * Decimal("0.000005") + 1024 * Decimal("0.000008") + 196 * Decimal("0.00003")
