"""A payload: the bytes of one request body, made piece by piece while they are sent, so no full copy is needed.

Plain requests are small JSON. An edit carries pictures of megabytes: in a multipart form unchanged (RFC 7578), in JSON
as base64 in `data:` addresses (RFC 2397). Both are made in pieces of 60 KiB, short enough not to hold up the event
loop, and the length is known beforehand, because many servers refuse a body without one.
"""

import base64
import math
import secrets
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import msgspec

from imgmagic.domain.json_types import JsonObject, JsonValue
from imgmagic.wire.dialects.edits import Placed

_PIECE_BYTES = 60 * 1024  # whole groups of three, as base64 needs them


@dataclass(frozen=True, kw_only=True)
class Part:
    """One picture to send: the names of its field and its file, and its type, which always comes from its bytes.

    OpenAI refuses a part with the type `application/octet-stream`, or with the wrong ending of a user's file.
    """

    name: str
    file_name: str
    content_type: str
    data: bytes = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class Payload:
    """Hold one request body: its type, its length in bytes, and how to make its pieces for each attempt."""

    content_type: str
    length: int
    pieces: Callable[[], Iterator[bytes]]

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self.pieces():
            yield piece


def json_payload(body: JsonObject) -> Payload:
    """Return `body` as JSON."""
    content = msgspec.json.encode(body)
    return Payload(content_type="application/json", length=len(content), pieces=lambda: iter((content,)))


def multipart_payload(body: JsonObject, parts: Sequence[Part]) -> Payload:
    """Return `body` and pictures as a form: text fields first, then a part for each picture."""
    boundary = secrets.token_hex(16)
    heads = [_text_field(boundary, name, value) for name, value in form_fields(body)]
    stretches: list[bytes] = [b"".join(heads)]
    for part in parts:
        stretches += [_part_head(boundary, part), part.data, b"\r\n"]
    stretches.append(f"--{boundary}--\r\n".encode())
    return Payload(
        content_type=f"multipart/form-data; boundary={boundary}",
        length=sum(map(len, stretches)),
        pieces=lambda: (piece for stretch in stretches for piece in _cut(stretch)),
    )


def json_with_pictures(body: JsonObject, parts: Sequence[Part], place: Placed) -> Payload:
    """Return `body` as JSON with the pictures in `data:` addresses, where `place` puts them."""
    mark = secrets.token_hex(16)
    stands_for = [f"{mark}-{number}" for number in range(len(parts))]
    text = msgspec.json.encode({**body, **place(stands_for)})
    stretches: list[Callable[[], Iterator[bytes]]] = []
    length = len(text) - sum(map(len, stands_for))
    for name, part in zip(stands_for, parts, strict=True):
        before, _, text = text.partition(name.encode())
        head = f"data:{part.content_type};base64,".encode()
        stretches += [_constant(before + head), _base64_of(part.data)]
        length += len(head) + 4 * math.ceil(len(part.data) / 3)
    stretches.append(_constant(text))
    return Payload(
        content_type="application/json",
        length=length,
        pieces=lambda: (piece for stretch in stretches for piece in stretch()),
    )


def form_fields(body: JsonObject) -> Iterator[tuple[str, str]]:
    """Yield the form fields of a JSON body: `svg[model]` for nested values, `name[]` for each item of a list."""
    for name, value in body.items():
        yield from _fields(name, value)


def _fields(name: str, value: JsonValue) -> Iterator[tuple[str, str]]:
    if value is None:
        return
    if isinstance(value, Mapping):
        for key, each in value.items():
            yield from _fields(f"{name}[{key}]", each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _fields(f"{name}[]", each)
    else:
        yield name, str(value).lower() if isinstance(value, bool) else str(value)


def _text_field(boundary: str, name: str, value: str) -> bytes:
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="{_quotable(name)}"\r\n\r\n'
    return head.encode() + value.encode() + b"\r\n"


def _part_head(boundary: str, part: Part) -> bytes:
    disposition = f'form-data; name="{_quotable(part.name)}"; filename="{_quotable(part.file_name)}"'
    return f"--{boundary}\r\nContent-Disposition: {disposition}\r\nContent-Type: {part.content_type}\r\n\r\n".encode()


def _quotable(text: str) -> str:
    """Return a name as browsers write it between quotes (HTML, multipart form data): no quote, no line end."""
    return text.replace("\r", "%0D").replace("\n", "%0A").replace('"', "%22")


def _cut(data: bytes) -> Iterator[bytes]:
    return (data[at : at + _PIECE_BYTES] for at in range(0, len(data), _PIECE_BYTES))


def _constant(data: bytes) -> Callable[[], Iterator[bytes]]:
    return lambda: iter((data,))


def _base64_of(data: bytes) -> Callable[[], Iterator[bytes]]:
    return lambda: (base64.b64encode(piece) for piece in _cut(data))
