"""A gate: transactions go through it, and none is under way while the process forks.

SQLite remembers the locks of a file by process. A child that is forked in the middle of a transaction remembers a lock
that nobody in it will ever give back, and waits for it in vain.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Gate:
    """Let transactions through, unless it is shut."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._inside = 0
        self._is_shut = False

    @contextmanager
    def enter(self) -> Iterator[None]:
        """Wait until the gate is open, and be inside until the block ends."""
        with self._changed:
            self._changed.wait_for(lambda: not self._is_shut)
            self._inside += 1
        try:
            yield
        finally:
            with self._changed:
                self._inside -= 1
                self._changed.notify_all()

    def shut(self, *, patience_s: float) -> None:
        """Let nobody in, and wait until nobody is inside, for up to `patience_s` seconds."""
        with self._changed:
            self._is_shut = True
            self._changed.wait_for(lambda: not self._inside, patience_s)

    def open(self) -> None:
        """Let in whoever waits."""
        with self._changed:
            self._is_shut = False
            self._changed.notify_all()
