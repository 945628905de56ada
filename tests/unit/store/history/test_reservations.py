from dataclasses import replace
from decimal import Decimal

import pytest

from imgmagic.domain.budget import Budget, Spent
from imgmagic.domain.generation import Status
from imgmagic.domain.origin import Origin
from imgmagic.errors import BudgetExceeded
from imgmagic.store.history.history import History
from tests.support.stored_runs import COST, NOON, completed, generation, started

CENT = Decimal("0.01")
BUDGET = Budget(session=Decimal("0.10"), daily=Decimal("0.15"))


def begun(cents: int | None, session: str = "session-1") -> object:
    return started(session=session, at_most=None if cents is None else cents * CENT)


def test_a_call_reserves_what_it_could_cost(history: History) -> None:
    """While it runs its estimate is set aside; its true cost takes the place when it ends."""
    call = begun(5)

    generation_id = history.begin(call, BUDGET)
    assert history.spent(session="session-1") == Spent(settled=Decimal(0), reserved=5 * CENT)

    history.settle(generation(generation_id, call))
    assert history.spent(session="session-1") == history.spent(day=NOON.date()) == Spent(settled=COST)


def test_what_was_not_billed_is_released(history: History) -> None:
    """A refused call gives back all that it reserved."""
    call = begun(5)
    failed = generation(history.begin(call, BUDGET), call, status=Status.FAILED, cost=None)

    history.settle(failed, unpriced=0)

    assert history.spent(session="session-1") == Spent()


def test_a_bill_that_nobody_knows_counts_as_estimated(history: History) -> None:
    """A call that broke off may be billed: its estimate stays spent."""
    call = begun(5)
    broken = generation(history.begin(call, BUDGET), call, status=Status.CANCELLED, cost=None)

    history.settle(broken)

    assert history.spent(session="session-1") == Spent(settled=5 * CENT)


def test_the_images_of_unknown_price_keep_their_share(history: History) -> None:
    """Where one of two images broke off, half of what was reserved stays spent, beside what the other cost."""
    begun_for_two = begun(6)
    request = replace(begun_for_two.request, options={"n": 2})
    call = replace(begun_for_two, request=request)
    half = generation(history.begin(call, BUDGET), call, status=Status.PARTIAL)

    history.settle(half, unpriced=1)

    assert history.spent(session="session-1") == history.spent(day=NOON.date()) == Spent(settled=COST + 3 * CENT)
    (total,) = history.totals("session")
    assert (total.cost, total.unknown_costs) == (COST, 1)


def test_forgetting_gives_no_money_back(history: History) -> None:
    """What was reserved for a call whose bill nobody knows stays spent when its record goes, and is shown nowhere."""
    call = begun(5)
    broken = generation(history.begin(call, BUDGET), call, status=Status.CANCELLED, cost=None)
    history.settle(broken)

    history.forget(broken.id)

    assert history.spent(session="session-1") == history.spent(day=NOON.date()) == Spent(settled=5 * CENT)
    (total,) = history.totals("session")
    assert (total.generations, total.cost) == (1, None)


def test_a_call_that_does_not_fit_is_refused_with_what_is_left(history: History) -> None:
    """The refusal says what is left, and nothing is recorded."""
    call = begun(6)
    history.settle(generation(history.begin(call, BUDGET), call, cost=6 * CENT))

    with pytest.raises(BudgetExceeded, match=r"\$0\.04 of the session budget of \$0\.10 is left"):
        history.begin(begun(5), BUDGET)

    assert history.count() == 1


def test_the_daily_limit_holds_for_all_sessions(history: History) -> None:
    """What one session spent, another has no more; the next day begins anew."""
    for session in ("session-1", "session-2"):
        call = begun(7, session)
        history.settle(generation(history.begin(call, BUDGET), call, cost=7 * CENT))

    with pytest.raises(BudgetExceeded, match="daily budget"):
        history.begin(begun(7, "session-3"), BUDGET)

    tomorrow = replace(begun(7, "session-3"), at=NOON.replace(day=23))
    assert history.begin(tomorrow, BUDGET)


def test_near_the_limit_calls_go_one_at_a_time(history: History) -> None:
    """Beside a running call another must fit even if both are dearer than estimated."""
    history.begin(begun(4), BUDGET)

    with pytest.raises(BudgetExceeded, match=r"\$0\.04 is reserved for running calls"):
        history.begin(begun(4), BUDGET)


def test_an_unknown_price_is_refused_under_a_budget(history: History) -> None:
    """What cannot be estimated is not sent, unless told otherwise."""
    with pytest.raises(BudgetExceeded, match="unknown"):
        history.begin(begun(None), BUDGET)

    assert history.begin(begun(None), replace(BUDGET, allow_unknown=True))


def test_without_a_budget_everything_goes(history: History) -> None:
    """No limit, no refusal, whether the price is known or not."""
    assert history.begin(begun(None), Budget())
    assert history.begin(begun(10_000))


def test_what_was_spent_before_the_budget_was_set_counts(history: History) -> None:
    """A limit for the session is one for all of it."""
    completed(history, begun(5), cost=9 * CENT)

    with pytest.raises(BudgetExceeded, match=r"\$0\.01"):
        history.begin(begun(5), BUDGET)


@pytest.mark.parametrize("origin", [Origin.SIMULATED, Origin.REPLAYED, Origin.REUSED])
def test_only_live_calls_spend(history: History, origin: Origin) -> None:
    """What the simulator or a recording drew leaves the budget alone."""
    call = replace(begun(5), origin=origin, at_most=None)
    completed(history, call, cost=5 * CENT)

    assert history.spent(session="session-1") == Spent()


def test_each_user_of_a_shared_history_has_a_day_of_their_own(history: History) -> None:
    """One user's limit is not another's, the limit of all counts both, and each refusal says which of them it was."""
    budget = Budget(daily=20 * CENT, user_daily=10 * CENT)

    def spend(user: str) -> None:
        call = replace(begun(9), user=user)
        history.settle(generation(history.begin(call, budget), call, cost=9 * CENT))

    spend("ada")
    with pytest.raises(BudgetExceeded, match=r"\$0\.01 of the user's daily budget of \$0\.10 is left"):
        spend("ada")
    spend("bob")
    with pytest.raises(BudgetExceeded, match=r"\$0\.02 of the daily budget of \$0\.20 is left"):
        spend("eve")

    assert history.spent(day=NOON.date(), user="bob") == Spent(settled=9 * CENT)
    assert history.spent(day=NOON.date()) == Spent(settled=18 * CENT)


def test_what_runs_and_what_is_forgotten_counts_for_its_user(history: History) -> None:
    """A reservation is its user's, and stays so when the record goes before anybody knows the bill."""
    budget = Budget(user_daily=10 * CENT)
    call = replace(begun(6), user="ada")
    broken = generation(history.begin(call, budget), call, status=Status.CANCELLED, cost=None)
    assert history.spent(day=NOON.date(), user="ada") == Spent(reserved=6 * CENT)
    history.settle(broken)
    history.forget(broken.id)

    with pytest.raises(BudgetExceeded, match="user's daily"):
        history.begin(call, budget)
    assert history.begin(replace(call, user="bob"), budget)
