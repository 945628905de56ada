"""Templates: `{{ expression }}` in prompts and option values; every other brace, dollar and percent sign is text."""

from collections.abc import Mapping

import jinja2

from imgmagic.errors import RequestInvalid

# Control characters that no prompt holds stand in for the statement and comment delimiters: "{%" and "{#" stay text.
_ENVIRONMENT = jinja2.Environment(
    undefined=jinja2.StrictUndefined,
    block_start_string="\x00\x01",
    block_end_string="\x01\x00",
    comment_start_string="\x00\x02",
    comment_end_string="\x02\x00",
    keep_trailing_newline=True,
    autoescape=False,  # noqa: S701 - prompts are text, not HTML; what is shown is escaped where it is shown
)


def expand(text: str, names: Mapping[str, object]) -> str:
    """Replace each `{{ expression }}` in `text` by its value over `names` (Jinja2 expressions and filters).

    Raises:
        RequestInvalid: a name is undefined, the expression is malformed, or evaluating it fails; it names the culprit.
    """
    if "{{" not in text:
        return text
    try:
        return _ENVIRONMENT.from_string(text).render(names)
    except jinja2.UndefinedError as error:
        raise RequestInvalid(
            f"the prompt uses {{{{ }}}} with a name that does not exist: {error.message}.",
            remedy="Define it in an earlier cell.",
        ) from error
    except jinja2.TemplateError as error:
        raise RequestInvalid(
            f"a {{{{ }}}} expression cannot be read: {error.message}.",
            remedy="Inside {{ }} write a Jinja2 expression, such as {{ name }} or {{ names | join(', ') }}.",
        ) from error
