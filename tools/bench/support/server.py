"""A scripted server in a process of its own: it streams pictures by script, and says when it did what.

The path names the script: `/paced/v1/images/generations`. `GET /log` returns the moments of the latest request, in
seconds of the clock that all processes of the machine share. It knows nothing of imgmagic.
"""

import base64
import io
import json
import os
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from PIL import Image, ImageFilter

MB = 1_000_000
STOP_S = 5


@dataclass(frozen=True, kw_only=True)
class Script:
    """What to stream: partial images of so many bytes, so far apart, and then the final one, if there is one."""

    partial_images: int = 0
    partial_bytes: int = 0
    final: Callable[[], bytes] | None = None
    apart_s: float = 0.0


def noise(size: int) -> bytes:
    """Return a PNG of about `size` bytes, as incompressible as a detailed picture."""
    side = round((size / 3) ** 0.5)
    return png(Image.frombytes("RGB", (side, side), os.urandom(side * side * 3)))


def drawing() -> bytes:
    """Return a PNG of 1024 x 1024 and about 1.5 MB: soft forms under the grain of a painting."""
    side = 1024
    forms = Image.frombytes("RGB", (16, 16), os.urandom(16 * 16 * 3)).resize((side, side), Image.Resampling.BICUBIC)
    grain = Image.frombytes("RGB", (side, side), os.urandom(side * side * 3)).filter(ImageFilter.GaussianBlur(0.5))
    return png(Image.blend(forms, grain, 0.04))


def png(image: Image.Image) -> bytes:
    """Return the image as a PNG."""
    file = io.BytesIO()
    image.save(file, "png", compress_level=1)
    return file.getvalue()


SCRIPTS: Mapping[str, Script] = {
    "tiny": Script(final=lambda: noise(1000)),
    "five": Script(partial_images=3, partial_bytes=5 * MB, final=lambda: noise(5 * MB)),
    "sixteen": Script(final=lambda: noise(16 * MB)),
    "paced": Script(partial_images=3, partial_bytes=3 * MB // 2, final=lambda: noise(3 * MB // 2), apart_s=0.15),
    "drawing": Script(final=drawing),
    "endless": Script(partial_images=1, partial_bytes=100_000),
}


@cache
def events(name: str) -> list[bytes]:
    """Return the events of a script, as chunks of a reply; made once."""
    script = SCRIPTS[name]
    made = [event("partial_image", noise(script.partial_bytes), number) for number in range(script.partial_images)]
    return made if script.final is None else [*made, event("completed", script.final(), None)]


def event(kind: str, picture: bytes, number: int | None) -> bytes:
    """Return one server-sent event, in the form of OpenAI's, as one chunk of HTTP."""
    body: dict[str, object] = {"type": f"image_generation.{kind}", "b64_json": base64.b64encode(picture).decode()}
    body |= {"created_at": 1, "size": "1024x1024", "quality": "high", "background": "opaque", "output_format": "png"}
    if number is None:
        usage = {"input_tokens": 9, "output_tokens": 1056, "total_tokens": 1065}
        body["usage"] = {**usage, "input_tokens_details": {"text_tokens": 9, "image_tokens": 0}}
    else:
        body["partial_image_index"] = number
    return chunk(f"event: {body['type']}\ndata: {json.dumps(body)}\n\n".encode())


def chunk(data: bytes) -> bytes:
    """Return a chunk of a reply whose length is not known."""
    return b"%x\r\n%b\r\n" % (len(data), data)


@dataclass
class Log:
    """When the latest request arrived, its events began and were out, and its client hung up."""

    arrived: float = 0.0
    began: list[float] = field(default_factory=list)
    sent: list[float] = field(default_factory=list)
    closed: float | None = None


class Handler(BaseHTTPRequestHandler):
    """Answer by script."""

    protocol_version = "HTTP/1.1"
    log = Log()

    def do_GET(self) -> None:
        """Return the log."""
        body = json.dumps(vars(Handler.log)).encode()
        self.send_response(200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self) -> None:
        """Stream what the path names."""
        arrived = time.monotonic()
        name = self.path.split("/")[1]
        self.rfile.read(int(self.headers["content-length"]))
        made = events(name)
        log = Handler.log = Log(arrived=arrived)
        self._head()
        try:
            self._stream(made, SCRIPTS[name].apart_s, log)
            self._finish(SCRIPTS[name])
        except OSError:
            pass  # the client hung up
        log.closed = time.monotonic()
        self.close_connection = True

    def log_message(self, *_: object) -> None:
        """Say nothing on the terminal."""

    def _head(self) -> None:
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.send_header("transfer-encoding", "chunked")
        self.send_header("connection", "close")
        self.end_headers()

    def _stream(self, made: list[bytes], apart_s: float, log: Log) -> None:
        for each in made:
            time.sleep(apart_s)
            log.began.append(time.monotonic())
            self.wfile.write(each)
            log.sent.append(time.monotonic())

    def _finish(self, script: Script) -> None:
        """End the reply, or wait for the client to hang up."""
        if script.final is None:
            self.rfile.read(1)
        else:
            self.wfile.write(b"0\r\n\r\n")


class Server(ThreadingHTTPServer):
    """Take as many requests as come."""

    daemon_threads = True


def serve() -> None:
    """Make the pictures, print the port, and serve until the parent hangs up."""
    for name in SCRIPTS:
        events(name)
    with Server(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        print(server.server_address[1], flush=True)
        sys.stdin.read()
        server.shutdown()


@dataclass(frozen=True, kw_only=True)
class Scripted:
    """A running scripted server, seen from outside."""

    port: int

    def base_url(self, script: str) -> str:
        """Return what a client of the script takes as its base URL."""
        return f"http://127.0.0.1:{self.port}/{script}/v1"

    def log(self) -> dict[str, Any]:
        """Return the moments of the latest request."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/log", timeout=10) as reply:
            found: dict[str, Any] = json.load(reply)
            return found


@contextmanager
def running_server() -> Iterator[Scripted]:
    """Run the server in a process of its own until the block ends."""
    command = [sys.executable, "-m", "tools.bench.support.server"]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        yield Scripted(port=int(process.stdout.readline()))  # type: ignore[union-attr]  # a pipe was asked for
    finally:
        process.kill()
        process.communicate(timeout=STOP_S)


if __name__ == "__main__":
    serve()
