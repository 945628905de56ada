"""Picture notes: the texts in a picture's metadata, in which a server may repeat the key."""

import contextlib
import itertools
import re
import struct
import zlib
from collections.abc import Iterator, Sequence

_PNG = b"\x89PNG\r\n\x1a\n"
_SHORTEST = 8  # characters: shorter secrets occur in any picture by chance
_PACKED = frozenset({b"zTXt", b"iTXt"})  # texts that may be compressed (PNG, 11.3.3)
_MOST_TEXT_BYTES = 1024 * 1024
_MOST_FIELDS = 6


def holds_key(data: bytes, secrets: tuple[str, ...]) -> bool:
    """Return whether the bytes of a picture contain one of `secrets`, even in a compressed text."""
    written = [secret.encode() for secret in secrets if len(secret) >= _SHORTEST]
    return any(each in data for each in written) or any(_is_packed_key(chunk, written) for chunk in _packed(data))


def without_key(data: bytes, secrets: tuple[str, ...]) -> bytes:
    """Return a picture without `secrets` in its notes: they are overwritten or left out, and all else stays."""
    written = [secret.encode() for secret in secrets if len(secret) >= _SHORTEST]
    if any(_is_packed_key(chunk, written) for chunk in _packed(data)):
        kept = ((kind, text) for kind, text in _chunks(data) if not (kind in _PACKED and _is_packed_key(text, written)))
        data = _PNG + b"".join(_chunk(kind, text) for kind, text in kept)
    for each in written:
        if each not in data:
            continue
        mark = b"x" * len(each)
        if data.startswith(_PNG):
            data = _PNG + b"".join(_chunk(kind, content.replace(each, mark)) for kind, content in _chunks(data))
        else:
            data = data.replace(each, mark)
    return data


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield type and content of each chunk, the last perhaps cut off."""
    return ((kind, data[place]) for kind, place in _places(data))


def _places(data: bytes) -> Iterator[tuple[bytes, slice]]:
    """Yield the type of each chunk, and where its content is (PNG, 5.3)."""
    at = len(_PNG)
    while at + 8 <= len(data):
        length, kind = struct.unpack_from(">I4s", data, at)
        yield kind, slice(at + 8, at + 8 + length)
        at += 12 + length


def _packed(data: bytes) -> Iterator[bytes]:
    """Yield the texts of a PNG that may be compressed; chunk by chunk, because a picture has megabytes."""
    if data.startswith(_PNG):
        yield from (data[place] for kind, place in _places(data) if kind in _PACKED)


def _is_packed_key(text: bytes, written: Sequence[bytes]) -> bool:
    """Return whether a compressed text holds one of these; nothing is read beyond its first megabyte."""
    # The compressed part follows a name and a few flags and words, each of which ends with a zero.
    for zero in itertools.islice(re.finditer(b"\0", text), _MOST_FIELDS):
        with contextlib.suppress(zlib.error):
            plain = zlib.decompressobj().decompress(text[zero.end() :], _MOST_TEXT_BYTES)
            return any(each in plain for each in written)
    return False


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
