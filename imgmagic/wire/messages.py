"""The wire's JSON: what the events and replies of every server mean; with `dialects.py` the only place of their names.

JSON and base64 are decoded in one pass (msgspec, `b64_json: bytes`). Where that fails, because a server writes its
base64 with a prefix, with blanks or in the URL-safe alphabet, the text is decoded a second time, leniently. The picture
of a streamed event is first cut out between its two quotes, which base64 cannot hold, and decoded by itself: passing
megabytes through a JSON parser costs several times as much.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any, TypeVar

import msgspec

from imgmagic.domain.json_types import JsonValue
from imgmagic.domain.usage import Usage
from imgmagic.errors import ProtocolError
from imgmagic.wire.lenient_base64 import from_base64, from_exact_base64
from imgmagic.wire.sse import ServerSentEvent
from imgmagic.wire.usage import read_cost, read_usage


class Meaning(Enum):
    """What a message tells."""

    PARTIAL = auto()  # a coarse picture
    COMPLETED = auto()  # a finished picture, or usage alone, or both
    FAILED = auto()  # one picture will not come
    ERROR = auto()  # the request failed
    SKIPPED = auto()  # nothing that we know
    DONE = auto()  # the stream is over


EVENT_MEANINGS: Mapping[str, Meaning] = {
    "image_generation.partial_image": Meaning.PARTIAL,  # OpenAI, image streaming events
    "image_generation.completed": Meaning.COMPLETED,
    "image_edit.partial_image": Meaning.PARTIAL,
    "image_edit.completed": Meaning.COMPLETED,
    "image_generation.partial_succeeded": Meaning.COMPLETED,  # Ark: one final picture; its `completed` has usage only
    "image_generation.partial_failed": Meaning.FAILED,  # Ark
    "partial": Meaning.PARTIAL,  # exo
    "final": Meaning.COMPLETED,  # exo
    "image_generation.text_chunk": Meaning.SKIPPED,  # OpenRouter: what the model thinks on the way
    "error": Meaning.ERROR,
}


@dataclass(frozen=True, kw_only=True)
class Message:
    """Hold one thing that a server said, whatever its dialect.

    Args:
        image: the bytes of a picture; where they are elsewhere, `url` says where.
        index: which of the pictures of one reply it is; None when the server does not say.
        number: the 0-based count of a partial image.
        error: what the server said of a failure, as JSON, in one of the many forms.
    """

    meaning: Meaning
    image: bytes | None = field(default=None, repr=False)
    url: str | None = None
    index: int | None = None
    number: int = 0
    revised_prompt: str | None = None
    usage: Usage | None = None
    cost_usd: str | None = None
    error: JsonValue = None


class _Picture(msgspec.Struct):
    b64_json: bytes | None = None
    url: Any = None
    revised_prompt: Any = None
    error: Any = None
    respect_moderation: Any = None


class _Wrapper(msgspec.Struct):
    """The same as a reply, one level down (ai-nebula)."""

    data: list[_Picture] | None = None
    usage: Any = None


class _Reply(msgspec.Struct):
    data: list[_Picture] | _Wrapper | None = None
    usage: Any = None
    error: Any = None


class _StreamEvent(msgspec.Struct):
    type: Any = None
    b64_json: bytes | None = None
    url: Any = None
    data: _Picture | None = None  # exo
    partial_image_index: Any = None
    partial_index: Any = None  # exo
    image_index: Any = None  # Ark, exo, gateways
    revised_prompt: Any = None
    usage: Any = None
    error: Any = None


_PICTURE_STARTS = re.compile(rb'"b64_json"\s*:\s*"')
_NEAR_BYTES = 4096  # everything but the picture is small, so it stands near the two ends

_REPLY = msgspec.json.Decoder(_Reply)
_STREAM_EVENT = msgspec.json.Decoder(_StreamEvent)
_ANY = msgspec.json.Decoder()


def read_reply(body: bytes | bytearray) -> Iterator[Message]:
    """Yield what an unstreamed JSON reply says, its pictures in order.

    Raises:
        ProtocolError: the body is no JSON.
    """
    try:
        reply = _decode(_REPLY, _Reply, body)
    except (ValueError, RecursionError) as error:
        message = "the reply is not the JSON of an image reply, or it was cut off."
        raise ProtocolError(message, remedy="Try again; if it stays, the base URL may lead elsewhere.") from error
    inner = reply.data if isinstance(reply.data, _Wrapper) else reply
    pictures = inner.data if isinstance(inner.data, list) else []
    if reply.error or not pictures:
        yield Message(meaning=Meaning.ERROR, error=_without_pictures(body))
    else:
        yield from (_picture_message(picture, index) for index, picture in enumerate(pictures))
    if inner.usage is not None:
        yield Message(meaning=Meaning.COMPLETED, usage=read_usage(inner.usage), cost_usd=read_cost(inner.usage))


def read_event(event: ServerSentEvent) -> Message:
    """Return what a server-sent event says.

    Raises:
        ProtocolError: its data begins as JSON and is none.
    """
    start = bytes(event.data[:64]).lstrip()
    if start.startswith(b"[DONE]"):
        return Message(meaning=Meaning.DONE)
    if not start.startswith(b"{"):
        return _plain_message(event)
    try:
        known = _stream_event(event.data)
    except (ValueError, RecursionError) as error:
        message = "the server sent an event that is not readable as JSON."
        raise ProtocolError(message, remedy="Try again; if it stays, use --no-stream.") from error
    name = known.type if isinstance(known.type, str) else event.event
    return _event_message(EVENT_MEANINGS.get(name, Meaning.SKIPPED), known, event)


def _stream_event(data: memoryview) -> _StreamEvent:
    found = _PICTURE_STARTS.search(bytes(data[:_NEAR_BYTES]))
    tail = bytes(data[-_NEAR_BYTES:])
    end = tail.find(b'"')
    if found is None or end < 0 or len(data) < 2 * _NEAR_BYTES:
        return _decode(_STREAM_EVENT, _StreamEvent, data)
    image = from_exact_base64(data[found.end() : len(data) - len(tail) + end])
    if image is None:
        return _decode(_STREAM_EVENT, _StreamEvent, data)
    known = _decode(_STREAM_EVENT, _StreamEvent, bytes(data[: found.end()]) + tail[end:])
    known.b64_json = image
    return known


def _plain_message(event: ServerSentEvent) -> Message:
    if event.event == "error":
        return Message(meaning=Meaning.ERROR, error=bytes(event.data[:4096]).decode("utf-8", "replace"))
    return Message(meaning=Meaning.SKIPPED)


def _event_message(meaning: Meaning, known: _StreamEvent, event: ServerSentEvent) -> Message:
    failed = meaning in (Meaning.ERROR, Meaning.FAILED) or event.event == "error" or bool(known.error)
    if failed:
        meaning = meaning if meaning is Meaning.FAILED else Meaning.ERROR
        return Message(meaning=meaning, error=_without_pictures(event.data), index=_whole(known.image_index))
    picture = known.data or _Picture()
    number = _whole(known.partial_index if known.partial_image_index is None else known.partial_image_index)
    return Message(
        meaning=meaning,
        image=known.b64_json or picture.b64_json,
        url=_text(known.url) or _text(picture.url),
        index=_whole(known.image_index),
        number=number or 0,
        revised_prompt=_text(known.revised_prompt) or _text(picture.revised_prompt),
        usage=read_usage(known.usage),
        cost_usd=read_cost(known.usage),
    )


def _picture_message(picture: _Picture, index: int) -> Message:
    url = _text(picture.url)
    if not picture.b64_json and not url:
        said = picture.error or {"respect_moderation": picture.respect_moderation, "data": []}
        return Message(meaning=Meaning.FAILED, index=index, error=said)
    return Message(
        meaning=Meaning.COMPLETED,
        image=picture.b64_json or None,
        url=url,
        index=index,
        revised_prompt=_text(picture.revised_prompt),
    )


_Form = TypeVar("_Form")


def _decode(decoder: msgspec.json.Decoder[_Form], form: type[_Form], text: bytes | bytearray | memoryview) -> _Form:
    try:
        return decoder.decode(text)
    except msgspec.ValidationError:
        return msgspec.convert(_with_bytes(_ANY.decode(text)), form, builtin_types=(bytes,))


def _with_bytes(value: Any) -> Any:
    """Return decoded JSON with the base64 of every `b64_json` turned into bytes."""
    if isinstance(value, list):
        return [_with_bytes(each) for each in value]
    if not isinstance(value, dict):
        return value
    return {
        name: from_base64(each) if name == "b64_json" and isinstance(each, str) else _with_bytes(each)
        for name, each in value.items()
        if name != "data" or isinstance(each, dict | list)
    }


def _without_pictures(text: bytes | bytearray | memoryview) -> JsonValue:
    """Return what stands beside the pictures, as plain JSON, for the error messages."""
    try:
        value: JsonValue = _ANY.decode(text)
    except (ValueError, RecursionError):  # a number or a depth that only the full reading meets
        return bytes(text[:4096]).decode("utf-8", "replace")
    if not isinstance(value, dict):
        return value
    return {name: each for name, each in value.items() if name != "b64_json"}


def _whole(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1000 else None


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None
