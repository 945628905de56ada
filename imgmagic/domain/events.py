"""The events of a run, in the order in which they happened; the same for a server, a recording and the view."""

from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass, field
from typing import TypeAlias

from imgmagic.domain.picture import Picture
from imgmagic.domain.rate_limit import RateLimit
from imgmagic.domain.request import ImageRequest
from imgmagic.domain.usage import Usage
from imgmagic.errors import ImgmagicError


@dataclass(frozen=True, kw_only=True)
class _Event:
    """Something that happened to image `index` (0-based), `elapsed_s` seconds after the run began."""

    elapsed_s: float
    index: int = 0


@dataclass(frozen=True, kw_only=True)
class RequestSent(_Event):
    """A request for `images` images, from `index` on, is about to leave: from here on the server may bill them.

    The request leaves only after the reader has taken this event, so no bill is unexpected.
    """

    images: int = 1


@dataclass(frozen=True, kw_only=True)
class ReplyStarted(_Event):
    """The server began to reply; `request_id` is its name for the request, `rate_limits` are its limits."""

    request_id: str | None = None
    rate_limits: tuple[RateLimit, ...] = ()


@dataclass(frozen=True, kw_only=True)
class RetryScheduled(_Event):
    """An attempt failed and cannot have been billed; the next (`attempt`, from 2) starts after `delay_s` seconds.

    A first attempt that has to wait for a rate limit is announced in the same way.
    If a rate limit was the reason, `rate_limits` holds what the server's refusal said about it.
    """

    attempt: int
    delay_s: float
    reason: str
    rate_limits: tuple[RateLimit, ...] = ()


@dataclass(frozen=True, kw_only=True)
class PartialImage(_Event):
    """A coarse picture on the way to image `index`; `number` is the server's 0-based partial image index."""

    number: int
    data: bytes = field(repr=False)
    format: str


@dataclass(frozen=True, kw_only=True)
class AddressReceived(_Event):
    """Image `index` is drawn and can be fetched from `address`, as the server wrote it."""

    address: str = field(repr=False)  # it may hold a signature


@dataclass(frozen=True, kw_only=True)
class CompletedImage(_Event):
    """Image `index`, whole."""

    picture: Picture

    @property
    def data(self) -> bytes:
        """Return the picture's bytes, named as in a partial image."""
        return self.picture.data

    @property
    def format(self) -> str:
        """Return the picture's format, named as in a partial image."""
        return self.picture.format


@dataclass(frozen=True, kw_only=True)
class UsageReported(_Event):
    """Tokens that the server counted for the request that draws image `index` (and the following, when not streamed).

    `cost_usd` is set where the server itself names the price in US dollars (OpenRouter, xAI, LiteLLM), as text.
    """

    usage: Usage
    cost_usd: str | None = None


@dataclass(frozen=True, kw_only=True)
class ImageFailed(_Event):
    """Image `index` will not arrive; the others may."""

    error: ImgmagicError


@dataclass(frozen=True, kw_only=True)
class Notice(_Event):
    """A message to the user beside the pictures; it does not change the run."""

    text: str


Event: TypeAlias = (
    RequestSent
    | ReplyStarted
    | RetryScheduled
    | PartialImage
    | AddressReceived
    | CompletedImage
    | UsageReported
    | ImageFailed
    | Notice
)

Source: TypeAlias = Callable[[ImageRequest], AsyncGenerator[Event, None]]
"""Anything that yields the events of a request, in order; failures are events too."""
