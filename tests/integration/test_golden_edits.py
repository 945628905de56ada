"""Golden edits: the exact request that leaves for each kind of server when it starts from pictures, over a socket."""

import base64
import json
from collections.abc import Mapping
from typing import Any

import pytest

from imgmagic.domain.events import CompletedImage, Event, PartialImage, UsageReported
from imgmagic.domain.request import ImageRequest
from imgmagic.domain.source_picture import SourcePicture
from imgmagic.wire.client import Client
from imgmagic.wire.dialects import DIALECTS
from tests.support import ROOT
from tests.support.forms import read_form
from tests.support.scripted_server import Received, Reply, ScriptedServer, running
from tests.support.source_pictures import changing, drawn, grey_png, left_half, source
from tests.support.typed import provider_of

DATA = ROOT / "tests" / "data"
CASES = sorted(f"{path.parts[-3]}/{path.stem}" for path in DATA.glob("*/edits/*.json"))
COMMON_HEADERS = {"host", "accept", "accept-encoding", "connection", "content-length", "content-type", "user-agent"}
PICTURES = {
    "cat.png": drawn(form="png"),
    "sofa.jpeg": drawn(form="jpeg", colour="#cc6633"),
    "sky.webp": drawn(form="webp", colour="#99ccff"),
    "arrows.png": drawn(form="png", colour="#00000000", mode="RGBA"),
}
REPLY = json.dumps({"created": 1, "data": [{"b64_json": base64.b64encode(PICTURES["cat.png"]).decode()}]})


def case_of(name: str) -> dict[str, Any]:
    dialect, _, stem = name.partition("/")
    case: dict[str, Any] = json.loads((DATA / dialect / "edits" / f"{stem}.json").read_text())
    return case


def request_of(typed: Mapping[str, Any]) -> ImageRequest:
    options = {name: value for name, value in typed.items() if name not in ("prompt", "model", *_INPUTS)}
    return ImageRequest(
        prompt=typed["prompt"],
        model=typed.get("model"),
        options=options,
        explicit=frozenset(options),
        sources=tuple(source(PICTURES[name], name) for name in typed["images"]),
        mask=inner_mask() if typed.get("mask") else None,
        markup=source(PICTURES["arrows.png"], "arrows.png") if typed.get("markup") else None,
    )


_INPUTS = ("images", "mask", "markup")


def inner_mask() -> SourcePicture:
    return source(grey_png(left_half()), "mask")


def what_left(request: Received) -> dict[str, Any]:
    """Return what a request said to the server: its fields and parts in order, or its JSON, pictures by their names."""
    own = {name: value for name, value in request.headers.items() if name not in COMMON_HEADERS}
    headers = {name: value.replace("test-key", "KEY") for name, value in own.items()}
    said: dict[str, Any] = {"path": request.path, "headers": headers}
    content_type = request.headers["content-type"]
    if content_type == "application/json":
        return {**said, "json": json.loads(named(request.body.decode()))}
    return {**said, "form": [told(part.head, part.content) for part in read_form(content_type, request.body)]}


def told(head: str, content: bytes) -> dict[str, str]:
    for name, data in PICTURES.items():
        if content == data:
            return {"head": head, "picture": name}
    if not content.startswith(b"\x89PNG"):
        return {"head": head, "text": content.decode()}
    for polarity in ("transparent", "white"):
        try:
            if changing(content, polarity) == left_half().cells:
                return {"head": head, "mask": f"{polarity} may change"}
        except AssertionError:
            continue
    return {"head": head, "mask": "another one"}


def named(text: str) -> str:
    for name, data in PICTURES.items():
        text = text.replace(base64.b64encode(data).decode(), f"<{name}>")
    return text


async def sent(name: str) -> tuple[Received, list[Event]]:
    case, dialect = case_of(name), DIALECTS[name.partition("/")[0]]
    async with running(ScriptedServer()) as server:
        reply = case.get("reply", {})
        text = "\n".join([*reply["lines"], ""]) if "lines" in reply else REPLY
        kind = "text/event-stream" if "lines" in reply else "application/json"
        server.replies = [Reply(body=text.encode(), headers={"content-type": kind})]
        provider = provider_of(dialect, {"account": {}, "key": "test-key", **case.get("provider", {})}, server.host)
        found = dialect.preflight(dialect.with_defaults(provider, request_of(case["typed"])))
        assert found.faults == ()
        client = Client(provider, dialect)
        events = [event async for event in client.events(found.request)]
        await client.aclose()
    return server.posted[0], events


@pytest.mark.anyio
@pytest.mark.parametrize("name", CASES)
async def test_golden_edit(name: str) -> None:
    """Pictures, mask and markup leave under the names, in the form and with the polarity that the server reads."""
    request, events = await sent(name)

    assert what_left(request) == case_of(name)["sent"]
    assert [event.data for event in events if isinstance(event, CompletedImage)] == [PICTURES["cat.png"]]


def test_every_dialect_that_edits_has_golden_edits() -> None:
    """A row that edits, and a mask that a row takes, is only true once it was seen on a socket."""
    edited = {name.partition("/")[0] for name in CASES}
    masked = {name.partition("/")[0] for name in CASES if case_of(name)["typed"].get("mask")}
    rows = {name: row.edits for name, row in DIALECTS.items() if row.edits is not None}

    assert edited == set(rows)
    assert masked == {name for name, row in rows.items() if (row.masked or row).mask is not None}


@pytest.mark.anyio
async def test_an_edit_streams_as_a_new_picture_does() -> None:
    """`image_edit.partial_image` and `.completed` bring coarse pictures, the picture, and the usage with its inputs."""
    _, events = await sent("openai/streamed")

    assert [event.number for event in events if isinstance(event, PartialImage)] == [0]
    assert [event.usage.input_image_tokens for event in events if isinstance(event, UsageReported)] == [1024]
