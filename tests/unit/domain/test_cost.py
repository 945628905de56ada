from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imgmagic.config.price_table import load_prices, with_rows
from imgmagic.domain.cost import Estimate, cost, estimate, formula_tokens, stated_cost
from imgmagic.domain.prices import Price, PriceTable
from imgmagic.domain.request import ImageRequest
from imgmagic.domain.usage import Usage

TABLE = load_prices()
SQUARE = (1024, 1024)


def asked(model: str | None = "gpt-image-2.5-flare", prompt: str = "", **options: object) -> ImageRequest:
    return ImageRequest(prompt=prompt, model=model, options=options)


# What the guide and the model pages print for one image, output only.
PRINTED = [
    ("gpt-image-2", "1024x1024", "low", 196),
    ("gpt-image-2", "1024x1024", "high", 7024),
    ("gpt-image-2", "1536x1024", "medium", 1372),
    ("gpt-image-2", "3840x2160", "high", 13342),
    ("gpt-image-2.5-sunburst", "1024x1024", "medium", 439),
    ("gpt-image-2.5-sunburst", "816x816", "xhigh", 2730),
    ("gpt-image-2.5-flare", "2048x2048", "max", 14272),
    ("gpt-image-2.5-flare", "1024x1536", "high", 1372),
    ("gpt-image-1.5", "1024x1024", "medium", 1056),
    ("gpt-image-1-mini", "1536x1024", "high", 6208),
]


@pytest.mark.parametrize(("model", "size", "quality", "tokens"), PRINTED)
def test_an_estimate_agrees_with_the_printed_tokens(model: str, size: str, quality: str, tokens: int) -> None:
    """Size and quality give the tokens of the guide, at the model's price."""
    price = TABLE.price(model)

    assert estimate(asked(model, size=size, quality=quality), TABLE).likely == price.image_out * tokens


@settings(deadline=None)
@given(width=st.integers(16, 4000), height=st.integers(16, 4000), base=st.sampled_from([16, 24, 48, 64, 96]))
def test_the_formula_does_not_depend_on_orientation(width: int, height: int, base: int) -> None:
    """A picture on its side takes the same tokens, a larger base never fewer."""
    assert formula_tokens(base, width, height) == formula_tokens(base, height, width)
    assert formula_tokens(base, width, height) <= formula_tokens(base + 8, width, height)


def test_everything_that_is_billed_is_estimated() -> None:
    """n images, 100 tokens for each partial image, and the prompt of each request."""
    request = asked(prompt="a" * 400, size="1024x1024", quality="low", n=2, stream=True, partial_images=3)

    found = estimate(request, TABLE)

    assert found.likely == 2 * (196 + 3 * 100) * Decimal("0.00003") + 2 * 100 * Decimal("0.000005")
    assert found.likely < found.at_most < 2 * found.likely


def test_partial_images_that_are_not_streamed_cost_nothing() -> None:
    """Only a streamed request draws partial images."""
    plain = asked(size="1024x1024", quality="low")

    assert estimate(asked(size="1024x1024", quality="low", partial_images=3), TABLE) == estimate(plain, TABLE)


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"quality": "auto", "size": "auto"},
        {"quality": "low"},
        {"size": "1024x1024"},
        {"quality": "low", "size": "auto"},
    ],
)
def test_what_the_server_chooses_has_an_upper_bound_only(options: dict[str, str]) -> None:
    """Nothing is shown as likely when the server chooses; the dearest choice is what could be billed."""
    found = estimate(asked(prompt="a fox", **options), TABLE)

    assert found.likely is None
    for quality in ("low", "medium", "high", "xhigh", "max"):
        for size in ("1024x1024", "1536x1024", "2048x2048", "3840x2160"):
            chosen = estimate(asked(prompt="a fox", **{"quality": quality, "size": size, **_set(options)}), TABLE)
            assert chosen.at_most <= found.at_most


def _set(options: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in options.items() if value != "auto"}


@settings(deadline=None)
@given(prompt=st.text(max_size=300))
def test_an_upper_bound_holds_for_any_script(prompt: str) -> None:
    """No prompt has more tokens than bytes, so what is reserved is never less than what is likely."""
    found = estimate(asked(prompt=prompt, size="1024x1024", quality="low"), TABLE)

    assert found.likely <= found.at_most


@pytest.mark.parametrize(
    "request_",
    [
        asked(None),
        asked("nobody-knows"),
        asked("gpt-image-1.5", size="512x512", quality="low"),
        asked("gpt-image-2", size="1024x1024", quality="max"),
        asked("gpt-image-2", size="wide", quality="low"),
        asked("gpt-image-2", size="0x0", quality="low"),
    ],
)
def test_what_cannot_be_estimated_is_unknown(request_: ImageRequest) -> None:
    """An unknown model, size or quality has no estimate: not 0, not a guess."""
    assert estimate(request_, TABLE) == Estimate()


def test_a_price_per_image_is_an_estimate() -> None:
    """A model that is billed by the image costs n times that."""
    table = PriceTable(date="d", source="s", rows={"flux": Price(per_image=Decimal("0.04"))})

    assert estimate(asked("flux", n=3), table) == Estimate(likely=Decimal("0.12"), at_most=Decimal("0.12"))


