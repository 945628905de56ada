"""Server-sent events: every case whole, byte by byte, and cut at random (HTML, "Interpreting an event stream")."""

import time
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imgmagic.errors import ProtocolError
from imgmagic.wire.sse import SseDecoder

Found = list[tuple[str, bytes]]


def decoded(chunks: Iterable[bytes], decoder: SseDecoder | None = None) -> Found:
    decoder = decoder or SseDecoder()
    found = [(event.event, bytes(event.data)) for chunk in chunks for event in decoder.feed(chunk)]
    return found + [(event.event, bytes(event.data)) for event in decoder.close()]


def each_byte(stream: bytes) -> list[bytes]:
    return [stream[at : at + 1] for at in range(len(stream))]


CASES: dict[str, tuple[bytes, Found]] = {
    "one event": (b"data: a\n\n", [("message", b"a")]),
    "carriage returns": (b"data: a\r\rdata: b\r\r", [("message", b"a"), ("message", b"b")]),
    "both": (b"event: e\r\ndata: a\r\n\r\ndata: b\r\n\r\n", [("e", b"a"), ("message", b"b")]),
    "mixed line ends": (b"data: a\rdata: b\ndata: c\r\n\n", [("message", b"a\nb\nc")]),
    "a named event": (b"event: done\ndata: a\n\n", [("done", b"a")]),
    "the name is forgotten": (b"event: done\ndata: a\n\ndata: b\n\n", [("done", b"a"), ("message", b"b")]),
    "without a space": (b"data:a\n\n", [("message", b"a")]),
    "one space only": (b"data:  a\n\n", [("message", b" a")]),
    "several lines": (b"data: a\ndata:b\ndata\ndata: \ndata: c\n\n", [("message", b"a\nb\n\n\nc")]),
    "lines around others": (b"data: a\nid: 1\ndata: b\nevent: e\n\n", [("e", b"a\nb")]),
    "empty data": (b"data\n\ndata:\n\ndata: \n\n", [("message", b"")] * 3),
    "no data": (b"event: ping\n\nevent: e\n\ndata: a\n\n", [("message", b"a")]),
    "comments": (b": hello\n:\ndata: a\n: x\n\n", [("message", b"a")]),
    "unknown fields": (b"data: a\nfoo: bar\nfoo\nDATA: x\n data: y\n\n", [("message", b"a")]),
    "a byte order mark": (b"\xef\xbb\xbfdata: a\n\n\xef\xbb\xbfdata: b\n\n", [("message", b"a")]),
    "half a mark": (b"\xef\xbbdata: x\n\ndata: a\n\n", [("message", b"a")]),
    "other separators": (
        "data: a\u2028b\u0085c\x0bd\x0ce\n\n".encode(),
        [("message", "a\u2028b\x85c\x0bd\x0ce".encode())],
    ),
    "colons in the value": (b"data: a: b:c\n\n", [("message", b"a: b:c")]),
    "blank lines": (b"\n\r\n\r\rdata: a\n\n\n\n", [("message", b"a")]),
    "bad bytes in a name": (b"event: \xff\ndata: \xff\n\n", [("\ufffd", b"\xff")]),
    "no blank line at the end": (b"data: a\n\ndata: b\n", [("message", b"a"), ("message", b"b")]),
    "no line end at the end": (b"data: a\n\ndata: b", [("message", b"a"), ("message", b"b")]),
    "bare JSON": (b'{"error": 1}\ndata: a\n\n', [("message", b'{"error": 1}'), ("message", b"a")]),
    "bare JSON amid an event": (
        b'event: e\ndata: a\n{"b": 1}\ndata: c\n\n',
        [("message", b'{"b": 1}'), ("e", b"a\nc")],
    ),
    "nothing": (b"", []),
}


@pytest.mark.parametrize("name", CASES)
def test_decodes_a_whole_stream(name: str) -> None:
    """A stream in one piece gives its events."""
    stream, expected = CASES[name]

    assert decoded([stream]) == expected


