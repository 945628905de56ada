"""Clusters: the letters of a text as people see them, where lines break between them, and in which order they stand.

One emoji may be several letters that a joiner ties, and an accent may be a letter of its own: what cuts a text for
drawing cuts it between clusters, never within one.
"""

import unicodedata
from collections.abc import Iterator, Sequence
from typing import TypeVar

from wcwidth import iter_graphemes

_SELECTORS = frozenset(map(chr, (*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0))))
_RIGHT_TO_LEFT = frozenset({"R", "AL"})
_VIRAMA = 9  # the combining class of the signs that join consonants
_ENDS = frozenset({"Pe", "Pf", "Po", "Lm"})  # categories of what no line begins with, such as a closing bracket
_OPENS = frozenset({"Ps", "Pi"})  # and of what no line ends with

_Run = TypeVar("_Run")


def visible(cluster: str) -> str:
    """Return the letters of a cluster of which something is seen: neither blanks nor what only joins or selects."""
    return "".join(
        each for each in cluster if unicodedata.category(each) not in ("Zs", "Cf", "Cc") and each not in _SELECTORS
    )


def breakable(text: str) -> Iterator[str]:
    """Yield the pieces between which a line may break: words, and each letter of scripts that write no blanks."""
    word = ""
    for cluster in iter_graphemes(text.replace("\n", " ")):
        if word and _may_break(word[-1], cluster[0]):
            yield word
            word = ""
        word += cluster
    if word:
        yield word


def needs_shaping(text: str) -> bool:
    """Return whether letters change beside others: those that run from right to left, and those of Indian scripts."""
    return any(
        unicodedata.bidirectional(each) in _RIGHT_TO_LEFT
        or unicodedata.category(each) == "Mc"
        or unicodedata.combining(each) == _VIRAMA
        for each in text
    )


def in_visual_order(runs: Sequence[tuple[_Run, str]]) -> list[tuple[_Run, str]]:
    """Return the runs of a line from left to right; each run is ordered within by what draws it.

    A line whose first letter with a direction runs from right to left does so as a whole.
    """
    directions = [_direction(text) for _, text in runs]
    whole = next(filter(None, directions), "L")
    groups: list[tuple[str, list[tuple[_Run, str]]]] = []
    for run, direction in zip(runs, directions, strict=True):
        if not groups or groups[-1][0] != (direction or whole):
            groups.append((direction or whole, []))
        groups[-1][1].append(run)
    ordered = groups if whole == "L" else groups[::-1]
    return [run for direction, group in ordered for run in (group if direction == "L" else group[::-1])]


def _may_break(before: str, after: str) -> bool:
    if after == " ":
        return True
    if unicodedata.category(after) in _ENDS or unicodedata.category(before) in _OPENS:
        return False
    return _is_wide(before) or _is_wide(after)


def _is_wide(letter: str) -> bool:
    return unicodedata.east_asian_width(letter) in ("W", "F")


def _direction(text: str) -> str:
    """Return "R" or "L" by the first letter that has a direction; empty where none has."""
    for each in text:
        direction = unicodedata.bidirectional(each)
        if direction in _RIGHT_TO_LEFT:
            return "R"
        if direction == "L":
            return "L"
    return ""
