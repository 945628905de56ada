"""Picture search: pictures in replies that do not have OpenAI's form."""

import base64
import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imgmagic.errors import ProtocolError
from imgmagic.wire.message import Meaning
from imgmagic.wire.messages import read_events, read_reply
from imgmagic.wire.picture_search import FoundPicture, find_pictures
from imgmagic.wire.reply import read_body
from imgmagic.wire.sse import ServerSentEvent
from tests.support.staged_replies import png

DATA = png()
B64 = base64.b64encode(DATA).decode()
JPEG = b"\xff\xd8\xff\xc0\0\x11\x08\0\x10\0\x20" + b"\0" * 20
URL = "https://cdn.example/1.png"

BYTES = FoundPicture(image=DATA)
ADDRESS = FoundPicture(url=URL)

FORMS: dict[str, tuple[Any, list[FoundPicture]]] = {
    "a bare list of addresses": ([{"url": URL}, {"url": "/files/2.png"}], [ADDRESS, FoundPicture(url="/files/2.png")]),
    "a bare list of base64": ([{"b64_json": B64}], [BYTES]),
    "a bare list of texts": ([B64, URL], [BYTES, ADDRESS]),
    "a list of images": ({"images": [{"url": URL}]}, [ADDRESS]),
    "images as texts": ({"images": [B64, B64]}, [BYTES, BYTES]),
    "a JPEG begins with a slash": ({"images": [base64.b64encode(JPEG).decode()]}, [FoundPicture(image=JPEG)]),
    "data as texts": ({"data": [URL]}, [ADDRESS]),
    "one image": ({"image": B64}, [BYTES]),
    "one image as an object": ({"image": {"url": URL}}, [ADDRESS]),
    "one level deeper": ({"result": {"images": [{"image": B64}]}}, [BYTES]),
    "output of a queue": ({"output": {"results": [{"url": URL}]}}, [ADDRESS]),
    "artifacts": ({"artifacts": [{"base64": B64, "seed": 1}]}, [BYTES]),
    "predictions": ({"predictions": [{"bytesBase64Encoded": B64, "mimeType": "image/png"}]}, [BYTES]),
    "a bare picture": ({"b64_json": B64}, [BYTES]),
    "output as a text": ({"id": "1", "output": URL}, [ADDRESS]),
    "the result of a call": ({"output": [{"type": "image_generation_call", "result": B64}]}, [BYTES]),
    "a chat's images": (
        {"choices": [{"message": {"content": "Here.", "images": [{"image_url": {"url": URL}}]}}]},
        [ADDRESS],
    ),
    "a candidate's parts": (
        {"candidates": [{"content": {"parts": [{"text": "Here."}, {"inlineData": {"data": B64}}]}}]},
        [BYTES],
    ),
    "an address in b64_json": ({"data": [{"b64_json": URL}]}, [ADDRESS]),
    "an address as an object": ({"data": [{"image_url": {"url": URL}}]}, [ADDRESS]),
    "base64 in url": ({"data": [{"url": B64}]}, [BYTES]),
    "a data URI": ({"images": [f"data:image/png;base64,{B64}"]}, [FoundPicture(url=f"data:image/png;base64,{B64}")]),
    "a revised prompt": (
        {"images": [{"url": URL, "revised_prompt": "a fox"}]},
        [FoundPicture(url=URL, revised_prompt="a fox")],
    ),
    "not base64": ({"data": [{"b64_json": "%%%"}]}, [FoundPicture()]),
    "nothing": ({"id": "1", "status": "queued"}, []),
    "a logo": ({"logo": {"url": URL}, "name": "x"}, []),
}


@pytest.mark.parametrize("form", FORMS)
def test_finds_pictures_wherever_relays_put_them(form: str) -> None:
    """Each form of a reply gives its pictures in order."""
    value, found = FORMS[form]

    assert find_pictures(value) == found


@pytest.mark.parametrize("form", [form for form in FORMS if FORMS[form][1]])
def test_a_reply_of_another_form_is_read(form: str) -> None:
    """The reply as a whole, and the same in one event of a stream, give the pictures."""
    value, found = FORMS[form]
    body = json.dumps(value).encode()

    messages = list(read_reply(body))

    assert [(each.image, each.url) for each in messages] == [(each.image, each.url) for each in found]


