"""The marimo that runs this notebook, as far as we use it; it is loaded already, and never imported."""

import sys
from types import ModuleType
from typing import Final

# marimo shows no output of more bytes than that (its setting output_max_bytes), with room for what it adds.
MOST_BYTES: Final = 7_500_000


def is_running() -> bool:
    """Return whether this code runs in a notebook or an app of marimo's."""
    marimo = sys.modules.get("marimo")
    return marimo is not None and bool(marimo.running_in_notebook())


def marimo() -> ModuleType:
    """Return the module; only where it runs."""
    return sys.modules["marimo"]


def interrupt_hint() -> str:
    """Return which button stops a cell that waits; an app shows none."""
    is_app = marimo().app_meta().mode == "run"
    return "" if is_app else "Stop: marimo's interrupt button (■), or Ctrl+I"


def append(shown: object) -> None:
    """Put something below what the cell shows already; a text is HTML."""
    marimo().output.append(marimo().Html(shown) if isinstance(shown, str) else shown)


def replace(html: str) -> None:
    """Put HTML in the place of what the cell shows."""
    marimo().output.replace(marimo().Html(html))
