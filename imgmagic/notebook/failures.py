"""Failures: how a cell shows our errors, as a block of plain words with the error's own text below it."""

from IPython.display import display

from imgmagic.errors import ImgmagicError
from imgmagic.notebook.line.refusals import BadSetting, UsageError
from imgmagic.notebook.shell import Shell, give_failures_back, take_failures
from imgmagic.runs.interrupts import Cancelled

_KINDS = (ImgmagicError, UsageError, BadSetting, Cancelled)


def show_failures(shell: Shell) -> None:
    """Show our errors as blocks from now on, if HTML can be shown; calling it twice is harmless."""
    take_failures(shell, _KINDS, _show)


def leave_failures(shell: Shell) -> None:
    """Leave errors to IPython again."""
    give_failures_back(shell, _KINDS)


def _show(shell: Shell, kind: type[BaseException], error: BaseException, traceback: object, **_: object) -> None:
    """Show an error; nothing for a stopped run whose figure already says so."""
    if isinstance(error, Cancelled):
        if error.is_told:
            return
    else:
        from imgmagic.notebook.output.error_block import error_bundle

        display(error_bundle(error), raw=True)
    shell.showtraceback((kind, error, traceback))
