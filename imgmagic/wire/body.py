"""Reply bodies, bounded: chunks as they come, decompressed within the bound, counted after decompression."""

import asyncio
import zlib
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing
from typing import cast

import httpx

from imgmagic.errors import ProtocolError

MAX_REPLY_BYTES = 256 * 1024 * 1024
MAX_ERROR_BYTES = 1024 * 1024
# Compression would save a quarter of the base64, but make proxies hold back partial images to fill their blocks.
ACCEPTED_ENCODING = "identity"

# Values that servers send although nothing is compressed: a transfer coding of S3, charsets, mail encodings.
_NOT_COMPRESSED = frozenset({"", "identity", "aws-chunked", "utf-8", "utf8", "none", "null", "binary", "8bit", "7bit"})
_KNOWN = frozenset({"br", "zstd", "compress", "x-compress", "gzip", "x-gzip", "deflate", "dcb", "dcz"})
_PLAIN_STARTS = (b"{", b"[{", b"data:", b"event:", b"\x89PNG", b"\xff\xd8\xff", b"RIFF")
_STEP_BYTES = 64 * 1024
_ZLIB_HEADER_BYTES = 2
_WINDOWS = {"gzip": zlib.MAX_WBITS | 16, "x-gzip": zlib.MAX_WBITS | 16, "deflate": zlib.MAX_WBITS}


async def chunks(response: httpx.Response, limit: int = MAX_REPLY_BYTES) -> AsyncGenerator[bytes, None]:
    """Yield the body of `response` piece by piece.

    Raises:
        ProtocolError: it is longer than `limit`, or in an unknown encoding that was not asked for.
    """
    total = 0
    async with aclosing(_decode(response)) as pieces:
        async for piece in pieces:
            total += len(piece)
            if total > limit:
                message = f"the reply is longer than {limit:,} bytes, the most that is accepted."
                raise ProtocolError(message, remedy="Ask for fewer or smaller pictures at a time.")
            yield piece


async def head(response: httpx.Response, limit: int = MAX_ERROR_BYTES) -> bytes:
    """Return the body of `response`, at most its first `limit` bytes."""
    body = bytearray()
    async with aclosing(_decode(response)) as pieces:
        async for piece in pieces:
            body += piece[: limit - len(body)]
            if len(body) >= limit:
                break
    return bytes(body)


def _decode(response: httpx.Response) -> AsyncGenerator[bytes, None]:
    named = response.headers.get("content-encoding", "").lower().split(",")
    encodings = [each for each in map(str.strip, named) if each not in _NOT_COMPRESSED]
    # The stream itself: `aiter_raw` would pass each piece through one more generator and a buffer. httpx declares an
    # iterator and returns a generator, which has to be closed.
    raw = cast("AsyncGenerator[bytes, None]", aiter(cast("httpx.AsyncByteStream", response.stream)))
    return _decompress(raw, encodings) if encodings else raw


async def _decompress(raw: AsyncGenerator[bytes, None], encodings: list[str]) -> AsyncGenerator[bytes, None]:
    window = _WINDOWS.get(encodings[0]) if len(encodings) == 1 else None
    if window is None:
        named = [each for each in encodings if each in _KNOWN]  # anything else may be an echo of the key
        how = ", ".join(named) if len(named) == len(encodings) else "in an unknown way"
        message = f"the reply is compressed ({how}), though that was not asked for."
        raise ProtocolError(message, remedy="A proxy in between may be doing this.")
    inflater = _Inflater(window)
    is_first = True
    async with aclosing(raw) as pieces:
        async for piece in pieces:
            if is_first and piece.startswith(_PLAIN_STARTS):  # the header lies: it is not compressed at all
                yield piece
                async for plain in pieces:
                    yield plain
                return
            is_first = is_first and not piece
            for part in inflater.inflate(piece):
                yield part
                await asyncio.sleep(0)  # so that others get the loop: a piece may expand a thousandfold


class _Inflater:
    """Decompress in steps: gzip with several members too (RFC 1952, 2.2), and raw deflate, as some servers send it."""

    def __init__(self, window: int) -> None:
        self._window = window
        self._stream = zlib.decompressobj(window)
        self._start: bytes | None = b"" if window == zlib.MAX_WBITS else None  # of deflate, until its form is known

    def inflate(self, piece: bytes) -> Iterator[bytes]:
        """Yield what `piece` holds: one compressed kilobyte may hold a megabyte.

        Raises:
            ProtocolError: it is not compressed in this way.
        """
        try:
            piece = self._take_start(piece)
            while piece:
                yield self._stream.decompress(piece, _STEP_BYTES)
                piece = self._stream.unconsumed_tail
                if self._stream.eof and self._window > zlib.MAX_WBITS:
                    piece = self._stream.unused_data.lstrip(b"\0")  # which pads members to a tape's blocks
                    self._stream = zlib.decompressobj(self._window)
        except zlib.error as error:
            message = "the reply is damaged: it cannot be decompressed."
            raise ProtocolError(message, remedy="A proxy in between may be doing this.") from error

    def _take_start(self, piece: bytes) -> bytes:
        if self._start is None:
            return piece
        piece = self._start + piece
        if len(piece) < _ZLIB_HEADER_BYTES:
            self._start = piece
            return b""
        if piece[0] & 0x0F != zlib.DEFLATED or int.from_bytes(piece[:_ZLIB_HEADER_BYTES]) % 31:  # RFC 1950, 2.2
            self._stream = zlib.decompressobj(-zlib.MAX_WBITS)
        self._start = None
        return piece
