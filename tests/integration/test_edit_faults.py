"""Chains of edits whose kernels are killed: no lineage points to nothing, and no picture that was sent is lost."""

import base64
import io
import itertools
import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from PIL import Image

from imgmagic.config.settings import Settings
from imgmagic.session import Session
from imgmagic.store.family import family_of
from imgmagic.store.history_view import HistoryView
from tests.support.tries import tries

EDIT_FOR_EVER = """
import random, sys, time
from pathlib import Path
from imgmagic.config.settings import Settings
from imgmagic.domain.mask import mask_box
from imgmagic.session import Session
from imgmagic.store.history_view import HistoryView
from tests.support.source_pictures import drawn

home, seed = Path(sys.argv[1]), int(sys.argv[2])
chance = random.Random(seed)
session = Session(Settings(environ={"IMGMAGIC_PROVIDER": "quick"}, home=home, folder=home))
history = HistoryView(lambda: session.archive)
while True:
    known = [record.id for record in history.records() if record.images]
    images = [chance.choice(known) for _ in range(chance.randint(1, 2))] if known and chance.random() < 0.8 else []
    photo = drawn((16, 12), colour=f"#{chance.randrange(2**24):06x}")
    images += [photo] if not images or chance.random() < 0.3 else []
    mask = mask_box(0, 0, 8, 6) if chance.random() < 0.4 else None
    made = session.imagine(f"step {chance.random()}", images=images, mask=mask, paste_back=mask is not None)
    print(made.id, flush=True)
    if chance.random() < 0.3:
        ended = [record.id for record in history.records() if record.status != "running"]
        history.forget(chance.choice(ended))
"""
ROUNDS = tries(3, explore=8)
LEAST_EDITS = tries(30, explore=100)


@contextmanager
def quick_server() -> Iterator[str]:
    """Answer each edit at once, with a picture that no other one has."""
    numbers = itertools.count(1)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["content-length"]))
            file = io.BytesIO()
            Image.new("RGB", (16, 12), next(numbers)).save(file, format="PNG")
            body = json.dumps({"data": [{"b64_json": base64.b64encode(file.getvalue()).decode()}]}).encode()
            self.send_response(200)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/v1"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def edit_until_killed(home: Path, seed: int, edits: int) -> int:
    """Run a kernel that edits; kill it in the middle of one, after so many; return how many it finished."""
    command = [sys.executable, "-c", EDIT_FOR_EVER, str(home), str(seed)]
    environ = {**os.environ, "IMGMAGIC_HOME": str(home)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environ, text=True) as process:
        assert process.stdout is not None
        done = sum(1 for _ in itertools.islice(process.stdout, edits))
        time.sleep(random.Random(seed).random() / 20)
        process.send_signal(signal.SIGKILL)
    return done


@pytest.mark.slow
def test_no_lineage_points_to_nothing_after_kernels_were_killed(tmp_path: Path) -> None:
    """Every picture, mask and derived picture that a record names can be read, and every family can be walked."""
    with quick_server() as address:
        (tmp_path / "config.toml").write_text(f'[providers.quick]\ndialect = "generic"\nbase_url = "{address}"\n')
        done = sum(edit_until_killed(tmp_path, seed, 1 + LEAST_EDITS // ROUNDS) for seed in range(ROUNDS))
    assert done >= LEAST_EDITS

    session = Session(Settings(environ={}, home=tmp_path, folder=tmp_path))
    history = HistoryView(lambda: session.archive)
    records = list(history.records())
    for record in records:
        generation = session.archive.generation(record)
        for _, picture in generation.request.inputs:
            assert len(picture.data) == picture.size_bytes
        for image in (*generation.images, *generation.derived):
            assert image.pil().size == (16, 12)
        assert record.id in [relative.id for relative in family_of(history, record.id)]
    session.close()
    assert len(records) > ROUNDS
