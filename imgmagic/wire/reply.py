"""Replies: whether one is a stream, JSON or bare pictures shows in its type and first bytes, never in the request."""

import io
import re
import zipfile
import zlib
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import aclosing

import httpx

from imgmagic.domain.image_header import sniff
from imgmagic.errors import ProtocolError, WebPageReceived
from imgmagic.wire.body import MAX_REPLY_BYTES, chunks
from imgmagic.wire.error_report import NOT_THE_API
from imgmagic.wire.messages import Meaning, Message, read_event, read_reply
from imgmagic.wire.sse import SseDecoder

_ENOUGH_BYTES = 32  # to tell the forms apart
_STREAM_STARTS = (b"data:", b"event:", b":", b"id:", b"retry:", b"data\n", b"data\r")
_TYPE = re.compile(r"[a-z]{1,20}/[a-z.+-]{1,40}")
_BOM = b"\xef\xbb\xbf"
_ZIP = b"PK\x03\x04"

Pieces = AsyncGenerator[bytes, None]
_Reader = Callable[[bytes, Pieces], AsyncGenerator[Message, None]]


async def messages(response: httpx.Response) -> AsyncGenerator[Message, None]:
    """Yield what a successful reply says, as it comes.

    Raises:
        ProtocolError: the reply has none of the known forms, or passes a bound.
        WebPageReceived: it is a web page.
    """
    async with aclosing(chunks(response)) as pieces:
        start = await _start(pieces)
        read = _reader(start, response)
        async with aclosing(read(start, pieces)) as found:
            async for message in found:
                yield message


async def _start(pieces: Pieces) -> bytes:
    """Return the first bytes; the blank ones before them, which keep some connections awake, are dropped."""
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
    if text.startswith(_STREAM_STARTS) or content_type.startswith("text/event-stream"):
        return _stream_messages
    if _is_picture(start) or content_type.startswith("image/"):
        return _picture_messages
    raise _web_page(response) if text.startswith(b"<") else _unknown_form(text, content_type)


def _is_picture(start: bytes) -> bool:
    """Return whether a body that begins with `start` is a picture."""
    return sniff(start) is not None or start.startswith((b"\xff\xd8\xff", b"<svg", b"<?xml"))


def _web_page(response: httpx.Response) -> WebPageReceived:
    message = f"{response.url.host} answered {response.status_code} with a web page."
    return WebPageReceived(message, remedy=NOT_THE_API, status=response.status_code)


def _unknown_form(text: bytes, content_type: str) -> ProtocolError:
    if not text:
        return ProtocolError("the reply is empty.", remedy="Try again; if it stays, check the base URL.")
    name = _TYPE.match(content_type)
    return ProtocolError(
        f"the reply ({name[0] if name else 'of no type'}) is neither JSON, nor a stream, nor a picture.",
        remedy="Check the base URL.",
    )


async def _json_messages(start: bytes, pieces: Pieces) -> AsyncGenerator[Message, None]:
    for message in read_reply(await _whole(start.removeprefix(_BOM), pieces)):
        yield message


async def _picture_messages(start: bytes, pieces: Pieces) -> AsyncGenerator[Message, None]:
    yield Message(meaning=Meaning.COMPLETED, image=bytes(await _whole(start, pieces)))


async def _packed_messages(start: bytes, pieces: Pieces) -> AsyncGenerator[Message, None]:
    """Yield the pictures of a ZIP archive (vLLM-Omni, `file` with several pictures)."""
    try:
        for picture in _unpacked(await _whole(start, pieces)):
            yield Message(meaning=Meaning.COMPLETED, image=picture)
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError) as error:  # RuntimeError: it is encrypted
        message = "the reply is a ZIP archive that cannot be read."
        raise ProtocolError(message, remedy="Leave --response-format out, or ask for b64_json.") from error


def _unpacked(body: bytearray) -> Iterator[bytes]:
    room = MAX_REPLY_BYTES  # for all together: what an archive says of its sizes may be a lie
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        for entry in archive.infolist():
            with archive.open(entry) as packed:
                data = packed.read(room + 1)
            room -= len(data)
            if room < 0:
                raise zipfile.BadZipFile
            if _is_picture(data):
                yield data


async def _stream_messages(start: bytes, pieces: Pieces) -> AsyncGenerator[Message, None]:
    decoder = SseDecoder()
    for event in decoder.feed(start):
        yield read_event(event)
    async for piece in pieces:
        for event in decoder.feed(piece):
            yield read_event(event)
    for event in decoder.close():
        try:
            message = read_event(event)
        except ProtocolError:  # the stream was cut in the middle of it
            return
        yield message


async def _whole(start: bytes, pieces: Pieces) -> bytearray:
    body = bytearray(start)
    async for piece in pieces:
        body += piece
    return body
