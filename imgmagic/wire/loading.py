"""Loading the HTTP library: all of it that a request needs, and nothing of its command line."""

import asyncio
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import cast


def load_http() -> None:
    """Load what a request needs, including what the library itself would load with the first request.

    Its command line would load click, rich and pygments if they are installed, which takes longer than everything else.
    The library does without it if it cannot be imported.
    """
    with _absent("httpx._main"):
        import httpx
    import anyio

    from imgmagic.wire.connections import open_connections

    open_connections(httpx.URL("http://localhost"), {}, connect_s=1)  # which connects nowhere yet
    asyncio.run(anyio.lowlevel.checkpoint())


@contextmanager
def _absent(module: str) -> Iterator[None]:
    """Pretend that a module that is not loaded yet cannot be found."""
    modules = cast("dict[str, ModuleType | None]", sys.modules)
    is_loaded = module in modules
    modules.setdefault(module, None)
    try:
        yield
    finally:
        if not is_loaded:
            modules.pop(module, None)
