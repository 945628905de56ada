"""Bills: what a run costs as far as it is known, and how many images that does not hold."""

from decimal import Decimal

import pytest

from imgmagic.config.price_table import load_prices
from imgmagic.domain.bill import Bill, bill
from imgmagic.domain.events import Event, ImageFailed, RequestSent, UsageReported
from imgmagic.domain.progress import Progress
from imgmagic.domain.request import ImageRequest
from imgmagic.domain.usage import Usage
from imgmagic.errors import DownloadFailed, ImgmagicError, ProtocolError, RateLimited
from tests.support.pictures import completed_image

PRICES = load_prices()
CUT = ProtocolError("cut.")
USED = Usage(input_tokens=9, output_tokens=196)
ONE = Decimal("0.005925")  # for the tokens of USED
STATED = Decimal("0.04")


def sent(index: int = 0, images: int = 1) -> Event:
    return RequestSent(elapsed_s=0.0, index=index, images=images)


def done(index: int = 0) -> Event:
    return completed_image(elapsed_s=2.0, index=index, data=b"x", format="png", width=1024, height=1024)


def failed(index: int = 0, error: ImgmagicError | None = None) -> Event:
    return ImageFailed(elapsed_s=2.0, index=index, error=error or RateLimited("slow down", status=429))


def counted(index: int = 0, cost_usd: str | None = None) -> Event:
    return UsageReported(elapsed_s=2.0, index=index, usage=USED, cost_usd=cost_usd)


def stated(index: int = 0, cost_usd: str = "0.04") -> Event:
    return UsageReported(elapsed_s=2.0, index=index, usage=Usage(), cost_usd=cost_usd)


def bill_of(*events: Event, stream: bool = True, model: str = "gpt-image-2", cancelled: bool = False) -> Bill:
    progress = Progress.start(2)
    for event in (sent(), sent(1)) if stream else (sent(images=2),):
        progress = progress.after(event)
    for event in events:
        progress = progress.after(event)
    request = ImageRequest(prompt="a fox", model=model, options={"n": 2, "stream": stream})
    return bill(progress.cancelled() if cancelled else progress, request, PRICES)


@pytest.mark.parametrize(
    ("events", "cost", "unpriced"),
    [
        ((done(), counted(), done(1), counted(1)), 2 * ONE, 0),
        ((done(), counted(), failed(1, CUT)), ONE, 1),
        ((done(), counted(), failed(1)), ONE, 0),
        ((failed(), failed(1, CUT)), None, 1),
        ((failed(), failed(1)), None, 0),
        ((done(), counted(), done(1)), ONE, 1),
        ((done(), stated(), done(1), counted(1)), STATED + ONE, 0),
        ((done(), stated(), done(1)), STATED, 1),
        ((done(), stated(), failed(1, CUT)), STATED, 1),
        ((done(), stated(), done(1), stated(1)), 2 * STATED, 0),
        ((done(), counted(), stated(), done(1), counted(1)), STATED + ONE, 0),
        ((done(), stated(cost_usd="NaN"), done(1), stated(1)), STATED, 1),
    ],
)
def test_one_reply_says_nothing_of_the_others(events: tuple[Event, ...], cost: Decimal | None, unpriced: int) -> None:
    """Each streamed image has a bill of its own: what one reply states or counts does not stand for the rest."""
    assert bill_of(*events) == Bill(cost=cost, unpriced=unpriced)


@pytest.mark.parametrize(
    ("events", "cost", "unpriced"),
    [
        ((done(), counted(), failed(1, DownloadFailed("gone."))), ONE, 0),
        ((done(), stated(), failed(1, DownloadFailed("gone."))), STATED, 0),
        ((done(), done(1)), None, 2),
        ((failed(0, CUT), failed(1, CUT)), None, 2),
    ],
)
def test_one_reply_for_all_is_one_bill(events: tuple[Event, ...], cost: Decimal | None, unpriced: int) -> None:
    """The count of an unstreamed reply holds all its images, fetched or not."""
    assert bill_of(*events, stream=False) == Bill(cost=cost, unpriced=unpriced)


def test_a_stopped_image_may_be_billed() -> None:
    """Only what was counted before the stop has a known price."""
    assert bill_of(done(), counted(), cancelled=True) == Bill(cost=ONE, unpriced=1)


def test_a_run_that_was_stopped_before_anything_left_owes_nothing() -> None:
    """Nothing is held for what no server has heard of."""
    request = ImageRequest(prompt="a fox", model="gpt-image-2", options={"n": 2})

    assert bill(Progress.start(2).cancelled(), request, PRICES) == Bill(cost=None, unpriced=0)
