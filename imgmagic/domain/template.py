"""Templates: `{{ expression }}` in prompts and option values; every other brace, dollar and percent sign is text."""

import datetime
import functools
import numbers
from collections.abc import Iterator, Mapping
from pathlib import PurePath

import jinja2
from jinja2.environment import TemplateExpression

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
_TEXTUAL = str | numbers.Number | datetime.date | datetime.time | PurePath
_HOW = "Inside {{ }} write a Jinja2 expression, such as {{ name }} or {{ names | join(', ') }}."
_LITERAL = "Close it with }}, or write {{ '{{' }} where two braces are meant."


def expand(text: str, names: Mapping[str, object]) -> str:
    """Replace each `{{ expression }}` in `text` by its value over `names` (Jinja2 expressions and filters).

    Raises:
        RequestInvalid: a name is undefined, the expression is malformed, evaluating it fails, or its value is no text;
            it names the culprit.
    """
    if "{{" not in text:
        return text
    parts = list(_parts(text))
    return "".join(_value(part, names) if is_expression else part for is_expression, part in parts)


def _parts(text: str) -> Iterator[tuple[bool, str]]:
    """Yield the text and the expressions of a template in turn."""
    expression: list[str] | None = None
    try:
        for _, token, value in _ENVIRONMENT.lex(text):
            if token == "variable_begin":  # noqa: S105 - Jinja2's name for what opens an expression
                expression = []
            elif token == "variable_end" and expression is not None:  # noqa: S105 - and for what closes it
                yield True, "".join(expression).strip()
                expression = None
            elif expression is not None:
                expression.append(value)
            else:
                yield False, value
    except jinja2.TemplateError as error:
        raise RequestInvalid(f"a {{{{ }}}} expression cannot be read: {_said(error)}", remedy=_HOW) from error
    if expression is not None:
        start = "".join(expression).strip()[:40]
        raise RequestInvalid(f"the expression that begins with {{{{ {start} has no end.", remedy=_LITERAL)


def _said(error: jinja2.TemplateError) -> str:
    return f"{(error.message or type(error).__name__).rstrip('.')}."


def _value(source: str, names: Mapping[str, object]) -> str:
    shown = f"{{{{ {source} }}}}"
    try:
        value = _compiled(source)(names)
        if isinstance(value, jinja2.Undefined | _TEXTUAL):
            return str(value)  # which raises UndefinedError for a name that does not exist
    except jinja2.UndefinedError as error:
        raise RequestInvalid(f"{shown}: {_said(error)}", remedy="Define it in an earlier cell.") from error
    except jinja2.TemplateError as error:
        raise RequestInvalid(f"{shown} cannot be read: {_said(error)}", remedy=_HOW) from error
    except Exception as error:  # the expression is the user's own code and may fail in any way
        raise RequestInvalid(f"{shown} failed: {type(error).__name__}: {error}.", remedy="Try it in a cell.") from error
    raise RequestInvalid(f"the value of {shown} is {_kind(value)}, not text or a number.", remedy=_HOW)


@functools.lru_cache(maxsize=256)
def _compiled(source: str) -> TemplateExpression:
    return _ENVIRONMENT.compile_expression(source, undefined_to_none=False)


def _kind(value: object) -> str:
    return "None" if value is None else f"of type {type(value).__name__}"
