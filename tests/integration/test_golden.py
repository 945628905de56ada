"""Golden data: what leaves for each kind of server, and what comes of its replies and errors, over a real socket."""

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import pytest

from imgmagic.domain.events import CompletedImage, Event, ImageFailed, PartialImage, ReplyStarted, UsageReported
from imgmagic.domain.rules import Rule, Treatment
from imgmagic.domain.usage import Usage
from imgmagic.errors import ApiError
from imgmagic.wire.client import Client
from imgmagic.wire.dialects import DIALECTS, Dialect
from tests.support import ROOT
from tests.support.scripted_server import Received, Reply, ScriptedServer, running
from tests.support.typed import preflight, provider_of

DATA = ROOT / "tests" / "data"
CASES = sorted(f"{path.parent.name}/{path.stem}" for path in DATA.glob("*/*.json"))
# What every request carries, whoever the server is.
COMMON_HEADERS = {"host", "accept", "accept-encoding", "connection", "content-length", "content-type", "user-agent"}


def case_of(name: str) -> dict[str, Any]:
    case: dict[str, Any] = json.loads((DATA / f"{name}.json").read_text())
    return case


def files_of(case: Mapping[str, Any]) -> dict[str, bytes]:
    return {path: base64.b64decode(text) for path, text in case.get("files", {}).items()}


def reply_of(entry: Mapping[str, Any], host: str) -> Reply:
    if "base64" in entry:
        return Reply(body=base64.b64decode(entry["base64"]), status=entry["status"], headers=entry["headers"])
    text = "\n".join([*entry["lines"], ""]) if "lines" in entry else entry.get("text") or json.dumps(entry["json"])
    return Reply(body=text.replace("HOST", host).encode(), status=entry["status"], headers=entry["headers"])


def told(request: Received, key: str | None) -> dict[str, Any]:
    """Return what a request said to the server, but the key."""
    own = {name: value for name, value in request.headers.items() if name not in COMMON_HEADERS}
    headers = {name: value.replace(key, "KEY") if key else value for name, value in own.items()}
    return {"path": request.path, "headers": headers, "body": request.json()}


def came_out(events: Sequence[Event]) -> dict[str, Any]:
    """Return what a run brought, in the form of the data files, without what is empty."""
    found: dict[str, Any] = {
        "partial_images": sum(isinstance(event, PartialImage) for event in events),
        "images": [shown(event) for event in events if isinstance(event, CompletedImage)],
        "usage": counted([event.usage for event in events if isinstance(event, UsageReported)]),
        "cost_usd": next((e.cost_usd for e in events if isinstance(e, UsageReported) and e.cost_usd), None),
        "request_id": next((e.request_id for e in events if isinstance(e, ReplyStarted) and e.request_id), None),
        "failed": [event.index for event in events if isinstance(event, ImageFailed)],
    }
    return {name: value for name, value in found.items() if value}


def shown(event: CompletedImage) -> dict[str, Any]:
    picture = event.picture
    image = {"format": picture.format, "width": picture.width, "height": picture.height}
    return {**image, "revised_prompt": picture.revised_prompt} if picture.revised_prompt else image


def counted(usages: Sequence[Usage]) -> dict[str, int]:
    total = asdict(sum(usages, start=Usage()))
    return {name: value for name, value in total.items() if value is not None}


def expected(comes_out: Mapping[str, Any]) -> dict[str, Any]:
    found = {name: value for name, value in comes_out.items() if value and name != "error"}
    return {**found, "failed": comes_out.get("failed", [0])} if "error" in comes_out else found


def assert_failed_as(events: Sequence[Event], error: Mapping[str, Any]) -> None:
    for failure in [event.error for event in events if isinstance(event, ImageFailed) and error]:
        assert type(failure).__name__ == error["class"]
        assert error.get("says", "") in failure.message
        if isinstance(failure, ApiError):
            found = {name: getattr(failure, name) for name in ("status", "code", "request_id")}
            wanted = {name: error[name] for name in found if name in error}
            assert {name: found[name] for name in wanted} == wanted


@pytest.mark.anyio
@pytest.mark.parametrize("name", CASES)
async def test_golden(name: str) -> None:
    """What is typed leaves as the server's document says, and its replies and errors come out as they are."""
    case, dialect = case_of(name), DIALECTS[name.partition("/")[0]]
    key = case["provider"].get("key")

    async with running(ScriptedServer(files=files_of(case))) as server:
        server.replies = [reply_of(entry, server.host) for entry in case["replies"]]
        provider = provider_of(dialect, {"account": {}, **case["provider"]}, server.host)
        found = preflight(dialect, provider, case["typed"])
        client = Client(provider, dialect)
        events = [event async for event in client.events(found.request)]
        await client.aclose()

    assert found.faults == ()
    assert [told(request, key) for request in server.posted] == case["sent"]
    assert came_out(events) == expected(case["comes_out"])
    assert_failed_as(events, case["comes_out"].get("error", {}))
    assert not key or key not in str([request.headers for request in server.downloaded])


def test_every_dialect_has_golden_data() -> None:
    """A row without a reply and an error of its own is a row that nobody has run."""
    outcomes = {(name.partition("/")[0], "error" in case_of(name)["comes_out"]) for name in CASES}

    assert outcomes == {(name, failed) for name in DIALECTS for failed in (True, False)}


def test_golden_data_name_no_key() -> None:
    """What leaves is written with KEY in the place of the key."""
    sent = [json.dumps(case_of(name)["sent"]) for name in CASES]

    assert not [text for text in sent if "test-key" in text]


@pytest.mark.anyio
async def test_an_invented_server_takes_one_row() -> None:
    """A new server is a value: its path, its key's header, its spelling, its limits; no other code knows it."""
    invented = Dialect(
        name="invented",
        title="a server that nobody runs",
        path="/v9/draw",
        auth=lambda key: {"x-invented": key},
        rules={
            "n": Rule(low=1, high=2, source="its document"),
            "size": Rule(treatment=Treatment.TRANSLATED, encode=lambda value: {"canvas": value}, source="its document"),
        },
    )
    case = case_of("generic/as_typed")

    async with running(ScriptedServer()) as server:
        server.replies = [reply_of(entry, server.host) for entry in case["replies"]]
        provider = provider_of(invented, {"base_path": "", "key": "test-key"}, server.host)
        found = preflight(invented, provider, {"size": "A4", "n": 2})
        client = Client(provider, invented)
        events = [event async for event in client.events(found.request)]
        await client.aclose()

    body = {"prompt": "a fox", "canvas": "A4", "n": 2}
    assert [told(request, "test-key") for request in server.posted] == [
        {"path": "/v9/draw", "headers": {"x-invented": "KEY"}, "body": body}
    ]
    assert len(came_out(events)["images"]) == 2
    assert "1 to 2 are allowed" in str(preflight(invented, provider, {"n": 3}).faults[0])
