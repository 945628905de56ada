"""The panels that are open in this kernel, and what opens one in a cell's output."""

from typing import cast

from IPython.core.getipython import get_ipython
from IPython.display import display, update_display

from imgmagic.notebook.execution import Execution, this_execution
from imgmagic.notebook.line.refusals import UsageError
from imgmagic.notebook.panel.key_filter import hide_keys, stop_hiding_keys
from imgmagic.notebook.panel.panel import OpenPanels, Panel
from imgmagic.notebook.panel.widget import bundle
from imgmagic.notebook.shell import Shell
from imgmagic.session import Session, default_session

PANELS = OpenPanels()  # of this kernel: cells open them, and unloading the extension closes them

_NO_WIDGETS = "%imgmagic panel: a terminal cannot show a panel; open a notebook for it, or type %imgmagic history here."
_NO_SUMMARY = {"text/html": "", "text/plain": "<imgmagic panel: summary>"}


def panel() -> None:
    """Open a panel in this cell's output; any number of panels share the session's history.

    A second output below it holds a plain summary, which is what a saved notebook shows. A cell that runs again shows
    its panel again, with what is filled in and runs there.

    Raises:
        UsageError: the shell is a terminal.
    """
    open_panel(cast("Shell | None", get_ipython()), default_session())


def open_panel(shell: Shell | None, session: Session) -> None:
    """Show this cell's panel of a session: the one that an earlier run of the cell opened, or a new one.

    Raises:
        UsageError: the shell is a terminal.
    """
    if shell is not None and not hasattr(shell, "kernel"):
        raise UsageError(_NO_WIDGETS)
    names = shell.user_ns if shell else {}
    execution = this_execution(shell)
    shown = opened_before(session, execution) if execution else None
    if shown is None:
        shown = Panel(session, names, panels=PANELS, summarize=_show if shell else _show_nothing)
    shown.execution = execution
    display(bundle(shown.surface, names), raw=True)
    display(_NO_SUMMARY, raw=True, display_id=shown.surface.place)
    if shell:
        hide_keys(shell)
        shell.events.register("post_run_cell", _refresh)  # registering twice is registering once


def opened_before(session: Session, execution: Execution) -> Panel | None:
    """Return the panel that an earlier run of the same cell opened, and that this run has not shown yet."""
    shown = ((each, each.execution) for each in PANELS if each.session is session and each.execution)
    return next((panel for panel, earlier in shown if execution.repeats(earlier)), None)


def close_panels(shell: Shell) -> None:
    """Close every panel in which nothing runs: runs live through `%reload_ext`, and end with the session."""
    for each in PANELS:
        if each.is_idle:
            each.close()
    stop_hiding_keys(shell)
    if _refresh in shell.events.callbacks["post_run_cell"]:
        shell.events.unregister("post_run_cell", _refresh)


def _refresh(*_: object) -> None:
    for each in PANELS:
        each.refresh()


def _show_nothing(*_: str) -> None:
    """Leave no summary where there is no notebook to keep it."""


def _show(place: str, html: str) -> None:
    update_display({**_NO_SUMMARY, "text/html": html}, raw=True, display_id=place)
