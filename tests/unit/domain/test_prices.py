import json
from decimal import Decimal
from pathlib import Path

import pytest

from imgmagic.config.price_table import load_prices
from imgmagic.domain.prices import Price
from imgmagic.errors import SettingsError

TABLE = load_prices()


def test_the_table_says_when_and_whence() -> None:
    """A cost can always be traced to a date and a source."""
    assert TABLE.date == "2026-11-22"
    assert "LiteLLM" in TABLE.source
    assert TABLE.price("gpt-image-2.5-flare") == Price(
        text_in=Decimal("0.000005"), image_in=Decimal("0.000008"), image_out=Decimal("0.00003")
    )


@pytest.mark.parametrize(
    "name",
    [
        "gpt-image-1-mini",
        "openai/gpt-image-1-mini",
        "gpt-image-1-mini-2025-10-06",
        "openai/gpt-image-1-mini-2025-10-06",
    ],
)
def test_a_model_is_known_under_each_of_its_names(name: str) -> None:
    """Gateways put the maker before the name, and snapshots their date behind it."""
    assert TABLE.price(name) == TABLE.price("gpt-image-1-mini")
    assert TABLE.token_rule(name) == TABLE.token_rule("gpt-image-1-mini")


@pytest.mark.parametrize("name", ["", "gpt-image-9", "other/gpt-image-2", "gpt-image", "GPT-IMAGE-2"])
def test_an_unknown_model_has_no_price(name: str) -> None:
    """A price is never guessed from a name that is only like another."""
    assert TABLE.price(name) is None


def test_no_shipped_price_is_zero() -> None:
    """0 in a table that others keep means that nobody entered a price."""
    for price in TABLE.rows.values():
        assert all(amount > 0 for amount in vars(price).values() if amount is not None)


def test_a_table_of_ones_own_goes_before(tmp_path: Path) -> None:
    """A user's rows, in LiteLLM's form, replace those of the same name and leave the others."""
    own = tmp_path / "prices.json"
    rows = {
        "sample_spec": {"output_cost_per_image": "explained in words"},
        "my-model": {"output_cost_per_image": 0.04, "litellm_provider": "me"},
        "gpt-image-2": {"output_cost_per_image_token": 1e-06, "mode": "image_generation"},
        "a-chat-model": {"max_tokens": 5},
    }
    own.write_text(json.dumps(rows))

    table = load_prices(str(own))

    assert table.price("my-model") == Price(per_image=Decimal("0.04"))
    assert table.price("gpt-image-2") == Price(image_out=Decimal("0.000001"))
    assert table.price("a-chat-model") is None
    assert table.price("gpt-image-1.5") == TABLE.price("gpt-image-1.5")
    assert str(own) in table.source
    assert str(own) in table.date


def test_a_table_of_ones_own_may_say_its_date(tmp_path: Path) -> None:
    """The date of a user's table is recorded as the user gives it."""
    own = tmp_path / "prices.json"
    own.write_text('{"date": "2026-12-01", "rows": {"my-model": {"output_cost_per_image": 1}}}')

    assert load_prices(str(own)).date == "2026-12-01"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is not JSON"),
        ("prices: 5", "is not JSON"),
        ("[1, 2]", "not a JSON object"),
        ('{"rows": []}', "not a JSON object"),
        ("{}", "has no prices"),
        ('{"m": {"max_tokens": 5}}', "has no prices"),
        ('{"m": {"output_cost_per_image": -0.04}}', r"output_cost_per_image of m is Decimal\('-0\.04'\)"),
        ('{"m": {"output_cost_per_image": "0.04"}}', "not a price"),
        ('{"m": {"output_cost_per_image": true}}', "not a price"),
        ('{"m": {"output_cost_per_image": NaN}}', "is not JSON"),
        ('{"m": {"output_cost_per_image": 1e999999999999999999999}}', "is not JSON"),
        ('{"m": {"output_cost_per_image": 1e300}}', "not a price"),
        ("[" * 100_000, "is not JSON"),
    ],
)
def test_a_table_that_is_none_is_one_clear_message(tmp_path: Path, text: str, said: str) -> None:
    """What is wrong is named, with the file, and an example of what is right."""
    own = tmp_path / "prices.json"
    own.write_text(text)

    with pytest.raises(SettingsError, match=said) as raised:
        load_prices(str(own))
    assert str(own) in str(raised.value)


@pytest.mark.parametrize("make", [lambda path: None, lambda path: path.mkdir(), lambda path: path.write_bytes(b"\xff")])
def test_a_table_that_cannot_be_read_is_named(tmp_path: Path, make: object) -> None:
    """A file that is missing, a folder, or no text is one message."""
    make(tmp_path / "prices.json")

    with pytest.raises(SettingsError, match="cannot be read"):
        load_prices(str(tmp_path / "prices.json"))
