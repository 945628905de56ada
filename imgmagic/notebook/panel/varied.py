"""Controls of the form that hold several values: each is an axis of a sweep, in the order in which they were chosen."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from msgspec import structs

from imgmagic.domain.axes import Axis, AxisValue, axis_of, parse_axis
from imgmagic.domain.rules import Fault
from imgmagic.domain.template import names_in
from imgmagic.errors import ImgmagicError
from imgmagic.notebook.cell.sweep_run import read_file
from imgmagic.notebook.panel.form import Form, fault, read_value
from imgmagic.notebook.panel.from_page import Fields
from imgmagic.runs.sweep_axes import targets

_OWN = ("prompt", "provider", "model", "images", "mask", "markup")  # controls that every form has
_AXES = {"images": "image"}  # each value is one picture
_QUOTED = frozenset("\"'=,{}[]@")


@dataclass(frozen=True, kw_only=True)
class Spread:
    """What a form varies.

    Args:
        axes: what goes across, down, and one grid per value.
        template: the prompt as typed; empty where prompts are varied.
        faults: what of it cannot be read, by control.
    """

    axes: tuple[Axis, ...]
    template: str
    faults: tuple[Fault, ...] = ()

    @property
    def control(self) -> str:
        """Return the control that a fault of the whole belongs to."""
        names = [axis.name for axis in self.axes]
        if len(names) != 1:
            return "sweep"
        return next((control for control, axis in _AXES.items() if axis == names[0]), names[0])


def is_sweep(fields: Fields) -> bool:
    """Return whether the form asks for a sweep: a control that holds one value asks for just that."""
    return bool(fields.vary.strip()) or any(_is_axis(fields, *each) for each in fields.varied)


def with_first_values(fields: Fields) -> Fields:
    """Return the form with the first value of each control that holds several."""
    first = {name: values[0] for name, values in fields.varied if values}
    own = {name: first.pop(name) for name in _OWN if name in first}
    return structs.replace(fields, **own, values={**fields.values, **first}, varied=[], vary="")


def with_single_values(fields: Fields) -> Fields:
    """Return the form without what is varied; what of it holds one value has that."""
    single = [each for each in fields.varied if not _is_axis(fields, *each)]
    return with_first_values(structs.replace(fields, varied=single))


def names_of(fields: Fields) -> tuple[str, ...]:
    """Return the names that the `{{ }}` of the prompts use, in the order in which they come."""
    prompts = next((values for name, values in fields.varied if name == "prompt"), [fields.prompt])
    return tuple(dict.fromkeys(name for prompt in prompts for name in sorted(names_in(prompt), key=prompt.find)))


def spread(fields: Fields, form: Form, names: Mapping[str, object]) -> Spread:
    """Return what the form varies; controls that it does not have are left out.

    Args:
        fields: the form as it is filled in.
        form: its controls.
        names: the notebook's variables.
    """
    axes: list[Axis] = []
    faults: list[Fault] = []
    for name, texts in fields.varied:
        if _is_axis(fields, name, texts):
            try:
                axes += _axis(fields, form, name, texts)
            except ImgmagicError as error:
                faults.append(fault(name, str(error)))
    try:
        axes += [parse_axis(line, names=names, read=read_file) for line in _lines(fields.vary)]
    except ImgmagicError as error:
        faults.append(fault("vary", str(error)))
    is_varied = any(axis.name == "prompt" for axis in axes)
    return Spread(axes=tuple(axes), template="" if is_varied else fields.prompt, faults=tuple(faults))


def spell_axes(fields: Fields, form: Form) -> tuple[str, ...]:
    """Return what the form varies as `--vary` takes it."""
    controls = structs.replace(fields, vary="")
    several = spread(controls, form, {})
    return (*(_spell(axis, several.template) for axis in several.axes), *_lines(fields.vary))


def _is_axis(fields: Fields, name: str, texts: Sequence[str]) -> bool:
    """Return whether a control's values are an axis: a name of the prompt has no other way to its value."""
    return len(texts) > 1 or (bool(texts) and name in names_of(fields) and name not in _OWN)


def _axis(fields: Fields, form: Form, name: str, texts: Sequence[str]) -> Iterator[Axis]:
    control = next((each for each in form.controls if each.name == name), None)
    if name in names_of(fields):
        yield _as_typed(axis_of(name, texts), is_bare=True)
    elif name in _OWN:
        axis = axis_of(_AXES.get(name, name), texts)
        yield _as_typed(axis, is_bare=False) if name == "prompt" else axis
    elif control is not None:
        yield axis_of(name, {text: read_value(control, text) for text in texts})


def _as_typed(axis: Axis, *, is_bare: bool) -> Axis:
    """Return an axis whose values were typed: numbers may be meant, and `{{ }}` are expressions."""
    return replace(axis, values=tuple(replace(each, is_bare=is_bare, is_typed=True) for each in axis.values))


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def _spell(axis: Axis, template: str) -> str:
    """Return `NAME=VALUES` as a comma list where that is read back as the same, else as JSON."""
    text = f"{axis.name}={','.join(map(_item, axis.values))}"
    as_json = f"{axis.name}={json.dumps([each.value for each in axis.values], ensure_ascii=False)}"
    try:
        is_same = _values(parse_axis(text, names={}, read=str), template) == _values(axis, template)
    except ImgmagicError:
        is_same = False
    return text if is_same else as_json


def _item(each: AxisValue) -> str:
    text = each.label if isinstance(each.value, bool) else str(each.value)
    return f'"{text}"' if not text or text != text.strip() or _QUOTED & set(text) else text


def _values(axis: Axis, template: str) -> list[object]:
    return [each.value for each in targets([axis], template, {axis.name})[0].axis.values]
