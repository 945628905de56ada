"""Picture notes: a server may say the key back in the texts that a picture carries, which are kept with it."""

import struct
import zlib
from collections.abc import Iterator

_PNG = b"\x89PNG\r\n\x1a\n"
_SHORTEST = 8  # letters: shorter ones occur in any picture by chance


def holds_key(data: bytes, secrets: tuple[str, ...]) -> bool:
    """Return whether the bytes of a picture hold one of `secrets`."""
    return any(len(secret) >= _SHORTEST and secret.encode() in data for secret in secrets)


def without_key(data: bytes, secrets: tuple[str, ...]) -> bytes:
    """Return a picture whose notes hold none of `secrets`: each is written over, and all else stays."""
    for secret in filter(lambda each: len(each) >= _SHORTEST, secrets):
        written = secret.encode()
        if written not in data:
            continue
        mark = b"x" * len(written)
        if data.startswith(_PNG):
            data = _PNG + b"".join(_chunk(kind, content.replace(written, mark)) for kind, content in _chunks(data))
        else:
            data = data.replace(written, mark)
    return data


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield type and content of each chunk, the last perhaps cut off (PNG, 5.3)."""
    at = len(_PNG)
    while at + 8 <= len(data):
        length, kind = struct.unpack_from(">I4s", data, at)
        yield kind, data[at + 8 : at + 8 + length]
        at += 12 + length


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
