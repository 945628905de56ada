import pytest
from hypothesis import given
from hypothesis import strategies as st

from imgmagic.display.sanitize import escaped, plain, shortened


@given(st.text(alphabet=st.characters()))
def test_any_text_becomes_harmless(text):
    """It can be encoded, and steers no terminal."""
    shown = plain(text)

    shown.encode()
    assert not any(ord(each) < 32 and each not in "\n\t" for each in shown)
    assert not set(escaped(text)) & set("<>\"'")
    assert len(shortened(text)) <= 80


@pytest.mark.parametrize(
    ("text", "shown"),
    [("\x1b[31mred\x1b[0m", "red"), ("a\u202eb", "ab"), ("\ud800", "\ufffd"), ("مرحبا\u200f é", "مرحبا\u200f é")],
)
def test_what_is_taken_out(text, shown):
    """Escape sequences and turned directions; letters of every script stay."""
    assert plain(text) == shown
