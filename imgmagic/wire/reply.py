"""Replies: their type and first bytes, never the request, tell whether they are a stream, JSON or bare pictures."""

import asyncio
import itertools
import re
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import aclosing
from dataclasses import replace

import httpx

from imgmagic.domain.image_header import begins_as_picture, recognise
from imgmagic.errors import ProtocolError, WebPageReceived
from imgmagic.wire.body import chunks
from imgmagic.wire.message import Meaning, Message
from imgmagic.wire.messages import read_events, read_reply
from imgmagic.wire.picture_search import read_picture_text
from imgmagic.wire.server_errors import NOT_THE_API
from imgmagic.wire.sse import ServerSentEvent, SseDecoder
from imgmagic.wire.zip_archive import unpack

_BIG_BYTES = 1024 * 1024  # read on a worker thread from this size on
_EVENTS_AT_A_TIME = 50
_ENOUGH_BYTES = 32  # to tell the forms apart
_STREAM_STARTS = (b"data:", b"event:", b":", b"id:", b"retry:", b"data\n", b"data\r")
_TEXT_TYPES = ("text/", "application/json", "application/xml", "application/problem+json")
_TYPE = re.compile(r"[a-z]{1,20}/[a-z.+-]{1,40}")
_BOM = b"\xef\xbb\xbf"
# A data: URI, or the base64 of PNG, JPEG, WebP and GIF.
_TEXT_STARTS = tuple(
    quote + start for start in (b"data:image/", b"iVBORw0KGgo", b"/9j/", b"UklGR", b"R0lGOD") for quote in (b"", b'"')
)
_ZIP = b"PK\x03\x04"

Pieces = AsyncGenerator[bytes, None]
_Reader = Callable[[bytes, Pieces], AsyncGenerator[Message, None]]


async def messages(response: httpx.Response) -> AsyncGenerator[Message, None]:
    """Yield what a successful reply says, as it arrives.

    Raises:
        ProtocolError: the reply is not in a known form, or exceeds a limit.
        WebPageReceived: it is a web page.
    """
    async with aclosing(chunks(response)) as pieces:
        start = await _start(pieces)
        read = _reader(start, response)
        async with aclosing(read(start, pieces)) as found:
            async for message in found:
                yield message


async def _start(pieces: Pieces) -> bytes:
    """Return the first bytes, without leading blanks, which keep some connections alive."""
    start = b""
    async for piece in pieces:
        start = (start + piece).lstrip(b" \t\r\n") if len(start) < _ENOUGH_BYTES else start + piece
        if len(start) >= _ENOUGH_BYTES:
            break
    return start


def _reader(start: bytes, response: httpx.Response) -> _Reader:
    text = start.removeprefix(_BOM)
    content_type = response.headers.get("content-type", "").lower()
    if text.startswith((b"{", b"[")):
        return _json_messages
    if start.startswith(_ZIP):
        return _packed_messages
    if text.startswith(_TEXT_STARTS):
        return _text_messages
    if text.startswith(_STREAM_STARTS) or content_type.startswith("text/event-stream"):
        return _stream_messages
    is_picture = _is_picture(start) or content_type.startswith("image/")
    if text.startswith(b"<") and not is_picture:
        raise _web_page(response)
    if (not text or content_type.startswith(_TEXT_TYPES)) and not is_picture:
        raise _unknown_form(text, content_type)
    return _picture_messages if is_picture else _unknown_messages


def _is_picture(start: bytes) -> bool:
    """Return whether a body that begins with `start` is a picture."""
    return begins_as_picture(start) or start.startswith((b"<svg", b"<?xml"))


def _web_page(response: httpx.Response) -> WebPageReceived:
    message = f"{response.url.host} answered {response.status_code} with a web page."
    return WebPageReceived(message, remedy=NOT_THE_API, status=response.status_code)


def _unknown_form(text: bytes, content_type: str) -> ProtocolError:
    if not text:
        return ProtocolError("the reply is empty.", remedy="If this persists, check the base URL.")
    name = _TYPE.match(content_type)
    return ProtocolError(
        f"the reply ({name[0] if name else 'of no type'}) is neither JSON, nor a stream, nor a picture.",
        remedy="Check the base URL.",
    )


