import socket

import pytest

from imgmagic.domain.events import CompletedImage, Notice, PartialImage, RequestSent, UsageReported
from imgmagic.domain.provider import Provider, Secret
from imgmagic.domain.request import ImageRequest
from imgmagic.recordings import checks
from imgmagic.recordings.folder import Recordings
from imgmagic.recordings.player import Player
from imgmagic.recordings.recorder import Recorder
from imgmagic.simulator.service import Simulator
from imgmagic.wire.client import Client
from imgmagic.wire.dialects import DIALECTS
from tests.support.recorded_runs import replay

KEY = "sk-marked-0123456789abcdef"

pytestmark = pytest.mark.anyio


async def recorded(folder, request):
    """Record `request` from the simulated OpenAI server and return the live events."""
    simulator = Simulator(pace_s=0, require_key=KEY)
    provider = Provider(name="openai", dialect="openai", base_url=simulator.start(), key=Secret(KEY))
    client = Client(provider, DIALECTS["openai"])
    recorder = Recorder(client.events, Recordings(folder), provider=provider)
    try:
        live = [event async for event in recorder.events(request)]
    finally:
        await client.aclose()
        simulator.stop()
    assert not of(Notice, live)
    return [event for event in live if not isinstance(event, RequestSent)]  # which only whoever pays needs


def of(kind, events):
    return [event for event in events if isinstance(event, kind)]


async def test_what_a_server_drew_replays_without_key_and_network(tmp_path, monkeypatch):
    """Same finals to the byte, same usage, the partial images in order, while every socket is blocked."""
    options = {"stream": True, "partial_images": 2, "n": 2}
    request = ImageRequest(prompt="a red fox", model="gpt-image-2.5-flare", options=options)
    live = await recorded(tmp_path, request)
    monkeypatch.setattr(socket, "socket", lambda *_, **__: pytest.fail("a socket was opened"))

    replayed = [event async for event in replay(Player(Recordings(tmp_path), speed=0), request)]

    assert [type(event) for event in replayed] == [type(event) for event in live]
    assert [event.data for event in of(CompletedImage, replayed)] == [event.data for event in of(CompletedImage, live)]
    assert [event.usage for event in of(UsageReported, replayed)] == [event.usage for event in of(UsageReported, live)]
    numbers = [(event.index, event.number) for event in of(PartialImage, replayed)]
    assert numbers == [(event.index, event.number) for event in of(PartialImage, live)]
    assert len(numbers) == 4


async def test_the_folder_holds_no_key_and_no_address(tmp_path):
    """Neither the key that was sent nor the server's address is in any file or file name."""
    await recorded(tmp_path, ImageRequest(prompt="a red fox", model="gpt-image-2.5-flare"))

    for path in tmp_path.rglob("*"):
        held = str(path.relative_to(tmp_path)).encode() + (path.read_bytes() if path.is_file() else b"")
        assert not any(mark in held for mark in (KEY.encode(), b"127.0.0.1", b"Bearer", b"http"))
    assert checks.verify(tmp_path) == ()
