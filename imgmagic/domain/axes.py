"""Axes: what a sweep varies, read from a line such as `size=1024x1024,1536x1024`, or from Python's own lists.

    NAME=VALUES      VALUES is one of
      a,b,"c, d"     a comma list; quotes hold commas and blanks together
      dusk="the ..." a value with a label, in such a list
      1..5           whole numbers, upwards or downwards, in such a list
      [..] {..}      JSON: a list, or an object whose keys are the labels
      @name          a list of the notebook, or a dict whose keys are the labels
      @file.txt      one value per line

What an unquoted word means (a number, a text) depends on what is varied, so an axis keeps it as typed until
`typed_axis` converts it. It reads no files: the caller passes a function that does.
"""

import itertools
import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePath
from typing import cast

from imgmagic.domain.axis_words import json_or_text, read_json
from imgmagic.domain.generation import number_of
from imgmagic.domain.json_types import JsonValue
from imgmagic.domain.typed_value import strip_quotes
from imgmagic.domain.wording import type_of
from imgmagic.errors import RequestInvalid

MOST_VALUES = 100_000  # on one axis: a typo such as 1..99999999 must not fill the memory
_LONGEST_LABEL = 60
_MOST_IN_REPR = 8
_PICTURES = frozenset({"image", "images", "mask", "markup"})

_NAME = re.compile(r"[A-Za-z][\w-]*", re.ASCII)
_RANGE = re.compile(r"(-?\d{1,9})\.\.(-?\d{1,9})", re.ASCII)
_ODD_RANGE = re.compile(r"-?\d[\d.]*\.\.-?\.?\d[\d.]*", re.ASCII)  # of fractions, or of numbers that are too large
# A quote opens only at the start of an item or its value and closes only at its end: "it's" keeps its apostrophe.
_QUOTED = r""""[^"]*"(?=\s*(?:[,=]|$))|'[^']*'(?=\s*(?:[,=]|$))"""
_ITEM = re.compile(
    rf"""\s*(?:(?P<label>{_QUOTED}|(?!["'])(?:\{{\{{.*?\}}\}}|[^,=])*?)\s*=\s*)?
         (?P<value>{_QUOTED}|(?!["'])(?:\{{\{{.*?\}}\}}|[^,])*?)\s*(?:,|$)""",
    re.VERBOSE | re.DOTALL,
)


@dataclass(frozen=True, kw_only=True)
class AxisValue:
    """One value of an axis.

    Args:
        value: what the request asks for; None leaves an option to the server.
        label: the heading of its column or row.
        is_bare: an unquoted word of a line, whose type is not determined yet.
        is_typed: written on the line itself, so `{{ }}` in it is an expression; braces in a value from a file or a list
            are text.
    """

    value: JsonValue
    label: str
    is_bare: bool = False
    is_typed: bool = False


@dataclass(frozen=True, kw_only=True)
class Axis:
    """What is varied, and its values in order."""

    name: str
    values: tuple[AxisValue, ...]

    @property
    def labels(self) -> tuple[str, ...]:
        """Return the headings of its columns or rows."""
        return tuple(value.label for value in self.values)

    def __len__(self) -> int:
        return len(self.values)

    def __repr__(self) -> str:
        more = ", …" if len(self) > _MOST_IN_REPR else ""
        return f"<Axis {self.name}: {', '.join(self.labels[:_MOST_IN_REPR])}{more}>"


def parse_axis(text: str, *, names: Mapping[str, object], read: Callable[[str], str]) -> Axis:
    """Return the axis that `NAME=VALUES` describes.

    Args:
        text: as typed.
        names: the notebook's variables, for `@name`.
        read: returns the text of a file, for `@file.txt`; it raises RequestInvalid where it cannot.

    Raises:
        RequestInvalid: the text is not an axis, or it has no value; the message says how to write one.
    """
    # People used to a shell quote the whole argument, or the JSON in it.
    name, equals, values = (part.strip() for part in strip_quotes(text.strip()).partition("="))
    if not equals or not _NAME.fullmatch(name):
        raise _invalid(f"{text!r} does not say what to vary.", "Write a name and its values: size=1024x1024,1536x1024.")
    # Options are typed with hyphens and named with underscores; an axis may be either.
    name = name.replace("-", "_")
    if values.startswith("@") and not (name in _PICTURES and "," in values):  # there each is a picture: @cat,@sofa
        return _from_reference(name, values[1:], names, read)
    json_text = values if _begins_as_json(values) else strip_quotes(values)
    if _begins_as_json(json_text) and (json_text == values or isinstance(json_or_text(json_text), list | dict)):
        return axis_of(name, _from_json(name, json_text))
    return _axis(name, _from_list(name, values))


