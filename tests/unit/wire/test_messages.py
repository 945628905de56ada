"""The wire's JSON: every server's events and replies, and what breaks them."""

import base64
import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imgmagic.domain.json_types import JsonValue
from imgmagic.domain.usage import Usage
from imgmagic.errors import ProtocolError
from imgmagic.wire.message import Meaning, Message
from imgmagic.wire.messages import read_event, read_reply
from imgmagic.wire.sse import ServerSentEvent

DATA = b"\x89PNG picture"
B64 = base64.b64encode(DATA).decode()


def heard(payload: JsonValue, name: str = "message") -> Message:
    text = payload if isinstance(payload, str) else json.dumps(payload)
    return read_event(ServerSentEvent(event=name, data=memoryview(text.encode())))


def replied(payload: JsonValue) -> list[Message]:
    return list(read_reply(json.dumps(payload).encode()))


BROKEN = [
    b'{"error":' * 100_000,
    b'{"x":' * 100_000,
    b'{"data": [[]]}',
    b'{"data": [null]}',
    b'{"data": {"data": 7}}',
    b'{"type": [], "image_index": 1e400, "usage": [], "url": {}}',
    b'{"type": "final", "data": []}',
    b'{"type": "partial", "partial_image_index": -1, "b64_json": "*"}',
]

PARTIAL = Message(meaning=Meaning.PARTIAL, image=DATA)
COMPLETED = Message(meaning=Meaning.COMPLETED, image=DATA)


@pytest.mark.parametrize(
    ("payload", "message"),
    [
        ({"type": "image_generation.partial_image", "b64_json": B64, "partial_image_index": 0}, PARTIAL),
        ({"type": "image_edit.partial_image", "b64_json": B64}, PARTIAL),
        (
            {"type": "image_generation.partial_image", "b64_json": B64, "partial_image_index": 2, "image_index": 1},
            Message(meaning=Meaning.PARTIAL, image=DATA, number=2, index=1),
        ),
        ({"type": "image_generation.completed", "b64_json": B64}, COMPLETED),
        ({"type": "image_edit.completed", "b64_json": B64, "usage": None}, COMPLETED),
        (
            {"type": "image_generation.completed", "b64_json": B64, "usage": {"input_tokens": 1, "cost": 0.5}},
            Message(meaning=Meaning.COMPLETED, image=DATA, usage=Usage(input_tokens=1), cost_usd="0.5"),
        ),
        (
            {"type": "image_generation.partial_succeeded", "image_index": 1, "url": "https://x/y", "size": "2x2"},
            Message(meaning=Meaning.COMPLETED, url="https://x/y", index=1, may_go_on=True),
        ),
        (
            {"type": "image_generation.completed", "usage": {"generated_images": 1, "output_tokens": 5}},
            Message(meaning=Meaning.COMPLETED, usage=Usage(output_tokens=5)),
        ),
        (
            {"type": "partial", "image_index": 0, "partial_index": 1, "format": "png", "data": {"b64_json": B64}},
            Message(meaning=Meaning.PARTIAL, image=DATA, number=1, index=0),
        ),
        ({"type": "partial", "image_index": 0, "data": {"b64_json": None}}, Message(meaning=Meaning.PARTIAL, index=0)),
        (
            {"type": "final", "image_index": 0, "data": {"b64_json": B64}},
            Message(meaning=Meaning.COMPLETED, image=DATA, index=0),
        ),
        ({"type": "final", "data": {"url": "/i/1"}}, Message(meaning=Meaning.COMPLETED, url="/i/1")),
        ({"type": "image_generation.text_chunk", "text": "hm"}, Message(meaning=Meaning.SKIPPED)),
        ({"type": "something.new", "b64_json": B64}, Message(meaning=Meaning.SKIPPED, image=DATA)),
        ("[DONE]", Message(meaning=Meaning.DONE)),
        (" [DONE] ", Message(meaning=Meaning.DONE)),
        ("ping", Message(meaning=Meaning.SKIPPED)),
        ("", Message(meaning=Meaning.SKIPPED)),
    ],
)
def test_reads_each_servers_events(payload: JsonValue, message: Message) -> None:
    """An event means the same whoever sends it; what nobody knows is skipped."""
    assert heard(payload) == message


