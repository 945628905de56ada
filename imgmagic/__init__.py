"""Iterate on image prompts in a notebook: `%load_ext imgmagic`, then a `%%imagine` cell.

This module only names the public API and the extension hooks; each name loads what it needs at its first use, so that
loading the extension stays quick.
"""

import functools
import importlib
import sys
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from imgmagic.api import (
        history,
        imagine,
        imagine_async,
        jobs,
        start,
        start_sweep,
        sweep,
        sweep_async,
        usage,
    )
    from imgmagic.domain.generation import GeneratedImage, Generation
    from imgmagic.domain.mask import mask_box
    from imgmagic.domain.sweep import Sweep
    from imgmagic.domain.usage import Usage
    from imgmagic.errors import ImgmagicError
    from imgmagic.notebook.painter.paint import paint
    from imgmagic.notebook.panel.registry import panel
    from imgmagic.session import Session, default_session

__version__ = "0.1.0"

__all__ = [
    "GeneratedImage",
    "Generation",
    "ImgmagicError",
    "Session",
    "Sweep",
    "Usage",
    "default_session",
    "history",
    "imagine",
    "imagine_async",
    "jobs",
    "mask_box",
    "paint",
    "panel",
    "start",
    "start_sweep",
    "sweep",
    "sweep_async",
    "usage",
]

_HOMES = {
    "GeneratedImage": "imgmagic.domain.generation",
    "Generation": "imgmagic.domain.generation",
    "ImgmagicError": "imgmagic.errors",
    "Session": "imgmagic.session",
    "Sweep": "imgmagic.domain.sweep",
    "Usage": "imgmagic.domain.usage",
    "default_session": "imgmagic.session",
    "history": "imgmagic.api",
    "imagine": "imgmagic.api",
    "imagine_async": "imgmagic.api",
    "jobs": "imgmagic.api",
    "mask_box": "imgmagic.domain.mask",
    "paint": "imgmagic.notebook.painter.paint",
    "panel": "imgmagic.notebook.panel.registry",
    "start": "imgmagic.api",
    "start_sweep": "imgmagic.api",
    "sweep": "imgmagic.api",
    "sweep_async": "imgmagic.api",
    "usage": "imgmagic.api",
}

# In marimo these show themselves through its hooks; outside a marimo notebook they behave like the others.
_MARIMO_HOMES = {
    **dict.fromkeys(("imagine", "panel", "paint"), "imgmagic.notebook.marimo.front_end"),
    "sweep": "imgmagic.notebook.marimo.sweep_run",
}
# In a notebook, a call shows what a cell shows; in a terminal it behaves as in a script.
_IPYTHON_HOMES = dict.fromkeys(("imagine", "sweep"), "imgmagic.notebook.cell.call")


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        message = f"module 'imgmagic' has no attribute {name!r}"
        raise AttributeError(message)
    if "marimo" in sys.modules:
        from imgmagic.notebook.marimo.front_end import add_hooks

        add_hooks()
        return getattr(_load(_MARIMO_HOMES.get(name, _HOMES[name])), name)
    if "IPython" in sys.modules and sys.modules["IPython"].get_ipython() is not None:
        return getattr(_load(_IPYTHON_HOMES.get(name, _HOMES[name])), name)
    return getattr(_load(_HOMES[name]), name)


@functools.cache
def _load(module: str) -> ModuleType:
    """Import a module on a separate thread, where no interrupt can break the import."""
    from concurrent.futures import ThreadPoolExecutor

    from imgmagic.domain.import_lock import give_back_import_lock

    give_back_import_lock()
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="imgmagic-import") as importer:
        return importer.submit(importlib.import_module, module).result()


def __dir__() -> list[str]:
    return [*__all__, "__version__"]


def load_ipython_extension(shell: "InteractiveShell") -> None:
    """Add the magics, their completion and the display of a Generation to `shell`; print nothing, ask nothing."""
    from imgmagic.notebook.extension import load

    load(shell)


def unload_ipython_extension(shell: "InteractiveShell") -> None:
    """Remove everything again, stop what is running, and close every connection."""
    from imgmagic.notebook.extension import unload

    unload(shell)