def test_a_price_per_pixel_needs_the_size() -> None:
    """A model that is billed by the pixel has an estimate once the size is set."""
    table = PriceTable(date="d", source="s", rows={"flex": Price(per_pixel=Decimal("0.00000005"))})

    assert estimate(asked("flex", size="1000x1000"), table).likely == Decimal("0.05")
    assert estimate(asked("flex"), table) == Estimate()
    assert cost(asked("flex"), None, [(1000, 500)], table) == Decimal("0.025")


@pytest.mark.parametrize(
    ("model", "usage", "dollars"),
    [
        ("gpt-image-2", Usage(input_tokens=50, output_tokens=196), "0.00613"),
        ("gpt-image-2", Usage(output_tokens=196, total_tokens=246), "0.00613"),
        ("gpt-image-2", Usage(input_text_tokens=10, input_image_tokens=40, output_tokens=1000), "0.03037"),
        ("gpt-image-2", Usage(input_tokens=50, input_image_tokens=40, output_tokens=1000), "0.03037"),
        ("gpt-image-1.5", Usage(input_tokens=0, output_text_tokens=100, output_image_tokens=900), "0.0298"),
        ("gpt-image-1.5", Usage(input_tokens=0, output_tokens=1000, output_text_tokens=100), "0.0298"),
    ],
)
def test_a_cost_follows_the_tokens_that_the_server_counted(model: str, usage: Usage, dollars: str) -> None:
    """Each kind of token has its price; what the server does not split is text in and image out."""
    assert cost(asked(model), usage, [SQUARE], TABLE) == Decimal(dollars)


@pytest.mark.parametrize(
    "usage",
    [
        None,
        Usage(),
        Usage(input_tokens=0, output_tokens=0, total_tokens=0),
        Usage(output_tokens=196),
        Usage(input_tokens=5, output_tokens=196, output_image_tokens=0),
        Usage(input_tokens=5, output_tokens=196, output_text_tokens=50),
        Usage(input_tokens=5, output_tokens=196, input_image_tokens=50),
        Usage(input_tokens=5, output_tokens=10**30),
    ],
)
def test_what_the_server_did_not_count_is_unknown(usage: Usage | None) -> None:
    """No usage, zeros instead of counts, a kind without a price: the cost is unknown, never 0."""
    assert cost(asked("gpt-image-2"), usage, [SQUARE], TABLE) is None


@pytest.mark.parametrize("output_format", ["gif", "svg"])
def test_frames_and_drawings_have_no_estimate(output_format: str) -> None:
    """The guide says how many tokens one picture takes, not a film or an svg: under a budget that price is unknown."""
    request = asked(size="1024x1024", quality="low", output_format=output_format)

    assert estimate(request, TABLE) == Estimate()


def test_what_an_svg_costs_is_unknown() -> None:
    """The tokens of the model that writes it are counted apart, and have no price here; those of a gif are counted."""
    usage = Usage(input_tokens=9, output_tokens=196)

    assert cost(asked(output_format="svg"), usage, [SQUARE], TABLE) is None
    assert cost(asked(output_format="gif"), usage, [SQUARE], TABLE) == Decimal("0.005925")


def test_without_usage_the_images_are_billed() -> None:
    """Rows by size and quality give the cost of the images that came."""
    request = asked("gpt-image-1.5", quality="high", size="auto")

    assert cost(request, None, [SQUARE, (1024, 1536)], TABLE) == Decimal("0.333")
    assert cost(request, None, [SQUARE, (512, 512)], TABLE) is None
    assert cost(request, None, [], TABLE) is None
    assert cost(asked("gpt-image-1.5"), None, [SQUARE], TABLE) is None


def test_a_model_without_a_price_costs_an_unknown_amount() -> None:
    """Tokens without a price are not money."""
    assert cost(asked("nobody-knows"), Usage(input_tokens=5, output_tokens=196), [SQUARE], TABLE) is None


def test_a_price_of_zero_in_ones_own_table_is_zero() -> None:
    """Who says that a model is free knows its cost."""
    table = with_rows(TABLE, '{"local": {"output_cost_per_image": 0}}', origin="own")

    assert cost(asked("local"), None, [SQUARE], table) == 0


def test_no_cost_is_rounded_to_nothing() -> None:
    """The smallest price still costs the smallest amount."""
    table = with_rows(TABLE, '{"tiny": {"output_cost_per_image": 1e-15}}', origin="own")

    assert cost(asked("tiny"), None, [SQUARE], table) == Decimal("0.000000001")


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("0.0421", Decimal("0.0421")),
        ("0", Decimal(0)),
        ("4.2e-2", Decimal("0.042")),
        ("-1", None),
        ("NaN", None),
        ("Infinity", None),
        ("1e30", None),
        ("much", None),
        ("", None),
        (None, None),
    ],
)
def test_a_cost_that_a_server_states_is_checked(text: str | None, amount: Decimal | None) -> None:
    """A sensible amount is taken, and anything else is unknown."""
    assert stated_cost(text) == amount
