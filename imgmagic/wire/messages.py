"""The wire's JSON: what every server's events and replies mean; only it and the dialects know the names.

JSON and base64 are decoded in one pass (msgspec, `b64_json: bytes`). If that fails, because a server writes its base64
with a prefix, with blanks or in the URL-safe alphabet, the text is decoded again, leniently. The picture of a streamed
event is first cut out between its two quotes, which base64 cannot contain, and decoded by itself: passing megabytes
through a JSON parser costs several times as much.
"""

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

import msgspec

from imgmagic.domain.json_types import JsonValue
from imgmagic.errors import ProtocolError
from imgmagic.wire.lenient_base64 import from_base64, from_exact_base64
from imgmagic.wire.message import Meaning, Message
from imgmagic.wire.other_replies import decode_anything, decode_leniently, read_other_reply, usage_messages
from imgmagic.wire.picture_search import FoundPicture, read_picture_text
from imgmagic.wire.sse import ServerSentEvent
from imgmagic.wire.usage import read_cost, read_usage

EVENT_MEANINGS: Mapping[str, Meaning] = {
    "image_generation.partial_image": Meaning.PARTIAL,  # OpenAI, image streaming events
    "image_generation.completed": Meaning.COMPLETED,
    "image_edit.partial_image": Meaning.PARTIAL,
    "image_edit.completed": Meaning.COMPLETED,
    "image_generation.partial_succeeded": Meaning.COMPLETED,  # Ark: one final picture; its `completed` has usage only
    "image_generation.partial_failed": Meaning.FAILED,  # Ark
    "partial": Meaning.PARTIAL,  # exo
    "final": Meaning.COMPLETED,  # exo
    "image_generation.text_chunk": Meaning.SKIPPED,  # OpenRouter: what the model thinks meanwhile
    "error": Meaning.ERROR,
}
_ONE_OF_SEVERAL = frozenset(  # Ark: one event for each picture of a series
    {"image_generation.partial_succeeded", "image_generation.partial_failed"}
)

if TYPE_CHECKING:
    _Unchecked: TypeAlias = JsonValue
else:  # msgspec cannot decode a recursive type such as JSON's, and an odd field must not cost the whole reply
    _Unchecked = Any


class _Picture(msgspec.Struct):
    b64_json: bytes | None = None
    url: _Unchecked = None
    revised_prompt: _Unchecked = None
    error: _Unchecked = None
    respect_moderation: _Unchecked = None


class _Wrapper(msgspec.Struct):
    """The same as a reply, one level down (ai-nebula)."""

    data: list[_Picture] | None = None
    usage: _Unchecked = None


class _Reply(msgspec.Struct):
    data: list[_Picture] | _Wrapper | None = None
    usage: _Unchecked = None
    error: _Unchecked = None


class _StreamEvent(msgspec.Struct):
    type: _Unchecked = None
    b64_json: bytes | None = None
    url: _Unchecked = None
    data: _Picture | None = None  # exo
    partial_image_index: _Unchecked = None
    partial_index: _Unchecked = None  # exo
    image_index: _Unchecked = None  # Ark, exo, gateways
    revised_prompt: _Unchecked = None
    usage: _Unchecked = None
    error: _Unchecked = None


_PICTURE_STARTS = re.compile(rb'"b64_json"\s*:\s*"')
_NEAR_BYTES = 4096  # everything but the picture is small, so it is near either end

_REPLY = msgspec.json.Decoder(_Reply)
_STREAM_EVENT = msgspec.json.Decoder(_StreamEvent)
_ANY = msgspec.json.Decoder()


def read_reply(body: bytes | bytearray) -> Iterator[Message]:
    """Yield what an unstreamed JSON reply says, its pictures in order.

    Raises:
        ProtocolError: the body is not JSON.
    """
    try:
        reply = _decode(_REPLY, _Reply, body)
    except (ValueError, RecursionError):
        yield from read_other_reply(decode_anything(body))
        return
    inner = reply.data if isinstance(reply.data, _Wrapper) else reply
    pictures = inner.data if isinstance(inner.data, list) else []
    if not reply.error and all(
        picture == _Picture() for picture in pictures
    ):  # no pictures, or not where OpenAI puts them
        yield from _read_object(body)
        return
    # A picture beside an error is still paid for: the error is about the pictures that did not come.
    found = [_picture_message(picture, index) for index, picture in enumerate(pictures)]
    yield from (each for each in found if not reply.error or each.meaning is Meaning.COMPLETED)
    yield from usage_messages(inner.usage)
    if reply.error:
        yield Message(meaning=Meaning.ERROR, error=_without_pictures(body))


