"""Runs to record: pictures, the events of a plain run, a source that yields them, and ways to record and play."""

import io
from collections.abc import AsyncGenerator, Iterable
from datetime import UTC, datetime
from pathlib import Path

from PIL import Image

from imgmagic.domain.events import CompletedImage, Event, PartialImage, ReplyStarted, UsageReported
from imgmagic.domain.provider import Provider
from imgmagic.domain.request import ImageRequest
from imgmagic.domain.usage import Usage
from imgmagic.recordings.folder import Recordings
from imgmagic.recordings.player import Player
from imgmagic.recordings.recorder import Recorder, Sides

REQUEST = ImageRequest(prompt="a red fox", model="gpt-image-2.5-flare", options={"size": "1024x1024", "stream": True})
MADE = datetime(2026, 11, 22, 12, 30, tzinfo=UTC)
AS_THEY_CAME = Sides(partial=None)


def picture(colour: str = "red", *, size: tuple[int, int] = (8, 8), image_format: str = "png") -> bytes:
    file = io.BytesIO()
    Image.new("RGB", size, colour).save(file, image_format)
    return file.getvalue()


def partial(elapsed_s: float = 1.0, *, number: int = 0, data: bytes | None = None) -> PartialImage:
    return PartialImage(elapsed_s=elapsed_s, number=number, data=data or picture("gray"), format="png")


def completed(elapsed_s: float = 2.0, *, data: bytes | None = None, index: int = 0) -> CompletedImage:
    return CompletedImage(
        elapsed_s=elapsed_s,
        index=index,
        data=data or picture(),
        format="png",
        width=8,
        height=8,
        revised_prompt="A fox",
    )


def run(data: bytes | None = None) -> tuple[Event, ...]:
    usage = Usage(input_tokens=5, output_tokens=7, total_tokens=12)
    return (
        ReplyStarted(elapsed_s=0.5),
        partial(),
        completed(data=data),
        UsageReported(elapsed_s=2.0, usage=usage, cost_usd="0.04"),
    )


class Source:
    """Yield the given events, whatever is asked."""

    def __init__(self, events: Iterable[Event]) -> None:
        self._events = tuple(events)

    async def events(self, request: ImageRequest) -> AsyncGenerator[Event, None]:
        del request
        for event in self._events:
            yield event


async def record(
    recordings: Recordings,
    events: Iterable[Event],
    *,
    request: ImageRequest = REQUEST,
    sides: Sides = AS_THEY_CAME,
    provider: Provider | None = None,
) -> Recorder:
    recorder = Recorder(Source(events), recordings, sides=sides, provider=provider, now=lambda: MADE)
    assert [event async for event in recorder.events(request)] == list(events)
    return recorder


async def play(folder: Path, request: ImageRequest = REQUEST) -> list[Event]:
    return [event async for event in Player(Recordings(folder), speed=0).events(request)]
