"""The benchmarks' table: when a target holds, and how a figure reads."""

import pytest

from tools.bench.figure import Figure, alternating, table


@pytest.mark.parametrize(
    ("ours", "baseline", "most", "holds"),
    [
        (60, 100, 0.6, True),
        (61, 100, 0.6, False),
        (150, None, 150, True),
        (151, None, 150, False),
        (9, None, None, True),
    ],
)
def test_a_target_bounds_the_ratio_or_the_value(
    ours: float, baseline: float | None, most: float | None, holds: bool
) -> None:
    """With a baseline the ratio counts, without one the value, and a figure without a target holds."""
    assert Figure(name="it", ours=ours, baseline=baseline, most=most, unit="ms").holds is holds


def test_the_table_says_what_was_measured_and_what_holds() -> None:
    """Each line has the name, both values, their ratio, the target, and whether it holds."""
    figures = [
        Figure(name="CPU", ours=70, baseline=350, most=0.6, unit="ms"),
        Figure(name="interrupt, worst", ours=300, most=200, unit="ms"),
    ]

    heads, *lines = table(figures).splitlines()

    assert heads.split() == ["name", "ours", "baseline", "ratio", "target", "holds"]
    assert lines[0].split() == ["CPU", "70.0", "ms", "350.0", "ms", "0.20", "<=", "0.6", "yes"]
    assert lines[1].split() == ["interrupt,", "worst", "300.0", "ms", "-", "-", "<=", "200", "ms", "NO"]


def test_what_is_compared_takes_turns() -> None:
    """The steps run one after the other in each round, so that a busy moment hits them all."""
    order: list[str] = []

    alternating([lambda: order.append("a"), lambda: order.append("b")], rounds=2)

    assert order == ["a", "b", "a", "b"]
