"""Rules: what a server's document says of each parameter, and the faults of a request that breaks them."""

import difflib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from imgmagic.domain.json import JsonObject, JsonValue
from imgmagic.domain.request import ImageRequest


class Treatment(StrEnum):
    """What a server does with a parameter."""

    TAKEN = "taken"
    TRANSLATED = "translated"  # taken under another name or in another form
    REFUSED = "refused"  # answered with an error
    IGNORED = "ignored"  # dropped in silence


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One thing wrong with a request: the parameter, what the server would do, the document's rule, and the way out."""

    parameter: str
    treatment: Treatment
    message: str
    remedy: str = ""

    def __str__(self) -> str:
        return f"{self.parameter}: {self.message}" + (f" {self.remedy}" if self.remedy else "")


@dataclass(frozen=True, kw_only=True)
class Rule:
    """What a server's document says of one parameter.

    Args:
        treatment: what the server does with the parameter at all.
        choices: the allowed values; empty when any will do.
        low, high: bounds of an integer, both included.
        max_chars: bound of a text.
        check: a rule that no table can say: value -> what is wrong with it, or None.
        encode: how a translated parameter goes into the body: value -> body keys.
        says: the document's rule in a few words, shown with the fault.
        remedy: the way out.
        source: document and section.
    """

    treatment: Treatment = Treatment.TAKEN
    choices: tuple[JsonValue, ...] = ()
    low: int | None = None
    high: int | None = None
    max_chars: int | None = None
    check: Callable[[JsonValue], str | None] | None = None
    encode: Callable[[JsonValue], JsonObject] | None = None
    says: str = ""
    remedy: str = ""
    source: str = ""

    def fault(self, parameter: str, value: JsonValue) -> Fault | None:
        """Return the fault of `value`, or None when the rule allows it."""
        if self.treatment in (Treatment.REFUSED, Treatment.IGNORED):
            message = self.says or f"this server {_VERDICTS[self.treatment]} it."
            return Fault(parameter=parameter, treatment=self.treatment, message=message, remedy=self.remedy)
        message = self._bad_choice(value) or self._out_of_bounds(value) or ""
        if not message and self.check is not None:
            message = self.check(value) or ""
        if not message:
            return None
        return Fault(
            parameter=parameter,
            treatment=Treatment.REFUSED,
            message=message,
            remedy=self.remedy or self.says,
        )

    def _bad_choice(self, value: JsonValue) -> str | None:
        if not self.choices or value in self.choices:
            return None
        return f"{value!r} is not allowed; choose {listed(self.choices)}.{closest(value, self.choices)}"

    def _out_of_bounds(self, value: JsonValue) -> str | None:
        if self.max_chars is not None and isinstance(value, str) and len(value) > self.max_chars:
            return f"{len(value):,} characters are too many; {self.max_chars:,} are allowed."
        if self.low is None and self.high is None:
            return None
        if not isinstance(value, int) or isinstance(value, bool):
            return f"{value!r} is not a whole number."
        if (self.low is not None and value < self.low) or (self.high is not None and value > self.high):
            return f"{value} is out of range; {self.low} to {self.high} are allowed."
        return None


_VERDICTS = {Treatment.REFUSED: "refuses", Treatment.IGNORED: "ignores"}

Combination = Callable[[ImageRequest], Fault | None]
"""A rule over several parameters: request -> fault, or None."""


def listed(values: Iterable[JsonValue]) -> str:
    """Return values as an enumeration: a, b or c."""
    words = [str(value) for value in values]
    return " or ".join(filter(None, (", ".join(words[:-1]), words[-1]))) if words else "nothing"


def closest(value: JsonValue, allowed: Iterable[JsonValue]) -> str:
    """Return " Did you mean X?" for the nearest allowed value, or an empty text."""
    found = difflib.get_close_matches(str(value), [str(each) for each in allowed], n=1, cutoff=0.5)
    return f" Did you mean {found[0]}?" if found else ""


def faults(
    request: ImageRequest, rules: Mapping[str, Rule], combinations: Iterable[Combination] = ()
) -> tuple[Fault, ...]:
    """Return every fault of `request` at once, in the order of its parameters."""
    values: dict[str, JsonValue] = {"prompt": request.prompt, **request.options}
    if request.model is not None:
        values["model"] = request.model
    single = [rules[name].fault(name, value) for name, value in values.items() if name in rules]
    joint = [combination(request) for combination in combinations]
    return tuple(fault for fault in [*single, *joint] if fault is not None)
