"""The server's loop: runs tornado until it is told to stop, and leaves nothing behind."""

import asyncio
import socket
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from tornado.httpserver import HTTPServer
from tornado.web import Application

from imgmagic.simulator.api.handlers import Files, Models, Unknown
from imgmagic.simulator.api.images import Edits, Generations
from imgmagic.simulator.api.state import ServerState


async def serve(listener: socket.socket, state: ServerState, stopped: asyncio.Event) -> None:
    """Answer requests on `listener` until `stopped` is set."""
    # The requests are in `requests`; an access log would end up in a cell's output.
    application = Application(_routes(state), log_function=lambda _: None)
    server = HTTPServer(application)
    listener.setblocking(False)  # noqa: FBT003 - the standard library's signature
    server.add_socket(listener)
    # Two threads draw: Pillow releases the interpreter lock while it works, and lessons run on two cores.
    with ThreadPoolExecutor(max_workers=2, thread_name_prefix="imgmagic-simulator-draws") as state.drawers:
        await stopped.wait()
        server.stop()
        for work in list(state.working):
            work.cancel()
        await asyncio.gather(*state.working, return_exceptions=True)
        await server.close_all_connections()


def _routes(state: ServerState) -> list[tuple[Any, ...]]:
    """Return what the server answers at each address."""
    prefix, arguments = state.persona.prefix, {"state": state}
    return [
        (prefix + "/images/generations", Generations, arguments),
        (prefix + "/images/edits", Edits, arguments),
        (prefix + "/models", Models, arguments),
        (prefix + "/models/(.+)", Models, arguments),
        (r"/files/(\d+)/(\w+)\.\w+", Files, arguments),
        (r".*", Unknown, arguments),
    ]
