from dataclasses import fields

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imgmagic.domain.usage import Usage

COUNTS = st.none() | st.integers(0, 10**9)
USAGES = st.builds(Usage, **{field.name: COUNTS for field in fields(Usage)})


@settings(deadline=None)
@given(a=USAGES, b=USAGES, c=USAGES)
def test_the_order_of_adding_does_not_matter(a: Usage, b: Usage, c: Usage) -> None:
    """Usage adds up to the same in any order and grouping."""
    assert a + b == b + a
    assert (a + b) + c == a + (b + c)


@settings(deadline=None)
@given(usage=USAGES)
def test_adding_nothing_changes_nothing(usage: Usage) -> None:
    """A usage that is wholly unknown adds nothing, and makes nothing known."""
    assert usage + Usage() == usage


@pytest.mark.parametrize(("a", "b", "total"), [(None, None, None), (None, 0, 0), (5, None, 5), (5, 7, 12)])
def test_what_neither_side_knows_stays_unknown(a: int | None, b: int | None, total: int | None) -> None:
    """None is not 0: only what one side knows is known of the sum."""
    assert (Usage(output_tokens=a) + Usage(output_tokens=b)).output_tokens == total
