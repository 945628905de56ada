"""How the magic writes parameters in its messages."""

import pytest

from imgmagic.notebook.line.spelling import as_flag


@pytest.mark.parametrize(
    ("parameter", "typed"), [("output_format", "--output-format"), ("seed", "--param seed"), ("prompt", "prompt")]
)
def test_flag_names_a_parameter_as_it_is_typed(parameter: str, typed: str) -> None:
    """Options have flags, other body keys go through --param, and the prompt is the cell's text."""
    assert as_flag(parameter) == typed
