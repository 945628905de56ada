"""Measure recordings: how long a folder of 1,000 requests takes to load, and what a replay at speed 0 adds."""

import asyncio
import io
import os
import statistics
import tempfile
import time
from collections.abc import AsyncGenerator, Callable
from pathlib import Path

from PIL import Image

from imgmagic.domain.events import CompletedImage, Event, PartialImage, ReplyStarted, UsageReported
from imgmagic.domain.picture import Picture
from imgmagic.domain.request import ImageRequest
from imgmagic.domain.usage import Usage
from imgmagic.recordings.folder import Recordings
from imgmagic.recordings.player import Player
from imgmagic.recordings.recorder import Recorder
from tools.bench.figure import Figure
from tools.bench.support.server import Scripted

REQUESTS = 1000
ROUNDS = 9
LOADING_MS, REPLAY_MS = 100, 30


def picture(side: int, *, noise: bool) -> bytes:
    """Return a PNG; one of noise is about as large as a detailed drawing."""
    size = (side, side)
    image = Image.frombytes("RGB", size, os.urandom(side * side * 3)) if noise else Image.new("RGB", size, "teal")
    file = io.BytesIO()
    image.save(file, "png")
    return file.getvalue()


class Source:
    """Yield a run of three partial images."""

    def __init__(self, final: bytes) -> None:
        self._final, self._partial = final, picture(64, noise=False)

    async def __call__(self, request: ImageRequest) -> AsyncGenerator[Event, None]:
        """Yield what a server sends."""
        del request
        yield ReplyStarted(elapsed_s=0.8)
        for number in range(3):
            yield PartialImage(elapsed_s=3.0 + number, number=number, data=self._partial, format="png")
        yield CompletedImage(elapsed_s=9.0, picture=Picture(data=self._final, format="png", width=1024, height=1024))
        yield UsageReported(elapsed_s=9.0, usage=Usage(input_tokens=20, output_tokens=1056, total_tokens=1076))


def request(number: int) -> ImageRequest:
    """Return a request with a prompt of usual length."""
    prompt = f"Drawing {number}: a lighthouse on a cliff at dusk, long shadows, gouache on rough paper, quiet colours"
    return ImageRequest(prompt=prompt, model="gpt-image-2.5-flare", options={"size": "1024x1024", "stream": True})


async def consume(events: AsyncGenerator[Event, None]) -> None:
    """Run a generation to its end."""
    async for _ in events:
        pass


def replay(player: Player, asked: ImageRequest) -> None:
    """Play what is recorded for `asked`."""
    asyncio.run(consume(player.play(player.claim(asked))))


def fill(folder: Path) -> None:
    """Record the requests; the first has a large final image."""
    recordings = Recordings(folder)
    asyncio.run(consume(Recorder(Source(picture(1024, noise=True)), recordings).events(request(0))))
    small = Source(picture(32, noise=False))
    for number in range(1, REQUESTS):
        asyncio.run(consume(Recorder(small, recordings).events(request(number))))


def milliseconds(action: Callable[[], object]) -> list[float]:
    """Return how long each of several rounds of `action` took."""
    times = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        action()
        times.append((time.perf_counter() - started) * 1000)
    return times


def recordings_figures(_: Scripted) -> list[Figure]:
    """Fill a folder, then measure."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        fill(folder)
        recordings = Recordings(folder)
        steps: dict[str, tuple[Callable[[], object], float | None]] = {
            f"recordings, loading {REQUESTS:,} requests": (lambda: Recordings(folder), LOADING_MS),
            "recordings, a replay of 3 MB with 3 partials at speed 0": (
                lambda: replay(Player(recordings, speed=0), request(0)),
                REPLAY_MS,
            ),
            "recordings, a miss": (lambda: Player(recordings).miss(request(REQUESTS)), None),
        }
        return [
            Figure(name=title, ours=statistics.median(milliseconds(step)), unit="ms", most=most)
            for title, (step, most) in steps.items()
        ]
