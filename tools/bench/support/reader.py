"""A reader: a process that reads a streamed picture one way, once a line on its standard input, and says what it cost.

Each way loads only what it reads with, so that its memory is its own.
"""
# ruff: noqa: PLC0415 - for that

import asyncio
import base64
import json
import resource
import sys
import time
from collections.abc import Callable, Coroutine, Mapping
from pathlib import Path
from typing import Any

KEY = "sk-of-no-use"
MODEL = "gpt-image-2.5-flare"
PROMPT = "a lighthouse on a cliff at dusk"

Step = Callable[[], Coroutine[Any, Any, int]]


def ours(base_url: str) -> Step:
    """Read with the wire's client; return how many bytes of pictures came."""
    from imgmagic.domain.events import CompletedImage, PartialImage
    from imgmagic.domain.provider import Provider, Secret
    from imgmagic.domain.request import ImageRequest
    from imgmagic.wire.client import Client
    from imgmagic.wire.dialects import DIALECTS

    client = Client(Provider(name="openai", dialect="openai", base_url=base_url, key=Secret(KEY)), DIALECTS["openai"])
    request = ImageRequest(prompt=PROMPT, model=MODEL, options={"stream": True, "partial_images": 3})

    async def step() -> int:
        total = 0
        async for event in client.events(request):
            if isinstance(event, PartialImage | CompletedImage):
                total += len(event.data)
        return total

    return step


def sdk(base_url: str) -> Step:
    """Read with OpenAI's SDK, and decode the base64."""
    from openai import OpenAI

    client = OpenAI(base_url=base_url, api_key=KEY)

    async def step() -> int:
        total = 0
        for event in client.images.generate(prompt=PROMPT, model=MODEL, stream=True, partial_images=3):
            total += len(base64.b64decode(event.b64_json))
        return total

    return step


def async_sdk(base_url: str) -> Step:
    """Read with the asynchronous half of OpenAI's SDK, and decode the base64."""
    from openai import AsyncOpenAI

    client = AsyncOpenAI(base_url=base_url, api_key=KEY)

    async def step() -> int:
        total = 0
        stream = await client.images.generate(prompt=PROMPT, model=MODEL, stream=True, partial_images=3)
        async for event in stream:
            total += len(base64.b64decode(event.b64_json))
        return total

    return step


def reading(base_url: str) -> Step:
    """Read the bytes, and do nothing with them."""
    import httpx

    client = httpx.AsyncClient()
    body = {"prompt": PROMPT, "model": MODEL, "stream": True, "partial_images": 3}

    async def step() -> int:
        total = 0
        async with client.stream("POST", f"{base_url}/images/generations", json=body) as response:
            async for piece in response.aiter_bytes():
                total += len(piece)
        return total

    return step


WAYS: Mapping[str, Callable[[str], Step]] = {"ours": ours, "sdk": sdk, "async_sdk": async_sdk, "reading": reading}


def peak_kb() -> int:
    """Return the most memory that this process ever held.

    Linux hands on to a new program what `getrusage` says of its parent, so its own account is read where there is one.
    """
    status = Path("/proc/self/status")
    if not status.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    (line,) = (line for line in status.read_text().splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1])


async def serve(way: str, base_url: str) -> None:
    """Read once for each line on the standard input."""
    step = WAYS[way](base_url)
    for _ in sys.stdin:
        before = time.process_time()
        total = await step()
        spent = time.process_time() - before
        print(json.dumps({"total": total, "cpu_s": spent, "peak_kb": peak_kb()}), flush=True)


if __name__ == "__main__":
    asyncio.run(serve(*sys.argv[1:]))
