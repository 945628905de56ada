"""The history: a record of every generation, written before its request leaves; it knows nothing of where pictures are.

Totals are kept as they come, in the transaction that settles a generation, so that asking for them reads a few rows.
"""

import functools
import uuid
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy.exc import DataError, IntegrityError

from imgmagic.domain.budget import Budget
from imgmagic.domain.forks import tell_after_fork
from imgmagic.domain.generation import Generation
from imgmagic.errors import StoreError
from imgmagic.store.history import marks, pictures, reading, reservations, statements, sweeps
from imgmagic.store.history.open_runs import Begun, OpenRuns
from imgmagic.store.history.opening import open_history
from imgmagic.store.history.processes import Process, this_process, this_user
from imgmagic.store.history.queries import Queries
from imgmagic.store.history.records import RUNNING, Started, SweepRecord
from imgmagic.store.history.schema import GENERATIONS
from imgmagic.store.history.text_index import has_text_index
from imgmagic.store.stored_image import StoredImage, UnfetchedImage

_T = TypeVar("_T")
_KEPT = "Its pictures are kept in memory: save them with generation.save('picture')."
_OWED = (
    "It is written as soon as that is possible. The pictures are kept in memory: generation.save('picture') saves them."
)
_PAYING_S = 0.5
_OF_ITS_OWN = (IntegrityError, DataError, OverflowError)  # of one end, and not of the database


