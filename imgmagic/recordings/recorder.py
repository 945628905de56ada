"""The recorder: passes the events of a source on unchanged, and keeps them as a recording when the run is over."""

import asyncio
import re
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from urllib.parse import urlsplit

import msgspec

from imgmagic.domain.events import CompletedImage, Event, ImageFailed, Notice, PartialImage, Source
from imgmagic.domain.image_header import sniff
from imgmagic.domain.provider import Provider
from imgmagic.domain.request import ImageRequest
from imgmagic.errors import (
    ApiError,
    AuthenticationFailed,
    ConnectionFailed,
    DownloadFailed,
    ImgmagicError,
    PermissionDenied,
    ProtocolError,
    QuotaExhausted,
    RateLimited,
    ResponseTimeout,
    StoreError,
    WebPageReceived,
)
from imgmagic.recordings.blobs import blob_name, smaller
from imgmagic.recordings.event_format import is_recorded, to_form
from imgmagic.recordings.folder import Recordings
from imgmagic.recordings.recording import FORMAT, RecordedRequest, Recording, checked_line

_ADDRESS = re.compile(r"\b[a-z][a-z0-9+.-]*://[^\s\"'<>)]+", re.IGNORECASE)
_REMOVED = "[address removed]"
_SHORTEST_SECRET = 8  # a shorter header value is a word that any prompt may hold

# Failures that come from the moment, the account or the connection, and not from the request.
PASSING = (
    AuthenticationFailed,
    PermissionDenied,
    RateLimited,
    QuotaExhausted,
    ConnectionFailed,
    ResponseTimeout,
    ProtocolError,
    DownloadFailed,
    WebPageReceived,
)


@dataclass(frozen=True, kw_only=True)
class Sides:
    """The longest sides that recorded pictures may have, in pixels; None keeps them as they came."""

    partial: int | None = 512
    final: int | None = None


class Recorder:
    """Record the runs of a source into a folder; a last event says what could not be recorded.

    A run that was stopped, or that failed for a passing reason without drawing anything, is not recorded.

    Args:
        source: whose events to pass on.
        recordings: where to keep them.
        provider: who is asked; its key, headers and address are removed from what is written.
        asked: the request to record under, before a provider's own defaults; None for the one that is sent.
        sides: the longest sides of recorded pictures.
        now: the time, with its zone.
    """

    def __init__(
        self,
        source: Source,
        recordings: Recordings,
        *,
        provider: Provider | None = None,
        asked: ImageRequest | None = None,
        sides: Sides | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._source = source
        self._recordings = recordings
        self._provider = provider
        self._asked = asked
        self._sides = sides or Sides()
        self._now = now
        self.recorded: tuple[Recording, ...] = ()

    async def events(self, request: ImageRequest) -> AsyncGenerator[Event, None]:
        """Yield the source's events; record them after the last."""
        heard: list[Event] = []
        async with aclosing(self._source(request)) as events:
            async for event in events:
                # Pictures are made smaller and written after the run, so that recording does not slow a stream down.
                heard.append(event)
                yield event
        try:
            self.recorded += (await asyncio.to_thread(self._record, request, heard),)
        except StoreError as error:
            # The run itself is fine and paid for: what could not be recorded is reported, not raised.
            yield Notice(elapsed_s=max((event.elapsed_s for event in heard), default=0.0), text=str(error))

    def _record(self, request: ImageRequest, heard: Sequence[Event]) -> Recording:
        _check_worth(heard)
        bounded = [_bound(event, self._sides) for event in heard if is_recorded(event)]
        recording = self._recording(request, bounded)
        line = checked_line(recording)
        # In the form of JSON, where some characters are escaped. Everything but the request was cleaned; changing the
        # request would make it another one, which no run finds.
        if any(msgspec.json.encode(secret)[1:-1] in line for secret in self._secrets()):
            raise StoreError("this run was not recorded: the request itself holds the key.", remedy="Take it out.")
        images = [event for event in bounded if isinstance(event, PartialImage | CompletedImage)]
        pictures = [(image.data, image.format) for image in images]
        return self._recordings.record(recording, pictures)

    def _recording(self, request: ImageRequest, events: Sequence[Event]) -> Recording:
        recorded = RecordedRequest.of(self._asked or request)
        return Recording(
            format=FORMAT,
            key=recorded.key,
            take=1,
            recorded_at=self._now().astimezone(UTC).replace(microsecond=0),
            request=recorded,
            elapsed_s=max(0.0, round(max(event.elapsed_s for event in events), 3)),
            events=tuple(to_form(event, blob_name, self._clean) for event in events),
            model=request.model,
            dialect=self._provider.dialect if self._provider else None,
            partial_side=self._sides.partial,
            final_side=self._sides.final,
        )

    def _clean(self, text: str) -> str:
        """Remove keys and addresses: a recording holds neither."""
        account = self._provider.account.values() if self._provider else ()
        for secret in (*self._secrets(), *(each for each in account if len(each) >= _SHORTEST_SECRET)):
            text = text.replace(secret, "[removed]")
        text = _ADDRESS.sub(_REMOVED, text)
        for place in self._places():
            text = re.sub(rf"(?<![\w.-]){re.escape(place)}(?![\w-])", _REMOVED, text)
        return text

    def _secrets(self) -> tuple[str, ...]:
        found = self._provider.secrets() if self._provider else ()
        return tuple(each for each in found if len(each) >= _SHORTEST_SECRET)

    def _places(self) -> tuple[str, ...]:
        if self._provider is None:
            return ()
        parts = urlsplit(self._provider.base_url)
        return tuple(filter(None, (parts.netloc, parts.hostname)))


def _check_worth(heard: Sequence[Event]) -> None:
    drawn = any(isinstance(event, CompletedImage) for event in heard)
    failures = [event.error for event in heard if isinstance(event, ImageFailed)]
    if drawn or (failures and not any(_passes(error) for error in failures)):
        return
    raise StoreError("this run was not recorded: it drew nothing.", remedy="Run the cell again to record it.")


def _passes(error: ImgmagicError) -> bool:
    broken = isinstance(error, ApiError) and error.status is not None and error.status >= 500
    return broken or isinstance(error, PASSING)


def _bound(event: Event, sides: Sides) -> Event:
    if isinstance(event, PartialImage):
        data, image_format = smaller(event.data, event.format, sides.partial)
        return replace(event, data=data, format=image_format)
    if isinstance(event, CompletedImage):
        return _bound_final(event, sides.final)
    return event


def _bound_final(image: CompletedImage, side: int | None) -> CompletedImage:
    data, image_format = smaller(image.data, image.format, side)
    pixels = sniff(data)
    if data is image.data or pixels is None:
        return image
    bounded = replace(image.picture, data=data, format=image_format, width=pixels.width, height=pixels.height)
    return replace(image, picture=bounded)
