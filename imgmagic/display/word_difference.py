"""How one prompt differs from another, word by word."""

import difflib
import re
from collections.abc import Iterator
from typing import Literal, TypeAlias

Change: TypeAlias = Literal["same", "added", "removed"]

_WORDS = re.compile(r"\s+|\w+|[^\w\s]")


def word_difference(before: str, after: str) -> Iterator[tuple[Change, str]]:
    """Yield the pieces of both texts in turn: what they share, what only `before` has, and what only `after` has."""
    a, b = _WORDS.findall(before), _WORDS.findall(after)
    for change, a_from, a_to, b_from, b_to in difflib.SequenceMatcher(a=a, b=b, autojunk=False).get_opcodes():
        if change == "equal":
            yield "same", "".join(a[a_from:a_to])
            continue
        if a_to > a_from:
            yield "removed", "".join(a[a_from:a_to])
        if b_to > b_from:
            yield "added", "".join(b[b_from:b_to])
