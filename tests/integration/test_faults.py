"""What must hold when kernels are killed, many write at once, disks fill and files are damaged; real processes."""

import hashlib
import multiprocessing
import os
import pwd
import random
import signal
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from decimal import Decimal
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from imgmagic.domain.budget import Budget
from imgmagic.errors import StoreError
from imgmagic.store.history.history import History
from imgmagic.store.history.records import HistoryQuery
from imgmagic.store.images.image_store import ImageStore
from tests.support.disks import disk
from tests.support.fixtures.stores import OpenHistory
from tests.support.stored_runs import (
    NOON,
    begin_and_die,
    begin_and_wait,
    completed,
    fill_the_disk,
    generate_for_ever,
    generation,
    open_in_a_read_only_home,
    record_many,
    spend,
    started,
)

pytestmark = pytest.mark.slow

KERNELS = 8
LOADED = [
    "imgmagic.store.images.copies",
    "imgmagic.store.history.history",
    "imgmagic.store.images.image_store",
    "pytest",
    "sqlalchemy.dialects.postgresql.psycopg",
    "sqlalchemy.dialects.sqlite.pysqlite",
    "sqlite3.dbapi2",
]


@pytest.fixture(scope="module")
def processes() -> Iterator[Any]:
    """Processes that begin within milliseconds, with the store loaded; none outlives the tests."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(LOADED)
    yield context
    for process in multiprocessing.active_children():
        process.kill()
        process.join()


def wait_for_settled(marks: Path, before: int) -> None:
    """Wait until a kernel has settled a run: on a busy machine they take a while to start."""
    patience = time.monotonic() + 60
    while not marks.exists() or b"s" not in marks.read_bytes()[before:]:
        assert time.monotonic() < patience
        time.sleep(0.001)


def run_all(context: Any, target: Any, arguments: list[tuple[Any, ...]]) -> None:
    """Run one process for each tuple of arguments, side by side, and let none fail."""
    running = [context.Process(target=target, args=each) for each in arguments]
    for process in running:
        process.start()
    for process in running:
        process.join(300)
    assert [process.exitcode for process in running] == [0] * len(running)


def test_a_garbage_file_is_set_aside_and_named(tmp_path: Path, open_history: OpenHistory) -> None:
    """A history that is no database is kept under another name, which is told, and a new one is begun."""
    path = tmp_path / "history.sqlite"
    path.write_bytes(b"SQLite format 3\x00these are not the rows you are looking for" * 100)

    history = open_history(path)

    (aside,) = tmp_path.glob("history.damaged-*.sqlite")
    assert aside.read_bytes().startswith(b"SQLite format 3\x00these are not")
    assert aside.name in history.notices[0]
    assert completed(history) == 1
    again = open_history(path)
    assert again.notices == ()


def test_kernels_that_find_garbage_at_once_set_it_aside_once(
    processes: Any, tmp_path: Path, open_history: OpenHistory
) -> None:
    """No kernel takes another's new history for the damaged one."""
    path = tmp_path / "history.sqlite"
    path.write_bytes(b"SQLite format 3\x00garbage" * 1000)

    run_all(processes, record_many, [(str(path), 5, f"session-{number}") for number in range(KERNELS)])

    assert len(list(tmp_path.glob("history.damaged-*"))) == 1
    history = open_history(path)
    assert history.count() == 5 * KERNELS


def test_an_empty_file_becomes_a_history(tmp_path: Path, open_history: OpenHistory) -> None:
    """An empty file is an empty database, not a damaged one."""
    path = tmp_path / "history.sqlite"
    path.touch()

    history = open_history(path)

    assert history.notices == ()
    assert history.count() == 0


def test_a_database_held_by_another_program_is_said_so(tmp_path: Path, open_history: OpenHistory) -> None:
    """A lock that does not go away becomes one message that says how to keep the picture."""
    path = tmp_path / "history.sqlite"
    history = open_history(f"sqlite:///{path}?timeout=0.01")
    generation_id = history.begin(started())
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    with pytest.raises(StoreError, match="another program") as raised:
        history.settle(generation(generation_id))

    assert f"generation {generation_id} is not in the history" in str(raised.value)
    assert "generation.save(" in str(raised.value)
    other.execute("ROLLBACK")
    other.close()
    history.settle(generation(generation_id))
    assert history.get(generation_id).status == "completed"


def test_a_history_that_was_removed_is_noticed(tmp_path: Path, open_history: OpenHistory) -> None:
    """Rows are never written into a file that is gone."""
    history = open_history(tmp_path / "history.sqlite")
    generation_id = history.begin(started())
    for path in tmp_path.iterdir():
        path.unlink()

    with pytest.raises(StoreError, match="gone"):
        history.settle(generation(generation_id))


def test_a_home_that_cannot_be_written_is_one_clear_message(processes: Any) -> None:
    """In a read-only home the store says so, names the place, and writes nothing."""
    home = Path(tempfile.mkdtemp(prefix="imgmagic-ro-"))
    home.chmod(0o555)
    user = pwd.getpwnam("nobody").pw_uid if os.geteuid() == 0 else None

    run_all(processes, open_in_a_read_only_home, [(home, user)])

    assert list(home.iterdir()) == []
    home.rmdir()


