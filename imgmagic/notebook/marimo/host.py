"""The part that we use of the marimo that runs this notebook; it is already loaded, and never imported."""

import sys
from types import ModuleType
from typing import Final

# marimo shows no output of more bytes than this (its setting output_max_bytes), minus room for what it adds.
MOST_BYTES: Final = 7_500_000


def is_running() -> bool:
    """Return whether this code runs in a marimo notebook or app."""
    marimo = sys.modules.get("marimo")
    return marimo is not None and bool(marimo.running_in_notebook())


def marimo() -> ModuleType:
    """Return the module; only call this in marimo."""
    return sys.modules["marimo"]


def interrupt_hint() -> str:
    """Return which button stops a waiting cell; an app has none."""
    is_app = marimo().app_meta().mode == "run"
    return "" if is_app else "Stop: marimo's interrupt button (■), or Ctrl+I"


def append(shown: object) -> None:
    """Put something below what the cell already shows; a text is HTML."""
    marimo().output.append(marimo().Html(shown) if isinstance(shown, str) else shown)


def replace(html: str) -> None:
    """Replace what the cell shows with HTML."""
    marimo().output.replace(marimo().Html(html))
