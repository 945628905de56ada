"""Options at the head of a cell."""

import pytest
from IPython.core.error import UsageError

from imgmagic.notebook.line.arguments import flags, imagine_parser, parse
from imgmagic.notebook.line.cell_options import split_head

FLAGS = flags(imagine_parser())


def test_options_at_the_head_are_words_of_the_line_and_leave_the_prompt() -> None:
    """`#| size: 10x10` is --size=10x10, and the prompt is the rest of the cell."""
    words, body = split_head('#| size: 1536x1024\n#| alt: "a fox"\n#| output_format: webp\na fox\n#| not: one', FLAGS)

    assert words == ["--size=1536x1024", "--alt=a fox", "--output-format=webp"]
    assert body == "a fox\n#| not: one"


@pytest.mark.parametrize(
    ("line", "word"),
    [
        ("#| stream: false", ["--no-stream"]),
        ("#| stream: true", ["--stream"]),
        ("#| wait: false", ["--no-wait"]),
        ("#| check: no", ["--no-check"]),
        ("#| quiet: true", ["--quiet"]),
        ("#| quiet: false", []),
    ],
)
def test_true_and_false_become_flags(line: str, word: list[str]) -> None:
    """A yes or no value is the flag, its negation, or nothing where that is the default."""
    assert split_head(line, FLAGS) == (word, "")


def test_the_line_wins_over_the_head() -> None:
    """A flag on the line is stronger than the same option at the head."""
    arguments = parse("--size 1024x1024", head=["--size=1536x1024", "--quality=low"])

    assert arguments.options["size"] == "1024x1024"
    assert arguments.options["quality"] == "low"


def test_empty_lines_before_the_head_are_no_prompt() -> None:
    """Options below an empty line are options, and never words to draw."""
    words, body = split_head("\n\n#| quality: low\na fox", FLAGS)

    assert words == ["--quality=low"]
    assert body == "a fox"


@pytest.mark.parametrize("line", ["#| just text", "#| size:", "#|"])
def test_a_head_that_is_no_option_is_refused(line: str) -> None:
    """A #| line without a name and a value is an error that shows the form."""
    with pytest.raises(UsageError, match=r"write one as #\| size: 1536x1024"):
        split_head(line, FLAGS)


def test_an_unknown_option_at_the_head_names_the_closest() -> None:
    """The head gives the same errors as the line."""
    words, _ = split_head("#| sise: 1536x1024", FLAGS)

    with pytest.raises(UsageError, match="Did you mean --size"):
        parse("", head=words)


def test_inputs_begin_the_prompt() -> None:
    """-i is repeatable and keeps its order."""
    assert parse("-i style --input subject").inputs == ("style", "subject")


def test_prefix_and_suffix_frame_the_prompt() -> None:
    """Texts of variables begin and end the prompt; the old name of the first still works, and is not shown."""
    found = parse("--prefix style --suffix light --suffix lens")

    assert (found.inputs, found.suffixes) == (("style",), ("light", "lens"))
    assert "--input" not in imagine_parser().format_help()