class History(Queries):
    """Keep records in SQLite (a file's path, or a URL) or PostgreSQL (a URL).

    Args:
        url: a SQLAlchemy URL, or the path of a SQLite file.
        is_ours: whether any file that is there is a history of ours, however damaged.
        open_runs: what this process has begun and not ended, where it outlives this history.
        now: the time of day, aware; a run of which nothing is known and that has been going for days counts as dead.

    Raises:
        StoreError: the database cannot be opened, or a newer imgmagic made it.
        SettingsError: this is not a URL, or its driver is missing.
    """

    def __init__(
        self,
        url: str | Path,
        *,
        is_ours: bool = False,
        open_runs: OpenRuns | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._now = now
        self._open = OpenRuns() if open_runs is None else open_runs
        self._database, self.notices = open_history(str(url), is_ours=is_ours)
        with self._database.read() as connection:
            self._indexed = has_text_index(connection)
        tell_after_fork(self)

    def after_fork(self) -> None:
        """Be another process from now on."""
        self.__dict__.pop("_process", None)

    @property
    def title(self) -> str:
        """Return the database's name for people, without its password."""
        return self._database.title

    @functools.cached_property
    def _process(self) -> Process:
        return this_process()

    @functools.cached_property
    def user(self) -> str | None:
        """Return who draws here."""
        return this_user()

    def begin(self, started: Started, budget: Budget | None = None) -> int:
        """Record a generation that is about to be sent, reserve its cost under `budget`, and return its id.

        Raises:
            BudgetExceeded: it does not fit; nothing was recorded.
            CellTaken: it is a cell of a sweep that somebody has drawn, or is drawing.
            StoreError: it could not be recorded.
        """
        named = started if started.user else replace(started, user=self.user)
        # A number alone does not name a generation: the file may be replaced by another history while the call runs, in
        # which the number is someone else's.
        run = uuid.uuid4().hex

        def step(connection: sa.Connection) -> int:
            sweeps.require_free(connection, started)
            if budget is not None and budget.is_set:
                reservations.check(connection, budget, named)
            return statements.insert(connection, named, self._process, run)

        generation_id = self._write(step, "this generation is not in the history")
        self._open.begin(generation_id, Begun(run=run, started=named))
        return generation_id

    def attach(self, generation_id: int, image: StoredImage) -> None:
        """Record a picture of a generation, before it is written: what is on the disk is then always known."""
        begun = self._open.begun.get(generation_id)

        def step(connection: sa.Connection) -> None:
            if begun is None or statements.is_of_run(connection, generation_id, begun.run):
                pictures.put_image(connection, generation_id, image)

        self._write(step, f"a picture of generation {generation_id} is not in the history", _KEPT)

    def put_unfetched(self, generation_id: int, image: UnfetchedImage) -> None:
        """Record where a picture is that the server gave as an address, and that could not be fetched."""
        step = partial(pictures.put_unfetched, generation_id=generation_id, image=image)
        self._write(step, f"a picture's address of generation {generation_id} is not in the history")

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
            StoreError: it could not be recorded, and is owed; or it was recorded under another number, as its record
                was gone.
        """
        # Once per process; between processes the row's status decides, under its lock.
        if generation.id is None or generation.id in self._open.ended:
            return
        end = partial(self._end, generation=generation, images=tuple(images), unpriced=unpriced)
        what = f"the end of generation {generation.id} is not in the history"
        try:
            recorded = self._write(end, what, _KEPT)
        except StoreError as error:
            self._open.owe(generation.id, end, self)
            raise StoreError(error.message, remedy=_OWED) from error
        self._open.end(generation.id)
        if recorded != generation.id:
            raise StoreError(
                f"generation {generation.id} was no longer in the history when it ended.",
                remedy=f"It is recorded as generation {recorded}.",
            )

    def pay(self) -> None:
        """Write the ends that are owed, as far as that goes; what is not written stays owed."""
        for generation_id, end in self._open.all_owed():
            try:
                self._database.write(end, "an end is owed", patience_s=_PAYING_S)
            except StoreError as error:
                if isinstance(error.__cause__, _OF_ITS_OWN):
                    continue  # the others can be written all the same
                return
            self._open.end(generation_id)

    def _end(
        self,
        connection: sa.Connection,
        *,
        generation: Generation,
        images: tuple[StoredImage, ...],
        unpriced: int | None,
    ) -> int | None:
        """Settle a generation, begun again where its record is gone or is another's, and return its number."""
        begun = self._open.begun.get(generation.id) if generation.id is not None else None
        if begun is not None and not statements.is_of_run(connection, generation.id or 0, begun.run):
            number = statements.insert(connection, begun.started, self._process, begun.run)
            generation = replace(generation, id=number)
        statements.settle(connection, generation, images, unpriced=unpriced)
        return generation.id

    def mark_interrupted(self, holds: Callable[[str], bool] = lambda _: True) -> tuple[int, ...]:
        """Mark what runs in no living process as interrupted, and return the ids.

        Args:
            holds: whether a picture's hash is in the image store; pictures that never got there are dropped.
        """

        def step(connection: sa.Connection) -> tuple[int, ...]:
            found = statements.find_orphans(connection, self._now(), is_shared=self._database.is_shared)
            return tuple(each for each in found if statements.interrupt(connection, each, holds))

        return self._write(step, "interrupted generations are not marked")

    def tag(self, generation_id: int, *tags: str, index: int | None = None) -> None:
        """Add tags to a generation, or to one of its images, counted from 0."""
        self._write(partial(marks.tag, generation_id=generation_id, index=index, tags=tags), "the tags were not saved")

    def untag(self, generation_id: int, *tags: str, index: int | None = None) -> None:
        """Take tags off a generation, or off one of its images."""
        step = partial(marks.untag, generation_id=generation_id, index=index, tags=tags)
        self._write(step, "the tags were not taken off")

    def star(self, generation_id: int, *, index: int | None = None, on: bool = True) -> None:
        """Star one image or all of a generation, or take the star off."""
        self._write(partial(marks.star, generation_id=generation_id, index=index, on=on), "the star was not saved")

    def rate(self, generation_id: int, rating: int | None, *, index: int | None = None) -> None:
        """Rate one image or all of a generation, from 0 to 5; None takes the rating away."""
        step = partial(marks.rate, generation_id=generation_id, index=index, rating=rating)
        self._write(step, "the rating was not saved")

    def note(self, generation_id: int, text: str, *, index: int | None = None) -> None:
        """Write a note beside a generation or one of its images, in place of the one before."""
        self._write(partial(marks.note, generation_id=generation_id, index=index, text=text), "the note was not saved")

    def release(self, generation_id: int, now: datetime) -> Decimal:
        """Give back what is reserved for a generation that ended with an unknown bill, and return the amount.

        Raises:
            StoreError: there is none with this id, it still runs, or nothing is reserved for it.
        """
        step = partial(reservations.release, generation_id=generation_id, now=now)
        return self._write(step, "the reserved amount was not given back")

    def put_sweep(self, sweep: SweepRecord) -> int:
        """Record a sweep that is about to begin, and return its id; the same sweep keeps the one that it has."""
        return self._write(partial(sweeps.join, record=sweep), "this sweep is not in the history")

    def stop_sweep(self, sweep_id: int, run: str) -> None:
        """Mark one run of a sweep as stopped: whoever draws its cells, in whichever process, looks at this."""
        self._write(partial(sweeps.stop, sweep_id=sweep_id, run=run), f"sweep {sweep_id} is not stopped")

    def forget(self, generation_id: int) -> tuple[StoredImage, ...]:
        """Remove a record for good, and return its pictures that no other record has; what it cost stays counted.

        Raises:
            StoreError: there is none with this id, or it is still running.
        """

        def step(connection: sa.Connection) -> tuple[StoredImage, ...]:
            row = statements.require_row(connection, generation_id)
            if row["status"] == RUNNING:
                raise StoreError(f"generation {generation_id} is still running.", remedy="Stop it first.")
            alone = pictures.images_of_no_other(connection, generation_id)
            # First, as the reservation goes with the row: forgetting a record must not make room in a budget.
            reservations.hold(connection, row)
            connection.execute(sa.delete(GENERATIONS).where(GENERATIONS.c.id == generation_id))
            return tuple(map(reading.read_stored_image, alone))

        return self._write(step, f"generation {generation_id} was not removed")

    def close(self) -> None:
        """Write what is owed, and close the database."""
        self.pay()
        self._database.close()

    def _write(self, step: Callable[[sa.Connection], _T], what: str, remedy: str = "") -> _T:
        """Run a step in a transaction of its own, after what is owed."""
        self.pay()
        return self._database.write(step, what, remedy)

    @contextmanager
    def _read(self) -> Iterator[sa.Connection]:
        """Give a connection for reading, after what is owed."""
        self.pay()
        with self._database.read() as connection:
            yield connection
