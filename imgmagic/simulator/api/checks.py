"""Checks of single parameters: each takes a name and a value, and raises OpenAI's refusal if the value is wrong.

A request reader is a table from parameter names to these checks, followed by the rules over several parameters. A check
returns nothing: values that passed are read from the body when the call is built.
"""

from collections.abc import Callable, Mapping
from typing import Final, NoReturn, TypeAlias

from imgmagic.simulator.api.refusals import Json, Refusal, RefusedError

Check: TypeAlias = Callable[[str, Json], None]
_EFFORTS: Final = ("none", "minimal", "low", "medium", "high", "xhigh", "max")


def refuse(
    message: str, param: str | None, code: str | None = None, *, kind: str = "invalid_request_error"
) -> NoReturn:
    """Raise a 400 for a parameter."""
    raise RefusedError(Refusal(message=message, param=param, code=code, type=kind))


def refuse_missing(name: str) -> NoReturn:
    """Raise the 400 for a missing required parameter."""
    refuse(f"Missing required parameter: '{name}'.", name, "missing_required_parameter")


def refuse_type(name: str, value: Json, expected: str) -> NoReturn:
    """Raise the 400 for a value of another JSON type."""
    message = f"Invalid type for '{name}': expected {expected}, but got {type(value).__name__} instead."
    refuse(message, name, "invalid_type")


def check_known(body: Mapping[str, Json], checks: Mapping[str, Check]) -> None:
    """Refuse the first parameter that is not in the table, then check every value that is set."""
    for name in body:
        if name not in checks and name != "model":
            refuse(f"Unknown parameter: '{name}'.", name, "unknown_parameter")
    if body.get("prompt") is None:
        refuse_missing("prompt")
    for name, check in checks.items():
        if body.get(name) is not None:
            check(name, body[name])


def text(longest: int | None = None) -> Check:
    """Return a check for text; with a limit, blank text is refused too."""

    def check(name: str, value: Json) -> None:
        if not isinstance(value, str):
            refuse_type(name, value, "a string")
        if longest and not value.strip():
            refuse(f"Invalid '{name}': empty string. Expected at least 1 character.", name, "empty_string")
        if longest and len(value) > longest:
            message = f"Invalid '{name}': string too long. Expected at most {longest} characters, got {len(value)}."
            refuse(message, name, "string_above_max_length")

    return check


def integer(low: int, high: int) -> Check:
    """Return a check for a whole number from `low` to `high`."""

    def check(name: str, value: Json) -> None:
        # JSON tells true from 1, Python does not.
        if not isinstance(value, int) or isinstance(value, bool):
            refuse_type(name, value, "an integer")
        if value < low:
            message = (
                f"Invalid '{name}': integer below minimum value. Expected a value >= {low}, but got {value} instead."
            )
            refuse(message, name, "integer_below_min_value")
        if value > high:
            message = (
                f"Invalid '{name}': integer above maximum value. Expected a value <= {high}, but got {value} instead."
            )
            refuse(message, name, "integer_above_max_value")

    return check


def one_of(*allowed: str) -> Check:
    """Return a check for one of a few words."""

    def check(name: str, value: Json) -> None:
        if value not in allowed:
            listed = ", ".join(f"'{each}'" for each in allowed)
            refuse(f"Invalid value: '{value}'. Supported values are: {listed}.", name, "invalid_value")

    return check


def boolean(name: str, value: Json) -> None:
    """Check that the value is true or false."""
    if not isinstance(value, bool):
        refuse_type(name, value, "a boolean")


def svg(name: str, value: Json) -> None:
    """Check the object that says which model writes an SVG, and with how much reasoning."""
    if not isinstance(value, dict):
        refuse_type(name, value, "an object")
    if not isinstance(value.get("model"), str):
        refuse_missing("svg.model")
    reasoning = value.get("reasoning")
    if isinstance(reasoning, dict) and reasoning.get("effort") is not None:
        one_of(*_EFFORTS)("svg.reasoning.effort", reasoning["effort"])
