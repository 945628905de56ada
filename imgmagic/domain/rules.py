"""Rules: what a server's documentation says about each parameter, and the faults of a request that breaks them."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from imgmagic.domain.json_types import JsonObject, JsonValue
from imgmagic.domain.request import ImageRequest
from imgmagic.domain.wording import closest, listed

_NOISE: Mapping[str, JsonValue] = {"n": 1, "stream": False, "partial_images": 0}


class Treatment(StrEnum):
    """What a server does with a parameter."""

    TAKEN = "taken"
    TRANSLATED = "translated"  # taken under another name or in another form
    REFUSED = "refused"  # answered with an error
    IGNORED = "ignored"  # silently dropped


_VERDICTS = {Treatment.REFUSED: "refuses", Treatment.IGNORED: "ignores"}


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One thing wrong with a request: the parameter, what the server would do, the documented rule, and what to do.

    A remedy names parameters as `{size}` or `{stream=False}`, as the remedies of errors do.
    """

    parameter: str
    treatment: Treatment
    message: str
    remedy: str = ""

    def __str__(self) -> str:
        return " ".join(filter(None, (f"{{{self.parameter}}}:", self.message, self.remedy)))


@dataclass(frozen=True, kw_only=True)
class Rule:
    """What a server's documentation says about one parameter.

    Args:
        treatment: what the server does with the parameter at all.
        otherwise: what it does with a value that the rule does not allow.
        choices: the allowed values; empty when any will do.
        low, high: bounds of an integer, both included.
        max_chars: the most characters of a text.
        check: a rule that no table can express: value -> what is wrong with it, or None.
        encode: how a translated parameter goes into the body: value -> body keys.
        says: the documented rule in a few words: the message for a parameter that is not taken, a note in the table.
        remedy: what to do.
        source: document and section.
    """

    treatment: Treatment = Treatment.TAKEN
    otherwise: Treatment = Treatment.REFUSED
    choices: tuple[JsonValue, ...] = ()
    low: int | None = None
    high: int | None = None
    max_chars: int | None = None
    check: Callable[[JsonValue], str | None] | None = None
    encode: Callable[[JsonValue], JsonObject] | None = None
    says: str = ""
    remedy: str = ""
    source: str = ""

    @property
    def takes(self) -> bool:
        """Return whether the server does anything with the parameter."""
        return self.treatment in (Treatment.TAKEN, Treatment.TRANSLATED)

    def fault(self, parameter: str, value: JsonValue) -> Fault | None:
        """Return the fault of `value`, or None when the rule allows it."""
        if not self.takes:
            reason = f" ({self.says})" if self.says else ""
            message = f"this server {_VERDICTS[self.treatment]} it{reason}."
            remedy = self.remedy or f"Leave {{{parameter}}} out."
            return Fault(parameter=parameter, treatment=self.treatment, message=message, remedy=remedy)
        complaint = self.check(value) if self.check is not None else None
        broken = self._bad_choice(value) or self._too_long(value) or self._out_of_bounds(value) or complaint
        if broken is None:
            return None
        return Fault(parameter=parameter, treatment=self.otherwise, message=broken, remedy=self.remedy)

    def _bad_choice(self, value: JsonValue) -> str | None:
        if not self.choices or value in self.choices:
            return None
        return f"{value!r} is not allowed; choose {listed(self.choices)}.{closest(value, self.choices)}"

    def _too_long(self, value: JsonValue) -> str | None:
        if self.max_chars is None or not isinstance(value, str) or len(value) <= self.max_chars:
            return None
        return f"{len(value):,} characters are too many; {self.max_chars:,} are allowed."

    def _out_of_bounds(self, value: JsonValue) -> str | None:
        if self.low is None and self.high is None:
            return None
        if not isinstance(value, int) or isinstance(value, bool):
            return f"{value!r} is not a whole number; {self._bounds()}."
        if (self.low is not None and value < self.low) or (self.high is not None and value > self.high):
            return f"{value} is out of range; {self._bounds()}."
        return None

    def _bounds(self) -> str:
        if self.low is None:
            return f"at most {self.high} is allowed"
        return f"at least {self.low} is allowed" if self.high is None else f"{self.low} to {self.high} are allowed"


Combination = Callable[[ImageRequest], Fault | None]
"""A rule over several parameters: request -> fault, or None."""

Judge = Callable[[ImageRequest], tuple[Fault, ...]]
"""Finds the faults of a request; a dialect's `faults`."""


@dataclass(frozen=True, kw_only=True)
class Preflight:
    """Hold the result of checking a request: the request to send, its faults, and the settings that were left out."""

    request: ImageRequest
    faults: tuple[Fault, ...] = ()
    left_out: tuple[str, ...] = ()


def preflight(request: ImageRequest, judge: Judge) -> Preflight:
    """Leave out the faulty settings, and keep the faults of what was typed for this call.

    Leaving one setting out can make another faulty (a compression without its format), so this repeats until no more
    are.
    """
    left_out: list[str] = []
    while fallen := _settings_at_fault(request, judge):
        left_out += fallen
        kept = {name: value for name, value in request.options.items() if name not in fallen}
        request = replace(request, options=kept)
    return Preflight(request=request, faults=judge(request), left_out=tuple(left_out))


def _settings_at_fault(request: ImageRequest, judge: Judge) -> list[str]:
    at_fault = {fault.parameter for fault in judge(request)}
    return [name for name in request.options if name in at_fault and name not in request.explicit]


def faults(
    request: ImageRequest, rules: Mapping[str, Rule], combinations: Iterable[Combination] = ()
) -> tuple[Fault, ...]:
    """Return all faults of `request`: of the prompt, the model, each option in order, and of combinations."""
    values: dict[str, JsonValue] = {"prompt": request.prompt}
    if request.model is not None:
        values["model"] = request.model
    values.update(request.options)
    judged = [name for name, value in values.items() if name in rules and not is_noise(name, value)]
    single = [rules[name].fault(name, values[name]) for name in judged]
    joint = [combination(request) for combination in combinations]
    return tuple(fault for fault in [_empty_prompt(request), *single, *joint] if fault is not None)


def _empty_prompt(request: ImageRequest) -> Fault | None:
    if request.prompt.strip():
        return None
    remedy = "Write what to draw."
    return Fault(parameter="prompt", treatment=Treatment.REFUSED, message="it is empty.", remedy=remedy)


def is_noise(parameter: str, value: JsonValue) -> bool:
    """Return whether `value` asks for what every server does by default, such as one image."""
    usual = _NOISE.get(parameter)
    # By type as well, because True == 1 in Python.
    return usual is not None and type(value) is type(usual) and value == usual


def describe(faults: Iterable[Fault]) -> str:
    """Return one message for all faults, one per line, and how to send the request anyway."""
    found = list(faults)
    lines = [str(fault) for fault in found]
    hint = [] if [fault.parameter for fault in found] == ["prompt"] else ["Or add {check=False} to send it as typed."]
    if len(lines) == 1:
        return " ".join(["nothing was sent.", *lines, *hint])
    return "\n  ".join([f"nothing was sent; {len(lines)} faults:", *lines, *hint])
