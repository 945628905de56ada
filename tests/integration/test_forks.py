"""A process that forks gives its child nothing that is alive: neither connections, nor the loop, nor its identity."""

import base64
import hashlib
import io
import json
import os
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from PIL import Image

from imgmagic.domain.generation import Status
from tests.support.sessions import session_of

LOW = {"quality": "low", "size": "1024x1024", "stream": False}


def picture_of(prompt: str) -> bytes:
    """Return a picture that no other prompt has."""
    file = io.BytesIO()
    Image.new("RGB", (8, 8), tuple(hashlib.sha256(prompt.encode()).digest()[:3])).save(file, "PNG")
    return file.getvalue()


class Handler(BaseHTTPRequestHandler):
    """Answer with the picture of the prompt, over connections that stay open."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
        time.sleep(0.05)
        drawn = {"b64_json": base64.b64encode(picture_of(asked["prompt"])).decode()}
        usage = {"input_tokens": 9, "output_tokens": 196, "total_tokens": 205}
        body = json.dumps({"created": 1, "data": [drawn], "usage": usage}).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@dataclass
class Server:
    base_url: str


@pytest.fixture
def server() -> Iterator[Server]:
    """A server with a thread for each connection."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as running:
        running.daemon_threads = True
        thread = threading.Thread(target=running.serve_forever, daemon=True)
        thread.start()
        yield Server(f"http://127.0.0.1:{running.server_port}/v1")
        running.shutdown()
        thread.join()


def draw_in_child(session: object, prompts: list[str]) -> None:
    """Draw in a forked child, which leaves with the number of pictures that it has got."""
    drawn = 0
    try:
        drawn = sum(session.imagine(prompt, **LOW).status is Status.COMPLETED for prompt in prompts)
        session.close()
    finally:
        os._exit(drawn)


def test_parent_and_child_get_their_own_pictures(server: Server, tmp_path: Path) -> None:
    """Both draw at once after a fork, over connections that were open before it, and neither gets the other's."""
    mine, theirs = [f"a fox number {n}" for n in range(4)], [f"a whale number {n}" for n in range(4)]
    with session_of(tmp_path, server) as session:
        session.imagine("before the fork", **LOW)

        child = os.fork()
        if child == 0:
            draw_in_child(session, theirs)
        for prompt in mine:
            session.imagine(prompt, **LOW)

        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == len(theirs)
        assert not session.archive.history.mark_interrupted()
        records = [session.archive.history.get(number) for number in range(1, 10)]
        drawn = {record.started.request.prompt: record for record in records if record is not None}
        assert set(drawn) == {"before the fork", *mine, *theirs}
        for prompt, record in drawn.items():
            assert record.status == "completed"
            assert session.archive.images.load(record.images[0].sha256) == picture_of(prompt)


def test_a_child_that_ends_leaves_its_parents_run_alone(server: Server, tmp_path: Path) -> None:
    """A child that is forked in the middle of a run, and ends in order, neither stops nor settles it."""
    with session_of(tmp_path, server) as session:
        session.imagine("before the fork", **LOW)
        job = session.start(session.plan("a run of the parent", **LOW))

        child = os.fork()
        if child == 0:
            draw_in_child(session, [])
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0

        assert job.result().status is Status.COMPLETED
        assert session.archive.history.get(2).status == "completed"
