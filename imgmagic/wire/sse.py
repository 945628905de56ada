"""Server-sent events: bytes in, events out, no I/O (HTML, "Interpreting an event stream").

Lines end at LF, CR LF or CR only: Unicode's other line separators occur inside JSON. Each byte is looked at a constant
number of times, whatever the chunks, and an event may not pass a bound, so neither time nor memory runs away.

Two departures from the document, both because servers do it and neither able to make a picture out of a fragment:
what is pending at the end of the stream is handed out by `close` (servers leave out the last blank line; JSON that is
cut in the middle does not parse), and a line that begins with a brace is an event of its own (errors come so).
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from imgmagic.errors import ProtocolError

MAX_EVENT_BYTES = 96 * 1024 * 1024
_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, kw_only=True)
class ServerSentEvent:
    """Hold one event: its name (`message` unless the server named it), data, id, and the reconnection time."""

    event: str
    data: bytes = field(repr=False)
    id: str = ""
    retry_ms: int | None = None


class SseDecoder:
    """Turn the bytes of an event stream, cut anywhere, into its events."""

    def __init__(self, max_event_bytes: int = MAX_EVENT_BYTES) -> None:
        self._max = max_event_bytes
        self._line = bytearray()  # the unfinished line
        self._after_cr = False
        self._begun = False
        self._data = bytearray()
        self._has_data = False
        self._event = ""
        self._id = ""
        self._retry_ms: int | None = None

    def feed(self, chunk: bytes) -> Iterator[ServerSentEvent]:
        """Yield the events that `chunk` completes.

        Raises:
            ProtocolError: an event passes the bound.
        """
        first, *rest = self._cut(chunk)
        self._grow(first)
        for segment in rest:
            line, self._line = self._line, bytearray()
            yield from self._take(line)
            self._grow(segment)

    def close(self) -> Iterator[ServerSentEvent]:
        """Yield what the end of the stream leaves pending."""
        line, self._line = self._line, bytearray()
        yield from self._take(line)
        yield from self._dispatch()

    def _cut(self, chunk: bytes) -> list[bytes]:
        if self._after_cr and chunk:
            chunk = chunk.removeprefix(b"\n")
            self._after_cr = False
        if b"\r" in chunk:
            self._after_cr = chunk.endswith(b"\r")
            chunk = chunk.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        return chunk.split(b"\n")

    def _grow(self, segment: bytes) -> None:
        if len(self._line) + len(self._data) + len(segment) > self._max:
            self._line.clear()
            self._data.clear()
            message = f"the server sent an event of more than {self._max:,} bytes, the most that is accepted."
            raise ProtocolError(message, remedy="Ask for a smaller picture, or for one in another format.")
        self._line += segment

    def _take(self, line: bytearray) -> Iterator[ServerSentEvent]:
        if not self._begun:
            self._begun = True
            line = line.removeprefix(_BOM)
        if not line:
            yield from self._dispatch()
        elif line.startswith(b"data:"):
            self._append(line, 6 if line.startswith(b"data: ") else 5)
        elif line.startswith((b"{", b"[")):
            yield ServerSentEvent(event="message", data=bytes(line), id=self._id)
        elif not line.startswith(b":"):
            self._set(bytes(line))

    def _append(self, line: bytearray, start: int) -> None:
        if self._has_data:
            self._data += b"\n"
            self._data += memoryview(line)[start:]
        else:
            del line[:start]  # a bytearray drops its head without moving the rest
            self._data = line
            self._has_data = True

    def _set(self, line: bytes) -> None:
        name, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if name == b"event":
            self._event = value.decode("utf-8", "replace")
        elif name == b"data":
            self._append(bytearray(), 0)
        elif name == b"id" and b"\0" not in value:
            self._id = value.decode("utf-8", "replace")
        elif name == b"retry" and value.isdigit():
            self._retry_ms = int(value[:12])

    def _dispatch(self) -> Iterator[ServerSentEvent]:
        if self._has_data:
            data, self._data = bytes(self._data), bytearray()
            yield ServerSentEvent(event=self._event or "message", data=data, id=self._id, retry_ms=self._retry_ms)
        self._has_data = False
        self._event = ""
