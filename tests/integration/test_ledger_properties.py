"""The ledger, whatever happens to the runs: late ends, killed kernels, forks and clocks that jump, in any order.

Beside the history stands a model of it, a few lines of Python, and at the end both say the same of records, totals
and money. Kernels that die and children that write are real processes.
"""

import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from imgmagic.domain.generation import Status
from imgmagic.errors import StoreError
from imgmagic.store.history.history import History
from imgmagic.store.history.records import HistoryQuery, Started
from tests.support.stored_runs import NOON, generation, started, stored
from tests.support.tries import tries

pytestmark = pytest.mark.slow

CENT = Decimal("0.01")
SESSIONS = ("one", "two")
ESTIMATE = 5 * CENT
OUTCOMES = {  # how a run ends, and its cost: None is a bill that nobody knows, whose reservation stays
    "completed": (Status.COMPLETED, 3 * CENT, 1),
    "dearer": (Status.COMPLETED, 15 * CENT, 1),
    "stopped": (Status.CANCELLED, None, 0),
    "refused": (Status.FAILED, Decimal(0), 0),
}


@dataclass
class Run:
    """What the model knows of a run: where it runs, and how it stands."""

    begun: Started
    where: str = "here"  # or "dead", or "far"
    status: str = "running"
    cost: Decimal | None = None
    reserved: Decimal = ESTIMATE
    pictures: int = 0
    is_forgotten: bool = False

    @property
    def is_counted(self) -> bool:
        return self.status != "running"


