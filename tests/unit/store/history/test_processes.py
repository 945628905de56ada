import multiprocessing
import os
from dataclasses import replace
from pathlib import Path

import pytest

from imgmagic.store.history.processes import is_dead, this_process


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
    assert is_dead(replace(this_process(), started="another boot:12345"))


def test_nothing_is_certain_of_another_machine() -> None:
    """A process of another machine is never called dead."""
    assert not is_dead(replace(this_process(), host="far away", started="never"))


def test_without_proc_a_signal_tells(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Systems without /proc say at least whether there is a process of that number, whoever owns it."""
    monkeypatch.setattr("imgmagic.store.history.processes._PROC", tmp_path)

    assert not is_dead(this_process())
    assert not is_dead(replace(this_process(), pid=1))
    assert is_dead(replace(this_process(), pid=2**22 + 7))  # larger than any number that Linux gives