@pytest.mark.parametrize(
    "value",
    [{"created": 1, "data": [{"b64_json": B64}]}, {"data": [{"url": URL}]}, {"images": [{"url": URL}]}, [{"url": URL}]],
)
def test_one_event_may_hold_the_whole_reply(value: Any) -> None:
    """Some gateways answer a stream with the unstreamed reply, as one event without a type."""
    event = ServerSentEvent(event="message", data=memoryview(json.dumps(value).encode()))

    (message,) = read_events(event)

    assert message.meaning is Meaning.COMPLETED
    assert message.image == DATA or message.url == URL


def test_a_count_beyond_belief_costs_no_picture() -> None:
    """A number of five thousand digits is passed over."""
    usage = b'"usage": {"total_tokens": ' + b"9" * 5000 + b"}"
    messages = list(read_reply(b'{"data": [{"b64_json": "' + B64.encode() + b'"}], ' + usage + b"}"))

    assert messages[0].image == DATA


def test_python_servers_write_nan() -> None:
    """It is not JSON, and no reason to lose a picture that was paid for."""
    (message,) = read_reply(b'{"created": NaN, "data": [{"b64_json": "' + B64.encode() + b'"}]}')

    assert message.image == DATA


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b'{"type": "image_generation.completed", "score": NaN, "b64_json": "', b'"}'),
        (b'{"type": "image_generation.completed", "revised_prompt": "caf\xe9", "b64_json": "', b'"}'),
        (b'{"type": "image_generation.completed", "revised_prompt": "two\tlines", "b64_json": "', b'"}'),
    ],
    ids=["NaN", "Latin-1", "a bare tab"],
)
def test_an_event_that_is_not_quite_json_is_read(before: bytes, after: bytes) -> None:
    """The picture in it was paid for."""
    (message,) = read_events(ServerSentEvent(event="message", data=memoryview(before + B64.encode() + after)))

    assert (message.meaning, message.image) == (Meaning.COMPLETED, DATA)


def test_a_body_may_hold_one_event_per_line() -> None:
    """Some servers answer with JSON lines instead of server-sent events."""
    lines = [
        {"type": "image_generation.partial_image", "b64_json": B64},
        {"type": "image_generation.completed", "b64_json": B64},
    ]
    body = "\n".join(map(json.dumps, lines)).encode()

    assert [each.meaning for each in read_body(bytearray(body))] == [Meaning.PARTIAL, Meaning.COMPLETED]


@pytest.mark.parametrize(
    ("name", "meaning"),
    [("image_generation.completed", Meaning.COMPLETED), ("image_generation.partial_image", Meaning.PARTIAL)],
)
def test_a_body_may_be_one_event(name: str, meaning: Meaning) -> None:
    """The only line of such an answer is read as what it says it is: a partial image stays one."""
    body = json.dumps({"type": name, "b64_json": B64}).encode()

    (message,) = read_body(bytearray(body + b"\n"))

    assert (message.meaning, message.image) == (meaning, DATA)


@pytest.mark.parametrize("body", [b'{"data": NaN}', b'{"data": [{"b64_json": NaN}]}', b'{"data": []}', b"[]", b"{}"])
def test_a_reply_without_a_picture_is_an_error(body: bytes) -> None:
    """Whatever is missing, the message is a failure, never a picture."""
    assert {each.meaning for each in read_reply(body)} <= {Meaning.ERROR, Meaning.FAILED}


@given(
    st.recursive(
        st.none() | st.integers() | st.text(),
        lambda inner: (
            st.lists(inner)
            | st.dictionaries(st.sampled_from(["data", "images", "url", "b64_json", "image", "output", "x"]), inner)
        ),
    )
)
def test_any_json_is_survived(value: Any) -> None:
    """Nothing that a server sends breaks the search."""
    find_pictures(value)
    with suppress(ProtocolError):
        list(read_reply(json.dumps(value).encode()))
