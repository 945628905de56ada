"""The shell: everything we use of IPython and ipykernel beyond their documented API, in one place.

Whatever breaks when either of them changes breaks here. A front end's own page knows best what it can do; the kernel
only sees the marks that some front ends leave, which tell it what to say to people and how to show a panel.
"""

import functools
import importlib.util
import os
import re
import sys
from collections.abc import Callable, Container, Mapping, MutableMapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Protocol

from IPython.core.displaypub import CapturingDisplayPublisher


class Events(Protocol):
    """IPython's hooks around cells."""

    callbacks: Mapping[str, list[Callable[..., object]]]

    def register(self, event: str, function: Callable[..., object]) -> None:
        """Call `function` at `event`; registering it twice is harmless."""

    def unregister(self, event: str, function: Callable[..., object]) -> None:
        """Stop calling it."""


class Shell(Protocol):
    """An IPython shell, in a kernel or in a terminal."""

    user_ns: MutableMapping[str, object]
    events: Events
    custom_exceptions: tuple[type[BaseException], ...]

    def set_custom_exc(self, kinds: tuple[type[BaseException], ...], show: Callable[..., None] | None) -> None:
        """Let `show` show the exceptions of `kinds` that end a cell."""

    def showtraceback(self, error: tuple[type[BaseException], BaseException, object]) -> None:
        """Show an exception as IPython does."""


@dataclass(frozen=True, kw_only=True)
class Marks:
    """Hold where front ends leave marks: the environment, the modules that are loaded, the user's names."""

    environ: Container[str] = field(default_factory=lambda: os.environ)
    modules: Container[str] = field(default_factory=lambda: sys.modules)
    names: Container[str] = ()
    platform: str = sys.platform


@dataclass(frozen=True, kw_only=True)
class FrontEnd:
    """Hold how a front end differs, as far as the kernel can know.

    Args:
        name: what people call it.
        interrupt: what stops a cell there if our own Stop cannot.
        has_page: whether a widget's script can reach the other outputs of the page; they may be in separate frames.
        is_here: whether its marks are there.
    """

    name: str
    interrupt: str
    is_here: Callable[[Marks], bool]
    has_page: bool = False


FRONT_ENDS: Final = (
    FrontEnd(
        name="Colab",
        interrupt="click ■ at the cell's left to stop",
        is_here=lambda marks: "google.colab" in marks.modules,
    ),
    FrontEnd(
        name="Kaggle",
        interrupt="click ■ at the cell's left to stop",
        is_here=lambda marks: "KAGGLE_KERNEL_RUN_TYPE" in marks.environ,
        has_page=True,
    ),
    FrontEnd(
        name="VS Code",
        interrupt="click Interrupt above the notebook to stop",
        is_here=lambda marks: "__vsc_ipynb_file__" in marks.names or "VSCODE_PID" in marks.environ,
    ),
    FrontEnd(
        name="JupyterLite",
        interrupt="a running cell cannot be stopped here; restarting the kernel ends it",
        is_here=lambda marks: marks.platform == "emscripten",
        has_page=True,
    ),
    FrontEnd(
        name="Jupyter",
        interrupt="click ■ in the toolbar to stop",
        is_here=lambda _: True,
        has_page=True,
    ),
)


def front_end(marks: Marks) -> FrontEnd:
    """Return the front end whose marks are there; Jupyter's own if there are no marks."""
    return next(each for each in FRONT_ENDS if each.is_here(marks))


def has_html(shell: object) -> bool:
    """Return whether HTML can be shown: in a kernel, not in a terminal."""
    return hasattr(shell, "kernel")


def someone_is_there(shell: Shell) -> bool:
    """Return whether a person runs the cell: programs that run files take no input, and end the kernel after it.

    These are nbclient (nbconvert, papermill, nbval) and, although it claims to take input, `jupyter run`.
    """
    kernel = getattr(shell, "kernel", None)
    return kernel is None or (getattr(kernel, "_allow_stdin", True) and not _is_jupyter_run())


def is_captured(shell: Shell) -> bool:
    """Return whether `%%capture` holds back what this cell shows, to show it later or never."""
    return isinstance(getattr(shell, "display_pub", None), CapturingDisplayPublisher)


def take_back(shell: Shell, page: str) -> bool:
    """Withdraw a captured page if it was the last to be shown, and return whether it was.

    A cell's result is captured too; if it were hidden as a repetition, an empty output would remain.
    """
    publisher = getattr(shell, "display_pub", None)
    outputs = publisher.outputs if isinstance(publisher, CapturingDisplayPublisher) else []
    if not outputs or outputs[-1]["data"].get("text/html") != page:
        return False
    outputs.pop()
    return True


def kernel_id(shell: object) -> str:
    """Return the Jupyter server's id of this kernel, from its connection file's name; empty if there is none."""
    config = getattr(shell, "config", {})
    file = config.get("IPKernelApp", {}).get("connection_file", "")
    found = re.search(r"kernel-(.+)\.json$", str(file))
    return found.group(1) if found else ""


def mark_as_shown(shell: Any, shown: object) -> None:
    """Tell the magics, if the extension is loaded, that this cell has already displayed `shown`."""
    magics = shell.magics_manager.registry.get("ImagineMagics")
    if magics is not None:
        magics.remember_shown(shown)


def take_failures(shell: Shell, kinds: tuple[type[BaseException], ...], show: Callable[..., None]) -> None:
    """Let `show` show the exceptions of `kinds` that end a cell, which still fails.

    IPython keeps one such handler. If a debugger has set one, it is left alone.
    """
    if has_html(shell) and not shell.custom_exceptions:
        shell.set_custom_exc(kinds, show)


def give_failures_back(shell: Shell, kinds: tuple[type[BaseException], ...]) -> None:
    """Let IPython show `kinds` again, unless somebody else has come to handle exceptions."""
    if shell.custom_exceptions == kinds:
        shell.set_custom_exc((), None)


@functools.cache
def _is_jupyter_run() -> bool:
    """Return whether `jupyter run` started this kernel."""
    if importlib.util.find_spec("psutil") is None:  # ipykernel brings it
        return False
    import psutil

    try:
        parent = psutil.Process().parent()
        words = parent.cmdline() if parent else []
    except psutil.Error:  # its parent process is gone, or another user's
        return False
    return any(Path(word).stem == "jupyter-run" for word in words)
