import pytest

from imgmagic.domain.picture_names import missing_picture, parse_picture_name, split_picture_names
from imgmagic.errors import StoreError


@pytest.mark.parametrize("text", ["", "fox", "12.", ".3", "12.0", "-1", "1.2.3", "9" * 19 + "9", "９９", "12.3x"])
def test_other_texts_name_no_picture(text: str) -> None:
    """Only numbers, as people type them, name something."""
    assert parse_picture_name(text) is None


def test_names_and_other_words_are_told_apart() -> None:
    """A number is never taken for a tag, nor a word for a number; each name stands once."""
    names, others = split_picture_names(["#52", "53", "14..16", "52", "53.2", "good", "v2"])

    assert [str(name) for name in names] == ["#52", "#53", "#14", "#15", "#16", "#53.2"]
    assert others == ("good", "v2")


@pytest.mark.parametrize(("word", "said"), [("9-3", "runs backwards"), ("1-5000", "more than 1,000")])
def test_a_range_that_makes_no_sense_is_refused(word: str, said: str) -> None:
    """One sentence says what is wrong with it."""
    with pytest.raises(StoreError, match=said):
        split_picture_names([word])


@pytest.mark.parametrize(
    ("count", "said"), [(0, "It has no pictures."), (1, "#12 has 1 picture."), (4, "#12 has 4 pictures.")]
)
def test_a_picture_that_is_missing_is_named(count: int, said: str) -> None:
    """The message says how many there are."""
    assert str(missing_picture(parse_picture_name("12.9"), count)) == f"there is no picture #12.9. {said}"
