from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from imgmagic.domain.origin import Origin
from imgmagic.domain.totals import Totals
from imgmagic.domain.usage import Usage

TOTALS = st.builds(
    Totals,
    key=st.just("model"),
    origin=st.just(Origin.LIVE),
    generations=st.integers(0, 1000),
    images=st.integers(0, 1000),
    usage=st.builds(Usage, output_tokens=st.none() | st.integers(0, 1000)),
    cost=st.none() | st.decimals(0, 1000, places=9),
    unknown_costs=st.integers(0, 1000),
)


@settings(deadline=None)
@given(a=TOTALS, b=TOTALS, c=TOTALS)
def test_the_order_of_adding_does_not_matter(a: Totals, b: Totals, c: Totals) -> None:
    """Totals add up to the same, to the last digit, in any order and grouping."""
    assert a + b == b + a
    assert (a + b) + c == a + (b + c)


def test_a_cost_that_is_known_of_none_stays_unknown() -> None:
    """The sum of unknown costs is unknown, and says of how many calls."""
    both = Totals(generations=1, unknown_costs=1) + Totals(generations=2, unknown_costs=2)

    assert (both.cost, both.unknown_costs, both.generations) == (None, 3, 3)


def test_a_known_cost_is_kept_beside_unknown_ones() -> None:
    """What is known is summed, and what is not is counted beside it."""
    both = Totals(generations=1, unknown_costs=1) + Totals(generations=1, cost=Decimal("0.02"))

    assert (both.cost, both.unknown_costs) == (Decimal("0.02"), 1)


def test_a_sum_keeps_the_first_key_and_origin() -> None:
    """Totals under one key are added to that key."""
    both = Totals(key="a", origin=Origin.SIMULATED) + Totals(key="b")

    assert (both.key, both.origin) == ("a", Origin.SIMULATED)
