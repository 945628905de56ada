"""The import lock: an interrupt may leave it with the main thread, which gives it back before it waits for others.

Python's import takes one lock for a moment. An interrupt that comes just as the main thread gets it, from a thread that
imports beside it, is raised before the code that would give it back, and every other thread waits for ever at its next
import. The main thread itself notices nothing, as the lock lets its holder in again.
"""

import _imp
import contextlib


def give_back_import_lock() -> None:
    """Give back the import lock where this thread holds it: to be called before it waits for imports of another."""
    # Where code runs that Python's import did not call, its holder has no use for it; of another thread's the release
    # is refused.
    with contextlib.suppress(RuntimeError):
        while _imp.lock_held():
            _imp.release_lock()
