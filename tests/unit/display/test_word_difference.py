from hypothesis import given
from hypothesis import strategies as st

from imgmagic.display.word_difference import word_difference


def test_words_that_differ_are_told_apart() -> None:
    """What stays, what went, what came; together they are both prompts."""
    pieces = word_difference("a red fox in snow", "a blue fox in deep snow")

    assert [piece for piece in pieces if piece[0] != "same"] == [
        ("removed", "red"),
        ("added", "blue"),
        ("added", "deep "),
    ]


@given(before=st.text(max_size=60), after=st.text(max_size=60))
def test_a_word_difference_loses_nothing(before: str, after: str) -> None:
    """The pieces without what was added are the one prompt, without what was removed the other."""
    pieces = list(word_difference(before, after))

    assert "".join(text for change, text in pieces if change != "added") == before
    assert "".join(text for change, text in pieces if change != "removed") == after