def _read_object(body: bytes | bytearray) -> Iterator[Message]:
    """Yield what a reply without pictures in OpenAI's place says; it may be a single event on one line."""
    value = decode_anything(body)
    if isinstance(value, Mapping) and _text(value.get("type")) in EVENT_MEANINGS:
        yield from read_events(ServerSentEvent(event="message", data=memoryview(body)))
    else:
        yield from read_other_reply(value)


def read_events(event: ServerSentEvent) -> Iterator[Message]:
    """Yield what a server-sent event says, even if one event holds a whole reply.

    Raises:
        ProtocolError: its data begins as JSON and is not JSON.
    """
    try:
        message = read_event(event)
    except ProtocolError:
        found = _whole_reply(event)
        if not found:
            raise
        yield from found
        return
    found = _whole_reply(event) if message.meaning is Meaning.SKIPPED else []
    yield from found or [message]


_REPLY_MARKS = re.compile(rb'"(?:data|images|output)"\s*:\s*[\[{]')


def _whole_reply(event: ServerSentEvent) -> list[Message]:
    """Return the messages of an event whose data is a whole reply with pictures; nothing for any other event."""
    if not (_REPLY_MARKS.search(event.data) or bytes(event.data[:2]) in (b"[{", b'["')):
        return []
    try:
        found = list(read_reply(bytes(event.data)))
    except ProtocolError:
        return []
    has_pictures = any(message.image or message.url for message in found)
    return found if has_pictures else []


def read_event(event: ServerSentEvent) -> Message:
    """Return what a server-sent event in one of the known forms says.

    Raises:
        ProtocolError: its data begins as JSON and is not JSON.
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
        raise ProtocolError(message, remedy="If this persists, use {stream=False}.") from error
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
        return Message(
            meaning=meaning,
            error=_without_pictures(event.data),
            index=_whole(known.image_index),
            may_go_on=_text(known.type) in _ONE_OF_SEVERAL,
        )
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
        may_go_on=_text(known.type) in _ONE_OF_SEVERAL,
    )


def _picture_message(picture: _Picture, index: int) -> Message:
    url = _text(picture.url)
    if not picture.b64_json and not url:
        said = picture.error or {"respect_moderation": picture.respect_moderation}
        return Message(meaning=Meaning.FAILED, index=index, error=said)
    in_url = FoundPicture() if picture.b64_json or url is None else read_picture_text(url)
    return Message(
        meaning=Meaning.COMPLETED,
        image=picture.b64_json or in_url.image,
        url=None if in_url.image else url,
        index=index,
        revised_prompt=_text(picture.revised_prompt),
    )


_Form = TypeVar("_Form")


def _decode(decoder: msgspec.json.Decoder[_Form], form: type[_Form], text: bytes | bytearray | memoryview) -> _Form:
    try:
        return decoder.decode(text)
    except ValueError:  # base64 that is not in the standard form, or JSON that is not quite JSON
        return msgspec.convert(_with_bytes(decode_leniently(text)), form, builtin_types=(bytes,))


def _with_bytes(value: object) -> object:
    """Return decoded JSON with the base64 of every `b64_json` turned into bytes."""
    if isinstance(value, list):
        return [_with_bytes(each) for each in value]
    if not isinstance(value, dict):
        return value
    decoded = {
        name: from_base64(each) if name == "b64_json" and isinstance(each, str) else _with_bytes(each)
        for name, each in value.items()
        if name != "data" or isinstance(each, dict | list)
    }
    text = value.get("b64_json")
    if decoded.get("b64_json") is None and isinstance(text, str) and not decoded.get("url"):
        decoded["url"] = read_picture_text(text).url  # an address in the wrong place
    return decoded


def _without_pictures(text: bytes | bytearray | memoryview) -> JsonValue:
    """Return what comes with the pictures, as plain JSON, for the error messages."""
    try:
        value: JsonValue = _ANY.decode(text)
    except (ValueError, RecursionError):  # a number or a depth that only full decoding reaches
        return bytes(text[:4096]).decode("utf-8", "replace")
    if not isinstance(value, dict):
        return value
    return {name: each for name, each in value.items() if name != "b64_json"}


def _whole(value: JsonValue) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1000 else None


def _text(value: JsonValue) -> str | None:
    return value if isinstance(value, str) and value else None
