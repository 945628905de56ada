"""The history: a record of every generation, written before its request leaves; it knows nothing of where pictures are.

Totals are kept as they come, in the transaction that settles a generation, so that asking for them reads a few rows.
"""

import functools
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Literal, TypeAlias

import sqlalchemy as sa

from imgmagic.domain.budget import Budget, Spent
from imgmagic.domain.generation import Generation, Status
from imgmagic.domain.totals import Origin, Totals
from imgmagic.errors import StoreError
from imgmagic.store.history import records, statements
from imgmagic.store.history import reservations as spending
from imgmagic.store.history.opening import opened
from imgmagic.store.history.processes import Process, this_process
from imgmagic.store.history.records import RUNNING, HistoryQuery, Record, Started, StoredImage
from imgmagic.store.history.schema import GENERATIONS, TAGS, TOTALS, has_text_index, models_of
from imgmagic.store.history.search import page_of

Kind: TypeAlias = Literal["model", "day", "provider", "tag", "session"]

_KEPT = "Its pictures are kept in memory: save them with generation.save('picture')."
_REUSABLE = (str(Origin.LIVE), str(Origin.SIMULATED))


class History:
    """Keep records in SQLite (a file's path, or a URL) or PostgreSQL (a URL).

    Raises:
        StoreError: the database cannot be opened, or a newer imgmagic made it.
        SettingsError: the URL is none, or its driver is missing.
    """

    def __init__(self, url: str | Path) -> None:
        self._database, self.notices = opened(str(url))
        with self._database.read() as connection:
            self._indexed = has_text_index(connection)

    @property
    def title(self) -> str:
        """Return the database's name for people, without its password."""
        return self._database.title

    @functools.cached_property
    def _process(self) -> Process:
        return this_process()

    def begin(self, started: Started, budget: Budget | None = None) -> int:
        """Record a generation that is about to be sent, reserve its cost under `budget`, and return its id.

        Raises:
            BudgetExceeded: it does not fit; nothing was recorded.
            StoreError: it could not be recorded.
        """

        def step(connection: sa.Connection) -> int:
            if budget is not None and budget.is_set:
                spending.check(connection, budget, started)
            return statements.insert(connection, started, self._process)

        return self._database.write(step, "this generation is not in the history")

    def attach(self, generation_id: int, image: StoredImage) -> None:
        """Record a picture of a running generation, before it is written: what is on the disk is then always known."""

        def step(connection: sa.Connection) -> None:
            statements.put_image(connection, generation_id, image)

        self._database.write(step, f"a picture of generation {generation_id} is not in the history", _KEPT)

    def settle(
        self, generation: Generation, images: Iterable[StoredImage] = (), *, unpriced: int | None = None
    ) -> None:
        """Record how a generation ended, with exactly these pictures, and count it; once, however often it is called.

        Args:
            generation: it has the id that `begin` returned.
            images: the pictures that are in the image store.
            unpriced: how many images may be billed that the cost does not hold: their share of what was reserved stays
                so, and without any an unknown cost is 0. Unless given, all or none, as the cost is unknown or known.

        Raises:
            StoreError: it could not be recorded; the record stays as it was.
        """
        kept = tuple(images)

        def step(connection: sa.Connection) -> None:
            statements.settle(connection, generation, kept, unpriced=unpriced)

        self._database.write(step, f"the end of generation {generation.id} is not in the history", _KEPT)

    def mark_interrupted(self, holds: Callable[[str], bool] = lambda _: True) -> tuple[int, ...]:
        """Mark what runs in no living process as interrupted, and return the ids.

        Args:
            holds: whether a picture's hash is in the image store; pictures that never got there are dropped.
        """

        def step(connection: sa.Connection) -> tuple[int, ...]:
            found = statements.orphans(connection, datetime.now(UTC))
            return tuple(each for each in found if statements.interrupt(connection, each, holds))

        return self._database.write(step, "interrupted generations are not marked")

    def get(self, generation_id: int) -> Record | None:
        """Return a record; None when there is none with this id."""
        found = self._whole(sa.select(GENERATIONS).where(GENERATIONS.c.id == generation_id))
        return found[0] if found else None

    def page(self, query: HistoryQuery) -> tuple[Record, ...]:
        """Return the newest records that `query` asks for."""
        return self._whole(page_of(query, indexed=self._indexed))

    def count(self) -> int:
        """Return how many records there are."""
        with self._database.read() as connection:
            return connection.scalar(sa.select(sa.func.count()).select_from(GENERATIONS)) or 0

    def find_completed(self, key: str, *, session: str) -> Record | None:
        """Return the newest completed generation of an identical request that another session sent."""
        wanted = sa.select(GENERATIONS).where(
            GENERATIONS.c.request_key == key,
            GENERATIONS.c.status == str(Status.COMPLETED),
            GENERATIONS.c.origin.in_(_REUSABLE),
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

    def spent(self, *, session: str | None = None, day: date | None = None) -> Spent:
        """Return what one session, or one day of all sessions, has spent on live calls."""
        kind, key = ("session", session) if session is not None else ("day", f"{day:%Y-%m-%d}")
        with self._database.read() as connection:
            return spending.spent(connection, kind, key)

    def tag(self, generation_id: int, *tags: str) -> None:
        """Add tags to a generation."""

        def step(connection: sa.Connection) -> None:
            row = statements.existing(connection, generation_id)
            new = [tag for tag in dict.fromkeys(tags) if tag not in statements.tags(connection, generation_id)]
            if row["status"] != RUNNING:  # that one is counted when it ends
                statements.count_under_tags(connection, row, 1, new)
            statements.put_tags(connection, generation_id, new)
            statements.refresh_search(connection, generation_id)

        self._database.write(step, "the tags were not saved")

    def untag(self, generation_id: int, *tags: str) -> None:
        """Take tags off a generation."""

        def step(connection: sa.Connection) -> None:
            row = statements.existing(connection, generation_id)
            old = [tag for tag in dict.fromkeys(tags) if tag in statements.tags(connection, generation_id)]
            if row["status"] != RUNNING:
                statements.count_under_tags(connection, row, -1, old)
            connection.execute(sa.delete(TAGS).where(TAGS.c.generation_id == generation_id, TAGS.c.tag.in_(old)))
            statements.refresh_search(connection, generation_id)

        self._database.write(step, "the tags were not taken off")

    def star(self, generation_id: int, *, on: bool = True) -> None:
        """Star a generation, or take the star off."""

        def step(connection: sa.Connection) -> None:
            statements.existing(connection, generation_id)
            statements.update(connection, generation_id, {"star": int(on)})

        self._database.write(step, "the star was not saved")

    def note(self, generation_id: int, text: str) -> None:
        """Write a note beside a generation, in place of the one before."""

        def step(connection: sa.Connection) -> None:
            statements.existing(connection, generation_id)
            statements.update(connection, generation_id, {"note": text})
            statements.refresh_search(connection, generation_id)

        self._database.write(step, "the note was not saved")

    def forget(self, generation_id: int) -> tuple[StoredImage, ...]:
        """Remove a record for good, and return its pictures that no other record has; what it cost stays counted.

        Raises:
            StoreError: there is none with this id, or it is still running.
        """

        def step(connection: sa.Connection) -> tuple[StoredImage, ...]:
            row = statements.existing(connection, generation_id)
            if row["status"] == RUNNING:
                raise StoreError(f"generation {generation_id} is still running.", remedy="Stop it first.")
            alone = statements.images_of_no_other(connection, generation_id)
            spending.hold(connection, row)
            connection.execute(sa.delete(GENERATIONS).where(GENERATIONS.c.id == generation_id))
            return tuple(records.stored_image(row) for row in alone)

        return self._database.write(step, f"generation {generation_id} was not removed")

    def close(self) -> None:
        """Close the database."""
        self._database.close()

    def _sums(self, wanted: sa.Select[Any]) -> tuple[Totals, ...]:
        ordered = wanted.order_by(TOTALS.c.last_id.desc(), TOTALS.c.origin)
        with self._database.read() as connection:
            return tuple(records.totals(row) for row in statements.rows_of(connection.execute(ordered)))

    def _whole(self, wanted: sa.Select[Any]) -> tuple[Record, ...]:
        with self._database.read() as connection:
            return statements.whole(connection, statements.rows_of(connection.execute(wanted)))
