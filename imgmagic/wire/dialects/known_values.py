"""Known values: whether any server in the table takes a value, so that a wrong setting is reported where it is set."""

from collections.abc import Iterator

from imgmagic.domain.json_types import JsonValue
from imgmagic.domain.rules import Rule
from imgmagic.wire.dialects import DIALECTS
from imgmagic.wire.dialects.sizes import edges

_SMALLEST = 64  # pixels of the longest edge; no model draws less, and rules for free sizes do not say so


def is_known(name: str, value: JsonValue) -> bool:
    """Return whether a server is known to take `value` for the option `name`, or none has a rule for it."""
    if name == "size" and _is_tiny(value):
        return False
    rules = list(_rules(name))
    return not rules or any(rule.fault(name, value) is None for rule in rules)


def _is_tiny(value: JsonValue) -> bool:
    size = edges(value)
    return size is not None and ":" not in str(value) and max(size) < _SMALLEST


def _rules(name: str) -> Iterator[Rule]:
    """Yield each rule that says which values a server takes."""
    for dialect in DIALECTS.values():
        for table in (dialect.rules, *(family.rules for family in dialect.families)):
            rule = table.get(name)
            if rule is not None and rule.takes and (rule.choices or rule.check or rule.low is not None):
                yield rule
