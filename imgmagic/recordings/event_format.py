"""Event forms: the events of a run as a recording writes them, and back; pictures are named, never held.

The forms are closed: an event holds these fields of these types, or its line is damaged. Request ids are left out: they
are header values of someone's account.
"""

from collections.abc import Callable, Mapping
from typing import Annotated, Any, TypeAlias

import msgspec
from msgspec import Meta

from imgmagic import errors
from imgmagic.domain import unknown_bytes
from imgmagic.domain.events import (
    CompletedImage,
    Event,
    ImageFailed,
    PartialImage,
    ReplyStarted,
    RetryScheduled,
    UsageReported,
)
from imgmagic.domain.image_header import recognise
from imgmagic.domain.picture import Picture
from imgmagic.domain.safe_name import HASHED_NAME
from imgmagic.domain.usage import Usage
from imgmagic.errors import ApiError, ImgmagicError
from imgmagic.redaction import redact

_ERRORS: Mapping[str, type[ImgmagicError]] = {
    name: each for name, each in vars(errors).items() if isinstance(each, type) and issubclass(each, ImgmagicError)
}

# The bounds keep a line edited by hand from filling the memory or sleeping for ever.
Seconds: TypeAlias = Annotated[float, Meta(ge=0, le=86_400)]
_Index: TypeAlias = Annotated[int, Meta(ge=0, le=31)]  # no server draws more in one call
_Number: TypeAlias = Annotated[int, Meta(ge=0, le=2**31 - 1)]
_Blob: TypeAlias = Annotated[str, Meta(pattern=rf"\A{HASHED_NAME}\Z")]
_Money: TypeAlias = Annotated[str, Meta(pattern=r"\A[0-9]{1,20}(\.[0-9]{1,20})?([eE][+-]?[0-9]{1,2})?\Z")]
_ErrorName: TypeAlias = Annotated[str, Meta(pattern=rf"\A({'|'.join(_ERRORS)})\Z")]

Clean: TypeAlias = Callable[[str], str]


