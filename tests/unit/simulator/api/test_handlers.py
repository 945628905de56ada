"""The official SDK, and plain sockets, against the running simulator."""

import base64
import http.client
import io
import json
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import openai
import pytest
from PIL import Image

from imgmagic.simulator import Simulator

# JPEG, as it is the quickest to encode.
ASKED: dict[str, Any] = {
    "model": "gpt-image-1.5",
    "prompt": "a red circle",
    "size": "1024x1024",
    "quality": "low",
    "output_format": "jpeg",
    "output_compression": 60,
}


@pytest.fixture
def client(simulator: Simulator) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=simulator.base_url, api_key="any", max_retries=0) as client:
        yield client


def opened(b64_json: str | None) -> Image.Image:
    return Image.open(io.BytesIO(base64.b64decode(b64_json or "", validate=True)))


def test_sdk_generates(client: openai.OpenAI) -> None:
    """Every field of an unstreamed reply parses."""
    reply = client.images.generate(**ASKED, n=2)

    assert (reply.size, reply.quality, reply.background, reply.output_format) == ("1024x1024", "low", "opaque", "jpeg")
    assert reply.data
    assert opened(reply.data[0].b64_json).size == (1024, 1024)
    assert reply.data[0].b64_json != reply.data[1].b64_json
    assert reply.usage
    assert reply.usage.output_tokens == 2 * 272
    assert reply.usage.output_tokens_details
    assert reply.created > 1_700_000_000


@pytest.mark.parametrize("partials", range(4))
def test_sdk_streams(client: openai.OpenAI, partials: int) -> None:
    """As many partial images as asked, in order, then the completed one with the usage."""
    events = list(client.images.generate(**ASKED, stream=True, partial_images=partials))

    *before, last = events
    assert [event.type for event in before] == ["image_generation.partial_image"] * partials
    assert [event.partial_image_index for event in before if event.type != last.type] == list(range(partials))
    assert last.type == "image_generation.completed"
    assert (last.size, last.quality, last.background, last.output_format) == ("1024x1024", "low", "opaque", "jpeg")
    assert last.usage.output_tokens == 272 + 100 * partials
    assert len({event.b64_json for event in events}) == partials + 1


def test_streamed_pictures_complete_one_by_one(client: openai.OpenAI) -> None:
    """A stream of n pictures completes each."""
    events = list(client.images.generate(**ASKED, n=2, stream=True, partial_images=1))

    assert [event.type.removeprefix("image_generation.") for event in events] == ["partial_image", "completed"] * 2


def test_events_are_written_as_the_reference_shows(simulator: Simulator, ask: Callable[..., Any]) -> None:
    """An event line, one data line, an empty line; served as an event stream."""
    reply = ask(simulator, body={**ASKED, "stream": True})

    assert reply.headers["content-type"].startswith("text/event-stream")
    name, data, *rest = reply.data.decode().split("\n")
    assert name == "event: image_generation.completed"
    assert data.startswith('data: {"type":"image_generation.completed","b64_json":"')
    assert rest == ["", ""]


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"output_format": "png", "output_compression": 100}, "PNG"),
        ({"output_format": "webp"}, "WEBP"),
        ({"output_format": "gif", "output_compression": 100, "frame_count": 2}, "GIF"),
        ({"background": "transparent", "output_format": "webp"}, "WEBP"),
    ],
)
def test_sdk_gets_the_format_it_asks_for(client: openai.OpenAI, said: dict[str, Any], expected: str) -> None:
    """The bytes are of the format asked for."""
    reply = client.images.generate(**{**ASKED, **said})

    assert reply.data
    assert opened(reply.data[0].b64_json).format == expected


def test_fresh_server_draws_the_same_first_picture_and_another_second(ask: Callable[..., Any]) -> None:
    """A prompt's pictures come in the same order from every fresh server."""
    runs = []
    for _ in range(2):
        with Simulator(pace_s=0) as simulator:
            runs.append([ask(simulator, body=ASKED).body["data"][0]["b64_json"] for _ in range(2)])

    assert runs[0] == runs[1]
    assert runs[0][0] != runs[0][1]


@pytest.mark.parametrize(
    ("words", "status", "kind"),
    [
        ("moderation", 400, openai.BadRequestError),
        ("401", 401, openai.AuthenticationError),
        ("403", 403, openai.PermissionDeniedError),
        ("404", 404, openai.NotFoundError),
        ("429", 429, openai.RateLimitError),
        ("quota", 429, openai.RateLimitError),
        ("500", 500, openai.InternalServerError),
        ("503", 503, openai.InternalServerError),
        ("page", 502, openai.InternalServerError),
        ("no such thing", 400, openai.BadRequestError),
    ],
)
def test_faults_by_words(client: openai.OpenAI, words: str, status: int, kind: type[openai.APIStatusError]) -> None:
    """A prompt can ask for an error."""
    with pytest.raises(kind) as caught:
        client.images.generate(**{**ASKED, "prompt": f"a cat [simulate: {words}]"})

    assert caught.value.status_code == status


