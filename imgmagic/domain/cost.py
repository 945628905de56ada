"""Cost: what a generation costs, and what it could cost, in US dollars; an unknown price is None, never 0."""

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal, InvalidOperation
from fractions import Fraction

from imgmagic.domain.budget import SMALLEST
from imgmagic.domain.prices import Price, PriceTable, TokenRule
from imgmagic.domain.request import ImageRequest
from imgmagic.domain.usage import Usage

LARGEST = Decimal(1_000_000)  # no generation costs this much, whatever a server says

Size = tuple[int, int]

_UNCOUNTED = ("gif", "svg")  # no document says how many tokens they take
_CHARS_PER_TOKEN = 4
_EDIT_TOKENS = 64  # what a server may add around pictures: 32 were seen with one
_MESSAGE_TOKENS = 16  # the same for a prompt
_FORMULA_SIZES = ("1024x1024", "1536x1024", "1024x1536", "2048x2048", "3840x2160")


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """What a request is likely to cost, and the most it can cost; None if that is unknown.

    Args:
        likely: to show; None when the server chooses the quality or the size.
        at_most: to reserve under a budget; assumes the dearest quality and size where the server chooses.
    """

    likely: Decimal | None = None
    at_most: Decimal | None = None


def estimate(request: ImageRequest, prices: PriceTable) -> Estimate:
    """Return what `request` would cost, from its prompt, pictures, size, quality, n and partial images."""
    model = request.model or ""
    if prices.token_rule(model) and request.options.get("output_format") in _UNCOUNTED:
        return Estimate()
    choices = _choices(request, prices, model)
    drawn = tuple(_drawing_cost(request, prices, model, quality, size) for quality, size in choices)
    if not drawn or None in drawn:
        return Estimate()
    # The dearest, where the server chooses: too low an estimate would let a call exceed the budget.
    costs = [cost for cost in drawn if cost is not None]
    price = prices.price(model) or Price()
    text = price.text_in or Decimal(0)
    inputs = _input_costs(request, prices, price)
    if inputs is None:
        return Estimate()
    chosen = _is_chosen(request, prices, model)
    prompts = request.n if request.stream else 1  # a streamed request draws one image
    likely = request.n * max(costs) + prompts * text * math.ceil(len(request.prompt) / _CHARS_PER_TOKEN)
    likely += request.n * inputs[0]
    # No token is shorter than a byte, so a prompt has at most as many tokens as bytes.
    at_most = request.n * max(costs) + prompts * text * (len(request.prompt.encode()) + _MESSAGE_TOKENS)
    at_most += request.n * inputs[1]
    return Estimate(likely=_round_up(likely) if chosen else None, at_most=_round_up(at_most))


def _input_costs(request: ImageRequest, prices: PriceTable, price: Price) -> tuple[Decimal, Decimal] | None:
    """Return what an edit's source pictures cost for each of its n images, likely and at most; None when unknown.

    A server that bills by the image alone (a row without tokens) charges nothing for its inputs.
    """
    if not request.sources or (price.image_out is None and price.image_in is None):
        return Decimal(0), Decimal(0)
    rule = prices.input_rule(request.model or "")
    if rule is None or price.image_in is None:
        return None
    tokens = sum(rule.likely(each.width, each.height, request.options) for each in request.sources)
    most = sum(max(rule.most, rule.likely(each.width, each.height, request.options)) for each in request.sources)
    text = (price.text_in or Decimal(0)) * _EDIT_TOKENS
    return price.image_in * tokens, price.image_in * most + text


def cost(request: ImageRequest, usage: Usage | None, images: Sequence[Size], prices: PriceTable) -> Decimal | None:
    """Return what the server will bill, from the tokens that it counted, else from the images that came.

    Args:
        request: the request; its model and quality determine the price.
        usage: the server's count of the whole generation.
        images: width and height of every image that came.
        prices: the price table.
    """
    price = prices.price(request.model or "")
    whole = request.options.get("output_format") != "svg"  # the model that writes it is counted apart (`svg_usage`)
    by_tokens = _by_tokens(usage, price) if usage and price and whole else None
    found = by_tokens if by_tokens is not None else _by_images(request, images, prices)
    return None if found is None or found > LARGEST else _round_up(found)


def stated_cost(text: str | None) -> Decimal | None:
    """Return a cost that the server stated as text; None if it is not a sensible amount."""
    try:
        amount = Decimal(text or "")
    except InvalidOperation:
        return None
    return _round_up(amount) if amount.is_finite() and 0 <= amount <= LARGEST else None