def axes_of(vary: object) -> list[Axis]:
    """Return the axes that Python's `vary={...}` names.

    Raises:
        RequestInvalid: it is not a dict, or one of its values is not a list.
    """
    if not isinstance(vary, Mapping):
        raise _invalid(f"vary is {type_of(vary)}, not a dict.", 'Write vary={"size": ["1024x1024", "1536x1024"]}.')
    return [axis_of(str(name), values) for name, values in vary.items()]


def axis_of(name: str, values: object) -> Axis:
    """Return the axis of a Python list, or of a dict whose keys are the labels.

    Raises:
        RequestInvalid: they are not a list of strings, numbers, booleans or None, or the list is empty.
    """
    if isinstance(values, Mapping):
        return _axis(name, [_data(name, value, str(label)) for label, value in values.items()])
    if isinstance(values, str | bytes) or not isinstance(values, Iterable):
        raise _invalid(
            f"the values of {name} are {type_of(values)}, not a list.", "Give a list, or a dict with labels."
        )
    if getattr(values, "ndim", 1) != 1:  # iterating over a table gives the names of its columns
        raise _invalid(f"the values of {name} are {type_of(values)}, a table.", "Give one column or row of it.")
    # One more than allowed, so that an endless generator ends and is still refused.
    listed = list(itertools.islice(values, MOST_VALUES + 1))
    return _axis(name, [_data(name, value) for value in listed])


def typed_axis(axis: Axis, convert: Callable[[str], JsonValue]) -> Axis:
    """Return `axis` with each unquoted word converted to what it means there."""
    values = tuple(
        replace(each, value=convert(str(each.value)), is_bare=False) if each.is_bare else each for each in axis.values
    )
    return replace(axis, values=values)


def _axis(name: str, values: Sequence[AxisValue]) -> Axis:
    if not values:
        raise _invalid(f"there is no value for {name}.", "Give two or more.")
    if len(values) > MOST_VALUES:
        raise _invalid(f"{name} has more than {MOST_VALUES:,} values.", "Give fewer.")
    _refuse_repeats(name, values)
    return Axis(name=name, values=_with_own_labels(values))


def _refuse_repeats(name: str, values: Sequence[AxisValue]) -> None:
    """Refuse a value that is given twice: both cells would be the same request."""
    seen: set[str] = set()
    for each in values:
        key = f"{type(each.value).__name__} {json.dumps(each.value, sort_keys=True)}"
        if key in seen:
            value = _short(_as_label(each.value)) or each.label
            raise _invalid(f"{name} has the value {value} twice.", "Remove one; n draws each cell several times.")
        seen.add(key)


def _with_own_labels(values: Sequence[AxisValue]) -> tuple[AxisValue, ...]:
    """Number the labels that several long values share, so that each heading names one column."""
    counts = Counter(each.label for each in values)
    taken: Counter[str] = Counter()
    labelled = []
    for each in values:
        taken[each.label] += 1
        number = f" ({taken[each.label]})" if counts[each.label] > 1 else ""
        labelled.append(replace(each, label=each.label + number))
    return tuple(labelled)


