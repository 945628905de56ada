"""What the simulator reads out of a prompt."""

import time

import pytest

from imgmagic.simulator.drawing.picture import PictureRequest
from imgmagic.simulator.drawing.prompt_reader import Group, Scene, read_prompt
from imgmagic.simulator.drawing.scenes import compose


def test_count_colour_shape_place_and_time_are_read() -> None:
    """A prompt's words become a scene."""
    scene = read_prompt("Three red circles on a blue sea at night!")

    assert scene == Scene(
        columns=((Group(shape="circle", count=3, colours=("red",)),),), place="sea", place_colour="blue", time="night"
    )


@pytest.mark.parametrize(
    ("prompt", "count"),
    [
        ("a star", 1),
        ("3 stars", 3),
        ("a dozen stars", 12),
        ("half a dozen stars", 6),
        ("two dozen stars", 24),
        ("a pair of stars", 2),
        ("stars", None),
        ("several stars", None),
        ("1000 stars", 60),
    ],
)
def test_counts(prompt: str, count: int | None) -> None:
    """Numbers, number words and dozens count; an open plural leaves the count open."""
    scene = read_prompt(prompt)

    assert [group.count for column in scene.columns for group in column] == [count]


@pytest.mark.parametrize(
    ("prompt", "shape"),
    [
        ("two puppies", "dog"),
        ("some boxes", "square"),
        ("pine trees", "pine"),
        ("mice", "mouse"),
        ("a hot air balloon", "balloon"),
    ],
)
def test_synonyms_and_plurals(prompt: str, shape: str) -> None:
    """Plurals and other words for a thing mean the thing."""
    assert read_prompt(prompt).columns[0][0].shape == shape


@pytest.mark.parametrize(
    ("prompt", "columns"),
    [
        ("a cat on a house", [["house", "cat"]]),
        ("a cat under a tree", [["cat", "tree"]]),
        ("a cat left of a dog", [["cat"], ["dog"]]),
        ("a cat right of a dog", [["dog"], ["cat"]]),
        ("a cat next to a dog", [["cat"], ["dog"]]),
    ],
)
def test_relations(prompt: str, columns: list[list[str]]) -> None:
    """Relations say what stands beside what, and what on what."""
    assert [[group.shape for group in column] for column in read_prompt(prompt).columns] == columns


@pytest.mark.parametrize(
    ("prompt", "group"),
    [
        ("a big house", Group(shape="house", scale=1.25)),
        ("a tiny house", Group(shape="house", scale=0.38)),
        ("a circle that is green", Group(shape="circle", colours=("green",))),
        ("red and blue circles", Group(shape="circle", count=None, colours=("red", "blue"))),
    ],
)
def test_sizes_and_colours(prompt: str, group: Group) -> None:
    """Sizes scale, several colours alternate, and a colour may come after its thing."""
    assert read_prompt(prompt).columns == ((group,),)


def test_first_place_counts() -> None:
    """A picture has one place, and none that is negated."""
    assert read_prompt("no sea, a forest by a lake").place == "forest"


def test_negated_things_are_left_out() -> None:
    """What comes without is not there."""
    assert [column[0].shape for column in read_prompt("a house without trees").columns] == ["house"]


def test_unknown_words_say_nothing() -> None:
    """Words that cannot be drawn leave an empty scene."""
    assert read_prompt("an iridescent longing") == Scene()


@pytest.mark.parametrize(
    "words",
    [
        "red cat ",
        "ten red cats and ",
        "lorem ipsum ",
        "red ",
        "dozen ",
        "a-",
        " ",
        "9",
        "e\u0301",
        "no sea ",
        "left of ",
    ],
)
def test_long_prompts_are_read_quickly(words: str) -> None:
    """The longest prompt that is taken costs no more than 100 ms, whatever it repeats."""
    prompt = (words * 31_000)[:31_000]

    began = time.process_time()
    compose(PictureRequest(prompt=prompt))

    assert time.process_time() - began < 0.3  # under coverage, which takes its share


def test_crowded_prompt_is_drawn_as_far_as_there_is_room() -> None:
    """A picture has room for twelve kinds of things and about sixty things."""
    columns = read_prompt("ten cats and ten dogs and a tree and " * 100).columns

    groups = [group for column in columns for group in column]
    assert len(groups) == 12
    assert sum(group.count or 0 for group in groups) <= 72
