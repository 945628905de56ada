"""Totals: what several generations used together, by one key; simulated and replayed ones are kept apart."""

from dataclasses import dataclass, field
from decimal import Decimal

from imgmagic.domain.origin import Origin
from imgmagic.domain.usage import Usage


@dataclass(frozen=True, kw_only=True)
class Totals:
    """Hold what the generations under one key used.

    Args:
        key: the model, day, provider, tag or session.
        origin: live, simulated, replayed or reused.
        cost: US dollars, of the calls whose cost is known; None if there are no such calls.
        unknown_costs: how many calls are not, or only partly, in `cost`.
    """

    key: str = ""
    origin: Origin = Origin.LIVE
    generations: int = 0
    images: int = 0
    usage: Usage = field(default_factory=Usage)
    cost: Decimal | None = None
    unknown_costs: int = 0

    def __add__(self, other: "Totals") -> "Totals":
        """Return both together, under this one's key and origin."""
        known = [cost for cost in (self.cost, other.cost) if cost is not None]
        return Totals(
            key=self.key,
            origin=self.origin,
            generations=self.generations + other.generations,
            images=self.images + other.images,
            usage=self.usage + other.usage,
            cost=sum(known, Decimal(0)) if known else None,
            unknown_costs=self.unknown_costs + other.unknown_costs,
        )
