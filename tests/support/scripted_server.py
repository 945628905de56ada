"""A scripted server on a real socket: it answers as it was told, and keeps what it received."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Received:
    """One request as it came out of the socket; header names in lower case."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True, kw_only=True)
class Reply:
    """What to answer."""

    body: bytes
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass
class ScriptedServer:
    """Answer each POST by the next of `replies`, each GET by the file of that path; keep what comes in."""

    replies: Sequence[Reply] = ()
    files: Mapping[str, bytes] = field(default_factory=dict)
    host: str = ""
    received: list[Received] = field(default_factory=list)

    @property
    def posted(self) -> list[Received]:
        return [each for each in self.received if each.method == "POST"]

    @property
    def downloaded(self) -> list[Received]:
        return [each for each in self.received if each.method == "GET"]

    def answer(self, request: Received) -> Reply:
        if request.method == "GET":
            return Reply(body=self.files.get(request.path, b""), status=200 if request.path in self.files else 404)
        return self.replies[len(self.posted) - 1]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = await received(reader)
        self.received.append(request)
        reply = self.answer(request)
        headers = {**reply.headers, "content-length": str(len(reply.body)), "connection": "close"}
        lines = [f"HTTP/1.1 {reply.status} Scripted", *(f"{name}: {value}" for name, value in headers.items()), "", ""]
        writer.write("\r\n".join(lines).encode() + reply.body)
        await writer.drain()
        writer.close()
        await writer.wait_closed()


async def received(reader: asyncio.StreamReader) -> Received:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    method, path, _ = head[0].split(" ")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:] if line)}
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return Received(method=method, path=path, headers=headers, body=body)


@asynccontextmanager
async def running(server: ScriptedServer) -> AsyncIterator[ScriptedServer]:
    """Let `server` listen on a free port of the loopback address."""
    listener = await asyncio.start_server(server.serve, "127.0.0.1", 0)
    server.host = f"127.0.0.1:{listener.sockets[0].getsockname()[1]}"
    async with listener:
        yield server
