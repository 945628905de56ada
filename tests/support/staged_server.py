"""A server that plays its part byte by byte, so that tests say when each piece leaves and see what came."""

import asyncio
import json
import socket
import struct
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field

RESET = "reset"  # a step: drop the connection with a TCP reset
HANG = "hang"  # a step: send nothing more until the other side closes

Step = bytes | str | asyncio.Event
"""Bytes to send, one of the words above, or an event to wait for."""


@dataclass
class Played:
    """One connection as the server saw it: the request, and whether the other side closed it."""

    head: str = ""
    body: bytes = b""
    sent: int = 0  # steps of the part that are done
    closed: asyncio.Event = field(default_factory=asyncio.Event)

    def json(self) -> dict[str, object]:
        found: dict[str, object] = json.loads(self.body)
        return found


class Stage:
    """Listen on the loopback address and play one part a connection; the last part repeats."""

    def __init__(self) -> None:
        self.parts: list[list[Step]] = []
        self.seen: list[Played] = []
        self.host = ""
        self.more = asyncio.Condition()

    @property
    def base_url(self) -> str:
        return f"http://{self.host}/v1"

    def play(self, *parts: Iterable[Step]) -> None:
        self.parts = [list(part) for part in parts]

    async def saw(self, count: int) -> None:
        """Wait until `count` requests have come."""
        async with asyncio.timeout(5), self.more:
            await self.more.wait_for(lambda: len(self.seen) >= count)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        played = Played()
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            played.head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            length = [line for line in played.head.lower().splitlines() if line.startswith("content-length:")]
            played.body = await reader.readexactly(int(length[0].partition(":")[2])) if length else b""
            part = self.parts[min(len(self.seen), len(self.parts) - 1)]
            async with self.more:
                self.seen.append(played)
                self.more.notify_all()
            await self._perform(part, played, reader, writer)
        played.closed.set()
        writer.close()

    async def _perform(
        self, part: list[Step], played: Played, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        for step in part:
            if isinstance(step, asyncio.Event):
                await step.wait()
            elif step == RESET:
                linger = struct.pack("ii", 1, 0)
                writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
                writer.transport.abort()
                return
            elif step == HANG:
                await reader.read()
            else:
                assert isinstance(step, bytes)
                writer.write(step)
                await writer.drain()
            played.sent += 1


def reply(body: bytes = b"", *, status: int = 200, content_type: str = "application/json", **headers: str) -> bytes:
    """Return a whole HTTP reply; the connection ends with it."""
    return head(status=status, content_type=content_type, **{"content-length": str(len(body)), **headers}) + body


def head(*, status: int = 200, content_type: str = "application/json", **headers: str) -> bytes:
    """Return the head of a reply whose body ends with the connection, unless a header says otherwise."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    lines = {"content-type": content_type, "connection": "close", **named}
    return f"HTTP/1.1 {status} X\r\n".encode() + b"".join(f"{n}: {v}\r\n".encode() for n, v in lines.items()) + b"\r\n"