def test_fault_that_happens_once_is_retried_away(simulator: Simulator) -> None:
    """The SDK waits as long as the server says and succeeds."""
    with openai.OpenAI(base_url=simulator.base_url, api_key="any", max_retries=1) as client:
        reply = client.images.generate(**{**ASKED, "prompt": "a cat [simulate: 429 once]"})

    assert reply.data
    assert [seen.state for seen in simulator.requests] == ["answered", "answered"]


def test_moderation_in_the_stream_comes_after_partials(client: openai.OpenAI) -> None:
    """The stream breaks off with an error event."""
    asked = {**ASKED, "prompt": "a cat [simulate: moderation in stream]"}
    stream = client.images.generate(**asked, stream=True, partial_images=2)

    events = [next(stream).type, next(stream).type]
    with pytest.raises(openai.APIError, match="safety system"):
        next(stream)

    assert events == ["image_generation.partial_image"] * 2


def test_cut_stream_has_a_partial_image_and_no_end(simulator: Simulator, ask: Callable[..., Any]) -> None:
    """The connection closes in the middle of the reply, without the end of the chunks."""
    asked = {**ASKED, "prompt": "a cat [simulate: cut]", "stream": True, "partial_images": 3}

    with pytest.raises(http.client.IncompleteRead) as caught:
        ask(simulator, body=asked)

    assert caught.value.partial.count(b"event: ") == 1


def test_flat_error_in_the_stream(simulator: Simulator, ask: Callable[..., Any]) -> None:
    """Some servers put the error into the event itself."""
    reply = ask(simulator, body={**ASKED, "prompt": "a cat [simulate: error in stream]", "stream": True})

    assert reply.status == 200
    event = json.loads(reply.data.decode().split("data: ")[1])
    assert event == {"type": "error", "code": "image_generation_failed", "message": "Image generation failed."}


@pytest.mark.parametrize("words", ["empty", "cut"])
def test_stream_without_an_end_or_a_picture(simulator: Simulator, words: str, ask: Callable[..., Any]) -> None:
    """A stream may end without a picture, and a plain reply may be cut."""
    asked = {**ASKED, "prompt": f"a cat [simulate: {words}]"}

    if words == "empty":
        assert ask(simulator, body={**asked, "stream": True}).data == b""
    else:
        with pytest.raises(http.client.RemoteDisconnected):
            ask(simulator, body=asked)


def test_safety_identifier_comes_back(simulator: Simulator, ask: Callable[..., Any]) -> None:
    """The identifier is in the reply and in the event."""
    asked = {**ASKED, "safety_identifier": "me"}

    plain, streamed = (ask(simulator, body={**asked, "stream": stream}) for stream in (False, True))

    assert plain.body["safety_identifier"] == "me"
    assert b'"safety_identifier":"me"' in streamed.data


def test_svg(client: openai.OpenAI) -> None:
    """SVG comes as base64 too."""
    reply = client.images.generate(model="gpt-image-2.5-flare", prompt="a house", output_format="svg")

    assert reply.data
    assert base64.b64decode(reply.data[0].b64_json or "").startswith(b"<svg ")


def test_file_that_is_not_there(simulator: Simulator) -> None:
    """A picture's address ends some day."""
    address = urlsplit(simulator.base_url)
    connection = http.client.HTTPConnection(address.netloc, timeout=10)
    connection.request("GET", "/files/1/abc.png")

    assert connection.getresponse().status == 404
    connection.close()


def test_fewer_partials_than_asked(client: openai.OpenAI) -> None:
    """The number of partial images is a wish."""
    asked = {**ASKED, "prompt": "a cat [simulate: fewer]"}

    events = list(client.images.generate(**asked, stream=True, partial_images=3))

    assert len(events) == 2


def test_success_without_pictures(simulator: Simulator, ask: Callable[..., Any]) -> None:
    """Some servers refuse by an empty success."""
    reply = ask(simulator, body={**ASKED, "prompt": "a cat [simulate: empty]"})

    assert (reply.status, reply.body["data"]) == (200, [])


def test_models_are_listed(client: openai.OpenAI) -> None:
    """The list of models parses."""
    assert "gpt-image-2.5-flare" in [model.id for model in client.models.list()]


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "/images/generations", b"{", 400),
        ("POST", "/images/generations", b"[]", 400),
        ("POST", "/images/generations", b"[" * 200_000, 400),
        ("POST", "/images/generations", b"", 400),
        ("POST", "/images/generations", b"\xff\xfe", 400),
        ("GET", "/images/generations", None, 405),
        ("POST", "/images/variations", b"{}", 404),
        ("GET", "/nowhere", None, 404),
    ],
)
def test_wrong_requests(
    simulator: Simulator, method: str, path: str, body: bytes | None, status: int, ask: Callable[..., Any]
) -> None:
    """What is no request gets OpenAI's error object."""
    reply = ask(simulator, method, path, body=body)

    assert reply.status == status
    assert set(reply.body["error"]) == {"message", "type", "param", "code"}


