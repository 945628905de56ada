"""Two readings of the four references: what the dialect table lets through, the simulator of that server takes."""

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from imgmagic.domain.events import CompletedImage
from imgmagic.domain.rules import Treatment
from imgmagic.simulator import Simulator
from imgmagic.wire.client import Client
from imgmagic.wire.dialects import DIALECTS
from tests.support.typed import preflight, provider_of

# Small where the server allows it: what counts here is whether it draws, not what.
USUAL: dict[str, dict[str, Any]] = {
    "openai": {"stream": False, "size": "1024x640", "output_format": "jpeg"},
    "yandex": {},
    "truefoundry": {"model": "vertex-main/imagen-4", "size": "64x64"},
    "compatible": {"size": "64x64"},
}
TYPED: tuple[dict[str, Any], ...] = (
    {},
    {"n": 2},
    {"n": 5},
    {"n": 11},
    {"quality": "low"},
    {"quality": "hd"},
    {"output_format": "webp"},
    {"output_format": "bmp"},
    {"output_format": "jpeg", "output_compression": 50},
    {"output_format": "jpeg", "output_compression": 101},
    {"background": "transparent", "output_format": "jpeg"},
    {"background": "clear"},
    {"moderation": "none"},
    {"style": "vivid"},
    {"style": "odd"},
    {"response_format": "url"},
    {"response_format": "b64_json"},
    {"response_format": "file"},
    {"user": "u1"},
    {"stream": True, "partial_images": 4},
)
ONE_SERVER: tuple[tuple[str, dict[str, Any]], ...] = (
    ("openai", {"size": "512x512"}),
    ("openai", {"size": "3088x1024"}),
    ("openai", {"size": "1000x1000"}),
    ("openai", {"size": "832x800"}),
    ("openai", {"size": "16:9"}),
    ("openai", {"model": "gpt-image-2", "quality": "xhigh"}),
    ("openai", {"quality": "xhigh"}),
    ("openai", {"model": "gpt-image-1"}),
    ("openai", {"model": "gpt-image-1.5", "size": "832x800"}),
    ("openai", {"output_format": "png", "output_compression": 50}),
    ("openai", {"output_format": "gif", "frame_count": 2}),
    ("openai", {"output_format": "gif", "stream": True}),
    ("openai", {"output_format": "gif", "frame_count": 17}),
    ("openai", {"output_format": "svg", "svg": {"model": "m"}, "n": 2}),
    ("openai", {"frame_count": 2}),
    ("openai", {"complexity": "huge"}),
    ("openai", {"complexity": "low"}),
    ("yandex", {"size": "16:9"}),
    ("yandex", {"size": "1792x1024"}),
    ("yandex", {"size": "auto"}),
    ("yandex", {"size": "large"}),
)
ASKED = (*((name, typed) for name in USUAL for typed in TYPED), *ONE_SERVER)


@pytest.fixture(scope="module")
def addresses() -> Iterator[dict[str, str]]:
    with ExitStack() as stack:
        yield {name: stack.enter_context(Simulator(pace_s=0, persona=name)).base_url for name in USUAL}


@pytest.mark.anyio
@pytest.mark.parametrize(("name", "typed"), ASKED)
async def test_the_table_and_the_simulator_read_alike(
    addresses: dict[str, str], name: str, typed: dict[str, Any]
) -> None:
    """What the table refuses is refused there, and what it takes or calls ignored is drawn."""
    dialect = DIALECTS[name]
    provider = provider_of(dialect, {"key": "test-key", "base_url": addresses[name]})
    found = preflight(dialect, provider, {**USUAL[name], **typed})

    client = Client(provider, dialect)
    events = [event async for event in client.events(found.request)]
    await client.aclose()

    drawn = any(isinstance(event, CompletedImage) for event in events)
    refused = any(fault.treatment is Treatment.REFUSED for fault in found.faults)
    assert drawn is not refused, [str(fault) for fault in found.faults]
