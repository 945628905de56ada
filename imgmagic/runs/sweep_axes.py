"""What an axis varies: an option, another key of the request's body, the prompt, or a name in the prompt."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from imgmagic.domain.axes import Axis, typed_axis
from imgmagic.domain.axis_words import json_or_text, number_or_text
from imgmagic.domain.json_types import JsonValue
from imgmagic.domain.options import OPTION_BY_NAME, ImagineOptions
from imgmagic.domain.template import names_in
from imgmagic.domain.wording import closest, listed
from imgmagic.errors import RequestInvalid

_NOT_VARIED = frozenset(
    {"params", "timeout", "check", "fresh", "max_cost", "tags", "alt", "paste_back", "feather"}
)  # of the call as a whole
_OPTIONS = frozenset(ImagineOptions.__annotations__) - _NOT_VARIED


def option_name(axis: str) -> str:
    """Return the option that an axis varies: one picture is `image`, as on the magic's line."""
    return "images" if axis == "image" else axis


class AxisKind(StrEnum):
    """Where the values of an axis go."""

    OPTION = "option"
    PARAMETER = "parameter"  # a key of the body without an option
    PROMPT = "prompt"
    NAME = "name"  # in the {{ }} of the prompt


@dataclass(frozen=True, kw_only=True)
class AxisTarget:
    """An axis and where its values go."""

    axis: Axis
    kind: AxisKind


def targets(axes: Sequence[Axis], template: str, parameters: Collection[str]) -> tuple[AxisTarget, ...]:
    """Return each axis with where its values go, and with its unquoted words converted to what they mean there.

    Args:
        axes: what is varied.
        template: the prompt as typed; a name that it uses wins over an option of the same name.
        parameters: other keys of the request's body that are known or given.

    Raises:
        RequestInvalid: an axis varies nothing, or a word is not of its option's type.
    """
    names = set(names_in(template))
    for axis in axes:
        if axis.name == "prompt":
            names |= {name for value in axis.values if value.is_typed for name in names_in(str(value.value))}
    found = tuple(_target(axis, names, parameters) for axis in axes)
    if any(target.kind is AxisKind.PROMPT for target in found) and template.strip():
        raise RequestInvalid(
            "nothing was sent: the prompt is varied, but there is another prompt as well.",
            remedy="Leave one of them out.",
        )
    return found


def _target(axis: Axis, names: Collection[str], parameters: Collection[str]) -> AxisTarget:
    kind = _kind(axis.name, names, parameters)
    if kind is None:
        raise _unknown(axis.name, names, parameters)
    return AxisTarget(axis=typed_axis(axis, _CONVERTERS[kind](axis.name)), kind=kind)


def _kind(name: str, names: Collection[str], parameters: Collection[str]) -> AxisKind | None:
    if name == "prompt":
        return AxisKind.PROMPT
    if name in names:
        return AxisKind.NAME
    if option_name(name) in _OPTIONS:
        return AxisKind.OPTION
    return AxisKind.PARAMETER if name in parameters else None


def _unknown(name: str, names: Collection[str], parameters: Collection[str]) -> RequestInvalid:
    used = f" The prompt uses {listed(sorted(names))}." if names else " The prompt uses no {{ name }}."
    if name in _NOT_VARIED - {"params"}:
        return RequestInvalid(
            f"nothing was sent: {name} cannot be varied.",
            remedy="Give it once: it holds for all cells, or for the sweep.",
        )
    if name == "from":
        return RequestInvalid("nothing was sent: from cannot be varied.", remedy="Vary image: image=#1,#2.")
    options = _OPTIONS - {"images"} | {"image"}  # as an axis is named: each value is one picture
    known = sorted({*names, *options, *parameters, "prompt"})
    return RequestInvalid(
        f"nothing was sent: there is no {name!r} to vary.{closest(name, known)}{used}",
        remedy=f"Vary an option ({listed(sorted(options))}), the prompt, a name in its {{{{ }}}}, or any other key of "
        "the request's body that you also give a default value.",
    )


def _of_option(name: str) -> Callable[[str], JsonValue]:
    option = OPTION_BY_NAME.get(name)
    kind = str if option is None else option.kind

    def convert(word: str) -> JsonValue:
        converted = _WORDS[kind](word)
        if converted is None:
            raise RequestInvalid(f"nothing was sent: {name} takes {_MEANINGS[kind]}, not {word!r}.")
        return converted

    return convert


def _whole_number(word: str) -> JsonValue:
    try:
        return int(word)
    except ValueError:
        return None


_TRUTH: Mapping[str, bool] = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}
_WORDS: Mapping[type, Callable[[str], JsonValue]] = {
    str: str,
    int: _whole_number,
    bool: lambda word: _TRUTH.get(word.casefold()),
}
_MEANINGS: Mapping[type, str] = {str: "text", int: "whole numbers", bool: "true or false"}
_CONVERTERS: Mapping[AxisKind, Callable[[str], Callable[[str], JsonValue]]] = {
    AxisKind.OPTION: _of_option,
    AxisKind.PARAMETER: lambda _: json_or_text,
    AxisKind.PROMPT: lambda _: str,
    AxisKind.NAME: lambda _: number_or_text,
}