def _from_reference(name: str, word: str, names: Mapping[str, object], read: Callable[[str], str]) -> Axis:
    if not word.isidentifier():
        return axis_of(name, [line.strip() for line in read(word).splitlines() if line.strip()])
    if word not in names:
        raise _invalid(f"{name} takes its values from {word}, which is not defined.", "Define it in an earlier cell.")
    values = names[word]
    if isinstance(values, str | bytes) or not isinstance(values, Iterable):
        raise _invalid(
            f"{name} takes its values from {word}, which is {type_of(values)}, not a list.",
            "Make it a list, or a dict whose keys are the labels.",
        )
    if iter(values) is values:  # running the same cell again would find it empty
        raise _invalid(
            f"{name} takes its values from {word}, which can be read only once.", f"Write {word} = list({word}) first."
        )
    return axis_of(name, values)


def _from_json(name: str, text: str) -> object:
    try:
        return read_json(text)
    except (ValueError, RecursionError) as error:
        remedy = 'Write a list, with strings in double quotes: ["oil", 2].'
        raise _invalid(f"the values of {name} are not valid JSON: {error}.", remedy) from None


def _from_list(name: str, text: str) -> list[AxisValue]:
    if not text:
        raise _invalid(f"there is no value for {name}.", f"Give two or more: {name}=A,B.")
    values: list[AxisValue] = []
    position = 0
    while position < len(text):
        found = _ITEM.match(text, position)
        if found is None:
            raise _invalid(
                f"a quote in the values of {name} does not end where a value ends.", "Close it before a comma."
            )
        values += _from_item(name, found)
        position = found.end()
    if text.endswith(","):
        raise _empty(name)
    return values


def _empty(name: str) -> RequestInvalid:
    return _invalid(f"a value of {name} is empty.", 'Remove the comma, or write "" for an empty string.')


def _from_item(name: str, found: re.Match[str]) -> list[AxisValue]:
    label, word = strip_quotes(found["label"] or ""), found["value"]
    text = strip_quotes(word)
    is_quoted = word != text
    if not text and not is_quoted:
        raise _empty(name)
    numbers = None if is_quoted or label else _RANGE.fullmatch(text)
    if numbers:
        words = map(str, _numbers(int(numbers[1]), int(numbers[2])))
        return [AxisValue(value=word, label=word, is_bare=True, is_typed=True) for word in words]
    if not is_quoted and not label and _ODD_RANGE.fullmatch(text):
        raise _invalid(f"{text} in {name} is not a range of whole numbers.", f'List the values, or write "{text}".')
    return [AxisValue(value=text, label=_short(label or text) or "(empty)", is_bare=not is_quoted, is_typed=True)]


def _numbers(first: int, last: int) -> Iterable[int]:
    step = 1 if first <= last else -1
    return itertools.islice(range(first, last + step, step), MOST_VALUES + 1)


def _data(name: str, value: object, label: str | None = None) -> AxisValue:
    """Return one value of a list; an array's scalars become Python's own types."""
    plain = _plain(value)
    if not _is_json(plain):
        remedy = "Give strings or numbers; for pictures, files, generations or numbers such as #12."
        raise _invalid(f"a value of {name} is {type_of(value)}, not text or a number.", remedy)
    known = cast("JsonValue", plain)
    return AxisValue(value=known, label=_short(_as_label(known) if label is None else label) or "(empty)")


def _as_label(value: JsonValue) -> str:
    if value is None:
        return "default"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _plain(value: object) -> object:
    if isinstance(value, PurePath):
        return str(value)
    number = number_of(value)
    if number is not None:
        return str(number)
    item = getattr(value, "item", None)  # numpy's scalars
    return item() if callable(item) and getattr(value, "shape", None) == () else value


def _is_json(value: object) -> bool:
    try:
        json.dumps(value, allow_nan=False)
    except (TypeError, ValueError, RecursionError):
        return False
    return True


def _begins_as_json(text: str) -> bool:
    return text.startswith("[") or (text.startswith("{") and not text.startswith("{{"))


def _short(label: str) -> str:
    line = " ".join(label.split())
    return line if len(line) <= _LONGEST_LABEL else line[: _LONGEST_LABEL - 1].rstrip() + "…"


def _invalid(message: str, remedy: str) -> RequestInvalid:
    return RequestInvalid(f"nothing was sent: {message}", remedy=remedy)
