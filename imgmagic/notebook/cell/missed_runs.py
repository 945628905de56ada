"""Missed runs: outputs that a page missed because it was loaded while the cell ran, given to it on request.

A front end sends a cell's output to the page that ran it. A page that is loaded meanwhile gets none of it, and the
saved live view only refers to widgets that are closed by the time the kernel is free. So one widget without a view
stays with the kernel. A new page gets it with all other widgets, is told which runs ended and when, and asks for those
that it missed; it knows best how long it has been open.
"""

import functools
import itertools
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import anywidget
import traitlets

from imgmagic.display.sanitize import strip_control
from imgmagic.errors import ImgmagicError
from imgmagic.notebook.execution import Execution, this_execution
from imgmagic.notebook.output.figure import remark_html
from imgmagic.notebook.shell import Shell

_SCRIPT = Path(__file__).parent.parent / "static" / "missed_runs.js"
_MOST = 20  # runs to remember; a page that was away for longer finds the pictures in the history

Bundle: TypeAlias = Mapping[str, str]
Outputs: TypeAlias = Callable[[], Sequence[Bundle]]


class Finder(anywidget.AnyWidget):
    """Send a page what it missed; it shows nothing itself."""

    _esm = traitlets.Unicode().tag(sync=True)

    @traitlets.default("_esm")
    def _script(self) -> str:
        return _SCRIPT.read_text(encoding="utf-8")


@dataclass(frozen=True, kw_only=True)
class _Ended:
    """A run that ended: its cell, its start by the page's clock, its end by ours, and what it shows."""

    number: int
    cell: str
    count: int
    asked: str
    ended: float
    outputs: Outputs


class MissedRuns:
    """Remember the last runs of a kernel's cells, and tell pages about them.

    Args:
        clock: gives the seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._finder: Finder | None = None
        self._ended: deque[_Ended] = deque(maxlen=_MOST)
        self._numbers = itertools.count(1)

    def begin(self, shell: Shell) -> Callable[[Outputs], None]:
        """Note that a cell begins to draw; at its end, call the returned function with one that makes its outputs."""
        execution = this_execution(shell)
        if execution is None:  # nothing could identify the cell later
            return ignore
        if self._finder is None:
            self._finder = Finder()
            self._finder.on_msg(self._hear)
        # By the input so far: some releases of IPython count a cell before it has run, others after.
        typed = shell.user_ns.get("In")
        count = len(typed) - 1 if isinstance(typed, list) else 0
        return functools.partial(self._end, execution, count)

    def close(self) -> None:
        """Remove the widget, and forget the runs."""
        if self._finder is not None:
            layout = self._finder.layout
            self._finder.close()
            layout.close()
        self._finder = None
        self._ended.clear()

    def _end(self, execution: Execution, count: int, outputs: Outputs) -> None:
        run = _Ended(
            number=next(self._numbers),
            cell=execution.cell,
            count=count,
            asked=execution.asked,
            ended=self._clock(),
            outputs=outputs,
        )
        self._ended.append(run)
        self._tell([run])

    def _tell(self, runs: Sequence[_Ended]) -> None:
        now = self._clock()
        times = [
            {
                "run": each.number,
                "cell": each.cell,
                "count": each.count,
                "asked": each.asked,
                "ended_s": now - each.ended,
            }
            for each in runs
        ]
        self._send({"kind": "ended", "runs": times})

    def _hear(self, _: object, message: Mapping[str, object], __: object) -> None:
        if message.get("kind") == "hello":
            self._tell(list(self._ended))
        for run in self._ended:
            if message == {"kind": "want", "run": run.number}:
                self._show(run)

    def _show(self, run: _Ended) -> None:
        outputs = [{"output_type": "display_data", "data": dict(each), "metadata": {}} for each in _made(run.outputs)]
        self._send({"kind": "outputs", "run": run.number, "cell": run.cell, "count": run.count, "outputs": outputs})

    def _send(self, message: Mapping[str, object]) -> None:
        if self._finder is not None and self._finder.comm is not None:
            self._finder.send(message)


def _made(outputs: Outputs) -> Sequence[Bundle]:
    """Return outputs, or why there are none: the generation may have been forgotten since."""
    try:
        return outputs()
    except ImgmagicError as error:
        return [remark(str(error))]


def remark(text: str) -> Bundle:
    """Return one remark by MIME type."""
    return {"text/html": remark_html(text), "text/plain": strip_control(text)}


def ignore(_: Outputs) -> None:
    """Do nothing for a run that no page can miss."""


MISSED = MissedRuns()  # of this kernel: cells add to it, and unloading the extension closes it