def _by_tokens(usage: Usage, price: Price) -> Decimal | None:
    """Return the sum over the four kinds of tokens; None if one was used that has no price or no known count."""
    # A sum that leaves out a kind of token is not a low cost but a wrong one, so one gap makes it unknown.
    parts = _split(usage)
    if parts is None:
        return None
    prices = (price.text_in, price.image_in, price.image_out, price.text_out)
    total = Decimal(0)
    for tokens, each in zip(parts, prices, strict=True):
        if tokens and each is None:
            return None
        total += tokens * (each or Decimal(0))
    return total


def _split(usage: Usage) -> tuple[int, int, int, int] | None:
    """Return text in, image in, image out, text out; what the server does not split is text in and image out."""
    output, given = usage.output_tokens, usage.input_tokens
    if given is None and usage.total_tokens is not None and output is not None:
        given = usage.total_tokens - output
    # What the server counted -> text in, image in, image out, text out. Nothing split: (input, 0, output, 0). Image
    # tokens alone: text is the rest of the input. Total and output alone: the input is the rest of the total.
    image_in, text_out = usage.input_image_tokens or 0, usage.output_text_tokens or 0
    text_in = usage.input_text_tokens if usage.input_text_tokens is not None else (given or 0) - image_in
    image_out = usage.output_image_tokens if usage.output_image_tokens is not None else (output or 0) - text_out
    if (given is None and usage.input_text_tokens is None) or image_out <= 0 or min(text_in, image_in, text_out) < 0:
        return None  # some servers fill in zeros instead of counting
    return text_in, image_in, image_out, text_out


def _by_images(request: ImageRequest, images: Iterable[Size], prices: PriceTable) -> Decimal | None:
    quality = str(request.options.get("quality", "auto"))
    each = [_image_price(prices, request.model or "", quality, size) for size in images]
    known = [price for price in each if price is not None]
    return sum(known, Decimal(0)) if known and len(known) == len(each) else None


def _image_price(prices: PriceTable, model: str, quality: str, size: Size) -> Decimal | None:
    found = prices.image_price(model, f"{size[0]}x{size[1]}", quality)
    row = prices.price(model)
    if found is None and row is not None and row.per_pixel is not None:
        return row.per_pixel * size[0] * size[1]
    return found


def _drawing_cost(request: ImageRequest, prices: PriceTable, model: str, quality: str, size: str) -> Decimal | None:
    """Return what one image costs in one quality and size, partial images included."""
    price, rule = prices.price(model), prices.token_rule(model)
    if price is not None and price.image_out is not None and rule is not None:
        tokens = _tokens(rule, quality, size)
        partials = request.partial_images * prices.partial_image_tokens
        return None if tokens is None else price.image_out * (tokens + partials)
    pixels = _pixels(size)
    return _image_price(prices, model, quality, pixels) if pixels else prices.image_price(model, size, quality)


def _tokens(rule: TokenRule, quality: str, size: str) -> int | None:
    if rule.sizes:
        return rule.sizes.get(size, {}).get(quality)
    pixels = _pixels(size)
    if quality not in rule.base or pixels is None:
        return None
    return formula_tokens(rule.base[quality], *pixels)


def formula_tokens(base: int, width: int, height: int) -> int:
    """Return the output tokens of an image by the guide's calculator, in whole numbers throughout."""
    short_side = round(Fraction(base * min(width, height), max(width, height)))  # halves go to the even number
    return -(-base * short_side * (2_000_000 + width * height) // 4_000_000)


def _choices(request: ImageRequest, prices: PriceTable, model: str) -> tuple[tuple[str, str], ...]:
    """Return every quality and size that the server may draw: those asked for, or all where it may choose."""
    rule = prices.token_rule(model)
    quality, size = _typed_text(request, "quality"), _typed_text(request, "size")
    qualities = (quality,) if quality or rule is None else tuple(rule.base) or tuple(next(iter(rule.sizes.values())))
    sizes = (size,) if size or rule is None else tuple(rule.sizes) or _FORMULA_SIZES
    return tuple((each or "auto", other or "auto") for each in qualities for other in sizes)


def _is_chosen(request: ImageRequest, prices: PriceTable, model: str) -> bool:
    """Return whether the request settles everything that affects the price and leaves the server no choice."""
    return prices.token_rule(model) is None or bool(_typed_text(request, "quality") and _typed_text(request, "size"))


def _typed_text(request: ImageRequest, name: str) -> str:
    value = request.options.get(name)
    return value if isinstance(value, str) and value != "auto" else ""


def _pixels(size: str) -> Size | None:
    found = re.fullmatch(r"([1-9]\d{0,5})x([1-9]\d{0,5})", size)
    return (int(found[1]), int(found[2])) if found else None


def _round_up(amount: Decimal) -> Decimal:
    return amount.quantize(SMALLEST, rounding=ROUND_CEILING).normalize()
