"""The events of a run, in the order in which they happened; the same from a server, a recording, and in the view."""

from dataclasses import dataclass, field
from typing import TypeAlias

from imgmagic.domain.usage import Usage
from imgmagic.errors import ImgmagicError


@dataclass(frozen=True, kw_only=True)
class _Event:
    """Something that happened to image `index` (0-based), `elapsed_s` seconds after the run began."""

    elapsed_s: float
    index: int = 0


@dataclass(frozen=True, kw_only=True)
class ReplyStarted(_Event):
    """The server began to reply; `request_id` is its own name for the request."""

    request_id: str | None = None


@dataclass(frozen=True, kw_only=True)
class RetryScheduled(_Event):
    """An attempt failed and cannot have been billed; the next (`attempt`, from 2) starts after `delay_s` seconds."""

    attempt: int
    delay_s: float
    reason: str


@dataclass(frozen=True, kw_only=True)
class PartialImage(_Event):
    """A coarse picture on the way to image `index`; `number` is the server's 0-based partial image index."""

    number: int
    data: bytes = field(repr=False)
    format: str


@dataclass(frozen=True, kw_only=True)
class CompletedImage(_Event):
    """Image `index`, whole: its original bytes, its format and its size in pixels, read from the bytes."""

    data: bytes = field(repr=False)
    format: str
    width: int
    height: int
    revised_prompt: str | None = None


@dataclass(frozen=True, kw_only=True)
class UsageReported(_Event):
    """Tokens that the server counted for the request that draws image `index` (and the following, when not streamed).

    `cost_usd` is set where the server itself names the price in US dollars (OpenRouter, xAI, LiteLLM), as text.
    """

    usage: Usage
    cost_usd: str | None = None


@dataclass(frozen=True, kw_only=True)
class ImageFailed(_Event):
    """Image `index` will not come; the others may."""

    error: ImgmagicError


Event: TypeAlias = ReplyStarted | RetryScheduled | PartialImage | CompletedImage | UsageReported | ImageFailed
