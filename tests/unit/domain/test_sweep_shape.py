import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imgmagic.domain.axes import axis_of
from imgmagic.domain.sweep_shape import SweepShape
from imgmagic.errors import RequestInvalid


def shape(*counts: int, zipped: bool = False) -> SweepShape:
    axes = tuple(
        axis_of(name, [f"{name}{n}" for n in range(count)]) for name, count in zip("abcde", counts, strict=False)
    )
    return SweepShape(axes=axes, zipped=zipped)


def test_the_first_axis_goes_across():
    """Cells are drawn row by row: the first row is complete early."""
    cells = shape(2, 2).cells

    assert [cell.place for cell in cells] == [(0, 0), (1, 0), (0, 1), (1, 1)]
    assert [cell.number for cell in cells] == [1, 2, 3, 4]
    assert cells[1].plain == {"a": "a1", "b": "b0"}
    assert cells[1].title == "a a1, b b0"


def test_a_third_axis_makes_one_grid_per_value():
    """The third axis and the fourth name their grids."""
    grids = shape(2, 3, 2, 2).grids

    assert [grid.title for grid in grids] == ["c c0, d d0", "c c1, d d0", "c c0, d d1", "c c1, d d1"]
    assert all(grid.columns == ("a0", "a1") and grid.rows == ("b0", "b1", "b2") for grid in grids)


def test_one_axis_is_one_row():
    """A sweep of one axis has one row without a label."""
    (grid,) = shape(3).grids

    assert (grid.rows, grid.down, grid.columns) == (("",), "", ("a0", "a1", "a2"))


def test_zipped_axes_go_side_by_side():
    """Zipped axes give as many cells as each has values, in one row whose heads name them all."""
    zipped = shape(2, 2, zipped=True)
    (grid,) = zipped.grids

    assert [cell.plain for cell in zipped.cells] == [{"a": "a0", "b": "b0"}, {"a": "a1", "b": "b1"}]
    assert grid.columns == ("a0, b0", "a1, b1")
    assert grid.across == "a, b"


def test_axes_that_make_no_sweep_are_refused():
    """No axis, one twice, too many, or unequal ones side by side are each refused with the reason."""
    twice = axis_of("size", ["a", "b"])
    with pytest.raises(RequestInvalid, match="no axis"):
        SweepShape(axes=())
    with pytest.raises(RequestInvalid, match="size is varied twice"):
        SweepShape(axes=(twice, twice))
    with pytest.raises(RequestInvalid, match="5 axes are too many"):
        shape(1, 1, 1, 1, 1)
    with pytest.raises(RequestInvalid, match="a has 2, b has 3"):
        shape(2, 3, zipped=True)


@given(st.lists(st.integers(1, 4), min_size=1, max_size=4))
def test_every_combination_is_a_cell_once(counts):
    """Crossed axes give every combination exactly once, and the grids hold exactly the cells."""
    swept = shape(*counts)
    places = [cell.place for cell in swept.cells]

    assert sorted(places) == sorted(itertools.product(*(range(count) for count in counts)))
    assert len(swept) == len(places)
    assert [cell for grid in swept.grids for row in grid.cells for cell in row] == list(swept.cells)
