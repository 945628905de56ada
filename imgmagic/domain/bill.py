"""Bills: the known cost of a run, and how many of its images may be billed on top of that.

A reply that states its cost is believed; every other reply is priced by the tokens that it counted, else by the images
that came. Each streamed image has a reply of its own, so one reply that states its cost says nothing about the others.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from imgmagic.domain.cost import cost, stated_cost
from imgmagic.domain.prices import PriceTable
from imgmagic.domain.progress import Progress, Tile
from imgmagic.domain.request import ImageRequest
from imgmagic.domain.usage import sum_usage


@dataclass(frozen=True, kw_only=True)
class Bill:
    """Hold a run's cost in US dollars, None if nothing is known, and how many images it does not cover."""

    cost: Decimal | None
    unpriced: int


def bill(progress: Progress, request: ImageRequest, prices: PriceTable) -> Bill:
    """Return the bill of the run whose progress this is."""
    stated = _stated_costs(progress)
    rest = _cost_of_rest(progress, stated, request, prices)
    known = [*stated.values(), *(() if rest is None else (rest,))]
    # A count covers the request that it came with. If no reply counted anything, the price is per picture, and each
    # picture that came is covered.
    counted = {first for first in progress.counts if first not in stated}

    def is_priced(tile: Tile) -> bool:
        if tile.sent_with in stated:
            return True
        return rest is not None and (tile.sent_with in counted if counted else tile.completed is not None)

    return Bill(
        cost=sum(known, Decimal(0)) if known else None,
        unpriced=sum(tile.may_be_billed and not is_priced(tile) for tile in progress.tiles),
    )


def _stated_costs(progress: Progress) -> Mapping[int, Decimal]:
    """Return the cost of each reply that states one, by its first image."""
    amounts = ((first, stated_cost(count.cost_usd)) for first, count in progress.counts.items())
    return {first: amount for first, amount in amounts if amount is not None}


def _cost_of_rest(
    progress: Progress, stated: Mapping[int, Decimal], request: ImageRequest, prices: PriceTable
) -> Decimal | None:
    """Return the cost of the replies that do not state one."""
    usage = sum_usage(count.usage for first, count in progress.counts.items() if first not in stated)
    images = [tile.completed for tile in progress.tiles if tile.completed and tile.sent_with not in stated]
    return cost(request, usage, [(image.picture.width, image.picture.height) for image in images], prices)
