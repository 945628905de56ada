"""What the staged server says, what it is asked, and what to look for in the events."""

import asyncio
import base64
import io
import json
import struct
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass

from imgmagic.domain.events import Event, ImageFailed, RequestSent
from imgmagic.domain.provider import Provider, Secret
from imgmagic.domain.request import ImageRequest
from imgmagic.errors import ImgmagicError
from imgmagic.wire.client import Client
from tests.support.staged_server import Stage, head

KEY = "sk-marked-0123456789abcdefghij"


def provider_at(stage: Stage, **changes: object) -> Provider:
    values: dict[str, object] = {"name": "openai", "dialect": "openai", "base_url": stage.base_url, "key": Secret(KEY)}
    return Provider(**{**values, **changes})


def asked(*, n: int | None = None, stream: bool = False, partial_images: int | None = None) -> ImageRequest:
    options = {"n": n, "stream": stream or None, "partial_images": partial_images}
    return ImageRequest(prompt="a fox", model="m", options={k: v for k, v in options.items() if v is not None})


def event(name: str, payload: Mapping[str, object]) -> bytes:
    """Return one server-sent event in OpenAI's form."""
    return f"event: {name}\ndata: {json.dumps({'type': name, **payload})}\n\n".encode()


def png(width: int = 8, height: int = 4, rest: bytes = b"") -> bytes:
    header = struct.pack(">II", width, height) + b"\x08\x02\0\0\0"
    return b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR" + header + struct.pack(">I", zlib.crc32(b"IHDR" + header)) + rest


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def partial(data: bytes, number: int = 0, **more: object) -> bytes:
    return event("image_generation.partial_image", {"b64_json": b64(data), "partial_image_index": number, **more})


def completed(data: bytes, **more: object) -> bytes:
    return event("image_generation.completed", {"b64_json": b64(data), **more})


def images(*pictures: bytes, **more: object) -> bytes:
    return json.dumps({"created": 1, "data": [{"b64_json": b64(each)} for each in pictures], **more}).encode()


def packed(*members: bytes) -> bytes:
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, member in enumerate(members):
            archive.writestr(f"{number}.png", member)
    return whole.getvalue()


STREAM = head(content_type="text/event-stream", x_request_id="req_1")
USAGE = {"input_tokens": 3, "output_tokens": 4, "total_tokens": 7}


def only(events: list[Event], kind: type[Event]) -> list[Event]:
    return [each for each in events if isinstance(each, kind)]


def failure(events: list[Event]) -> ImgmagicError:
    (failed,) = only(events, ImageFailed)
    assert isinstance(failed, ImageFailed)
    return failed.error


@dataclass
class Asker:
    """A client of the stage whose waits are noted instead of waited."""

    client: Client
    waited: list[float]

    async def run(self, request: ImageRequest, *, timeout_s: float | None = None) -> list[Event]:
        """Return what happens, without the notes that a request leaves."""
        events = await self.run_whole(request, timeout_s=timeout_s)
        return [event for event in events if not isinstance(event, RequestSent)]

    async def run_whole(self, request: ImageRequest, *, timeout_s: float | None = None) -> list[Event]:
        async with asyncio.timeout(20):
            return [event async for event in self.client.events(request, timeout_s=timeout_s)]
