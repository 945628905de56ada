"""A server in a process of its own that answers every request with one picture, after a while."""

import asyncio
import base64
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from tools.bench.support.server import noise

_LENGTH = re.compile(rb"content-length: (\d+)", re.IGNORECASE)


@contextmanager
def waiting_server(latency_s: float, picture_bytes: int) -> Iterator[str]:
    """Run a server that takes `latency_s` over a picture of about so many bytes; gives its base URL."""
    command = [sys.executable, "-m", "tools.bench.support.waiting", str(latency_s), str(picture_bytes)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=dict(os.environ)) as process:
        try:
            port = process.stdout.readline().strip() if process.stdout else ""
            yield f"http://127.0.0.1:{port}/v1"
        finally:
            process.kill()


async def _serve(latency_s: float, picture_bytes: int) -> None:
    picture = noise(picture_bytes)
    usage = {"input_tokens": 10, "output_tokens": 196, "total_tokens": 206}
    data = [{"b64_json": base64.b64encode(picture).decode()}]
    body = json.dumps({"created": 1, "data": data, "usage": usage}).encode()
    head = f"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n".encode()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                asked = await reader.readuntil(b"\r\n\r\n")
                length = _LENGTH.search(asked)
                await reader.readexactly(int(length[1]) if length else 0)
                await asyncio.sleep(latency_s)
                writer.write(head + body)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_serve(float(sys.argv[1]), int(sys.argv[2])))
