"""The threads that follow a panel's runs."""

import threading

import pytest

from imgmagic.notebook.panel.followers import Followers
from tests.support.until import PATIENCE_S, until


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[type[BaseException]]:
    """Collect what threads say of exceptions that nobody caught."""
    heard: list[type[BaseException]] = []
    monkeypatch.setattr(threading, "excepthook", lambda each: heard.append(each.exc_type))
    return heard


def test_a_fault_in_a_run_is_told_and_leaves_its_thread_to_the_next(told: list[type[BaseException]]) -> None:
    """With one thread only, a step after one that failed is run, on the same thread, which ends with the panel."""
    followers, threads, nothing = Followers(1), [], {}
    followers.follow(lambda: nothing["more"])
    followers.follow(lambda: threads.append(threading.current_thread()))
    until(lambda: threads)
    followers.close(PATIENCE_S)
    assert told == [KeyError]
    assert not threads[0].is_alive()


def test_closing_does_not_wait_for_ever() -> None:
    """A step that goes on is left to itself, on a thread that holds up no process."""
    followers, released, threads = Followers(2), threading.Event(), []
    followers.follow(lambda: (threads.append(threading.current_thread()), released.wait(PATIENCE_S)))
    until(lambda: threads)
    followers.close(0.05)
    assert threads[0].is_alive()
    assert threads[0].daemon
    released.set()
    threads[0].join(PATIENCE_S)
    assert not threads[0].is_alive()
