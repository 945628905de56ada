"""A request as code: the `%%imagine` cell and the Python call that ask for the same; pure functions to text."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from imgmagic.domain.axes import parse_axis
from imgmagic.domain.json_types import JsonValue
from imgmagic.domain.options import OPTION_BY_NAME
from imgmagic.notebook.line.words import split
from imgmagic.runs.sweep_axes import targets

_OPENING_QUOTE = re.compile(r"""(?:^|=)["']""")


@dataclass(frozen=True, kw_only=True)
class CodeRequest:
    """What is written as code.

    Args:
        prompt: the text as typed, in which `{{ }}` are expressions.
        options: body parameters by name, those of the option table and others.
        vary: the axes of a sweep, as `--vary` takes them.
    """

    prompt: str
    provider: str | None = None
    model: str | None = None
    options: Mapping[str, JsonValue] = field(default_factory=dict)
    tags: tuple[str, ...] = ()
    max_cost: str | None = None
    images: tuple[str, ...] = ()
    mask: str | None = None
    markup: str | None = None
    paste_back: bool = False
    vary: tuple[str, ...] = ()


def as_cell(asked: CodeRequest) -> str:
    """Return the `%%imagine` cell that asks for the same."""
    line = " ".join(["%%imagine", *_words(asked)])
    return f"{line}\n{_body(asked.prompt)}"


def as_call(asked: CodeRequest) -> str:
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
        "images": [_reference(image) for image in asked.images] or None,
        "mask": _reference(asked.mask) if asked.mask else None,
        "markup": _reference(asked.markup) if asked.markup else None,
        "paste_back": asked.paste_back or None,
    }
    given = "".join(f"    {name}={value!r},\n" for name, value in keywords.items() if value is not None)
    if asked.vary:
        axes = ", ".join(_axis(text, asked.prompt) for text in asked.vary)
        return f"import imgmagic\n\nimgmagic.sweep(\n    {asked.prompt!r},\n    vary={{{axes}}},\n{given})"
    is_plain = "{{" not in asked.prompt
    prompt = f"{asked.prompt!r}" if is_plain else f"imgmagic.default_session().expand({asked.prompt!r}, globals())"
    return f"import imgmagic\n\nimgmagic.imagine(\n    {prompt},\n{given})"


class _Code(str):
    """A word that is written into the call as it is."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


def _reference(word: str) -> str:
    """Return a picture as Python writes it: a variable by its name, everything else as a text."""
    return _Code(word[1:]) if word.startswith("@") and word[1:].isidentifier() else word


def _axis(text: str, template: str) -> str:
    """Return an axis as an entry of a dict, with Python's own lists; a list of the notebook goes by its name."""
    name, _, values = text.partition("=")
    if values.startswith("@") and values[1:].isidentifier():
        return f"{name.strip()!r}: {values[1:]}"
    parsed = parse_axis(text, names={}, read=str)
    axis = targets([parsed], template, {parsed.name})[0].axis
    if all(value.label == str(value.value) for value in axis.values):
        return f"{axis.name!r}: {[value.value for value in axis.values]!r}"
    return f"{axis.name!r}: { ({value.label: value.value for value in axis.values})!r}"


def _words(asked: CodeRequest) -> Iterator[str]:
    named = {"--provider": asked.provider, "--model": asked.model}
    yield from (each for flag, value in named.items() if value for each in _flag(flag, value))
    for name, value in asked.options.items():
        yield from _option(name, value)
    yield from (each for image in asked.images for each in _flag("--image", image))
    if asked.mask:
        yield from _flag("--mask", asked.mask)
    if asked.markup:
        yield from _flag("--markup", asked.markup)
    if asked.paste_back:
        yield "--paste-back"
    yield from (each for tag in asked.tags for each in _flag("--tag", tag))
    yield from (part for axis in asked.vary for part in ("--vary", axis))
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
        yield f"{flag}={_spell(value) if value == '--' else word(value)}"  # argparse drops a bare "--"
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


def _body(text: str) -> str:
    """Return the cell's text; what the magic would strip, or take for an option, is spelled out."""
    inner = text.strip("\n")
    start, end = text[: len(text) - len(text.lstrip("\n"))], text[len(text.rstrip("\n")) :]
    if inner.startswith("#|"):  # or the magic would take it for a cell option
        inner = f"{_spell('#')}{inner.removeprefix('#')}"
    return f"{_spell(start)}{inner}{_spell(end)}" if inner else text


def _spell(text: str) -> str:
    return f"{{{{ {_literal(text)} }}}}" if text else ""


def _literal(text: str) -> str:
    """Return `text` as a literal that Jinja2 reads, without the signs that end an expression."""
    return json.dumps(text, ensure_ascii=False).replace("{", "\\u007b").replace("}", "\\u007d")
