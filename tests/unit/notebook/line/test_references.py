"""References on the magic's line: words become what they stand for, values stay what they are."""

from pathlib import Path

import pytest
from IPython.core.error import UsageError

from imgmagic.domain.source_picture import PictureNumber
from imgmagic.errors import RequestInvalid
from imgmagic.notebook.line.arguments import parse
from imgmagic.runs.inputs.references import Reference, with_references


def test_words_are_looked_up_in_their_order() -> None:
    """Pictures, mask and markup, each by the one rule."""
    options = parse("--from 12 --image @sofa --image cat.png --mask sky -q low").options

    found = with_references(options, {"sofa": b"sofa", "sky": b"sky"})

    assert found["images"] == [
        Reference(name="#12", value=PictureNumber(generation_id=12)),
        Reference(name="@sofa", value=b"sofa"),
        Reference(name="cat.png", value=Path("cat.png")),
    ]
    assert found["mask"] == Reference(name="sky", value=b"sky")
    assert found["quality"] == "low"


def test_a_line_without_pictures_stays_as_it_is() -> None:
    """Nothing is added to what was typed."""
    options = parse("-q low").options

    assert with_references(options, {"low": 1}) == options


def test_a_name_that_stands_for_nothing_is_an_error() -> None:
    """It says which."""
    with pytest.raises(RequestInvalid, match="no variable 'sofa'"):
        with_references(parse("--image @sofa").options, {})


def test_from_takes_a_number_of_the_history() -> None:
    """Anything else is refused before it is looked for."""
    with pytest.raises(UsageError, match=r"is not a number of the history.* is an --image"):
        parse("--from cat.png")


def test_an_expression_fills_in_a_reference() -> None:
    """`{{ }}` works in references as in every other value."""
    options = parse("--from {{ best }} --image {{ 'cat.png' }}", expand=lambda text: "7" if "best" in text else "c.png")

    assert options.options["images"] == ["#7", "c.png"]
