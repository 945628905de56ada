"""Usage in each server's spelling."""

import pytest

from imgmagic.domain.json_types import JsonValue
from imgmagic.domain.usage import Usage
from imgmagic.wire.usage import read_cost, read_cost_header, read_usage

DETAILS = {"text_tokens": 3, "image_tokens": 4}


@pytest.mark.parametrize(
    ("value", "usage"),
    [
        (
            {"input_tokens": 1, "output_tokens": 2, "total_tokens": 3},
            Usage(input_tokens=1, output_tokens=2, total_tokens=3),
        ),
        ({"input_tokens_details": DETAILS}, Usage(input_text_tokens=3, input_image_tokens=4)),
        ({"output_tokens_details": DETAILS}, Usage(output_text_tokens=3, output_image_tokens=4)),
        (
            {
                "prompt_tokens": 1,
                "completion_tokens": 2,
                "total_tokens": 3,
                "completion_tokens_details": {"image_tokens": 2},
            },
            Usage(input_tokens=1, output_tokens=2, total_tokens=3, output_image_tokens=2),
        ),
        ({"input_tokens": 5, "output_tokens_details": None}, Usage(input_tokens=5)),
        ({"generated_images": 1, "output_tokens": 9, "total_tokens": 9}, Usage(output_tokens=9, total_tokens=9)),
        ({"input_tokens": 0, "output_tokens": 7}, Usage(input_tokens=0, output_tokens=7)),
        ({"input_tokens": 0, "output_tokens": 0, "total_tokens": 0}, None),
        ({"cost_in_usd_ticks": 5}, None),
        ({"input_tokens": "many", "output_tokens": -1, "total_tokens": True}, None),
        ({"input_tokens_details": [1]}, None),
        ("none", None),
        (None, None),
    ],
)
def test_reads_the_tokens(value: JsonValue, usage: Usage | None) -> None:
    """Each spelling gives the same fields; what counts nothing gives none."""
    assert read_usage(value) == usage


@pytest.mark.parametrize(
    ("value", "cost"),
    [
        ({"cost_in_usd_ticks": 700_000_000}, "0.07"),
        ({"cost": 0.0421}, "0.0421"),
        ({"cost": "0.04"}, "0.04"),
        ({"cost": 1e-7}, "0.0000001"),
        ({"cost": 0}, "0"),
        ({"cost": "free"}, None),
        ({"cost": -1}, None),
        ({"cost": "NaN"}, None),
        ({"cost": "1e999"}, None),
        ({"cost": True}, None),
        ({}, None),
        (None, None),
    ],
)
def test_reads_the_price(value: JsonValue, cost: str | None) -> None:
    """A price comes as decimal text in dollars, and only where the server names one."""
    assert read_cost(value) == cost


def test_reads_the_price_from_a_gateways_header() -> None:
    """LiteLLM names the price in a header."""
    assert read_cost_header({"x-litellm-response-cost": "0.011"}) == "0.011"
    assert read_cost_header({}) is None
