"""Where the events of a run come from: a server, a recording, or the history."""

from collections.abc import AsyncGenerator

from imgmagic.domain.events import CompletedImage, Event, Source
from imgmagic.domain.generation import Generation
from imgmagic.recordings.player import Player
from imgmagic.recordings.recording import Recording
from imgmagic.wire.client import Client
from imgmagic.wire.pacer import Pacer


def from_server(client: Client, timeout_s: float, pacer: Pacer) -> Source:
    """Return the server's events, under one call's time-out, at the pace that the server accepts."""
    return lambda request: client.events(request, timeout_s=timeout_s, pacer=pacer)


def from_recording(player: Player, recording: Recording) -> Source:
    """Return the events of one recording, with its timing."""
    return lambda _: player.play(recording)


def from_history(generation: Generation) -> Source:
    """Return the images of an earlier generation as events."""
    return lambda _: _completed_images(generation)


async def _completed_images(generation: Generation) -> AsyncGenerator[Event, None]:
    for image in generation.images:
        yield CompletedImage(elapsed_s=0.0, index=image.index, picture=image.picture)
