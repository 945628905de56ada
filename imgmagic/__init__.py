"""Iterate on image prompts in a notebook: `%load_ext imgmagic`, then a `%%imagine` cell.

This module only names the public API and the extension hooks; each name loads what it needs at its first use, so that
loading the extension stays quick.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from imgmagic.api import default_session, history, imagine, imagine_async, jobs, start, usage
    from imgmagic.domain.generation import GeneratedImage, Generation
    from imgmagic.domain.usage import Usage
    from imgmagic.errors import ImgmagicError
    from imgmagic.notebook.panel.registry import panel
    from imgmagic.session import Session

__version__ = "0.1.0"

__all__ = [
    "GeneratedImage",
    "Generation",
    "ImgmagicError",
    "Session",
    "Usage",
    "default_session",
    "history",
    "imagine",
    "imagine_async",
    "jobs",
    "panel",
    "start",
    "usage",
]

_HOMES = {
    "GeneratedImage": "imgmagic.domain.generation",
    "Generation": "imgmagic.domain.generation",
    "ImgmagicError": "imgmagic.errors",
    "Session": "imgmagic.session",
    "Usage": "imgmagic.domain.usage",
    "default_session": "imgmagic.api",
    "history": "imgmagic.api",
    "imagine": "imgmagic.api",
    "imagine_async": "imgmagic.api",
    "jobs": "imgmagic.api",
    "panel": "imgmagic.notebook.panel.registry",
    "start": "imgmagic.api",
    "usage": "imgmagic.api",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        message = f"module 'imgmagic' has no attribute {name!r}"
        raise AttributeError(message)
    return getattr(importlib.import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return [*__all__, "__version__"]


def load_ipython_extension(shell: "InteractiveShell") -> None:
    """Add the magics, their completion and the display of a Generation to `shell`; print nothing, ask nothing."""
    from imgmagic.notebook.extension import load

    load(shell)


def unload_ipython_extension(shell: "InteractiveShell") -> None:
    """Take everything away again, stop what runs, and close every connection."""
    from imgmagic.notebook.extension import unload

    unload(shell)
