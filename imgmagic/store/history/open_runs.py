"""Open runs: the generations that this process has begun and whose end is not in the history yet.

An end that cannot be written, as the disk is full or the database is away or locked, is owed: it is written before the
next use of the history, when it is closed, and when the process ends, so that the record is right in the end. What was
begun is remembered with its run, by which a record is known again should another history come in its place.
"""

import atexit
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, TypeAlias

import sqlalchemy as sa

from imgmagic.domain.forks import tell_after_fork
from imgmagic.store.history.records import Started

End: TypeAlias = Callable[[sa.Connection], object]
"""The step of a transaction that settles one generation."""


class Payer(Protocol):
    """A history in which what is owed can be written."""

    def pay(self) -> None:
        """Write what is owed, as far as that goes."""


@dataclass(frozen=True, kw_only=True)
class Begun:
    """What was written when a generation began: its run, which no other record has, and what was known of it."""

    run: str
    started: Started


class OpenRuns:
    """Hold what was begun, and the ends that are owed, of all histories that one archive opens in turn."""

    def __init__(self) -> None:
        self.begun: dict[int, Begun] = {}
        self.ended: set[int] = set()
        self._owed: dict[int, End] = {}
        tell_after_fork(self)

    def after_fork(self) -> None:
        """Leave to the parent what it has begun and owes."""
        self.begun, self.ended, self._owed = {}, set(), {}

    def begin(self, generation_id: int, begun: Begun) -> None:
        """Remember what was begun."""
        self.begun[generation_id] = begun
        self.ended.discard(generation_id)  # of another history

    def all_owed(self) -> tuple[tuple[int, End], ...]:
        """Return the ends that are owed, in the order in which they came."""
        return tuple(self._owed.items())

    def owe(self, generation_id: int, end: End, payer: Payer) -> None:
        """Remember an end that could not be written; `payer` tries again when the process ends, if not before."""
        if not self._owed:
            atexit.register(payer.pay)
        self._owed[generation_id] = end

    def end(self, generation_id: int) -> None:
        """Forget a generation whose end is written."""
        self._owed.pop(generation_id, None)
        self.begun.pop(generation_id, None)
        self.ended.add(generation_id)
