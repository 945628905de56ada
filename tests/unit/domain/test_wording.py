"""Wording: what is quoted in a message, and what may be a key and is not."""

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imgmagic.domain.wording import is_key_like, quote_name

RULE = re.compile(r"(?=\S*[0-9])(?=\S*[a-z])\S{20,}|(?:sk|pk|xai)-\S{8,}|(?=\S*[A-Z])(?=\S*[a-z])(?!\S*[_ /.-])\S{24,}")


@given(st.text(st.sampled_from("aZ0_-/. \tsk"), max_size=80))
def test_a_key_is_long_and_mixed(text: str) -> None:
    """Words of letters and digits, words without joints, and words that begin as keys do."""
    assert is_key_like(text) == (RULE.search(text) is not None)


@pytest.mark.parametrize("text", ["x" * 1_000_000, "A" * 1_000_000, "x_" * 500_000, "x " * 500_000, "sk" * 500_000])
def test_a_long_text_is_judged_at_once(text: str) -> None:
    """A folder's settings may hold a megabyte in one word; no cell waits for it."""
    started = time.process_time()

    is_key_like(text)

    assert time.process_time() - started < 2


def test_a_long_text_is_quoted_in_part() -> None:
    """A message names what is wrong, and does not repeat a megabyte of it."""
    assert quote_name("x " * 100_000) == f"'{'x ' * 100}…'"
