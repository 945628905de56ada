"""What an edit of a large picture costs here: memory, and the event loop's patience."""

import asyncio
import random
import socket
import threading
import time
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from PIL import Image

from imgmagic.domain.request import ImageRequest
from imgmagic.runs.inputs.reading import read_inputs
from imgmagic.store.images.image_store import ImageStore
from imgmagic.store.inputs import keep_inputs
from imgmagic.wire.client import Client
from imgmagic.wire.dialects import DIALECTS
from tests.support.typed import provider_of
from tools.bench.edits import drawing_server, make_photo, peak_mb
from tools.bench.support.server import MB

MOST_BLOCKED_S = 0.02


@contextmanager
def sink() -> Iterator[tuple[str, list[int]]]:
    """Serve two requests: count what comes in without keeping it, then answer that it was refused."""
    listener = socket.create_server(("127.0.0.1", 0))
    counted: list[int] = []

    def serve() -> None:
        for _ in range(2):
            serve_one()

    def serve_one() -> None:
        connection, _ = listener.accept()
        with connection:
            head = b""
            while b"\r\n\r\n" not in head:
                head += connection.recv(1024)
            length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
            left = length - len(head.partition(b"\r\n\r\n")[2])
            buffer = bytearray(256 * 1024)
            while left:
                left -= connection.recv_into(buffer)
            counted.append(length)
            connection.sendall(b"HTTP/1.1 400 Bad\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}")

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield f"127.0.0.1:{listener.getsockname()[1]}", counted
    finally:
        thread.join(timeout=10)
        listener.close()


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a PNG of some 20 MB, which no compression makes smaller."""
    path = tmp_path_factory.mktemp("pictures") / "large.png"
    noise = random.Random(1).randbytes(2600 * 2560 * 3)
    Image.frombytes("RGB", (2600, 2560), noise).save(path, compress_level=1)
    return path


async def edit(path: Path, images: ImageStore, name: str, host: str) -> float:
    """Send an edit from a file; return the longest work between two turns of the event loop."""
    dialect = DIALECTS[name]
    inputs = await asyncio.to_thread(read_inputs, path, None, None, edits=dialect.edits, find=lambda number: None)
    request = ImageRequest(prompt="in winter", model="m", sources=inputs.sources)
    del inputs
    request = await asyncio.to_thread(keep_inputs, request, images)
    client = Client(provider_of(dialect, {"account": {}, "key": "test-key"}, host), dialect)
    async for _ in client.events(ImageRequest(prompt="the first use loads certificates", model="m")):
        pass
    waits = [0.0]

    async def watch() -> None:
        while True:
            before = time.thread_time()  # of this thread alone: others share the machine
            await asyncio.sleep(0)
            waits.append(time.thread_time() - before)

    watching = asyncio.create_task(watch())
    async for _ in client.events(request):
        pass
    watching.cancel()
    await client.aclose()
    return max(waits)


@pytest.mark.parametrize("name", ["openai", "localai"])
def test_an_edit_of_a_large_picture_holds_less_than_three_of_it(large: Path, tmp_path: Path, name: str) -> None:
    """In a form and in JSON: the picture is read, kept and sent, and never stands three times in memory."""
    size = large.stat().st_size
    asyncio.run(warm_up(tmp_path))

    with sink() as (host, counted):
        tracemalloc.start()
        try:
            asyncio.run(edit(large, ImageStore(tmp_path / "images"), name, host))
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()

    assert counted[1] > size
    assert peak < 3 * size, f"{peak / size:.2f} times the picture"


@pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="the system does not tell a process's peak")
@pytest.mark.parametrize(
    ("picture", "how", "most"),
    [("png", "mask", 3), ("png", "paste", 5.5), ("png", "json", 4), ("jpeg", "mask", 5.5)],
)
def test_a_process_that_edits_grows_by_few_pictures(
    large: Path, tmp_path: Path, picture: str, how: str, most: float
) -> None:
    """All of it counts, pixels too, which are more than the file: what the system says of a process of its own."""
    path = large
    if picture == "jpeg":
        path = tmp_path / "photo.jpg"
        make_photo(path)
    with drawing_server() as base_url:
        grown = peak_mb(base_url, path, how) * MB

    assert grown < most * path.stat().st_size, f"{grown / path.stat().st_size:.2f} times the picture"


@pytest.mark.parametrize("name", ["openai", "localai"])
def test_sending_a_large_picture_leaves_the_event_loop_its_turns(large: Path, tmp_path: Path, name: str) -> None:
    """The form and the base64 are made in short pieces."""
    with sink() as (host, _):
        longest = asyncio.run(edit(large, ImageStore(tmp_path / "images"), name, host))

    assert longest < MOST_BLOCKED_S, f"{longest * 1000:.1f} ms"


async def warm_up(folder: Path) -> None:
    """Load what an edit needs, so that only the picture itself is measured."""
    small = folder / "small.png"
    Image.new("RGB", (8, 8)).save(small)
    with sink() as (host, _):
        await edit(small, ImageStore(folder / "warm"), "openai", host)
