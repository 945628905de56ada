"""The import lock: an interrupt may leave it with the main thread, which releases it before waiting for others.

Python's import takes a global lock for a moment. If an interrupt comes just as the main thread gets that lock from
another importing thread, it is raised before the code that would release the lock, and every other thread waits forever
at its next import. The main thread notices nothing, because the lock is reentrant.
"""

import _imp
import contextlib


def give_back_import_lock() -> None:
    """Release the import lock if this thread holds it: to be called before waiting for another thread's imports."""
    # Code that Python's import did not call has no use for the lock; releasing another thread's is refused.
    with contextlib.suppress(RuntimeError):
        while _imp.lock_held():
            _imp.release_lock()