async def _json_messages(start: bytes, pieces: Pieces) -> AsyncGenerator[Message, None]:
    body = bytearray(start.removeprefix(_BOM))
    cut: httpx.RequestError | None = None
    try:
        async for piece in pieces:
            body += piece
    except httpx.RequestError as error:
        cut = error
    found = await _read_whole_body(body, cut)
    # All addresses first: a run that is stopped while fetching one picture then knows where the others are.
    for message in found:
        if message.meaning is Meaning.COMPLETED and message.url:
            yield replace(message, meaning=Meaning.ADDRESSED)
    for message in found:
        yield message


async def _read_whole_body(body: bytearray, cut: httpx.RequestError | None) -> list[Message]:
    """Return what a JSON body says.

    If the connection broke before the announced end, a reply that is nevertheless complete is used: its pictures are
    paid for.
    """
    try:
        is_small = len(body) < _BIG_BYTES
        return list(read_body(body)) if is_small else await asyncio.to_thread(lambda: list(read_body(body)))
    except ProtocolError:
        if cut is not None:
            raise cut from None
        raise


def read_body(body: bytearray) -> Iterator[Message]:
    """Yield what a JSON body says: one reply, or one event per line."""
    try:
        yield from read_reply(body)
    except ProtocolError:
        if b"\n{" not in body:
            raise
        decoder = SseDecoder()
        for event in itertools.chain(decoder.feed(bytes(body)), decoder.close()):
            yield from read_events(event)


async def _picture_messages(start: bytes, pieces: Pieces) -> AsyncGenerator[Message, None]:
    yield Message(meaning=Meaning.COMPLETED, image=bytes(await _whole(start, pieces)))


async def _unknown_messages(start: bytes, pieces: Pieces) -> AsyncGenerator[Message, None]:
    """Yield a body of unknown form as a picture, unless it is text: it is paid for, so it is kept."""
    body = bytes(await _whole(start, pieces))
    if recognise(body) is None:
        raise _unknown_form(body, "")
    yield Message(meaning=Meaning.COMPLETED, image=body)


async def _text_messages(start: bytes, pieces: Pieces) -> AsyncGenerator[Message, None]:
    """Yield the picture that a body contains as text, quoted or not."""
    text = (await _whole(start.removeprefix(_BOM), pieces)).decode("ascii", "replace").strip().strip('"')
    found = await asyncio.to_thread(read_picture_text, text)
    if found.image is None and found.url is None:
        raise _unknown_form(start, "text")
    yield Message(meaning=Meaning.COMPLETED, image=found.image, url=found.url)


async def _packed_messages(start: bytes, pieces: Pieces) -> AsyncGenerator[Message, None]:
    """Yield the pictures of a ZIP archive (vLLM-Omni, `file` with several pictures); with the archive, if any is stuck.

    It is paid for: who has the password, or mends the archive, still has the pictures.
    """
    body = await _whole(start, pieces)
    pictures, is_whole = await asyncio.to_thread(unpack, body)
    for picture in pictures:
        yield Message(meaning=Meaning.COMPLETED, image=picture)
    if is_whole:
        return
    if recognise(bytes(body)) is not None:
        remark = "The reply is a ZIP archive that cannot be read, or not all of it: it is kept as it came."
        yield Message(meaning=Meaning.COMPLETED, image=bytes(body), remark=remark)
    elif not pictures:
        message = "the reply is a ZIP archive that cannot be read."
        raise ProtocolError(message, remedy="Leave {response_format} out, or ask for b64_json.")


async def _stream_messages(start: bytes, pieces: Pieces) -> AsyncGenerator[Message, None]:
    decoder, count = SseDecoder(), 0
    async for piece in _with_start(start, pieces):
        for event in decoder.feed(piece):
            count += 1
            if count % _EVENTS_AT_A_TIME == 0:
                await asyncio.sleep(0)  # so that others get the loop: a piece may hold thousands of events
            for message in await _read(event):
                yield message
    # A stream may end without the blank line after its last event; an event that is cut in the middle cannot be read.
    for event in decoder.close():
        try:
            found = await _read(event)
        except ProtocolError:  # the stream was cut in the middle of it
            return
        for message in found:
            yield message


async def _with_start(start: bytes, pieces: Pieces) -> Pieces:
    yield start
    async for piece in pieces:
        yield piece


async def _read(event: ServerSentEvent) -> list[Message]:
    """Return what an event says; a big one is read on a worker thread, to keep the loop free."""
    if len(event.data) < _BIG_BYTES:
        return list(read_events(event))
    return await asyncio.to_thread(lambda: list(read_events(event)))


async def _whole(start: bytes, pieces: Pieces) -> bytearray:
    body = bytearray(start)
    async for piece in pieces:
        body += piece
    return body