class Ledger(RuleBasedStateMachine):
    """Two kernels of one process, and their children, with one history."""

    template: Path

    @initialize()
    def open(self) -> None:
        self.folder = Path(tempfile.mkdtemp(dir=self.template.parent))
        self.path = self.folder / "history.sqlite"
        shutil.copy(self.template, self.path)
        self.clock = NOON
        self.kernels = [History(self.path, now=lambda: self.clock) for _ in range(2)]
        self.runs: dict[int, Run] = {}

    def teardown(self) -> None:
        if hasattr(self, "kernels"):
            try:
                self.check_records()
                self.check_money()
            finally:
                for kernel in self.kernels:
                    kernel.close()
                shutil.rmtree(self.folder)

    def some(self, number: int, **wanted: object) -> int | None:
        """Return the id of one of the runs that are as wanted."""
        fitting = [
            each
            for each, run in self.runs.items()
            if not run.is_forgotten and all(getattr(run, name) == value for name, value in wanted.items())
        ]
        return fitting[number % len(fitting)] if fitting else None

    def call(self, session: str) -> Started:
        return started(session=session, at=self.clock, at_most=ESTIMATE)

    @rule(kernel=st.integers(0, 1), session=st.sampled_from(SESSIONS))
    def begin(self, kernel: int, session: str) -> None:
        """A kernel sends a request."""
        call = self.call(session)
        self.runs[self.kernels[kernel].begin(call)] = Run(call)

    @precondition(lambda self: any(run.where != "dead" for run in self.runs.values()))
    @rule(number=st.integers(0, 99), kernel=st.integers(0, 1), outcome=st.sampled_from(sorted(OUTCOMES)))
    def end(self, number: int, kernel: int, outcome: str) -> None:
        """A run ends, in time or late, perhaps for the second time, perhaps through another history of its kernel."""
        candidates = [each for each, run in self.runs.items() if run.where != "dead" and not run.is_forgotten]
        if not candidates:
            return
        generation_id = candidates[number % len(candidates)]
        run, (status, cost, pictures) = self.runs[generation_id], OUTCOMES[outcome]
        ended = replace(generation(generation_id, run.begun, status=status, cost=cost), usage=None)

        self.kernels[kernel].settle(ended, [stored()] * pictures, unpriced=1 if cost is None else 0)

        if run.status in {"running", "interrupted"}:
            run.status, run.cost, run.pictures = status, cost, pictures
            run.reserved = ESTIMATE if cost is None else Decimal(0)

    @rule(session=st.sampled_from(SESSIONS), has_picture=st.booleans())
    def kill(self, session: str, has_picture: bool) -> None:
        """A kernel dies in mid-run, with or without a picture on the disk."""
        call = self.call(session)
        with child() as (is_child, wait):
            if is_child:
                begun = self.kernels[0].begin(call)
                if has_picture:
                    self.kernels[0].attach(begun, stored())
                os._exit(begun)
            self.runs[wait()] = Run(call, where="dead", pictures=int(has_picture))

    @rule(session=st.sampled_from(SESSIONS), kernel=st.integers(0, 1))
    def fork(self, session: str, kernel: int) -> None:
        """A child of a kernel draws, and ends in order; what its parent has open is not its business."""
        call = self.call(session)
        with child() as (is_child, wait):
            if is_child:
                begun = self.kernels[kernel].begin(call)
                self.kernels[kernel].settle(replace(generation(begun, call, cost=3 * CENT), usage=None), [stored()])
                self.kernels[kernel].close()
                os._exit(begun)
            run = Run(call, status=Status.COMPLETED, cost=3 * CENT, reserved=Decimal(0), pictures=1)
            self.runs[wait()] = run

    @rule(days=st.integers(-400, 400), seconds=st.integers(-7200, 7200))
    def jump(self, days: int, seconds: int) -> None:
        """The clock is set, or the machine sleeps."""
        self.clock += timedelta(days=days, seconds=seconds)

    @rule(number=st.integers(0, 99))
    def move_away(self, number: int) -> None:
        """A run is of another machine, of which nothing is known."""
        generation_id = self.some(number, where="here", status="running")
        if generation_id is not None:
            self.runs[generation_id].where = "far"
            with closing(self.kernels[0]._database._engine.raw_connection()) as connection:
                connection.cursor().execute(f"UPDATE generations SET host = 'far' WHERE id = {generation_id}")

    @rule(kernel=st.integers(0, 1))
    def tidy(self, kernel: int) -> None:
        """A kernel opens the history: what died is given up, and what lives is not, however long it takes."""
        wanted = {
            each
            for each, run in self.runs.items()
            if run.status == "running"
            and (run.where == "dead" or (run.where == "far" and run.begun.at < self.clock - timedelta(days=2)))
        }

        assert set(self.kernels[kernel].mark_interrupted()) == wanted

        for each in wanted:
            self.runs[each].status = "interrupted"

    @rule(number=st.integers(0, 99), kernel=st.integers(0, 1))
    def forget(self, number: int, kernel: int) -> None:
        """A record is removed, unless it runs; its money stays counted."""
        generation_id = self.some(number)
        if generation_id is None or self.runs[generation_id].where == "far":
            return
        run = self.runs[generation_id]
        if run.status == "running":
            with pytest.raises(StoreError, match="still running"):
                self.kernels[kernel].forget(generation_id)
        else:
            self.kernels[kernel].forget(generation_id)
            run.is_forgotten = True

    @rule(number=st.integers(0, 99), kernel=st.integers(0, 1))
    def release(self, number: int, kernel: int) -> None:
        """Somebody gives back by hand what a stopped run holds."""
        generation_id = self.some(number, status=Status.CANCELLED, reserved=ESTIMATE)
        if generation_id is not None:
            assert self.kernels[kernel].release(generation_id, self.clock) == ESTIMATE
            self.runs[generation_id].reserved = Decimal(0)

    def check_records(self) -> None:
        """Every run that was not forgotten is there once, as it ended, in the order of its numbers."""
        records = self.kernels[0].page(HistoryQuery(limit=1000))
        kept = sorted((each for each, run in self.runs.items() if not run.is_forgotten), reverse=True)
        assert [record.id for record in records] == kept
        for record in records:
            run = self.runs[record.id]
            assert (record.status, record.cost, len(record.images)) == (run.status, run.cost, run.pictures)
            assert (record.reserved or Decimal(0)) == run.reserved

    def check_money(self) -> None:
        """Totals count every ended run once, and each limit sees what was billed, held and reserved."""
        counted = [run for run in self.runs.values() if run.is_counted]
        (total,) = self.kernels[1].totals("model") or (None,)
        assert (total.generations if total else 0) == len(counted)
        assert (total.images if total else 0) == sum(run.pictures for run in counted)
        assert ((total and total.cost) or Decimal(0)) == sum(run.cost or Decimal(0) for run in counted)
        days: Counter[str] = Counter()
        for session in SESSIONS:
            own = [run for run in self.runs.values() if run.begun.session == session]
            spent = self.kernels[1].spent(session=session)
            assert spent.settled == sum((run.cost or 0) + run.reserved for run in own if run.is_counted)
            assert spent.reserved == sum(run.reserved for run in own if not run.is_counted)
        for run in counted:
            days[f"{run.begun.at:%Y-%m-%d}"] += 1
        assert {each.key: each.generations for each in self.kernels[1].totals("day", limit=1000)} == dict(days)


@contextmanager
def child() -> Iterator[tuple[bool, object]]:
    """Fork a child that leaves with `os._exit`; the parent waits for the number that it leaves with."""
    pid = os.fork()

    def wait() -> int:
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])

    try:
        yield pid == 0, wait
    finally:
        if pid == 0:
            os._exit(0)  # it failed: no record has this number


def test_the_ledger_is_right_whatever_happens(tmp_path: Path) -> None:
    """Histories of any such steps: there is no counterexample."""
    Ledger.template = tmp_path / "template.sqlite"
    History(Ledger.template).close()

    Ledger.TestCase.settings = settings(
        max_examples=tries(40, explore=500), stateful_step_count=12, suppress_health_check=list(HealthCheck)
    )
    Ledger.TestCase().runTest()
