"""The warm-up: load what a cell needs on a thread, so that the first cell is as quick as the second.

What a plain request needs comes first: a cell that runs at once waits for nothing else. What shows the run, and what
other cells and commands use, is loaded after that, so that it does not take the processor from such a cell. Nothing is
opened: only loading the extension creates no folder, no database and no connection.

An interrupt is only raised in the main thread. If it breaks an import half-way, the module may never work again; on a
separate thread no import is ever broken, and the main thread only waits for it.
"""

import contextlib
import sys
import threading

from imgmagic.domain.import_lock import give_back_import_lock

_LAST = "imgmagic.notebook.commands.history"  # once this is loaded, so is everything before it
_PAUSE_S = 0.3  # in which a cell that has waited sends its request


class WarmUp:
    """Load what runs a cell, in the background."""

    def __init__(self) -> None:
        self._thread = threading.Thread(target=self._load, name="imgmagic-warm-up", daemon=True)
        self._lock = threading.Lock()
        self._can_ask = threading.Event()
        self._is_wanted = threading.Event()

    def start(self) -> None:
        """Start loading what is not loaded yet; calling it twice is harmless."""
        with self._lock:
            if self._thread.ident is None and _LAST not in sys.modules:
                self._thread.start()

    def wait_for_request(self) -> None:
        """Return when a plain request can be sent; an interrupt ends the wait, not the loading."""
        self.start()
        if self._thread.ident is not None:
            give_back_import_lock()
            self._can_ask.wait()

    def wait(self) -> None:
        """Return when everything is loaded; an interrupt ends the wait, not the loading."""
        self._is_wanted.set()
        self.start()
        if self._thread.ident is not None:
            give_back_import_lock()
            self._thread.join()

    def _load(self) -> None:
        with contextlib.suppress(ImportError):  # the code that needs what is missing says so
            _load_request()
        self._can_ask.set()
        self._is_wanted.wait(_PAUSE_S)
        with contextlib.suppress(ImportError):
            _load_others()


def _load_request() -> None:
    """Load what plans a request, records it and sends it: SQLAlchemy and the HTTP library are most of it."""
    from imgmagic.wire.loading import load_http

    load_http()
    import imgmagic.notebook.cell.run
    import imgmagic.session  # noqa: F401 - loaded for whoever comes next


def _load_others() -> None:
    """Load what shows runs and pictures, what edits, sweeps, templates and commands need, and the certificates."""
    import imgmagic.api
    import imgmagic.notebook.cell.live_view
    import imgmagic.notebook.cell.missed_runs
    import imgmagic.notebook.cell.sweep_run
    import imgmagic.notebook.commands.run
    import imgmagic.runs.inputs.masks
    import imgmagic.runs.paste_back
    import imgmagic.runs.sweeps
    import imgmagic.simulator.service
    import imgmagic.store.images.frames
    from imgmagic.wire.connections import default_trust

    default_trust()
    import imgmagic.notebook.commands.history  # noqa: F401 - the last, loaded for whoever comes next
