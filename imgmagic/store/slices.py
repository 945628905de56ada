"""Slices: a part of a list that is read page by page, without the pages behind it."""

from collections.abc import Callable, Iterable
from itertools import islice
from typing import TypeVar

_V = TypeVar("_V")


def cut(values: Iterable[_V], places: slice, count: Callable[[], int]) -> list[_V]:
    """Return the values at `places`; what may be many is counted only where that is needed.

    >>> cut("abcdef", slice(1, 3), lambda: 6), cut("abcdef", slice(-2, None), lambda: 6)
    (['b', 'c'], ['e', 'f'])
    """
    bounds = (places.start or 0, places.stop, places.step or 1)
    if None not in bounds and min(bounds) >= 0:
        return list(islice(values, *bounds))
    wanted = range(count())[places]
    found = list(islice(values, max(wanted, default=-1) + 1))
    return [found[place] for place in wanted if place < len(found)]  # some may have gone meanwhile
