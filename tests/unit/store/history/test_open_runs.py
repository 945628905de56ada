import os
import shutil
import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import closing
from decimal import Decimal
from pathlib import Path

import pytest

from imgmagic.domain.budget import Budget, Spent
from imgmagic.domain.generation import Status
from imgmagic.errors import BudgetExceeded, StoreError
from imgmagic.store.history.history import History
from imgmagic.store.history.open_runs import OpenRuns
from imgmagic.store.history.records import HistoryQuery
from tests.support.stored_runs import COST, completed, generation, started, stored

IMPATIENT = "?timeout=0.05"  # seconds that this connection waits for a lock


def locked(path: Path) -> sqlite3.Connection:
    """Hold the database against everyone."""
    other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN EXCLUSIVE")
    return other


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "history.sqlite"


def test_an_end_that_cannot_be_written_is_written_at_the_next_use(path: Path) -> None:
    """The record of a run that ended while the database was locked is right in the end."""
    runs = OpenRuns()
    history = History(f"sqlite:///{path}{IMPATIENT}", open_runs=runs)
    generation_id = history.begin(started(at_most=Decimal(1)))
    with closing(locked(path)), pytest.raises(StoreError, match=r"end of generation 1 is not in the history.*as soon"):
        history.settle(generation(generation_id), [stored()])

    record = history.get(generation_id)

    assert (record.status, record.cost, len(record.images)) == ("completed", COST, 1)
    assert history.spent(session="session-1") == Spent(settled=COST)
    (total,) = history.totals("model")
    assert total.generations == 1
    assert (runs.all_owed(), runs.begun) == ((), {})
    history.close()


def test_an_end_is_written_when_the_history_is_closed(path: Path) -> None:
    """Closing writes what is owed."""
    history = History(f"sqlite:///{path}{IMPATIENT}")
    generation_id = history.begin(started())
    with closing(locked(path)), pytest.raises(StoreError):
        history.settle(generation(generation_id))

    history.close()

    again = History(path)
    assert again.get(generation_id).status == "completed"
    again.close()


def test_an_end_is_owed_to_the_next_history_of_the_archive(path: Path) -> None:
    """What could not be written before a close is written by the history that is opened after it."""
    runs = OpenRuns()
    history = History(f"sqlite:///{path}{IMPATIENT}", open_runs=runs)
    generation_id = history.begin(started())
    with closing(locked(path)):
        with pytest.raises(StoreError):
            history.settle(generation(generation_id))
        history.close()

    again = History(path, open_runs=runs)

    assert again.get(generation_id).status == "completed"
    again.close()


AT_EXIT = """
import sqlite3, sys
from tests.support.stored_runs import generation, started
from imgmagic.errors import BudgetExceeded, StoreError
from imgmagic.store.history.history import History
history = History(f"sqlite:///{sys.argv[1]}?timeout=0.05")
call = generation(history.begin(started()))
other = sqlite3.connect(sys.argv[1], isolation_level=None)
other.execute("BEGIN EXCLUSIVE")
try:
    history.settle(call)
except StoreError:
    other.close()
"""


def test_an_end_is_written_when_the_process_ends(path: Path) -> None:
    """A kernel that is shut down right after the trouble writes what it owes."""
    subprocess.run([sys.executable, "-c", AT_EXIT, str(path)], check=True, timeout=60, cwd=Path(__file__).parents[4])

    history = History(path)
    assert history.get(1).status == "completed"
    history.close()


