import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imgmagic.notebook.output.tile_size import TileSize, asked_aspect, row_width, tile_size


@pytest.mark.parametrize(
    ("size", "aspect"),
    [
        ("1536x1024", (1536, 1024)),
        ("16:9", (16, 9)),
        ("auto", (1, 1)),
        (None, (1, 1)),
        ("0x0", (1, 1)),
        ("x", (1, 1)),
        ("²x²", (1, 1)),
        ("9" * 5000 + "x1", (1, 1)),
        (1024, (1, 1)),
        (["1x2"], (1, 1)),
    ],
)
def test_the_aspect_of_a_size(size, aspect):
    """Square where a size says none, whatever it is."""
    assert asked_aspect(size) == aspect


@given(tiles=st.integers(0, 1000), width=st.integers(0, 100_000), height=st.integers(0, 100_000))
def test_a_tile_keeps_its_aspect_and_has_a_size(tiles: int, width: int, height: int) -> None:
    """At least a pixel each way, at most 512; the longer side of the picture is the longer one of the tile."""
    size = tile_size(tiles, width, height)

    assert 0 < min(size.width, size.height) <= max(size.width, size.height) <= 512
    assert size.width >= size.height if width >= height else size.width <= size.height


@pytest.mark.parametrize(
    ("tiles", "columns"),
    [(2, [2]), (3, [2, 3]), (4, [2, 4]), (5, [2, 3, 5]), (7, [2, 4]), (8, [2, 3, 4]), (10, [2, 5])],
)
def test_a_row_is_as_wide_as_tiles_that_make_even_rows(tiles: int, columns: list[int]) -> None:
    """No row is more than one short; the narrowest has two tiles, and the widest five."""
    found = re.findall(r"(?:max|min)\((\d+)px", row_width(tiles, TileSize(width=100, height=50)))

    assert [int(width) for width in found] == [100 * count + 8 * (count - 1) for count in columns]