def test_a_full_disk_loses_nothing_that_was_there(processes: Any, tmp_path: Path) -> None:
    """Nothing is half-written, the message says what was not saved, and with room it works again."""
    with disk(tmp_path, "size=2m") as mounted:
        run_all(processes, fill_the_disk, [(tmp_path, mounted)])


def test_a_dead_kernel_leaves_an_interrupted_record(
    processes: Any, history_url: str, open_history: OpenHistory
) -> None:
    """What ran in a process that is gone is found at the next start, and its estimate stays spent."""
    killed = processes.Process(target=begin_and_die, args=(history_url, "session-1"))
    killed.start()
    killed.join()
    history = open_history(history_url)

    assert history.mark_interrupted() == (1,)
    assert history.mark_interrupted() == ()

    assert history.get(1).status == "interrupted"
    assert history.spent(session="session-1").total == Decimal("0.05")


def test_a_living_kernel_is_left_alone(processes: Any, history_url: str, open_history: OpenHistory) -> None:
    """What runs in another kernel, or in this one, goes on running."""
    open_history(history_url)
    ready, go = processes.Event(), processes.Event()
    other = processes.Process(target=begin_and_wait, args=(history_url, "session-2", ready, go))
    other.start()
    assert ready.wait(30)
    history = open_history(history_url)
    history.begin(started())

    assert history.mark_interrupted() == ()

    go.set()
    other.join()
    assert history.mark_interrupted() == (1,)


def test_eight_kernels_write_one_history(processes: Any, history_url: str, open_history: OpenHistory) -> None:
    """8 processes record 250 generations each: 2,000 records, none lost, and no lock that a user would see."""
    run_all(processes, record_many, [(history_url, 250, f"session-{number}") for number in range(KERNELS)])

    history = open_history(history_url)
    assert history.count() == 2000
    assert {total.key: total.generations for total in history.totals("session")} == {
        f"session-{number}": 250 for number in range(KERNELS)
    }
    (total,) = history.totals("tag")
    assert (total.generations, total.images, total.cost) == (2000, 2000, 2000 * Decimal("0.005925"))
    assert history.page(HistoryQuery(status="running")) == ()


@pytest.mark.parametrize(
    ("cents", "over"), [("5", "0"), ("6", "0.01"), ("3", "0"), ("15", "0.10")], ids=["right", "low", "high", "a third"]
)
def test_eight_kernels_share_a_budget(
    processes: Any, history_url: str, cents: str, over: str, open_history: OpenHistory
) -> None:
    """Calls estimated at 5 cents never pass the limit by more than the error of one estimate, whatever they cost."""
    limit, estimate, cost = Decimal("1.00"), Decimal("0.05"), Decimal(cents) / 100
    budget = Budget(daily=limit)

    run_all(processes, spend, [(history_url, f"session-{n}", budget, estimate, cost) for n in range(KERNELS)])

    history = open_history(history_url)
    spent = history.spent(day=NOON.date())
    assert limit - estimate < spent.total <= limit + Decimal(over)
    assert spent.reserved == 0
    assert spent.total == history.count() * cost


def test_a_kernel_killed_at_any_moment_loses_no_finished_picture(
    processes: Any, tmp_path: Path, open_history: OpenHistory
) -> None:
    """200 kills at random moments: every file whole, every picture on record, every call accounted for."""
    moments, numbers, marks = random.Random(4), count(), tmp_path / "marks"
    for _ in range(200 // KERNELS):
        kernels = [
            processes.Process(target=generate_for_ever, args=(tmp_path, f"session-{next(numbers)}", marks))
            for _ in range(KERNELS)
        ]
        before = len(marks.read_bytes()) if marks.exists() else 0
        for kernel in kernels:
            kernel.start()
        wait_for_settled(marks, before)
        for kernel in kernels:
            kernel.join(moments.uniform(0.005, 0.05))
            os.kill(kernel.pid, signal.SIGKILL)
        for kernel in kernels:
            kernel.join()

    said = marks.read_bytes()
    history, images = open_history(tmp_path / "history.sqlite"), ImageStore(tmp_path / "images")
    interrupted = history.mark_interrupted(images.holds)
    records = _all(history)
    kept = [image for record in records for image in record.images]
    whole = [path for path in (tmp_path / "images").rglob("*.png") if not path.name.startswith(".")]

    assert all(hashlib.sha256(images.load(image.sha256)).hexdigest() == image.sha256 for image in kept)
    assert {hashlib.sha256(path.read_bytes()).hexdigest() for path in whole} == {image.sha256 for image in kept}
    assert {record.status for record in records} == {"completed", "interrupted"}
    assert len(interrupted) == sum(record.status == "interrupted" for record in records) <= 200
    assert interrupted  # the kills hit runs, and not only starts
    assert said.count(b"r") <= len(records)
    assert said.count(b"p") <= len(kept)
    assert said.count(b"s") <= sum(record.status == "completed" for record in records)
    assert sum(total.generations for total in history.totals("day")) == len(records)
    assert sum(total.images for total in history.totals("day")) == len(kept)
    for draft in (tmp_path / "images").rglob("*.tmp"):
        os.utime(draft, times=(0, 0))
    images.sweep()
    assert not list((tmp_path / "images").rglob("*.tmp"))


def _all(history: History) -> list[Any]:
    found: list[Any] = []
    while page := history.page(HistoryQuery(limit=1000, before_id=found[-1].id if found else None)):
        found += page
    return found
