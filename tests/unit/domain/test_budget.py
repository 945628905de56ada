from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imgmagic.domain.budget import Budget, Spent, check_call, check_limit, parse_amount
from imgmagic.domain.wording import dollars
from imgmagic.errors import BudgetExceeded, SettingsError

CENTS = st.integers(0, 1000).map(lambda cents: Decimal(cents) / 100)


@pytest.mark.parametrize(("text", "amount"), [("2.00", "2"), ("$0.50", "0.5"), (" 3 ", "3"), ("0", "0")])
def test_an_amount_is_read_as_people_write_it(text: str, amount: str) -> None:
    """With or without the sign of the currency."""
    assert parse_amount(text) == Decimal(amount)


@pytest.mark.parametrize("text", ["-1", "abc", "", "NaN", "inf", "-0.01", "1,5", "2 dollars"])
def test_an_amount_that_is_none_is_refused(text: str) -> None:
    """A budget is a number of dollars, 0 or more; the message says so."""
    with pytest.raises(SettingsError, match="not an amount") as raised:
        parse_amount(text)
    assert "2.00" in str(raised.value)


@pytest.mark.parametrize("name", ["session", "daily", "per_call"])
def test_no_limit_is_negative(name: str) -> None:
    """A limit checks itself."""
    with pytest.raises(SettingsError):
        Budget(**{name: Decimal(-1)})
    assert Budget(**{name: Decimal(0)}).is_set
    assert not Budget().is_set


def test_a_call_that_is_too_dear_is_refused_by_itself() -> None:
    """The limit for one call needs no history."""
    budget = Budget(per_call=Decimal("0.10"))

    check_call(budget, Decimal("0.10"))
    with pytest.raises(BudgetExceeded, match=r"\$0\.11.*\$0\.10"):
        check_call(budget, Decimal("0.11"))


def test_an_unknown_price_is_refused_only_under_a_limit() -> None:
    """And not there either, when that is allowed."""
    check_call(Budget(), None)
    check_call(Budget(daily=Decimal(1), allow_unknown=True), None)
    with pytest.raises(BudgetExceeded, match="unknown"):
        check_call(Budget(daily=Decimal(1)), None)


@settings(deadline=None)
@given(limit=CENTS, settled=CENTS, reserved=CENTS, at_most=CENTS.filter(bool))
def test_no_call_that_is_let_through_passes_the_limit(
    limit: Decimal, settled: Decimal, reserved: Decimal, at_most: Decimal
) -> None:
    """What is let through fits beside all that is spent and reserved."""
    spent = Spent(settled=settled, reserved=reserved)

    assert not _fits(limit, spent, at_most) or spent.total + at_most <= limit


def _fits(limit: Decimal, spent: Spent, at_most: Decimal | None) -> bool:
    try:
        check_limit("session", limit, spent, at_most)
    except BudgetExceeded:
        return False
    return True


def test_a_spent_budget_lets_only_free_calls_through() -> None:
    """What costs nothing needs no money; what may cost anything does."""
    spent = Spent(settled=Decimal("1.01"))

    assert _fits(Decimal(1), spent, Decimal(0))
    assert not _fits(Decimal(1), spent, None)
    assert not _fits(Decimal(1), spent, Decimal("0.000000001"))


@settings(deadline=None)
@given(estimates=st.lists(CENTS.filter(bool), min_size=1, max_size=20), error=st.integers(100, 150))
def test_calls_side_by_side_pass_the_limit_by_one_error_at_most(estimates: list[Decimal], error: int) -> None:
    """However many run at once, each up to half dearer than estimated, one error is the most that is overspent."""
    limit, reserved = Decimal(10), Decimal(0)
    running = []
    for estimate in estimates:
        if _fits(limit, Spent(reserved=reserved), estimate):
            running.append(estimate)
            reserved += estimate

    true = sum(running) * error / 100

    assert true <= limit + max(running, default=Decimal(0)) * (error - 100) / 100


@pytest.mark.parametrize(
    ("amount", "shown"), [("2", "$2.00"), ("0.5", "$0.50"), ("0.0059", "$0.0059"), ("0", "$0.00"), ("12.345", "$12.35")]
)
def test_amounts_are_shown_as_people_read_them(amount: str, shown: str) -> None:
    """Cents, and more places where a cent is too coarse."""
    assert dollars(Decimal(amount)) == shown
