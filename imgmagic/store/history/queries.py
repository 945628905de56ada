"""Queries: what is asked of a history; nothing here changes it."""

from abc import ABC, abstractmethod
from collections.abc import Iterable
from contextlib import AbstractContextManager
from datetime import date
from typing import Literal, TypeAlias

import sqlalchemy as sa

from imgmagic.domain.budget import Spent
from imgmagic.domain.generation import Status
from imgmagic.domain.totals import Totals
from imgmagic.store.history import pictures, reading, reservations, statements, sweeps
from imgmagic.store.history.records import HistoryQuery, Record, SweepRecord
from imgmagic.store.history.schema import GENERATIONS, SWEEPS, TOTALS, models_of
from imgmagic.store.history.search import select_page

Kind: TypeAlias = Literal["model", "day", "provider", "tag", "session", "user", "sweep"]

_KEYS_AT_A_TIME = 500  # a statement takes only so many parameters


class Queries(ABC):
    """Ask a history for its records, sums and sweeps."""

    _indexed: bool

    @abstractmethod
    def _read(self) -> AbstractContextManager[sa.Connection]:
        """Give a connection for reading."""

    def get(self, generation_id: int) -> Record | None:
        """Return a record; None when there is none with this id."""
        found = self._whole(sa.select(GENERATIONS).where(GENERATIONS.c.id == generation_id))
        return found[0] if found else None

    def inputs_of_no_other(self, generation_id: int) -> tuple[str, ...]:
        """Return the hashes of what a generation was made from, where nothing else shows it or was made from it."""
        with self._read() as connection:
            found = pictures.inputs_of_no_other(connection, generation_id)
        return tuple(dict.fromkeys(row["sha256"] for row in found))

    def uses(self, sha256: str) -> bool:
        """Return whether any generation shows these bytes or was made from them."""
        with self._read() as connection:
            return pictures.is_used(connection, sha256)

    def page(self, query: HistoryQuery) -> tuple[Record, ...]:
        """Return the newest records that `query` asks for."""
        return self._whole(select_page(query, indexed=self._indexed))

    def count(self) -> int:
        """Return how many records there are."""
        with self._read() as connection:
            return connection.scalar(sa.select(sa.func.count()).select_from(GENERATIONS)) or 0

    def find_completed(self, key: str, *, session: str) -> Record | None:
        """Return the newest completed generation of an identical request that another session sent."""
        wanted = sa.select(GENERATIONS).where(
            GENERATIONS.c.request_key == key,
            GENERATIONS.c.status == str(Status.COMPLETED),
            GENERATIONS.c.origin.in_(sweeps.DRAWN),
            GENERATIONS.c.session != session,
        )
        found = self._whole(wanted.order_by(GENERATIONS.c.id.desc()).limit(1))
        return found[0] if found else None

    def totals(self, by: Kind = "model", *, key: str | None = None, limit: int = 400) -> tuple[Totals, ...]:
        """Return what generations took, by one kind of key or under one key, the last used first; each origin apart."""
        wanted = sa.select(TOTALS).where(TOTALS.c.kind == by, TOTALS.c.generations > 0)
        wanted = wanted if key is None else wanted.where(TOTALS.c.name == key)
        return self._sums(wanted.limit(limit))

    def tally(self, *, session: str | None = None, day: date | None = None) -> tuple[Totals, ...]:
        """Return what the models took in one session, or on one day, the last used first; each origin apart."""
        kind = models_of("day", f"{day:%Y-%m-%d}") if session is None else models_of("session", session)
        return self._sums(sa.select(TOTALS).where(TOTALS.c.kind == kind, TOTALS.c.generations > 0))

    def spent(self, *, session: str | None = None, day: date | None = None, user: str | None = None) -> Spent:
        """Return what one session, or one day of everybody or of one user, has spent on live calls."""
        kind = "session" if session is not None else "day" if user is None else "day of user"
        row = {"session": session, "day": None if day is None else f"{day:%Y-%m-%d}", "user_name": user}
        with self._read() as connection:
            return reservations.spent(connection, kind, row)

    def find_sweep(self, sweep: SweepRecord) -> int | None:
        """Return the id that the same sweep has; None where it was not recorded."""
        with self._read() as connection:
            return sweeps.find_same(connection, sweep)

    def is_sweep_stopped(self, sweep_id: int, run: str) -> bool:
        """Return whether a run of a sweep is marked as stopped."""
        with self._read() as connection:
            return sweeps.is_stopped(connection, sweep_id, run)

    def sweep(self, sweep_id: int) -> SweepRecord | None:
        """Return a sweep; None when there is none with this id."""
        with self._read() as connection:
            return sweeps.find(connection, sweep_id)

    def sweeps(self, *, before_id: int | None = None, limit: int = 20) -> tuple[SweepRecord, ...]:
        """Return the newest sweeps."""
        with self._read() as connection:
            return sweeps.newest(connection, before_id, limit)

    def count_sweeps(self) -> int:
        """Return how many sweeps there are."""
        with self._read() as connection:
            return connection.scalar(sa.select(sa.func.count()).select_from(SWEEPS)) or 0

    def find_cells(self, keys: Iterable[str]) -> tuple[Record, ...]:
        """Return the completed generations that are one of these cells of a sweep, oldest first."""
        wanted = tuple(keys)
        pages = (wanted[start : start + _KEYS_AT_A_TIME] for start in range(0, len(wanted), _KEYS_AT_A_TIME))
        return tuple(record for page in pages for record in self._whole(sweeps.select_cells(page)))

    def sweep_cells(self, sweep_id: int) -> tuple[Record, ...]:
        """Return the newest generation of each cell of a sweep, and each completed one, oldest first."""
        found: list[Record] = []
        while page := self._whole(sweeps.select_latest(sweep_id, found[-1].id if found else 0, _KEYS_AT_A_TIME)):
            found += page
        return tuple(found)

    def _sums(self, wanted: "sa.Select[*tuple[object, ...]]") -> tuple[Totals, ...]:
        ordered = wanted.order_by(TOTALS.c.last_id.desc(), TOTALS.c.origin)
        with self._read() as connection:
            return tuple(reading.read_totals(row) for row in pictures.rows_of(connection.execute(ordered)))

    def _whole(self, wanted: "sa.Select[*tuple[object, ...]]") -> tuple[Record, ...]:
        with self._read() as connection:
            return statements.to_records(connection, pictures.rows_of(connection.execute(wanted)))
