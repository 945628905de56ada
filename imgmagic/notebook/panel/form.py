"""The form: which controls a provider and model take, made from the dialect table; it sends nothing and shows nothing.

What people fill in arrives as text, as every control of a page gives it; here it becomes values of the request.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import cast

from imgmagic.config.settings import Resolved
from imgmagic.domain.json_types import JsonValue
from imgmagic.domain.options import OPTION_BY_NAME, OPTIONS, Option
from imgmagic.domain.rules import Fault, Rule, Treatment
from imgmagic.errors import RequestInvalid
from imgmagic.notebook.panel.shown import Absent, Control, Kind
from imgmagic.wire.dialects.dialect import Dialect

_MAIN = ("n", "size", "quality", "output_format", "stream", "partial_images")
_ELSEWHERE = ("prompt", "model")  # they have controls of their own
_LABELS = {
    "n": "Images",
    "output_format": "Format",
    "output_compression": "Compression",
    "partial_images": "Partial images",
    "user": "User ID",
}
_UNSET = {"n": "1", "stream": "where the server can"}
_SWITCH = {"on": True, "off": False}
_VERBS = {Treatment.REFUSED: "refuses", Treatment.IGNORED: "ignores"}


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


def form_of(dialect: Dialect, model: str | None, defaults: Mapping[str, Resolved]) -> Form:
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
            absent.append(Absent(name=name, label=label(name), reason=_reason(rule)))
    return Form(controls=tuple(controls), absent=tuple(absent))


def read_values(form: Form, values: Mapping[str, str], other: str) -> Filled:
    """Return the values of the controls that are in the form, and the further body keys in `other`, a JSON object."""
    options: dict[str, JsonValue] = {}
    params, faults = _further(other)
    for control in form.controls:
        text = values.get(control.name, "").strip()
        if text:
            try:
                (options if control.name in OPTION_BY_NAME else params)[control.name] = read_value(control, text)
            except RequestInvalid as error:
                faults.append(fault(control.name, str(error)))
    return Filled(options=options, params=params, faults=tuple(faults))


def read_value(control: Control, text: str) -> JsonValue:
    """Return what was filled in at a control as a value of the request.

    Raises:
        RequestInvalid: it is not such a value.
    """
    return _READERS[control.kind](control, text)


def format_value(value: JsonValue) -> str:
    """Return a value of a request as a control shows it."""
    if isinstance(value, bool):
        return "on" if value else "off"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def label(name: str) -> str:
    """Return how a control of the form is called."""
    return _LABELS.get(name) or name.replace("_", " ").capitalize()


def fault(parameter: str, message: str) -> Fault:
    """Return a fault that the panel itself finds."""
    return Fault(parameter=parameter, treatment=Treatment.REFUSED, message=message)


def _control(name: str, rule: Rule, default: Resolved | None) -> Control:
    option = OPTION_BY_NAME.get(name)
    is_switch = option is not None and option.kind is bool
    choices = tuple(_SWITCH) if is_switch else tuple(format_value(each) for each in rule.choices)
    return Control(
        name=name,
        label=label(name),
        kind=_kind(option, rule, choices),
        help=". ".join(filter(None, (option.help if option else "", rule.says))),
        choices=choices,
        offers=tuple(_offers(option, rule)) if not choices else (),
        low=rule.low,
        high=rule.high,
        unset=f"default: {_standing(default)}" if default else _UNSET.get(name) or _range(rule) or "server’s choice",
        main=name in _MAIN,
    )


def _standing(default: Resolved) -> str:
    origin = "" if default.origin == "default" else f", from {default.origin}"
    return f"{format_value(default.value)}{origin}"


def _range(rule: Rule) -> str:
    """Return the bounds of a number in words; empty where one of them is missing."""
    return "" if rule.low is None or rule.high is None else f"{rule.low} to {rule.high}"


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


def _choice(control: Control, text: str) -> JsonValue:
    return _SWITCH[text] if control.choices == tuple(_SWITCH) and text in _SWITCH else text


def _number(control: Control, text: str) -> JsonValue:
    digits = text.removeprefix("-")
    if digits.isascii() and digits.isdecimal() and len(digits) < 12:
        return int(text)
    raise RequestInvalid(f"{text!r} is not a whole number.")


def _text(control: Control, text: str) -> JsonValue:
    del control
    return text


def _json(control: Control, text: str) -> JsonValue:
    del control
    try:
        return cast("JsonValue", json.loads(text))
    except ValueError:
        raise RequestInvalid("it is not JSON.") from None


_READERS: Mapping[Kind, Callable[[Control, str], JsonValue]] = {
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
