"""Loading and unloading, exact inverses: magics, completion, display, configuration."""

import sys
from collections.abc import Callable, Iterator
from typing import Any

import imgmagic
from imgmagic.notebook.completion.matcher import complete
from imgmagic.notebook.magics import ImagineMagics
from imgmagic.notebook.output.formatters import FORMATS

_GENERATION = ("imgmagic.domain.generation", "Generation")
_JOB = ("imgmagic.runs.job", "Job")


def load(shell: Any) -> None:
    """Add everything to `shell`; loading twice is loading once."""
    if _loaded(shell):
        return
    magics = ImagineMagics(shell=shell)  # which adds itself to the shell's configurables
    shell.register_magics(magics)
    shell.Completer.custom_matchers.append(complete)
    for formatter, kind, render in _renderers(shell, magics):
        formatter.for_type_by_name(*kind, render)
    shell.events.register("post_run_cell", magics.forget_shown)


def unload(shell: Any) -> None:
    """Take everything away from `shell`, stop what runs and close every connection."""
    for magics in _loaded(shell):
        shell.configurables.remove(magics)
        shell.magics_manager.registry.pop(type(magics).__name__, None)
        shell.events.unregister("post_run_cell", magics.forget_shown)
        for formatter, shown, _ in _renderers(shell, magics):
            _forget(formatter, shown)
    for kind, names in ImagineMagics.magics.items():
        for name in names:
            shell.magics_manager.magics[kind].pop(name, None)
    if complete in shell.Completer.custom_matchers:
        shell.Completer.custom_matchers.remove(complete)
    if "imgmagic.notebook.panel.registry" in sys.modules:
        sys.modules["imgmagic.notebook.panel.registry"].close_panels(shell)
    if "imgmagic.api" in sys.modules:
        _close(shell)


def _close(shell: Any) -> None:
    """Close the session; with jobs that run, after this cell, and only if the extension is not loaded again in it.

    IPython's `%reload_ext` unloads and loads, and running jobs must live through it.
    """
    session = imgmagic.default_session()
    if all(job.done for job in session.jobs):
        session.close()
        return

    def after_this_cell(*_: object) -> None:
        shell.events.unregister("post_run_cell", after_this_cell)
        if not _loaded(shell):
            session.close()

    shell.events.register("post_run_cell", after_this_cell)


def _loaded(shell: Any) -> list[Any]:
    return [each for each in shell.configurables if type(each).__name__ == ImagineMagics.__name__]


def _renderers(shell: Any, magics: Any) -> Iterator[tuple[Any, tuple[str, str], Callable[..., object]]]:
    yield shell.display_formatter.ipython_display_formatter, _GENERATION, magics.hide_shown
    yield shell.display_formatter.ipython_display_formatter, _JOB, magics.hide_job
    for shown, formats in FORMATS.items():
        for mime, render in formats.items():
            yield shell.display_formatter.formatters[mime], shown, render


def _forget(formatter: Any, shown: tuple[str, str]) -> None:
    formatter.deferred_printers.pop(shown, None)
    formatter.type_printers = {
        kind: printer
        for kind, printer in formatter.type_printers.items()
        if (kind.__module__, kind.__qualname__) != shown
    }