def test_another_history_in_its_place_keeps_its_records(path: Path, tmp_path: Path) -> None:
    """A backup that is restored while a call runs has another record of that number: it stays, and ours is added."""
    history = History(path)
    completed(history, started("first"))
    history.close()
    shutil.copy(path, tmp_path / "backup")
    theirs = History(tmp_path / "backup")
    theirs.begin(started("of long ago"))
    theirs.close()
    history = History(path)
    generation_id = history.begin(started("now", at_most=Decimal(1)))
    assert generation_id == 2
    history.close()
    (tmp_path / "backup").replace(path)

    history.attach(generation_id, stored())
    with pytest.raises(StoreError, match=r"no longer in the history.*recorded as generation 3"):
        history.settle(generation(generation_id, started("now")), [stored()])
    history.settle(generation(generation_id, started("now")), [stored()])

    assert [history.get(each).started.request.prompt for each in (2, 3)] == ["of long ago", "now"]
    assert [history.get(each).status for each in (2, 3)] == ["running", "completed"]
    assert [len(history.get(each).images) for each in (2, 3)] == [0, 1]
    assert history.count() == 3
    history.close()


def test_a_history_that_was_removed_begins_again_with_what_is_owed(path: Path) -> None:
    """The file is gone when a run ends: the next use makes a new one, with that run."""
    history = History(path)
    generation_id = history.begin(started("paid for"))
    for part in path.parent.glob("history.sqlite*"):
        part.unlink()
    with pytest.raises(StoreError, match="the file is gone"):
        history.settle(generation(generation_id, started("paid for")), [stored()])

    completed(history, started("the next"))

    assert sorted(record.started.request.prompt for record in history.page(HistoryQuery())) == ["paid for", "the next"]
    history.close()


def test_a_forked_child_writes_as_itself(history: History, history_url: str) -> None:
    """A child has connections of its own, is another process in its records, and owes nothing of its parent's."""
    mine = history.begin(started("the parent's"))

    child = os.fork()
    if child == 0:
        try:
            theirs = completed(history, started("the child's"))
            history.begin(started("left behind"))
            os._exit(theirs)
        finally:
            os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == mine + 1

    history.settle(generation(mine, started("the parent's")), [stored()])
    assert history.mark_interrupted() == (mine + 2,)
    assert [history.get(each).status for each in (mine, mine + 1)] == ["completed", "completed"]


def test_a_fork_waits_for_a_transaction(path: Path) -> None:
    """A child that is forked in the middle of one would wait for its lock for good."""
    history = History(f"sqlite:///{path}{IMPATIENT}")
    is_inside = threading.Event()

    def take_a_while(_: object) -> None:
        is_inside.set()
        time.sleep(0.3)

    writing = threading.Thread(target=history._database.write, args=(take_a_while, "slow"))
    writing.start()
    is_inside.wait()
    child = os.fork()
    if child == 0:
        try:
            history.begin(started("the child's"))
            os._exit(0)
        finally:
            os._exit(1)

    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    writing.join()
    assert history.begin(started("the parent's")) == 2
    history.close()


def test_bills_above_the_estimate_pass_the_limit_by_one_call_at_most(history: History) -> None:
    """Where nothing is known of a model few calls go side by side; then as many as its last bills allow."""
    cent = Decimal("0.01")
    budget = Budget(session=60 * cent)
    call = started(at_most=5 * cent)
    total = Decimal(0)
    while True:
        side_by_side = []
        while True:
            try:
                side_by_side.append(history.begin(call, budget))
            except BudgetExceeded:
                break
        if not side_by_side:
            break
        for each in side_by_side:
            history.settle(generation(each, call, cost=15 * cent, status=Status.COMPLETED))
            total += 15 * cent
    assert history.spent(session="session-1").total == total
    assert total <= 60 * cent + 15 * cent


def test_an_end_that_can_never_be_written_holds_up_no_other(path: Path) -> None:
    """What one record is owed does not keep the others running."""
    owed = OpenRuns()
    history = History(f"sqlite:///{path}{IMPATIENT}", open_runs=owed)
    other = history.begin(started())

    def fail(_: object) -> None:
        raise OverflowError

    owed.owe(other, fail, history)
    generation_id = history.begin(started())
    with closing(locked(path)), pytest.raises(StoreError):
        history.settle(generation(generation_id))

    assert history.get(generation_id).status == "completed"
    history.close()