def test_the_type_in_the_data_goes_before_the_events_name() -> None:
    """The name of the event counts only where the data has no type: some servers send wrong or no names."""
    named = heard({"b64_json": B64}, "image_generation.completed")
    typed = heard({"type": "image_generation.partial_image", "b64_json": B64}, "image_generation.completed")

    assert (named.meaning, typed.meaning) == (Meaning.COMPLETED, Meaning.PARTIAL)


@pytest.mark.parametrize(
    ("payload", "name"),
    [
        ({"error": {"message": "no", "code": 500}}, "message"),
        ({"type": "error", "error": {"message": "no"}}, "error"),
        ({"type": "error", "code": "moderation_blocked", "message": "no"}, "message"),
        ({"message": "no"}, "error"),
        ({"type": "image_generation.completed", "error": "no"}, "message"),
        ("plain words", "error"),
    ],
)
def test_reads_each_form_of_an_error_event(payload: JsonValue, name: str) -> None:
    """An error in a stream is one in any of its forms; what the server said is kept."""
    message = heard(payload, name)

    assert message.meaning is Meaning.ERROR
    assert message.error == payload


def test_one_failed_image_is_not_the_end() -> None:
    """Ark says which image failed, and goes on."""
    message = heard(
        {"type": "image_generation.partial_failed", "image_index": 1, "error": {"code": "x", "message": "no"}}
    )

    assert (message.meaning, message.index) == (Meaning.FAILED, 1)


@pytest.mark.parametrize(
    "written", [f"data:image/png;base64,{B64}", B64.rstrip("="), B64[:4] + "\n" + B64[4:], f" {B64} "]
)
def test_reads_base64_as_servers_write_it(written: str) -> None:
    """A prefix, blanks, and missing padding do not hide a picture, in streams and replies."""
    event = heard({"type": "image_generation.completed", "b64_json": written})
    (reply,) = replied({"created": 1, "data": [{"b64_json": written}]})

    assert (event.image, reply.image) == (DATA, DATA)


@pytest.mark.parametrize("text", ['{"type": "image_generation.completed", "b64_j', "{]", '{"b64_json": 7}'])
def test_an_event_that_is_no_json_breaks_the_format(text: str) -> None:
    """An event that begins as JSON and is none is no event to skip: it may have been the picture."""
    with pytest.raises(ProtocolError, match="not readable as JSON"):
        heard(text, "image_generation.completed")


@pytest.mark.parametrize(
    ("payload", "messages"),
    [
        ({"created": 1, "data": [{"b64_json": B64}]}, [Message(meaning=Meaning.COMPLETED, image=DATA, index=0)]),
        (
            {"data": [{"url": "https://x/1", "revised_prompt": "a"}, {"url": "/2", "b64_json": None}]},
            [
                Message(meaning=Meaning.COMPLETED, url="https://x/1", index=0, revised_prompt="a"),
                Message(meaning=Meaning.COMPLETED, url="/2", index=1),
            ],
        ),
        (
            {"code": 0, "msg": "ok", "data": {"data": [{"b64_json": B64}], "usage": {"input_tokens": 1}}},
            [
                Message(meaning=Meaning.COMPLETED, image=DATA, index=0),
                Message(meaning=Meaning.COMPLETED, usage=Usage(input_tokens=1)),
            ],
        ),
        (
            {"data": [{"b64_json": B64}, {"error": {"code": "x", "message": "no"}}], "usage": {"total_tokens": 3}},
            [
                Message(meaning=Meaning.COMPLETED, image=DATA, index=0),
                Message(meaning=Meaning.FAILED, index=1, error={"code": "x", "message": "no"}),
                Message(meaning=Meaning.COMPLETED, usage=Usage(total_tokens=3)),
            ],
        ),
        (
            {"code": 7, "msg": "no", "data": None},
            [Message(meaning=Meaning.ERROR, error={"code": 7, "msg": "no", "data": None})],
        ),
        ({"data": []}, [Message(meaning=Meaning.ERROR, error={"data": []})]),
        ({"created": 1}, [Message(meaning=Meaning.ERROR, error={"created": 1})]),
        ({"error": {"message": "no"}}, [Message(meaning=Meaning.ERROR, error={"error": {"message": "no"}})]),
    ],
)
def test_reads_each_servers_reply(payload: JsonValue, messages: list[Message]) -> None:
    """A reply gives its pictures in order, then its usage; one without pictures is an error, whatever its status."""
    assert replied(payload) == messages


