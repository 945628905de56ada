"""Bodies of replies, bounded: chunks as they come, decompressed within the bound, counted after decompression."""

import zlib
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing
from typing import cast

import httpx

from imgmagic.errors import ProtocolError

MAX_REPLY_BYTES = 256 * 1024 * 1024
MAX_ERROR_BYTES = 1024 * 1024
# Compression would save a quarter of the base64 and cost proxies that hold back partial images to fill their blocks.
ACCEPTED_ENCODING = "identity"

_STEP_BYTES = 64 * 1024
_WINDOWS = {"gzip": zlib.MAX_WBITS | 16, "x-gzip": zlib.MAX_WBITS | 16, "deflate": zlib.MAX_WBITS}


async def chunks(response: httpx.Response, limit: int = MAX_REPLY_BYTES) -> AsyncGenerator[bytes, None]:
    """Yield the body of `response` piece by piece.

    Raises:
        ProtocolError: it is longer than `limit`, or in an encoding that was not asked for and is not known.
    """
    total = 0
    async with aclosing(_decoded(response)) as pieces:
        async for piece in pieces:
            total += len(piece)
            if total > limit:
                message = f"the reply is longer than {limit:,} bytes, the most that is accepted."
                raise ProtocolError(message, remedy="Ask for fewer or smaller pictures at a time.")
            yield piece


async def head(response: httpx.Response, limit: int = MAX_ERROR_BYTES) -> bytes:
    """Return the body of `response`, at most its first `limit` bytes."""
    body = bytearray()
    async with aclosing(_decoded(response)) as pieces:
        async for piece in pieces:
            body += piece[: limit - len(body)]
            if len(body) >= limit:
                break
    return bytes(body)


def _decoded(response: httpx.Response) -> AsyncGenerator[bytes, None]:
    encoding = response.headers.get("content-encoding", "identity").strip().lower()
    # The stream itself: `aiter_raw` would pass each piece through one more generator and a buffer. httpx declares an
    # iterator and returns a generator, which has to be closed.
    raw = cast("AsyncGenerator[bytes, None]", aiter(cast("httpx.AsyncByteStream", response.stream)))
    return raw if encoding in ("identity", "") else _decompressed(raw, encoding)


async def _decompressed(raw: AsyncGenerator[bytes, None], encoding: str) -> AsyncGenerator[bytes, None]:
    if encoding not in _WINDOWS:
        message = f"the reply is compressed ({encoding[:40]!r}), though that was not asked for."
        raise ProtocolError(message, remedy="A proxy in between may do it.")
    inflate = zlib.decompressobj(_WINDOWS[encoding])
    async with aclosing(raw) as pieces:
        async for piece in pieces:
            for part in _inflated(inflate, piece):
                yield part


def _inflated(inflate: "zlib._Decompress", piece: bytes) -> Iterator[bytes]:
    """Yield what `piece` holds in steps: one compressed kilobyte may hold a megabyte."""
    try:
        while piece:
            yield inflate.decompress(piece, _STEP_BYTES)
            piece = inflate.unconsumed_tail
    except zlib.error as error:
        message = "the reply is damaged: it cannot be decompressed."
        raise ProtocolError(message, remedy="Try again.") from error
