import multiprocessing
import os
from dataclasses import replace

import pytest

from imgmagic.store.history.processes import is_alive, is_dead, this_process


def test_this_process_is_alive() -> None:
    """Whoever asks is not dead."""
    assert not is_dead(this_process())


def test_a_process_that_has_ended_is_dead() -> None:
    """A process number that no process has any more belongs to a dead one."""
    context = multiprocessing.get_context("spawn")
    ended = context.Process(target=os.getpid)
    ended.start()
    ended.join()

    assert is_dead(replace(this_process(), pid=ended.pid))


def test_a_number_that_was_given_again_is_told_apart() -> None:
    """The process that has the number now is not the one that had it when it started at another time."""
    mine = this_process()
    boot = mine.started.rpartition(":")[0]

    assert is_alive(replace(mine, started=f"{boot}:12345")) is False


def test_nothing_is_certain_of_another_machine() -> None:
    """A process of another machine is never called dead, also where copied images gave it this one's names."""
    assert is_alive(replace(this_process(), host="far away", started="never")) is None
    assert is_alive(replace(this_process(), started="another boot:12345")) is None


def test_without_proc_psutil_tells(monkeypatch: pytest.MonkeyPatch) -> None:
    """Systems without /proc tell processes apart by the moment when they began, whoever owns them."""
    monkeypatch.setattr("imgmagic.store.history.processes._boot", lambda: "")
    mine = this_process()

    assert is_alive(mine)
    assert is_alive(replace(mine, pid=1)) is False
    assert is_alive(replace(mine, pid=2**22 + 7)) is False  # larger than any number that Linux gives
