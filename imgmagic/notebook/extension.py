"""Loading and unloading, exact inverses: magics, completion, display, configuration."""

import sys
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from imgmagic.notebook.completion.matcher import make_matcher
from imgmagic.notebook.failures import leave_failures, show_failures
from imgmagic.notebook.magics import ImagineMagics, SessionMagics
from imgmagic.notebook.originals import offer_originals, withdraw_originals
from imgmagic.notebook.output.formatters import Kind, formats
from imgmagic.notebook.question import Question
from imgmagic.notebook.shell import has_html
from imgmagic.notebook.streams import make_lenient
from imgmagic.notebook.warm_up import WarmUp

if TYPE_CHECKING:
    from imgmagic.session import Session

_GENERATION = ("imgmagic.domain.generation", "Generation")
_JOB = ("imgmagic.runs.job", "Job")
_SWEEP = ("imgmagic.domain.sweep", "Sweep")
_SWEEP_JOB = ("imgmagic.runs.sweep_job", "SweepJob")


def load(shell: Any) -> None:
    """Add everything to `shell`; loading twice is harmless."""
    if _find_magics(shell):
        return
    magics = ImagineMagics(shell=shell)  # it adds itself to the shell's configurables
    magics.default_session = _open_session
    magics.warm_up = WarmUp()
    magics.matcher = make_matcher(magics.open_session)
    shell.register_magics(magics)
    shell.Completer.custom_matchers.append(magics.matcher)
    shell.input_transformer_manager.token_transformers.append(Question)
    for formatter, kind, render in _renderers(shell, magics):
        formatter.for_type_by_name(*kind, render)
    shell.events.register("post_run_cell", magics.forget_shown)
    show_failures(shell)
    offer_originals(shell, magics.open_session)
    magics.warm_up.start()
    magics.restore_streams = make_lenient(() if has_html(shell) else (sys.stdout, sys.stderr))


def unload(shell: Any) -> None:
    """Remove everything from `shell`, stop what is running and close every connection."""
    for magics in _find_magics(shell):
        shell.configurables.remove(magics)
        magics.restore_streams()
        shell.magics_manager.registry.pop(type(magics).__name__, None)
        shell.events.unregister("post_run_cell", magics.forget_shown)
        shell.Completer.custom_matchers.remove(magics.matcher)
        shell.input_transformer_manager.token_transformers.remove(Question)
        for formatter, kind, _ in _renderers(shell, magics):
            _forget(formatter, kind)
    for magic_kind, names in ImagineMagics.magics.items():
        for name in names:
            shell.magics_manager.magics[magic_kind].pop(name, None)
    leave_failures(shell)
    withdraw_originals(shell)
    if "imgmagic.notebook.panel.registry" in sys.modules:  # otherwise no panel was opened, and nothing need be loaded
        from imgmagic.notebook.panel.registry import close_panels

        close_panels(shell)
    if "imgmagic.notebook.cell.missed_runs" in sys.modules:  # otherwise no cell drew anything
        from imgmagic.notebook.cell.missed_runs import MISSED

        MISSED.close()
    if "imgmagic.session" in sys.modules:  # otherwise no session was opened
        _close(shell)


def _open_session() -> "Session":
    """Return the default session; everything that a run needs loads with it."""
    from imgmagic.session import default_session

    return default_session()


def _close(shell: Any) -> None:
    """Close the session; if jobs are running, after this cell, and only if it does not load the extension again.

    IPython's `%reload_ext` unloads and loads, and running jobs must survive it.
    """
    session = _open_session()
    if all(job.done for job in session.jobs):
        session.close()
        return

    def after_this_cell(*_: object) -> None:
        shell.events.unregister("post_run_cell", after_this_cell)
        if not _find_magics(shell):
            session.close()

    shell.events.register("post_run_cell", after_this_cell)


def _find_magics(shell: Any) -> list[SessionMagics]:
    return [each for each in shell.configurables if isinstance(each, SessionMagics)]


def _renderers(shell: Any, magics: SessionMagics) -> Iterator[tuple[Any, Kind, Callable[..., object]]]:
    yield shell.display_formatter.ipython_display_formatter, _GENERATION, magics.hide_shown
    yield shell.display_formatter.ipython_display_formatter, _JOB, magics.hide_job
    yield shell.display_formatter.ipython_display_formatter, _SWEEP, magics.hide_sweep
    yield shell.display_formatter.ipython_display_formatter, _SWEEP_JOB, magics.hide_sweep_job
    for kind, mime, render in formats(magics.open_session):
        yield shell.display_formatter.formatters[mime], kind, render


def _forget(formatter: Any, shown: Kind) -> None:
    formatter.deferred_printers.pop(shown, None)
    formatter.type_printers = {
        kind: printer
        for kind, printer in formatter.type_printers.items()
        if (kind.__module__, kind.__qualname__) != shown
    }
