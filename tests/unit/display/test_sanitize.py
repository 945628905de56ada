import pytest
from hypothesis import given
from hypothesis import strategies as st

from imgmagic.display.sanitize import shorten, strip_control, to_html


@given(st.text(alphabet=st.characters()))
def test_any_text_becomes_harmless(text):
    """It can be encoded, and steers no terminal."""
    shown = strip_control(text)

    shown.encode()
    assert not any(ord(each) < 32 and each not in "\n\t" for each in shown)
    assert not set(to_html(text)) & set("<>\"'")
    assert len(shorten(text)) <= 80


@pytest.mark.parametrize(
    ("text", "shown"),
    [("\x1b[31mred\x1b[0m", "red"), ("a\u202eb", "ab"), ("\ud800", "\ufffd"), ("مرحبا\u200f é", "مرحبا\u200f é")],
)
def test_what_is_taken_out(text, shown):
    """Escape sequences and turned directions; letters of every script stay."""
    assert strip_control(text) == shown