class LinePart(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A part of a recording's line: these fields and no others."""


class RecordedError(LinePart, frozen=True, kw_only=True):
    """A failure: the class of the error, and what it said."""

    name: _ErrorName
    message: str
    remedy: str = ""
    status: _Number | None = None
    code: str | None = None

    def error(self) -> ImgmagicError:
        """Return the error itself."""
        kind = _ERRORS[self.name]
        if issubclass(kind, ApiError):
            return kind(self.message, remedy=self.remedy, status=self.status, code=self.code)
        return kind(self.message, remedy=self.remedy)


class _EventForm(LinePart, frozen=True, kw_only=True, tag_field="type"):
    elapsed_s: Seconds
    index: _Index = 0


class _Reply(_EventForm, frozen=True, kw_only=True, tag="reply"):
    pass


class _Retry(_EventForm, frozen=True, kw_only=True, tag="retry"):
    attempt: _Number
    delay_s: Seconds
    reason: str


class _Partial(_EventForm, frozen=True, kw_only=True, tag="partial"):
    number: _Number
    blob: _Blob


class CompletedForm(_EventForm, frozen=True, kw_only=True, tag="completed"):
    """A finished picture."""

    blob: _Blob
    width: _Number
    height: _Number
    revised_prompt: str | None = None


class _Usage(_EventForm, frozen=True, kw_only=True, tag="usage"):
    usage: Usage
    cost_usd: _Money | None = None


class _Failed(_EventForm, frozen=True, kw_only=True, tag="failed"):
    error: RecordedError


EventForm: TypeAlias = _Reply | _Retry | _Partial | CompletedForm | _Usage | _Failed


def to_form(event: Event, blob: Callable[[bytes, str], str], clean: Clean) -> EventForm:
    """Return the form of `event`; `blob` names a picture, `clean` removes what no recording may hold."""
    return _WRITERS[type(event)](event, blob, clean)


def is_recorded(event: Event) -> bool:
    """Return whether a recording holds such an event: not those that concern only the bill or the moment."""
    return type(event) in _WRITERS


def from_form(form: EventForm, pictures: Mapping[str, bytes]) -> Event:
    """Return the event of `form`; `pictures` holds the bytes of the pictures by name."""
    return _READERS[type(form)](form, pictures)


def blob_of(form: EventForm) -> str | None:
    """Return the name of the event's picture; None when it has none."""
    return form.blob if isinstance(form, _Partial | CompletedForm) else None


def recorded_error(error: ImgmagicError, clean: Clean) -> RecordedError:
    """Return the form of `error`; a class that the tree does not know is written as the nearest that it knows."""
    name = next(each.__name__ for each in type(error).__mro__ if each.__name__ in _ERRORS)
    status, code = (error.status, error.code) if isinstance(error, ApiError) else (None, None)
    return RecordedError(name=name, message=clean(error.message), remedy=clean(error.remedy), status=status, code=code)


def _time(event: Event) -> float:
    return max(0.0, round(event.elapsed_s, 3))


def _write_reply(event: ReplyStarted, *_: object) -> _Reply:
    return _Reply(elapsed_s=_time(event), index=event.index)


def _write_retry(event: RetryScheduled, _: object, clean: Clean) -> _Retry:
    return _Retry(
        elapsed_s=_time(event),
        index=event.index,
        attempt=event.attempt,
        delay_s=round(event.delay_s, 3),
        reason=clean(redact(event.reason)),
    )


def _write_partial(event: PartialImage, blob: Callable[[bytes, str], str], _: object) -> _Partial:
    name = blob(event.data, event.format)
    return _Partial(elapsed_s=_time(event), index=event.index, number=event.number, blob=name)


def _write_completed(event: CompletedImage, blob: Callable[[bytes, str], str], clean: Clean) -> CompletedForm:
    return CompletedForm(
        elapsed_s=_time(event),
        index=event.index,
        blob=blob(event.data, event.format),
        width=event.picture.width,
        height=event.picture.height,
        revised_prompt=None if event.picture.revised_prompt is None else clean(event.picture.revised_prompt),
    )


def _write_usage(event: UsageReported, *_: object) -> _Usage:
    return _Usage(elapsed_s=_time(event), index=event.index, usage=event.usage, cost_usd=event.cost_usd)


def _write_failed(event: ImageFailed, _: object, clean: Clean) -> _Failed:
    return _Failed(elapsed_s=_time(event), index=event.index, error=recorded_error(event.error, clean))


_WRITERS: Mapping[type, Callable[[Any, Callable[[bytes, str], str], Clean], EventForm]] = {
    ReplyStarted: _write_reply,
    RetryScheduled: _write_retry,
    PartialImage: _write_partial,
    CompletedImage: _write_completed,
    UsageReported: _write_usage,
    ImageFailed: _write_failed,
}


def _read_reply(form: _Reply, _: object) -> ReplyStarted:
    return ReplyStarted(elapsed_s=form.elapsed_s, index=form.index)


def _read_retry(form: _Retry, _: object) -> RetryScheduled:
    return RetryScheduled(
        elapsed_s=form.elapsed_s, index=form.index, attempt=form.attempt, delay_s=form.delay_s, reason=form.reason
    )


def _read_partial(form: _Partial, pictures: Mapping[str, bytes]) -> PartialImage:
    return PartialImage(
        elapsed_s=form.elapsed_s,
        index=form.index,
        number=form.number,
        data=pictures[form.blob],
        format=_format_of(pictures[form.blob]),
    )


def _read_completed(form: CompletedForm, pictures: Mapping[str, bytes]) -> CompletedImage:
    picture = Picture(
        data=pictures[form.blob],
        format=_format_of(pictures[form.blob]),
        width=form.width,
        height=form.height,
        revised_prompt=form.revised_prompt,
    )
    return CompletedImage(elapsed_s=form.elapsed_s, index=form.index, picture=picture)


def _format_of(data: bytes) -> str:
    """Return a picture's format from its bytes: what a recording of others calls it may be anything."""
    pixels = recognise(data)
    return unknown_bytes.FORMAT if pixels is None else pixels.format


def _read_usage(form: _Usage, _: object) -> UsageReported:
    return UsageReported(elapsed_s=form.elapsed_s, index=form.index, usage=form.usage, cost_usd=form.cost_usd)


def _read_failed(form: _Failed, _: object) -> ImageFailed:
    return ImageFailed(elapsed_s=form.elapsed_s, index=form.index, error=form.error.error())


_READERS: Mapping[type, Callable[[Any, Mapping[str, bytes]], Event]] = {
    _Reply: _read_reply,
    _Retry: _read_retry,
    _Partial: _read_partial,
    CompletedForm: _read_completed,
    _Usage: _read_usage,
    _Failed: _read_failed,
}
