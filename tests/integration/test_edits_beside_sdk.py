"""The same edit from the official SDK and from our client: equal parts, as one socket received both."""

import asyncio
from typing import Any

import openai
import pytest

from imgmagic.domain.request import ImageRequest
from imgmagic.wire.client import Client
from imgmagic.wire.dialects import DIALECTS
from imgmagic.wire.dialects.edits import Polarity
from imgmagic.wire.mask_png import render_mask
from tests.integration.test_golden_edits import PICTURES, REPLY
from tests.support.forms import FormPart, read_form
from tests.support.scripted_server import Received, Reply, ScriptedServer, running
from tests.support.source_pictures import grey_png, left_half, source
from tests.support.typed import provider_of

CAT = ("image-1.png", PICTURES["cat.png"], "image/png")
THREE = [
    CAT,
    ("image-2.jpg", PICTURES["sofa.jpeg"], "image/jpeg"),
    ("image-3.webp", PICTURES["sky.webp"], "image/webp"),
]
GREY = grey_png(left_half())
MASK = ("mask.png", render_mask(GREY, Polarity.TRANSPARENT), "image/png")
STREAM = "\n".join(
    ["event: image_edit.completed", 'data: {"type":"image_edit.completed","b64_json":"%s"}', "", ""]
).replace("%s", REPLY.partition('b64_json": "')[2].partition('"')[0])

CASES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "one picture": ({"image": CAT, "size": "1024x1024", "quality": "low"}, {"images": ["cat.png"]}),
    "three pictures": ({"image": THREE, "n": 2}, {"images": ["cat.png", "sofa.jpeg", "sky.webp"]}),
    "mask": ({"image": CAT, "mask": MASK, "output_compression": 80, "output_format": "webp"}, {"images": ["cat.png"]}),
    "streaming": ({"image": CAT, "mask": MASK, "stream": True, "partial_images": 2}, {"images": ["cat.png"]}),
    "svg": ({"image": CAT, "output_format": "svg", "svg": {"model": "m"}}, {"images": ["cat.png"]}),
}


def by_sdk(host: str, given: dict[str, Any]) -> None:
    with openai.OpenAI(api_key="test-key", base_url=f"http://{host}/v1", max_retries=0) as client:
        answer = client.images.edit(model="gpt-image-2", prompt="ein Dörfchen ☔", **given)
        if given.get("stream"):
            assert [event.type for event in answer] == ["image_edit.completed"]


async def by_us(host: str, given: dict[str, Any], images: list[str]) -> None:
    dialect = DIALECTS["openai"]
    request = ImageRequest(
        prompt="ein Dörfchen ☔",
        model="gpt-image-2",
        options={"stream": False, **{name: value for name, value in given.items() if name not in ("image", "mask")}},
        sources=tuple(source(PICTURES[name]) for name in images),
        mask=source(GREY) if "mask" in given else None,
    )
    client = Client(provider_of(dialect, {"account": {}, "key": "test-key"}, host), dialect)
    async for _ in client.events(request):
        pass
    await client.aclose()


def parts_of(request: Received) -> list[FormPart]:
    found = read_form(request.headers["content-type"], request.body)
    return sorted(found, key=lambda part: (part.head, part.content))


@pytest.mark.anyio
@pytest.mark.parametrize("name", CASES)
async def test_the_official_sdk_sends_the_same_parts(name: str) -> None:
    """Field names, file names, types and every byte of the contents are equal; texts come before pictures in both."""
    given, ours = CASES[name]
    kind, body = ("text/event-stream", STREAM) if given.get("stream") else ("application/json", REPLY)

    async with running(ScriptedServer()) as server:
        server.replies = [Reply(body=body.encode(), headers={"content-type": kind})] * (1 + given.get("n", 1))
        await asyncio.to_thread(by_sdk, server.host, given)
        await by_us(server.host, given, ours["images"])

    sdk, mine = server.posted
    assert parts_of(mine) == parts_of(sdk)
    assert mine.path == sdk.path
    for request in (sdk, mine):
        assert int(request.headers["content-length"]) == len(request.body)
        files = ["filename=" in part.head for part in read_form(request.headers["content-type"], request.body)]
        assert files == sorted(files)
