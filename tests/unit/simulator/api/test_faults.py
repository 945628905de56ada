"""What a prompt asks to go wrong, read from its words."""

import time

import pytest

from imgmagic.simulator.api.faults import Asked, read_fault


@pytest.mark.parametrize(
    ("prompt", "asked"),
    [
        ("a cat", Asked(words="a cat")),
        ("a cat [simulate: 429]", Asked(words="a cat", name="429")),
        ("a cat [Simulate:429 Once] on a mat", Asked(words="a cat on a mat", name="429", is_once=True)),
        ("[simulate:  error in stream  ]", Asked(words="", name="error in stream")),
        ("a cat [simulate: 429] [simulate: cut]", Asked(words="a cat", name="429")),
        ("a cat [simulate: 429", Asked(words="a cat [simulate: 429")),
        ("[simulate: [simulate: cut]", Asked(words="[simulate:", name="cut")),
    ],
)
def test_fault_is_split_from_the_words(prompt: str, asked: Asked) -> None:
    """What is in brackets is not drawn; the first fault counts."""
    assert read_fault(prompt) == asked


@pytest.mark.parametrize("words", ["[simulate: ", " ", "[simulate:]", "[simulate: x]", "[", "[simulate:" + " " * 500])
def test_time_grows_with_the_length_alone(words: str) -> None:
    """The pattern never goes back over what it has read."""
    prompt = (words * 31_000)[:31_000]

    began = time.process_time()
    read_fault(prompt)

    assert time.process_time() - began < 0.1
