"""Whether any server takes a value."""

import pytest

from imgmagic.domain.json_types import JsonValue
from imgmagic.wire.dialects.known_values import is_known


@pytest.mark.parametrize(
    ("name", "value"),
    [("size", "12x12"), ("size", "huge"), ("size", "0x0"), ("quality", "hihg"), ("output_format", "bmp"), ("n", 0),
     ("background", "red"), ("output_compression", 101)],
)  # fmt: skip
def test_a_slip_is_known_by_no_server(name: str, value: JsonValue) -> None:
    """Neither a cloud's nor a local one."""
    assert not is_known(name, value)


@pytest.mark.parametrize(
    ("name", "value"),
    [("size", "1024x1024"), ("size", "64x64"), ("size", "auto"), ("size", "16:9"), ("quality", "max"), ("n", 10),
     ("output_format", "webp"), ("style", "vivid"), ("user", "anyone"), ("seed", 7), ("partial_images", 0)],
)  # fmt: skip
def test_what_one_server_takes_is_known(name: str, value: JsonValue) -> None:
    """And what no table has a rule for is not judged."""
    assert is_known(name, value)
