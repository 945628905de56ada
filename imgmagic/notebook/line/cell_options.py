"""Cell options: `#| size: 1536x1024` at the head of a cell, as in Quarto, turned into words of the magic's line."""

import re
from collections.abc import Collection

from imgmagic.domain.typed_value import strip_quotes
from imgmagic.notebook.line.refusals import UsageError

_OPTION = re.compile(r"#\|\s*(?P<name>[\w-]+)\s*:\s*(?P<value>.*?)\s*$")
_TRUE = {"true", "yes", "on"}
_FALSE = {"false", "no", "off"}


def split_head(cell: str, flags: Collection[str]) -> tuple[list[str], str]:
    """Return the options at the head of a cell as words such as `--size=1536x1024`, and the cell without them.

    Args:
        cell: the cell's text below the magic.
        flags: the long flags that there are.

    Raises:
        UsageError: a line begins with #| and is not an option.
    """
    lines = cell.lstrip("\n").split("\n")
    count = next((number for number, line in enumerate(lines) if not line.startswith("#|")), len(lines))
    words = [_word(line, flags) for line in lines[:count]]
    return [word for word in words if word is not None], "\n".join(lines[count:])


def _word(line: str, flags: Collection[str]) -> str | None:
    found = _OPTION.match(line)
    if found is None or not found["value"]:
        raise UsageError(f"%%imagine: {line!r} is not a cell option; write one as #| size: 1536x1024.")
    name, value = "--" + found["name"].replace("_", "-"), found["value"]
    if value.lower() in _TRUE:
        return name
    if value.lower() in _FALSE:
        negative = name.replace("--", "--no-", 1)
        return None if name in flags and negative not in flags else negative
    return f"{name}={strip_quotes(value)}"
