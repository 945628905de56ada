"""A recording: one run as a line of JSON, and back; its pictures are named here and kept by `blobs.py`.

What a line may hold is closed: no provider, address, header, key or request id. A line that holds more, or anything
else than these types, is damaged; a change of the form is a new `FORMAT`.
"""

import json
from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta

from imgmagic.domain.request import STREAMING, ImageRequest, canonical_json, hash_json
from imgmagic.errors import StoreError
from imgmagic.recordings.event_format import CompletedForm, EventForm, LinePart, Seconds, blob_of

FORMAT = 1


class RecordedRequest(LinePart, frozen=True, kw_only=True):
    """What was asked, as far as it decides what is drawn; its hash is the key of a recording."""

    kind: str = "generation"
    model: str | None
    prompt: str
    options: dict[str, object]
    inputs: tuple[str, ...] = ()

    @classmethod
    def of(cls, request: ImageRequest) -> "RecordedRequest":
        """Return what of `request` decides what is drawn: not how the images arrive."""
        options = {name: value for name, value in request.options.items() if name not in STREAMING}
        return cls(
            kind="edit" if request.sources else "generation",
            model=request.model,
            prompt=request.prompt,
            options=json.loads(canonical_json(options)),
            inputs=request.input_hashes,
        )

    @property
    def key(self) -> str:
        """Return the SHA-256 of the request's canonical JSON."""
        return hash_json({name: getattr(self, name) for name in ("kind", "model", "prompt", "options", "inputs")})


class Recording(LinePart, frozen=True, kw_only=True):
    """One recorded run.

    Args:
        format: the version of the line's form.
        key: the hash of the request; redundant, so that a change by hand shows.
        take: which of the runs of one request it is, from 1.
        recorded_at: when it was made.
        request: what was asked; its model is None where nobody named one.
        model: the model that was asked in the end.
        dialect: the kind of server that answered.
        partial_side, final_side: the longest side that was allowed; None where pictures are kept as they came.
        elapsed_s: how long the run took.
    """

    format: int
    key: Annotated[str, Meta(pattern=r"\A[0-9a-f]{64}\Z")]
    take: Annotated[int, Meta(ge=1)]
    recorded_at: Annotated[datetime, Meta(tz=True)]
    request: RecordedRequest
    elapsed_s: Seconds
    events: tuple[EventForm, ...]
    model: str | None = None
    dialect: str | None = None
    partial_side: int | None = None
    final_side: int | None = None

    @property
    def blobs(self) -> tuple[str, ...]:
        """Return the names of its pictures, in order."""
        names = (blob_of(event) for event in self.events)
        return tuple(name for name in names if name is not None)

    @property
    def drew(self) -> bool:
        """Return whether it holds a finished picture."""
        return any(isinstance(event, CompletedForm) for event in self.events)


class _Header(msgspec.Struct):
    format: int


_encoder = msgspec.json.Encoder(order="sorted")
_decoder = msgspec.json.Decoder(Recording)
_header = msgspec.json.Decoder(_Header)


def encode(recording: Recording) -> bytes:
    """Return the line of a recording, without its end."""
    return _encoder.encode(recording)


def decode(line: bytes) -> Recording:
    """Return the recording that a line holds.

    Raises:
        ValueError: the line is damaged; the message says how.
    """
    try:
        return _decoder.decode(line)
    except RecursionError as error:
        raise ValueError("the JSON is nested too deeply") from error


def checked_line(recording: Recording) -> bytes:
    """Return the line of a recording, once it is known that it can be read again.

    Raises:
        StoreError: it cannot.
    """
    try:
        line = encode(recording)
        if decode(line) == recording and recording.key == recording.request.key:
            return line
    except (ValueError, TypeError, OverflowError) as error:
        raise StoreError(f"this run cannot be recorded: {error}.") from error
    raise StoreError("this run cannot be recorded: its request holds values that JSON does not keep.")


def format_of(line: bytes) -> int | None:
    """Return the format version that a line names; None when it names none."""
    try:
        return _header.decode(line).format
    except (msgspec.MsgspecError, RecursionError):
        return None
