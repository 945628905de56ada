"""Unknown bytes: what may be a picture that was paid for, and what is plainly text."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imgmagic.domain.unknown_bytes import may_be_picture

PAGE = "<!doctype html><html><body>It works, and there is no picture here at all. Grüße</body></html>"
UNKNOWN = b"NEWPIC\x01\x00" + bytes(range(256))


@pytest.mark.parametrize(
    "data",
    [
        PAGE.encode(),
        PAGE.encode("latin-1"),
        PAGE.encode("utf-8-sig"),
        PAGE.encode("utf-16"),
        PAGE.encode("utf-32"),
        PAGE.replace("picture", "pict\x01ure").encode(),
        json.dumps({"error": "the picture was refused, " * 4}).encode(),
        b"[]" + bytes(70),
        b"A sentence of a server that has more than sixty-four letters, and a line end.\r\n",
        b"The words of a program in C, which ends them with a zero byte, or with several.\0\0",
        b"\x1b[31mA sentence in red, as some servers write it into their logs and replies.\x1b[0m",
        b"\x00\x01",
        b"",
    ],
)
def test_text_is_not_a_picture(data: bytes) -> None:
    """A page, JSON and words stay what they are in any encoding, and a few bytes are a word."""
    assert not may_be_picture(data)


@pytest.mark.parametrize("data", [UNKNOWN, b"<\x00" + UNKNOWN, b"{\x01" + UNKNOWN, bytes(100) + b"\x07"])
def test_any_other_bytes_may_be(data: bytes) -> None:
    """What was paid for is not thrown away because nobody here knows it."""
    assert may_be_picture(data)


@given(st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=64), st.sampled_from(["utf-8", "utf-16"]))
def test_no_text_of_any_script_is_a_picture(text: str, encoding: str) -> None:
    """Whatever is written without control characters is text."""
    assert not may_be_picture(text.encode(encoding))
