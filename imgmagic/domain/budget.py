"""The budget: how much may be spent, and whether one more call fits; it knows nothing of databases."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from imgmagic.domain.wording import dollars
from imgmagic.errors import BudgetExceeded, SettingsError

SMALLEST = Decimal("0.000000001")  # a billionth of a dollar; amounts are rounded up to a multiple of it
MARGIN = Decimal("1.5")
"""The factor by which concurrent calls may exceed what they reserved: near the limit they run one at a time."""
UNKNOWN_MARGIN = Decimal(4)
"""The same, as long as no call of the model has shown what it really costs."""

USER_DAILY = "user's daily"
"""What messages call the daily limit of one user; "daily" alone is that of all users."""


@dataclass(frozen=True, kw_only=True)
class Budget:
    """Hold the limits in US dollars; None where there is no limit.

    Args:
        session: what this session may spend.
        daily: what all kernels that share the history may spend in a day.
        user_daily: what each user of the history may spend in a day.
        per_call: what one call may cost.
        allow_unknown: allow calls with an unknown price.
    """

    session: Decimal | None = None
    daily: Decimal | None = None
    user_daily: Decimal | None = None
    per_call: Decimal | None = None
    allow_unknown: bool = False

    def __post_init__(self) -> None:
        for limit in (self.session, self.daily, self.user_daily, self.per_call):
            if limit is not None and not (limit.is_finite() and limit >= 0):
                raise SettingsError(f"a budget of {limit} is not an amount.", remedy=_AMOUNT)

    @property
    def is_set(self) -> bool:
        """Return whether there is any limit."""
        return any(limit is not None for limit in (self.session, self.daily, self.user_daily, self.per_call))


_AMOUNT = "Give US dollars as a number of 0 or more, such as 2.00, or off."


def parse_amount(text: str) -> Decimal:
    """Return the amount in `text`, US dollars.

    Raises:
        SettingsError: it is not a number, or less than 0.
    """
    try:
        amount = Decimal(text.strip().removeprefix("$"))
    except InvalidOperation as error:
        raise SettingsError(f"a budget of {text!r} is not an amount.", remedy=_AMOUNT) from error
    Budget(session=amount)
    return amount


@dataclass(frozen=True, kw_only=True)
class Spent:
    """What is spent under one limit: by calls that ended, and reserved for those that are running."""

    settled: Decimal = Decimal(0)
    reserved: Decimal = Decimal(0)

    @property
    def total(self) -> Decimal:
        """Return both together."""
        return self.settled + self.reserved


def check_call(budget: Budget, at_most: Decimal | None, *, what: str = "call") -> None:
    """Refuse a call, or a sweep of calls, whose price is too high, or is unknown although that is not allowed.

    Raises:
        BudgetExceeded: with the reason and what to do.
    """
    if not budget.is_set:
        return
    if at_most is None:
        if not budget.allow_unknown:
            raise BudgetExceeded(
                f"the cost of this {what} is unknown, and a budget is set; nothing was sent.",
                remedy="Add the model to a price table of your own, allow unknown prices, or turn the budget off.",
            )
    elif budget.per_call is not None and at_most > budget.per_call:
        raise BudgetExceeded(
            f"this {what} could cost {dollars(at_most)}, and at most {dollars(budget.per_call)} is allowed for it; "
            "nothing was sent.",
            remedy=_CHEAPER,
        )


_CHEAPER = "Ask for a lower quality, a smaller size or fewer images, or raise the limit."


def margin_of(bills: Sequence[tuple[Decimal, Decimal]]) -> Decimal:
    """Return by what factor calls may exceed their reservations, judging by the last ones."""
    if not bills:
        return UNKNOWN_MARGIN
    return max(MARGIN, *(cost / reserved for cost, reserved in bills))


def check_limit(
    name: str,
    limit: Decimal,
    spent: Spent,
    at_most: Decimal | None,
    *,
    margin: Decimal = MARGIN,
    what: str = "call",
) -> None:
    """Refuse a call, or a sweep of calls, that could pass a limit.

    `at_most` is None where its price is unknown and that is allowed.

    While others run, it must fit even if each call costs `margin` times what was reserved; alone, only its own estimate
    has to fit. So the limit is never exceeded by more than the error of one estimate.

    Raises:
        BudgetExceeded: with what is left.
    """
    left = max(limit - spent.total, Decimal(0))
    if left < (SMALLEST if at_most is None else at_most):
        could_cost = "something" if at_most is None else dollars(at_most)
        raise BudgetExceeded(
            f"{dollars(left)} of the {name} budget of {dollars(limit)} is left, and this {what} could cost "
            f"{could_cost}; nothing was sent.",
            remedy=_CHEAPER,
        )
    if spent.reserved and spent.settled + margin * (spent.reserved + (at_most or 0)) > limit:
        raise BudgetExceeded(
            f"{dollars(left)} of the {name} budget of {dollars(limit)} is left, but {dollars(spent.reserved)} is "
            "reserved for running calls; nothing was sent.",
            remedy="Try again when they are done, or raise the limit.",
        )
