"""A request as code: the `%%imagine` cell and the Python call that ask for the same; pure functions to text."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from imgmagic.domain.json_types import JsonValue
from imgmagic.domain.options import OPTION_BY_NAME
from imgmagic.notebook.line.arguments import split

_OPENING_QUOTE = re.compile(r"""(?:^|=)["']""")


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What is written as code.

    Args:
        prompt: the text after `{{ }}` expansion.
        template: the text as typed, where expansion changed or would change it.
        options: body parameters by name, those of the option table and others.
    """

    prompt: str
    template: str | None = None
    provider: str | None = None
    model: str | None = None
    options: Mapping[str, JsonValue] = field(default_factory=dict)
    tags: tuple[str, ...] = ()
    max_cost: str | None = None


def as_cell(asked: Asked) -> str:
    """Return the `%%imagine` cell that asks for the same."""
    line = " ".join(["%%imagine", *_words(asked)])
    return f"{line}\n{_body(asked)}"


def as_call(asked: Asked) -> str:
    """Return the Python call that asks for the same."""
    known = {name: value for name, value in asked.options.items() if name in OPTION_BY_NAME}
    params = {name: value for name, value in asked.options.items() if name not in OPTION_BY_NAME}
    keywords: dict[str, object] = {
        "provider": asked.provider,
        "model": asked.model,
        **known,
        "params": params or None,
        "tags": list(asked.tags) or None,
        "max_cost": asked.max_cost,
    }
    given = [f"    {name}={value!r},\n" for name, value in keywords.items() if value is not None]
    return f"import imgmagic\n\nimgmagic.imagine(\n    {_prompt(asked)},\n{''.join(given)})"


def _prompt(asked: Asked) -> str:
    if asked.template is None or asked.template == asked.prompt:
        return repr(asked.prompt)
    return f"imgmagic.default_session().expand({asked.template!r}, globals())"


def _words(asked: Asked) -> Iterator[str]:
    named = {"--provider": asked.provider, "--model": asked.model}
    yield from (each for flag, value in named.items() if value for each in _flag(flag, value))
    for name, value in asked.options.items():
        yield from _option(name, value)
    yield from (each for tag in asked.tags for each in _flag("--tag", tag))
    if asked.max_cost:
        yield from _flag("--max-cost", asked.max_cost)


def _option(name: str, value: JsonValue) -> Iterator[str]:
    option = OPTION_BY_NAME.get(name)
    if option is None or isinstance(value, Mapping | list | tuple) or value is None:
        yield from _flag("--param", f"{name}={_param(value)}")
    elif option.kind is bool and isinstance(value, bool):
        yield option.flag if value else f"--no-{option.flag.removeprefix('--')}"
    else:
        yield from _flag(option.flag, str(value))


def _flag(flag: str, value: str) -> Iterator[str]:
    if value.startswith("-"):  # or it would be taken for a flag
        yield word(f"{flag}={value}")
    else:
        yield from (flag, word(value))


def _param(value: JsonValue) -> str:
    """Return the value of a `--param`: text as it is where nothing else could be read there, else JSON."""
    if isinstance(value, str) and not _is_json(value) and not {'"', "'"} & set(value):
        return value
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


def word(text: str) -> str:
    """Return `text` as one word of the magic's line: bare, in quotes, or as an expression that spells it out."""
    # A quote that could open there would pair with one of another word.
    bare = () if _OPENING_QUOTE.search(text) else (text,)
    bare_or_quoted = (*bare, f'"{text}"', f"'{text}'")
    simple = "{{" not in text and text.isprintable()
    plain = (each for each in bare_or_quoted if simple and split(each) == [text])
    return next(plain, f"{{{{ {_literal(text)} }}}}")


def _body(asked: Asked) -> str:
    """Return the cell's text; what the magic would strip or expand is spelled out."""
    typed = asked.template is not None and asked.template != asked.prompt
    text = asked.template if typed and asked.template else asked.prompt.replace("{{", '{{ "{{" }}')
    inner = text.strip("\n")
    start, end = text[: len(text) - len(text.lstrip("\n"))], text[len(text.rstrip("\n")) :]
    if inner.startswith("#|"):  # or the magic would take it for a cell option
        inner = f"{_spelled('#')}{inner.removeprefix('#')}"
    return f"{_spelled(start)}{inner}{_spelled(end)}" if inner else text


def _spelled(text: str) -> str:
    return f"{{{{ {_literal(text)} }}}}" if text else ""


def _literal(text: str) -> str:
    """Return `text` as a literal that Jinja2 reads, without the signs that end an expression."""
    return json.dumps(text, ensure_ascii=False).replace("{", "\\u007b").replace("}", "\\u007d")
