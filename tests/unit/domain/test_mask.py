"""Masks: the inner form, boxes, and what no mask may be."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imgmagic.domain.mask import Mask, mask_box, require_size, require_some_change
from imgmagic.errors import RequestInvalid


def test_a_box_lets_its_inside_change() -> None:
    """Left and top are inside, right and bottom are not."""
    mask = mask_box(1, 1, 3, 2).fit(4, 3)

    assert mask.cells.hex(" ", 4) == "00000000 00ffff00 00000000"
    assert mask.may_change(1, 1)
    assert not mask.may_change(3, 1)


def test_boxes_join_and_turn_round() -> None:
    """`|` joins, `~` swaps what changes and what stays."""
    mask = (~(mask_box(0, 0, 1, 1) | mask_box(1, 1, 2, 2))).fit(2, 2)

    assert mask.cells == b"\x00\xff\xff\x00"


@given(st.integers(1, 9), st.integers(1, 9), st.data())
def test_a_mask_turned_round_twice_is_itself(width: int, height: int, data: st.DataObject) -> None:
    """Inverting loses nothing, and the shares add up to one."""
    cells = data.draw(st.lists(st.sampled_from([0, 255]), min_size=width * height, max_size=width * height))
    mask = Mask(width=width, height=height, cells=bytes(cells))

    assert ~~mask == mask
    assert mask.share + (~mask).share == pytest.approx(1)


@pytest.mark.parametrize(
    ("box", "says"),
    [
        ((5, 0, 5, 9), "is empty"),
        ((0, 9, 5, 3), "is empty"),
        ((-1, 0, 5, 3), "must start at 0"),
    ],
)
def test_a_box_without_inside_is_refused(box: tuple[int, int, int, int], says: str) -> None:
    """A rectangle that holds no pixel is a mistake."""
    with pytest.raises(RequestInvalid, match=says):
        mask_box(*box)


def test_a_box_outside_the_picture_is_refused() -> None:
    """A box must lie in the picture that it is used with."""
    with pytest.raises(RequestInvalid, match="outside the picture of 4×4"):
        mask_box(0, 0, 5, 4).fit(4, 4)


@pytest.mark.parametrize(("cells", "says"), [(b"\x00" * 4, "lets nothing change"), (b"\xff" * 4, "whole picture")])
def test_a_mask_of_one_kind_is_refused(cells: bytes, says: str) -> None:
    """Some of the picture changes and some stays; anything else is not a mask."""
    with pytest.raises(RequestInvalid, match=says):
        require_some_change(Mask(width=2, height=2, cells=cells), "sky.png")


def test_a_mask_has_the_size_of_its_picture() -> None:
    """The refusal names both sizes."""
    with pytest.raises(RequestInvalid, match="2×2, and the first picture is 2×3"):
        require_size(Mask(width=2, height=2, cells=b"\x00\xff\x00\xff"), (2, 3), "sky.png")
