"""The form: which controls a provider and model take, made from the dialect table; it sends nothing and shows nothing.

What people fill in arrives as text, as every control of a page gives it; here it becomes values of the request.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias, cast

from imgmagic.config.settings_table import Found
from imgmagic.domain.json_types import JsonValue
from imgmagic.domain.options import OPTION_BY_NAME, OPTIONS, Option
from imgmagic.domain.rules import Fault, Rule, Treatment
from imgmagic.wire.dialects.dialect import Dialect

Kind: TypeAlias = Literal["choice", "number", "text", "json"]

Read: TypeAlias = "JsonValue | Fault"

_MAIN = ("n", "size", "quality", "output_format", "stream", "partial_images")
_ELSEWHERE = ("prompt", "model")  # they have controls of their own
_SWITCH = {"on": True, "off": False}
_VERBS = {Treatment.REFUSED: "refuses", Treatment.IGNORED: "ignores"}


@dataclass(frozen=True, kw_only=True)
class Control:
    """One control of the form.

    Args:
        name: the key of the request body.
        kind: how it is filled in.
        choices: the allowed values; nothing else is taken.
        offers: values to propose where others are taken too.
        low, high: bounds of a number.
        unset: what holds when nothing is filled in, for people.
        main: whether it is always in view.
    """

    name: str
    kind: Kind
    help: str
    choices: tuple[str, ...] = ()
    offers: tuple[str, ...] = ()
    low: int | None = None
    high: int | None = None
    unset: str = ""
    main: bool = False


@dataclass(frozen=True, kw_only=True)
class Absent:
    """A parameter that has no control, and why."""

    name: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class Form:
    """The controls that a provider and model take, and what they do not take."""

    controls: tuple[Control, ...]
    absent: tuple[Absent, ...]


@dataclass(frozen=True, kw_only=True)
class Filled:
    """What was filled in, as values of the request; what could not be read as such is a fault."""

    options: Mapping[str, JsonValue] = field(default_factory=dict)
    params: Mapping[str, JsonValue] = field(default_factory=dict)
    faults: tuple[Fault, ...] = ()


def form_of(dialect: Dialect, model: str | None, defaults: Mapping[str, Found]) -> Form:
    """Return the form for a model of a server.

    Args:
        dialect: what the server takes.
        model: the model that will be asked; None for the server's own choice.
        defaults: the settings that hold where nothing is filled in.
    """
    rules = dialect.rules_for(model)
    names = dict.fromkeys([*(option.name for option in OPTIONS), *rules])
    controls, absent = [], []
    for name in (name for name in names if name not in _ELSEWHERE):
        rule = rules.get(name, Rule())
        if rule.takes:
            controls.append(_control(name, rule, defaults.get(name)))
        else:
            absent.append(Absent(name=name, reason=_reason(rule)))
    return Form(controls=tuple(controls), absent=tuple(absent))


def filled(form: Form, values: Mapping[str, str], other: str) -> Filled:
    """Return the values of the controls that are in the form, and the further body keys in `other`, a JSON object."""
    options: dict[str, JsonValue] = {}
    params, faults = _further(other)
    for control in form.controls:
        text = values.get(control.name, "").strip()
        if text:
            value = _READERS[control.kind](control, text)
            if isinstance(value, Fault):
                faults.append(value)
            else:
                (options if control.name in OPTION_BY_NAME else params)[control.name] = value
    return Filled(options=options, params=params, faults=tuple(faults))


def written(value: JsonValue) -> str:
    """Return a value of a request as a control shows it."""
    if isinstance(value, bool):
        return "on" if value else "off"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def fault(parameter: str, message: str) -> Fault:
    """Return a fault that the panel itself finds."""
    return Fault(parameter=parameter, treatment=Treatment.REFUSED, message=message)


def _control(name: str, rule: Rule, default: Found | None) -> Control:
    option = OPTION_BY_NAME.get(name)
    choices = tuple(_SWITCH) if _is_switch(option) else tuple(written(each) for each in rule.choices)
    return Control(
        name=name,
        kind=_kind(option, rule, choices),
        help=". ".join(filter(None, (option.help if option else "", rule.says))),
        choices=choices,
        offers=tuple(_offers(option, rule)) if not choices else (),
        low=rule.low,
        high=rule.high,
        unset=_standing(default) if default else "",
        main=name in _MAIN,
    )


def _standing(default: Found) -> str:
    origin = "" if default.origin == "default" else f", from {default.origin}"
    return f"{written(default.value)}{origin}"


def _is_switch(option: Option | None) -> bool:
    return option is not None and option.kind is bool


def _kind(option: Option | None, rule: Rule, choices: tuple[str, ...]) -> Kind:
    if choices:
        return "choice"
    if rule.low is not None or rule.high is not None or (option is not None and option.kind is int):
        return "number"
    return "json" if option is None and rule.check is not None else "text"


def _offers(option: Option | None, rule: Rule) -> Iterator[str]:
    for offer in option.offers if option else ():
        if rule.check is None or rule.check(offer) is None:
            yield offer


def _reason(rule: Rule) -> str:
    says = f": {rule.says}" if rule.says else ""
    return f"This server {_VERBS[rule.treatment]} it{says}."


def _choice(control: Control, text: str) -> "Read":
    return _SWITCH[text] if control.choices == tuple(_SWITCH) and text in _SWITCH else text


def _number(control: Control, text: str) -> "Read":
    digits = text.removeprefix("-")
    if digits.isascii() and digits.isdecimal() and len(digits) < 12:
        return int(text)
    return fault(control.name, f"{text!r} is not a whole number.")


def _text(control: Control, text: str) -> "Read":
    del control
    return text


def _json(control: Control, text: str) -> "Read":
    try:
        return cast("JsonValue", json.loads(text))
    except ValueError:
        return fault(control.name, "it is not JSON.")


_READERS: Mapping[Kind, Callable[[Control, str], "Read"]] = {
    "choice": _choice,
    "number": _number,
    "text": _text,
    "json": _json,
}


def _further(text: str) -> tuple[dict[str, JsonValue], list[Fault]]:
    if not text.strip():
        return {}, []
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    if isinstance(found, dict):
        return found, []
    return {}, [fault("other", 'it is not a JSON object, such as {"seed": 7}.')]
