"""Templates: `{{ expression }}` in prompts and option values; every other brace, dollar and percent sign is text.

A template is expanded once, where someone typed it. The result, and whatever others wrote, is plain text: before it is
put where text will be expanded, `quote` protects it. Expressions run in Jinja2's sandbox.
"""

import datetime
import functools
import numbers
import re
import reprlib
from collections.abc import Iterator, Mapping, Sized
from itertools import islice
from pathlib import PurePath

import jinja2
from jinja2 import meta
from jinja2.environment import TemplateExpression
from jinja2.exceptions import SecurityError
from jinja2.sandbox import SandboxedEnvironment
from jinja2.utils import missing

from imgmagic.domain.wording import closest, count_noun, type_of
from imgmagic.errors import RequestInvalid

_SHOWN_KEYS = 8


class _Lack(jinja2.StrictUndefined):
    """Something that an object does not have; its message says what it has instead."""

    def __init__(
        self,
        hint: str | None = None,
        obj: object = missing,
        name: str | None = None,
        exc: type[jinja2.TemplateRuntimeError] = jinja2.UndefinedError,
    ) -> None:
        super().__init__(hint or _describe_lack(obj, name), obj, name, exc)


def _describe_lack(owner: object, key: object) -> str | None:
    """Return what a list or a table has instead of `key`; None for anything else, which Jinja2 describes."""
    if isinstance(owner, Mapping):
        keys = [reprlib.repr(each) for each in islice(owner, _SHOWN_KEYS)]
        more = ", …" if len(owner) > _SHOWN_KEYS else ""
        return f"there is no key {key!r}; it has {', '.join(keys) or 'none'}{more}"
    if isinstance(owner, Sized) and isinstance(key, int):
        many = count_noun(len(owner), "element")
        numbers = f", numbered from 0 to {len(owner) - 1}" if len(owner) else ""
        return f"there is no element {key}; it has {many}{numbers}"
    return None


# Control characters that no prompt contains replace the statement and comment delimiters: "{%" and "{#" stay text.
_ENVIRONMENT = SandboxedEnvironment(
    undefined=_Lack,
    block_start_string="\x00\x01",
    block_end_string="\x01\x00",
    comment_start_string="\x00\x02",
    comment_end_string="\x02\x00",
    keep_trailing_newline=True,
    autoescape=False,  # prompts are text, not HTML; what is shown is escaped where it is shown
)
# What would not come back unchanged: a pair of braces, the characters above, and line ends that the lexer normalizes.
_SPECIAL = re.compile(r"\{*[\x00-\x02\r]+|\{\{+")
_TEXTUAL = str | numbers.Number | datetime.date | datetime.time | PurePath
# Jinja2's own words, even if variables have these names.
_LITERALS = frozenset({"true", "false", "none", "True", "False", "None", "not"})
_HOW = "Inside {{ }} write a Jinja2 expression, such as {{ name }} or {{ names | join(', ') }}."
_LITERAL = "Close it with }}, or write {{ '{{' }} for two literal braces."


def expand(text: str, names: Mapping[str, object]) -> str:
    """Replace each `{{ expression }}` in `text` with its value for `names` (Jinja2 expressions and filters).

    Raises:
        RequestInvalid: a name is undefined, the expression is malformed, evaluating it fails, or its value is not text;
            it names the culprit.
    """
    if "{{" not in text:
        return text
    parts = _read(text)
    return "".join(_value(part, names) if is_expression else part for is_expression, part in parts)


def quote(text: str) -> str:
    """Return a template whose expansion is `text`, whatever it contains.

    >>> expand(quote("as typed: {{ name }}"), {})
    'as typed: {{ name }}'
    """
    return _SPECIAL.sub(lambda found: f"{{{{ {_spell(found[0])} }}}}", text) if "{{" in text else text


def _spell(characters: str) -> str:
    """Return opening braces and control characters as a literal of Jinja2."""
    return '"' + "".join(each if each == "{" else f"\\u{ord(each):04x}" for each in characters) + '"'


_NAME_ALONE = re.compile(r"\{\{ *([A-Za-z_]\w*) *\}\}")


