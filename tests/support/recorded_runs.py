"""Runs to record: pictures, the events of a plain run, a source that yields them, and ways to record and play."""

import io
from collections.abc import AsyncGenerator, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from PIL import Image

from imgmagic.domain.events import CompletedImage, Event, Notice, PartialImage, ReplyStarted, UsageReported
from imgmagic.domain.provider import Provider
from imgmagic.domain.request import ImageRequest
from imgmagic.domain.usage import Usage
from imgmagic.recordings.folder import Recordings
from imgmagic.recordings.player import Player
from imgmagic.recordings.recorder import Recorder, Sides
from imgmagic.recordings.recording import Recording
from tests.support.pictures import completed_image

REQUEST = ImageRequest(prompt="a red fox", model="gpt-image-2.5-flare", options={"size": "1024x1024", "stream": True})
MADE = datetime(2026, 11, 22, 12, 30, tzinfo=UTC)
AS_THEY_CAME = Sides(partial=None)


def picture(colour: str = "red", *, size: tuple[int, int] = (8, 8), image_format: str = "png") -> bytes:
    file = io.BytesIO()
    Image.new("RGB", size, colour).save(file, image_format)
    return file.getvalue()


def partial(elapsed_s: float = 1.0, *, number: int = 0, data: bytes | None = None) -> PartialImage:
    return PartialImage(elapsed_s=elapsed_s, number=number, data=data or picture("gray"), format="png")


def completed(
    elapsed_s: float = 2.0,
    *,
    data: bytes | None = None,
    size: tuple[int, int] = (8, 8),
    index: int = 0,
    revised_prompt: str = "A fox",
) -> CompletedImage:
    return completed_image(
        elapsed_s=elapsed_s,
        index=index,
        data=data or picture(),
        format="png",
        width=size[0],
        height=size[1],
        revised_prompt=revised_prompt,
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

    async def __call__(self, request: ImageRequest) -> AsyncGenerator[Event, None]:
        del request
        for event in self._events:
            yield event


@dataclass(frozen=True, kw_only=True)
class Recorded:
    """What a recorder made of a run, and what it told."""

    recorded: tuple[Recording, ...]
    notices: tuple[str, ...]


async def record(
    recordings: Recordings,
    events: Iterable[Event],
    *,
    request: ImageRequest = REQUEST,
    sides: Sides = AS_THEY_CAME,
    provider: Provider | None = None,
) -> Recorded:
    recorder = Recorder(Source(events), recordings, sides=sides, provider=provider, now=lambda: MADE)
    passed_on = [event async for event in recorder.events(request)]
    assert [event for event in passed_on if not isinstance(event, Notice)] == list(events)
    notices = tuple(event.text for event in passed_on if isinstance(event, Notice))
    return Recorded(recorded=recorder.recorded, notices=notices)


async def play(folder: Path, request: ImageRequest = REQUEST) -> list[Event]:
    return [event async for event in replay(Player(Recordings(folder), speed=0), request)]


def replay(player: Player, request: ImageRequest = REQUEST) -> AsyncGenerator[Event, None]:
    """Play the next take of a request."""
    return player.play(player.claim(request))
