import threading
from dataclasses import replace

import pytest

from imgmagic.domain.generation import Status
from imgmagic.domain.origin import Origin
from imgmagic.store.history.history import History
from imgmagic.store.history.processes import this_process
from imgmagic.store.history.records import CellTaken, Started, SweepCell, SweepRecord
from tests.support.stored_runs import NOON, generation, started

SWEEP = SweepRecord(template="a {{ style }} fox", axes=[{"name": "style"}], session="s", created_at=NOON)


def cell(sweep_id: int, key: str, **changes: object) -> Started:
    return replace(started(**changes), cell=SweepCell(sweep_id=sweep_id, key=key, values={"style": key}))


def test_the_same_sweep_is_recorded_once(history: History) -> None:
    """Who runs a sweep again joins it; another template or axis makes another."""
    first = history.put_sweep(SWEEP)

    assert history.put_sweep(replace(SWEEP, session="other")) == first
    assert history.put_sweep(replace(SWEEP, template="a fox")) != first
    assert history.put_sweep(replace(SWEEP, axes=[{"name": "size"}])) != first


def test_a_cell_that_runs_or_is_drawn_is_not_begun_again(history: History) -> None:
    """A running or completed cell is named instead, in whichever sweep it is; a failed or forced one is begun."""
    sweep_id = history.put_sweep(SWEEP)
    running = history.begin(cell(sweep_id, "oil"))

    with pytest.raises(CellTaken) as taken:
        history.begin(cell(sweep_id + 1, "oil"))
    assert taken.value.generation_id == running

    history.settle(generation(running, status=Status.FAILED))
    again = history.begin(cell(sweep_id, "oil"))
    history.settle(generation(again))
    with pytest.raises(CellTaken) as taken:
        history.begin(cell(sweep_id, "oil"))
    assert taken.value.generation_id == again

    forced = cell(sweep_id, "oil")
    assert history.begin(replace(forced, cell=replace(forced.cell, is_claimed=False))) > again


def test_one_run_of_one_sweep_is_stopped(history: History) -> None:
    """Another run of the same sweep goes on, and so does another sweep."""
    swept, other = history.put_sweep(SWEEP), history.put_sweep(replace(SWEEP, template="a fox"))

    history.stop_sweep(swept, "first")
    history.stop_sweep(swept, "third")

    stopped = [history.is_sweep_stopped(swept, run) for run in ("first", "second", "third", "fir")]
    assert stopped == [True, False, True, False]
    assert not history.is_sweep_stopped(other, "first")


def test_a_cell_of_a_dead_kernel_is_free(history: History) -> None:
    """A cell whose kernel was killed can be begun, before its record is marked as interrupted."""
    sweep_id = history.put_sweep(SWEEP)
    history.__dict__["_process"] = replace(this_process(), pid=2**22 + 1)
    history.begin(cell(sweep_id, "oil"))
    del history.__dict__["_process"]

    assert history.begin(cell(sweep_id, "oil"))


def test_what_was_only_shown_again_draws_no_cell(history: History) -> None:
    """A replayed cell does not keep anybody from drawing it."""
    sweep_id = history.put_sweep(SWEEP)
    history.settle(generation(history.begin(cell(sweep_id, "oil", origin=Origin.REPLAYED))))

    assert history.find_cells(["oil"]) == ()
    assert history.begin(cell(sweep_id, "oil"))


def test_kernels_that_begin_a_cell_at_once_do_so_once(history: History, history_url: str) -> None:
    """Of eight threads with histories of their own one begins the cell, and the others are told of it."""
    sweep_id = history.put_sweep(SWEEP)
    begun: list[int] = []
    taken: list[int] = []
    ready = threading.Barrier(8)

    def begin() -> None:
        own = History(history_url)
        ready.wait()
        try:
            begun.append(own.begin(cell(sweep_id, "oil")))
        except CellTaken as other:
            taken.append(other.generation_id)
        own.close()

    threads = [threading.Thread(target=begin) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(begun) == 1
    assert taken == begun * 7


def test_the_cells_of_a_sweep_are_its_newest_and_its_completed_ones(history: History) -> None:
    """A failure that was drawn later is left out, and so is one that failed twice."""
    sweep_id = history.put_sweep(SWEEP)
    ends = [("oil", Status.FAILED), ("oil", Status.COMPLETED), ("ink", Status.FAILED), ("ink", Status.FAILED)]
    ids = []
    for key, status in ends:
        ids.append(history.begin(cell(sweep_id, key)))
        history.settle(generation(ids[-1], status=status))

    assert [record.id for record in history.sweep_cells(sweep_id)] == [ids[1], ids[3]]
