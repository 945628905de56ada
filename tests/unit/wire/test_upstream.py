"""Upstream attempts: what a gateway says of its own retries."""

import pytest

from imgmagic.wire.upstream import attempts_note, read_attempts


@pytest.mark.parametrize(
    ("headers", "words", "attempts"),
    [
        ({}, "", 1),
        ({"x-litellm-attempted-retries": "2"}, "", 3),
        ({"x-portkey-retry-attempt-count": "1"}, "", 2),
        ({"x-portkey-retry-attempt-count": "-1"}, "", 1),
        ({"x-litellm-attempted-retries": "many"}, "", 1),
        ({}, "LiteLLM Retried: 2 times, LiteLLM Max Retries: 3", 3),
    ],
)
def test_reads_how_often_the_server_behind_was_asked(headers: dict[str, str], words: str, attempts: int) -> None:
    """Headers and words count the attempts beyond the first."""
    assert read_attempts(headers, words) == attempts


def test_only_several_attempts_are_told() -> None:
    """One attempt is nothing to speak of."""
    assert attempts_note(1) == ""
    assert "3 times" in attempts_note(3)