@pytest.mark.parametrize("body", [b"", b"{", b'{"data": "x"', b"\xff\xfe"])
def test_a_reply_that_is_no_json_breaks_the_format(body: bytes) -> None:
    """A body that cannot be read as a reply says so."""
    with pytest.raises(ProtocolError, match="not the JSON"):
        list(read_reply(body))


@given(st.binary().map(lambda rest: b"{" + rest) | st.sampled_from(BROKEN))
def test_no_garbage_is_more_than_a_broken_format(garbage: bytes) -> None:
    """Whatever a server sends, it is read, or it breaks the format."""
    with suppress(ProtocolError):
        read_event(ServerSentEvent(event="message", data=memoryview(garbage)))
    with suppress(ProtocolError):
        list(read_reply(garbage))


def test_no_repr_shows_a_picture() -> None:
    """A message in a log or a traceback shows no picture."""
    assert "PNG" not in repr(heard({"type": "image_generation.completed", "b64_json": B64}))


def big_event(picture: str, *, before: str = "", after: str = "", blank: str = "") -> ServerSentEvent:
    text = f'{{"type":"image_generation.completed",{before}"b64_json"{blank}:{blank}"{picture}"{after}}}'
    return ServerSentEvent(event="message", data=memoryview(text.encode()))


BIG = bytes(range(256)) * 80
BIG_TEXT = base64.b64encode(BIG).decode()


@pytest.mark.parametrize(
    "event",
    [
        big_event(BIG_TEXT),
        big_event(BIG_TEXT, blank=" "),
        big_event(BIG_TEXT, after=',"revised_prompt":"a \\"fox\\"","image_index":3'),
        big_event(BIG_TEXT, before='"revised_prompt":"' + "x" * 9000 + '",'),
        big_event(BIG_TEXT, after=',"revised_prompt":"' + "y" * 9000 + '"'),
        big_event(BIG_TEXT.replace("+", "-").replace("/", "_")),
        big_event("data:image/png;base64," + BIG_TEXT),
        big_event(BIG_TEXT[:40] + "\\n" + BIG_TEXT[40:]),
    ],
    ids=["bare", "blanks", "fields after", "long before", "long after", "url-safe", "prefix", "line end"],
)
def test_a_big_picture_is_the_same_however_the_event_is_written(event: ServerSentEvent) -> None:
    """A picture that is cut out of its event has the bytes that a JSON parser would find."""
    message = read_event(event)

    assert message.meaning is Meaning.COMPLETED
    assert message.image == BIG


def test_a_big_picture_that_is_no_base64_makes_no_image() -> None:
    """What is no base64 is not taken for a picture, however long it is."""
    message = read_event(big_event("!" * 20_000))

    assert not message.image


def test_the_fields_around_a_big_picture_are_read() -> None:
    """Cutting the picture out loses nothing that stands beside it."""
    message = read_event(big_event(BIG_TEXT, before='"image_index":2,', after=',"revised_prompt":"a fox"'))

    assert (message.index, message.revised_prompt) == (2, "a fox")
