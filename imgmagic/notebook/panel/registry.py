"""The panel: a control surface in a cell's output, to try, compare, go back, change one thing and try again."""

import argparse
from collections.abc import Callable, Mapping
from typing import Any

from IPython.core.error import UsageError
from IPython.core.getipython import get_ipython
from IPython.display import display, update_display

import imgmagic
from imgmagic.notebook.commands.context import Front
from imgmagic.notebook.execution import this_execution
from imgmagic.notebook.panel.panel import Panel, open_panels, opened_before
from imgmagic.notebook.panel.widget import bundle

_NO_WIDGETS = "%imgmagic panel: a terminal shows no panel; open a notebook for it, or type %imgmagic history here."
_NO_SUMMARY = {"text/html": "", "text/plain": "<imgmagic panel: summary>"}


def panel() -> None:
    """Open a panel in this cell's output; any number of panels share the session's history.

    A second output below it holds a plain summary, which is what a saved notebook shows. A cell that runs again shows
    its panel again, with what is filled in and runs there.

    Raises:
        UsageError: the shell is a terminal.
    """
    shell: Any = get_ipython()
    if shell is not None and not hasattr(shell, "kernel"):
        raise UsageError(_NO_WIDGETS)
    names = shell.user_ns if shell else {}
    shown = _of_this_cell(shell, names)
    display(bundle(shown.surface, names), raw=True)
    display(_NO_SUMMARY, raw=True, display_id=shown.surface.place)
    if shell:
        shell.events.register("post_run_cell", _refresh)  # registering twice is registering once


def _of_this_cell(shell: Any, names: Mapping[str, object]) -> Panel:
    session, execution = imgmagic.default_session(), this_execution(shell)
    found = opened_before(session, execution) if execution else None
    if found is None:
        found = Panel(session, names, summarize=_show) if shell else Panel(session, names)
    found.execution = execution
    return found


def _command(front: Front, options: argparse.Namespace) -> None:
    del front, options
    panel()


RUN: Mapping[str, Callable[[Front, argparse.Namespace], None]] = {"panel": _command}


def close_panels(shell: Any) -> None:
    """Close every panel in which nothing runs: runs live through `%reload_ext`, and end with the session."""
    for each in tuple(open_panels()):
        if each.is_idle:
            each.close()
    if _refresh in shell.events.callbacks["post_run_cell"]:
        shell.events.unregister("post_run_cell", _refresh)


def _refresh(*_: object) -> None:
    for each in tuple(open_panels()):
        each.refresh()


def _show(place: str, html: str) -> None:
    update_display({**_NO_SUMMARY, "text/html": html}, raw=True, display_id=place)