def fill_names(text: str, names: Mapping[str, object]) -> str:
    """Replace each `{{ name }}` of `names` in a template that somebody else may have written; none of it is run.

    Raises:
        RequestInvalid: it contains an expression that is more than a name, or an unknown name.
    """
    # Nobody else's expression is evaluated, not even in the sandbox: it could read every variable of this notebook into
    # a prompt that leaves the machine.
    known = {name: str(value) for name, value in names.items() if isinstance(value, _TEXTUAL)}
    unknown = [found[0] for found in _NAME_ALONE.finditer(text) if found[1] not in known]
    if unknown or "{{" in _NAME_ALONE.sub("", text):
        what = unknown[0] if unknown else "an expression of this prompt"
        raise RequestInvalid(
            f"{what} cannot be filled in: the prompt was typed in another session.", remedy="Run its cell again."
        )
    return _NAME_ALONE.sub(lambda found: known[found[1]], text)


def names_in(text: str) -> frozenset[str]:
    """Return the names that the `{{ }}` of `text` use; none if it cannot be parsed, which `expand` reports.

    >>> sorted(names_in("a {{ animal }} in {{ places[0] | upper }}, not {this}"))
    ['animal', 'places']
    """
    try:
        return frozenset(meta.find_undeclared_variables(_ENVIRONMENT.parse(text)))
    except jinja2.TemplateError:
        return frozenset()


@functools.lru_cache(maxsize=256)
def _read(text: str) -> tuple[tuple[bool, str], ...]:
    """Return the parts of a template; a sweep fills in the same one thousands of times."""
    return tuple(_parts(text))


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
        raise RequestInvalid(f"a {{{{ }}}} expression cannot be read: {_describe_error(error)}", remedy=_HOW) from error
    if expression is not None:
        start = "".join(expression).strip()[:40]
        raise RequestInvalid(f"the expression that begins with {{{{ {start} is not closed.", remedy=_LITERAL)


_NO_NAME = re.compile(r"'(?P<name>\w+)' is undefined")


def _advice(error: jinja2.UndefinedError, names: Mapping[str, object]) -> str:
    """Say what to do about a name that is not defined, or about something that a defined object lacks."""
    unknown = _NO_NAME.fullmatch(error.message or "")
    if unknown is None:
        return "Name one that it has."
    return f"Define it in an earlier cell.{closest(unknown['name'], names)}"


def _describe_error(error: jinja2.TemplateError) -> str:
    return f"{(error.message or type(error).__name__).rstrip('.')}."


def _value(source: str, names: Mapping[str, object]) -> str:
    # The common case without Jinja2: a sweep of thousands of cells is planned while somebody waits.
    plain = names.get(source) if source.isidentifier() and source not in _LITERALS else None
    if isinstance(plain, str | int | float) and not isinstance(plain, bool):  # most expressions are a name
        return str(plain)
    shown = f"{{{{ {source} }}}}"
    try:
        value = _compile(source)(names)
        if isinstance(value, jinja2.Undefined | _TEXTUAL):
            return str(value)  # which raises UndefinedError for a name that does not exist
    except jinja2.UndefinedError as error:
        raise RequestInvalid(f"{shown}: {_describe_error(error)}", remedy=_advice(error, names)) from error
    except SecurityError as error:
        raise RequestInvalid(
            f"{shown} is not allowed: {_describe_error(error)}", remedy="Compute it in an earlier cell."
        ) from error
    except jinja2.TemplateError as error:
        raise RequestInvalid(f"{shown} cannot be read: {_describe_error(error)}", remedy=_HOW) from error
    except Exception as error:  # the expression is the user's own code and may fail in any way
        raise RequestInvalid(f"{shown} failed: {type(error).__name__}: {error}.", remedy="Try it in a cell.") from error
    raise RequestInvalid(f"the value of {shown} is {type_of(value)}, not text or a number.", remedy=_HOW)


@functools.lru_cache(maxsize=256)
def _compile(source: str) -> TemplateExpression:
    return _ENVIRONMENT.compile_expression(source, undefined_to_none=False)