@pytest.mark.parametrize("name", CASES)
def test_decodes_a_stream_byte_by_byte(name: str) -> None:
    """The same stream in single bytes, with empty pieces between them, gives the same."""
    stream, expected = CASES[name]

    assert decoded(piece for byte in each_byte(stream) for piece in (byte, b"")) == expected


@given(st.sampled_from(sorted(CASES)), st.sampled_from(sorted(CASES)), st.data())
def test_decodes_a_stream_cut_anywhere(first: str, second: str, data: st.DataObject) -> None:
    """Where a stream is cut does not matter."""
    stream = CASES[first][0] + b"\n\n" + CASES[second][0]
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)))))

    pieces = [stream[start:end] for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True)]

    assert decoded(pieces) == decoded([stream])


@given(st.lists(st.sampled_from([b"data", b":", b" ", b"\r", b"\n", b"a", b"{", b"event", b"\xef\xbb\xbf"])), st.data())
def test_agrees_with_a_plain_reading_of_the_document(words: list[bytes], data: st.DataObject) -> None:
    """Any jumble of the document's own characters reads as its text says, cut or not."""
    stream = b"".join(words)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=5)))
    pieces = [stream[start:end] for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True)]

    assert decoded(pieces) == plainly_read(stream)


def plainly_read(stream: bytes) -> Found:
    """Read a stream as the document says, line by line, with the two departures that the module names."""
    lines = stream.removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
    found: Found = []
    event, data = b"", []
    for line in [*lines, b""]:
        if line.startswith(b"{"):
            found.append(("message", line))
        name, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if name == b"data":
            data.append(value)
        elif name == b"event":
            event = value
        elif not line:
            if data:
                found.append((event.decode("utf-8", "replace") or "message", b"\n".join(data)))
            event, data = b"", []
    return found


def test_hands_out_an_event_with_its_last_line_end() -> None:
    """An event comes with the byte that ends it, also where that might be half of a line end."""
    decoder = SseDecoder()

    before = list(decoder.feed(b"data: a\r\n"))
    at_once = [bytes(event.data) for event in decoder.feed(b"\r")]
    after = list(decoder.feed(b"\n"))

    assert (before, at_once, after) == ([], [b"a"], [])


@pytest.mark.parametrize(
    "pieces",
    [
        [b"data: " + b"x" * 2000],
        [b"data: "] + [b"x"] * 2000,
        [b"data: x\n"] * 2000,
        [b"event: " + b"x" * 2000],
        [b"x" * 500] * 4,
    ],
    ids=["one piece", "single bytes", "many lines", "a name", "no field"],
)
def test_refuses_an_event_past_the_bound(pieces: list[bytes]) -> None:
    """An event that is too long is refused, whatever it consists of, and the bound is named."""
    with pytest.raises(ProtocolError, match="1,000 bytes"):
        decoded(pieces, SseDecoder(max_event_bytes=1000))


def test_many_events_may_pass_the_bound_of_one() -> None:
    """The bound is one event's: a stream may be longer."""
    found = decoded([b"data: " + b"x" * 900 + b"\n\n"] * 10, SseDecoder(max_event_bytes=1000))

    assert len(found) == 10


def test_a_view_of_an_event_ends_with_it() -> None:
    """What an event showed cannot be read later by mistake: the buffer holds something else by then."""
    (found,) = list(SseDecoder().feed(b"data: a\n\n"))

    with pytest.raises(ValueError, match="released"):
        bytes(found.data)


def test_a_long_event_in_small_chunks_takes_linear_time() -> None:
    """Ten megabytes in 16 KB chunks take a moment; a decoder that joins again and again takes minutes."""
    chunk = b"x" * 16_384
    started = time.process_time()

    found = decoded([b"data: ", *[chunk] * 640, b"\n\n"])

    assert len(found[0][1]) == 640 * 16_384
    assert time.process_time() - started < 2
