"""Server-sent events: bytes in, events out, no I/O (HTML, "Interpreting an event stream").

Lines end at LF, CR LF or CR only: Unicode's other line separators occur inside JSON. Each byte is read a constant
number of times, whatever the chunks, and the size of an event is limited, so neither time nor memory runs away.

There are two departures from the specification, because servers need them; neither can turn a fragment into a picture.
`close` yields what is pending at the end of the stream (servers leave out the last blank line; JSON that is cut in the
middle does not parse), and a line that begins with a brace is an event (some errors come like this).
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from imgmagic.errors import ProtocolError

MAX_EVENT_BYTES = 96 * 1024 * 1024
_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, kw_only=True)
class ServerSentEvent:
    """Hold one event: its name (`message` unless the server named it) and its data; not its id, as nobody reconnects.

    The data is a view of the decoder's buffer, valid until the next event is requested. Copy what must stay.
    """

    event: str
    data: memoryview = field(repr=False)


class SseDecoder:
    """Turn the bytes of an event stream, cut anywhere, into its events.

    One buffer, reused for every event, holds first the event's data and then the unfinished line: allocating memory for
    megabytes of picture takes longer than copying them.
    """

    def __init__(self, max_event_bytes: int = MAX_EVENT_BYTES) -> None:
        self._max = max_event_bytes
        self._start: bytes | None = b""  # a possible byte order mark; None once the stream has begun
        self._after_cr = False
        self._buffer = bytearray()
        self._used = 0
        self._line = 0  # where the unfinished line begins
        self._data: slice | None = None
        self._event = ""

    def feed(self, chunk: bytes) -> Iterator[ServerSentEvent]:
        """Yield the events that `chunk` completes.

        Raises:
            ProtocolError: an event exceeds the limit.
        """
        first, *rest = self._segments(chunk)
        self._write(first)
        for segment in rest:
            yield from self._end_line()
            self._write(segment)

    def close(self) -> Iterator[ServerSentEvent]:
        """Yield what is pending at the end of the stream."""
        yield from self._end_line()
        yield from self._dispatch()

    def _segments(self, chunk: bytes) -> list[bytes]:
        """Cut `chunk` at its line ends; what is between two of them is a line."""
        if self._start is not None:
            chunk = self._without_mark(chunk)
        if self._after_cr and chunk:
            chunk = chunk.removeprefix(b"\n")
            self._after_cr = False
        if b"\r" in chunk:
            self._after_cr = chunk.endswith(b"\r")
            chunk = chunk.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        return chunk.split(b"\n") if b"\n" in chunk else [chunk]  # most are the inside of a picture: not copied

    def _without_mark(self, chunk: bytes) -> bytes:
        start = (self._start or b"") + chunk
        if len(start) < len(_BOM) and _BOM.startswith(start):
            self._start = start
            return b""
        self._start = None
        return start.removeprefix(_BOM)

    def _write(self, segment: bytes | bytearray) -> None:
        end = self._used + len(segment)
        if end > self._max:
            self._buffer = bytearray()
            message = f"the server sent an event of more than {self._max:,} bytes, the most that is accepted."
            raise ProtocolError(message, remedy="Ask for a smaller picture, or for one in another format.")
        if end <= len(self._buffer):
            with memoryview(self._buffer) as room:  # a slice of the bytearray itself would copy the segment first
                room[self._used : end] = segment
        else:
            self._buffer[self._used :] = segment
        self._used = end

    def _end_line(self) -> Iterator[ServerSentEvent]:
        start, end, buffer = self._line, self._used, self._buffer
        if start == end:
            yield from self._dispatch()
        elif buffer.startswith(b"data:", start, end):
            self._keep(start + 6 if buffer.startswith(b" ", start + 5, end) else start + 5)
        elif buffer.startswith(b"{", start, end):
            yield from self._view("message", slice(start, end))
            self._used = start
        else:
            self._used = start
            self._set(bytes(buffer[start:end]))

    def _keep(self, start: int) -> None:
        """Make the line's value, from `start`, the event's data, or the next line of it."""
        if self._data is None:
            self._data = slice(start, self._used)
        else:
            value = self._buffer[start : self._used]
            self._used = self._line
            self._write(b"\n")
            self._write(value)
            self._data = slice(self._data.start, self._used)
        self._line = self._used

    def _set(self, line: bytes) -> None:
        name, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if name == b"event":
            self._event = value.decode("utf-8", "replace")
        elif name == b"data":
            self._keep(self._used)

    def _dispatch(self) -> Iterator[ServerSentEvent]:
        if self._data is not None:
            yield from self._view(self._event or "message", self._data)
        self._data = None
        self._event = ""
        self._used = self._line = 0

    def _view(self, name: str, part: slice) -> Iterator[ServerSentEvent]:
        with memoryview(self._buffer)[part] as data:
            yield ServerSentEvent(event=name, data=data)