def test_reply_carries_ids_and_times(simulator: Simulator, ask: Callable[..., Any]) -> None:
    """Support asks for these headers."""
    reply = ask(simulator, body=ASKED)

    assert reply.headers["x-request-id"].startswith("req_")
    assert reply.headers["openai-processing-ms"].isdecimal()


def test_required_key(ask: Callable[..., Any]) -> None:
    """With a key required, any other is refused, and so is none."""
    with Simulator(pace_s=0, require_key="right") as simulator:
        replies = [
            ask(simulator, body=ASKED, headers=headers)
            for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": "Bearer right"})
        ]

        listed = ask(simulator, "GET", "/models")

    assert [reply.status for reply in replies] == [401, 401, 200]
    assert listed.status == 401
    assert replies[0].body["error"]["code"] == "invalid_api_key"


def test_only_the_prompt_is_required(client: openai.OpenAI) -> None:
    """The reference marks nothing else as required, and the SDK's own tests send nothing else."""
    reply = client.images.generate(prompt="A cute baby sea otter")

    assert reply.data
    assert opened(reply.data[0].b64_json).format == "PNG"


def test_one_model(client: openai.OpenAI) -> None:
    """Every model that is listed can be asked for, and any other is not found."""
    for model in client.models.list():
        assert client.models.retrieve(model.id).id == model.id
    with pytest.raises(openai.NotFoundError):
        client.models.retrieve("gpt-image-99")


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/images/generations", None),
        ("GET", "/nowhere", None),
        ("PUT", "/models", b""),
        ("POST", "/images/generations", b"{"),
        ("POST", "/images/generations", json.dumps({"prompt": "a cat [simulate: page]"}).encode()),
        ("POST", "/images/generations", json.dumps({**ASKED, "stream": True}).encode()),
        ("OPTIONS", "/images/generations", None),
    ],
)
def test_every_answer_has_an_id(
    simulator: Simulator, ask: Callable[..., Any], method: str, path: str, body: bytes | None
) -> None:
    """Support asks for the id of whatever went wrong."""
    assert ask(simulator, method, path, body=body).headers["x-request-id"].startswith("req_")


def test_broken_form_has_an_id_too(simulator: Simulator, ask: Callable[..., Any]) -> None:
    """A form that cannot be taken apart never reaches a handler of ours."""
    headers = {"Content-Type": "multipart/form-data; boundary=edge"}

    reply = ask(simulator, path="/images/edits", body=b"--edge\r\nnothing", headers=headers)

    assert reply.status == 400
    assert reply.headers["x-request-id"].startswith("req_")


def test_proxies_are_told_not_to_hold_a_stream_back(simulator: Simulator, ask: Callable[..., Any]) -> None:
    """The header that nginx reads."""
    assert ask(simulator, body={**ASKED, "stream": True}).headers["x-accel-buffering"] == "no"


def test_stream_of_several_pictures_keeps_one_pace(ask: Callable[..., Any]) -> None:
    """Ten pictures take as long streamed as not: the pace is that of the reply. Small ones, which are drawn at once."""
    with Simulator(pace_s=1, persona="truefoundry") as simulator:
        ask(simulator, body={"prompt": "a cat", "size": "64x64", "n": 10, "stream": True, "partial_images": 1})

        (seen,) = simulator.requests
    assert seen.closed_at is not None
    assert 1 <= seen.closed_at - seen.started_at < 8


def test_long_expiry_is_only_a_file_that_is_not_there(simulator: Simulator) -> None:
    """An address with thousands of digits is answered like any other wrong one."""
    connection = http.client.HTTPConnection(urlsplit(simulator.base_url).netloc, timeout=10)
    connection.request("GET", "/files/" + "9" * 5000 + "/abc.png")

    assert connection.getresponse().status == 404
    connection.close()


def test_strict_sdk_takes_every_reply(simulator: Simulator) -> None:
    """With strict validation the SDK refuses any field of another type than its own."""
    asked: dict[str, Any] = {"prompt": "A cute baby sea otter"}
    with openai.OpenAI(base_url=simulator.base_url, api_key="any", _strict_response_validation=True) as strict:
        assert strict.images.with_raw_response.generate(**asked).parse().data
        with strict.images.with_streaming_response.generate(**asked) as reply:
            assert reply.parse().usage
        events = list(strict.images.generate(**asked, stream=True, partial_images=1))

    assert [type(event).__name__ for event in events] == ["ImageGenPartialImageEvent", "ImageGenCompletedEvent"]
