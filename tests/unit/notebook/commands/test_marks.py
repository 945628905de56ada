"""Marks: what is typed about several pictures at once, and what the history then says."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.drawn import png, put
from tests.support.shell import Shell, loaded_shell


@pytest.fixture
def shell() -> Iterator[Shell]:
    with loaded_shell() as running:
        yield running


@pytest.fixture
def drawn(shell: Shell) -> Shell:
    """Return a shell in whose history are three generations, the second with two pictures."""
    put(shell.session.archive, "a red fox")
    put(shell.session.archive, "two owls", pictures=[png(1), png(2)])
    put(shell.session.archive, "a lighthouse")
    return shell


def test_ranges_and_single_pictures_are_marked(drawn: Shell) -> None:
    """One line stars a range and rates one picture of several."""
    drawn.run("%imgmagic star 1-2")
    said = drawn.run("%imgmagic rate 2.2 #3 4").text

    history = drawn.session.archive.history
    assert [history.get(number).star for number in (1, 2, 3)] == [True, True, False]
    assert [image.rating for image in history.get(2).images] == [None, 4]
    assert history.get(3).images[0].rating == 4
    assert said.strip() == "#2.2 and #3 have a rating of 4"


def test_one_picture_of_several_is_shown(drawn: Shell) -> None:
    """By its generation's number and its own; the number of the generation alone shows all of them."""
    counts = []
    for name in ("2", "2.2", "#2.1"):
        (shown,) = drawn.run(f"%imgmagic show {name}").displayed
        counts.append(shown["text/html"].count("<img"))

    assert counts == [2, 1, 1]


def test_a_number_is_never_taken_for_a_tag(drawn: Shell) -> None:
    """Every number names a generation; the other words are the tags."""
    drawn.run("%imgmagic tag 1 3 -t good keep")

    history = drawn.session.archive.history
    assert [history.get(number).started.tags for number in (1, 2, 3)] == [("good", "keep"), (), ("good", "keep")]


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("star 2.9", "there is no picture #2.9. #2 has 2 pictures."),
        ("show 2.9", "there is no picture #2.9. #2 has 2 pictures."),
        ("again 2.9", "there is no picture #2.9. #2 has 2 pictures."),
        ("star 3-1", "the range 3-1 runs backwards. Write 1-3."),
        ("rate 1 6", "'6' is not a rating. Write 0 to 5 last, or off."),
        ("rate 1", "it needs ID"),
        ("tag 1 2", "it needs TEXT"),
        ("star fox", "'fox' is not the number of a generation"),
        ("compare 1", "1 pictures are named; 2 to 9 can be compared."),
        ("compare 1 9", "there is no generation 9."),
        ("save 2.9 owl.png", "there is no picture #2.9."),
        ("stop 7", "#7 is not running. Running: nothing."),
        ("budget release", "it needs ID"),
        ("budget 2 7", "unexpected argument"),
    ],
)
def test_bad_input_changes_nothing(drawn: Shell, line: str, says: str) -> None:
    """One sentence says what is wrong and what to write; no mark is set."""
    answer = drawn.run(f"%imgmagic {line}")

    assert says in str(answer.error)
    records = [drawn.session.archive.history.get(number) for number in (1, 2, 3)]
    assert not any(each.star or each.started.tags or each.rating for each in records)


def test_pictures_are_compared_side_by_side(drawn: Shell) -> None:
    """Any two pictures of any generations, with what differs between their prompts."""
    (shown,) = drawn.run("%imgmagic compare 1 2.2").displayed

    assert shown["text/html"].count("<img ") == 2
    assert "<del>" in shown["text/html"]
    assert "#2.2" in shown["text/plain"]


def test_one_picture_of_several_is_saved(drawn: Shell, tmp_path: Path) -> None:
    """The original bytes of that one, under the name that was typed."""
    drawn.run(f"%imgmagic save 2.2 {tmp_path}/owl.png")

    assert (tmp_path / "owl.png").read_bytes() == png(2)
