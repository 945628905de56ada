"""The server's loop: tornado until it is told to stop, and nothing left behind."""

import asyncio
import socket
from concurrent.futures import ThreadPoolExecutor

from tornado.httpserver import HTTPServer
from tornado.web import Application

from imgmagic.simulator.api.images import routes
from imgmagic.simulator.api.state import Desk


async def serve(listener: socket.socket, desk: Desk, stopped: asyncio.Event) -> None:
    """Answer requests at `listener` until `stopped` is set."""
    # What was asked is in `requests`; a kernel's output is no place for an access log.
    application = Application(routes(desk), log_function=lambda _: None)
    server = HTTPServer(application)
    listener.setblocking(False)  # noqa: FBT003 - the standard library's signature
    server.add_socket(listener)
    with ThreadPoolExecutor(max_workers=2, thread_name_prefix="imgmagic-simulator-draws") as desk.drawers:
        await stopped.wait()
        server.stop()
        for work in list(desk.working):
            work.cancel()
        await asyncio.gather(*desk.working, return_exceptions=True)
        await server.close_all_connections()
