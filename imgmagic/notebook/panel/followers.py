"""The threads that follow a panel's runs: a few, which take one run after the other.

A thread for each run would leave memory that it used with the process; the threads of an executor would hold up the end
of the process until their runs end.
"""

import queue
import sys
import threading
import time
from collections.abc import Callable


class Followers:
    """Follow runs on a few daemon threads, which start when they are needed.

    Args:
        count: how many runs are followed at once.
    """

    def __init__(self, count: int) -> None:
        self._count = count
        self._threads: list[threading.Thread] = []
        self._steps: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()

    def follow(self, step: Callable[[], None]) -> None:
        """Run `step`, which follows a run to its end, on the next thread that is free."""
        self._steps.put(step)
        if len(self._threads) < self._count:
            thread = threading.Thread(target=self._work, name="imgmagic-panel-run", daemon=True)
            self._threads.append(thread)
            thread.start()

    def close(self, patience_s: float) -> None:
        """Wait until the steps have ended, at most `patience_s` seconds; a thread that is late ends after its step."""
        for _ in self._threads:
            self._steps.put(None)
        give_up = time.monotonic() + patience_s
        for thread in self._threads:
            thread.join(max(0.0, give_up - time.monotonic()))

    def _work(self) -> None:
        while (step := self._steps.get()) is not None:
            try:
                step()
            except BaseException:  # noqa: BLE001 - reported as of a thread that it ends; the next run needs this one
                threading.excepthook(threading.ExceptHookArgs((*sys.exc_info(), threading.current_thread())))
            del step  # else the run that ended is held until the next one comes
