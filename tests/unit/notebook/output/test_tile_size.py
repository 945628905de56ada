import pytest

from imgmagic.notebook.output.tile_size import asked_aspect, tile_size


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


@pytest.mark.parametrize("tiles", [0, 1, 2, 4, 5, 10, 1000])
@pytest.mark.parametrize("pixels", [(1, 1), (1536, 1024), (1, 100_000), (100_000, 1), (0, 0)])
def test_a_tile_keeps_its_aspect_and_has_a_size(tiles, pixels):
    """At least a pixel each way, at most 512."""
    size = tile_size(tiles, *pixels)

    assert 0 < min(size.width, size.height) <= max(size.width, size.height) <= 512
    assert (size.width >= size.height) == (pixels[0] >= pixels[1])
