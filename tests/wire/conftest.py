"""A server that plays its part, and a client of it."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from staged_replies import Asker, provider_at
from staged_server import Stage

from imgmagic.wire.client import Client
from imgmagic.wire.dialects import DIALECTS


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
async def stage(anyio_backend: str) -> AsyncIterator[Stage]:
    """Return a server that plays what the test tells it."""
    del anyio_backend
    stage = Stage()
    listener = await asyncio.start_server(stage.serve, "127.0.0.1", 0)
    stage.host = f"127.0.0.1:{listener.sockets[0].getsockname()[1]}"
    async with listener:
        yield stage


@pytest.fixture
async def asker(stage: Stage) -> AsyncIterator[Asker]:
    """Return a client of the stage."""
    waited: list[float] = []

    async def sleep(seconds: float) -> None:
        waited.append(seconds)

    client = Client(provider_at(stage), DIALECTS["openai"], sleep=sleep, random=lambda: 0.0)
    yield Asker(client=client, waited=waited)
    await client.aclose()
