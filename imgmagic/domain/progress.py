"""Progress: what is known of a run after each event; a pure fold, from which views draw and generations are made."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from typing import Any

from imgmagic.domain.cost import cost, stated_cost
from imgmagic.domain.events import (
    CompletedImage,
    Event,
    ImageFailed,
    PartialImage,
    ReplyStarted,
    RetryScheduled,
    UsageReported,
)
from imgmagic.domain.generation import Status
from imgmagic.domain.prices import PriceTable
from imgmagic.domain.request import ImageRequest
from imgmagic.domain.usage import Usage
from imgmagic.errors import ApiError, HostUnreachable, ImgmagicError, SettingsError, TlsFailed


class TileState(StrEnum):
    """How far one of the images is."""

    WAITING = "waiting"
    RETRYING = "retrying"
    STREAMING = "streaming"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"


_NUMBER = re.compile(r"\d{1,20}(?:\.\d{0,40})?(?:[eE][-+]?\d{1,2})?", re.ASCII)  # a cost, not just anything
_GAVE_UP = frozenset({504, 524})  # a gateway's: it stopped waiting, and the server behind it went on
OPEN = frozenset({TileState.WAITING, TileState.RETRYING, TileState.STREAMING})


@dataclass(frozen=True, kw_only=True)
class Tile:
    """How far one image is: its state, its latest partial image, and how it ended."""

    state: TileState = TileState.WAITING
    partials: int = 0
    partial: PartialImage | None = None
    completed: CompletedImage | None = None
    retry: RetryScheduled | None = None
    error: ImgmagicError | None = None

    @property
    def may_be_billed(self) -> bool:
        """Return whether the server may bill the image: not what it refused, nor what never reached it."""
        refused = isinstance(self.error, ApiError) and self.error.status not in (None, *_GAVE_UP)
        return not (refused or isinstance(self.error, HostUnreachable | TlsFailed | SettingsError))


@dataclass(frozen=True, kw_only=True)
class Progress:
    """What is known of a run so far; `after` gives the next."""

    tiles: tuple[Tile, ...]
    partial_images: int = 0  # asked for, per image
    elapsed_s: float = 0.0
    first_partial_s: float | None = None
    request_id: str | None = None
    usage: Usage | None = None
    cost_usd: str | None = None
    counted: frozenset[int] = frozenset()  # the images whose replies said what they took

    @classmethod
    def start(cls, n: int, *, partial_images: int = 0) -> "Progress":
        """Return the progress of a run of `n` images that has not begun."""
        return cls(tiles=(Tile(),) * max(n, 1), partial_images=partial_images)

    def after(self, event: Event) -> "Progress":
        """Return the progress after `event`; a server that sends more images than asked gets more tiles."""
        missing = event.index + 1 - len(self.tiles)
        grown = replace(self, tiles=self.tiles + (Tile(),) * missing) if missing > 0 else self
        return replace(_STEPS[type(event)](grown, event), elapsed_s=max(self.elapsed_s, event.elapsed_s))

    def cancelled(self) -> "Progress":
        """Return the progress with every open tile cancelled."""
        return replace(
            self,
            tiles=tuple(
                replace(tile, state=TileState.CANCELLED) if tile.state in OPEN else tile for tile in self.tiles
            ),
        )

    def failed(self, error: ImgmagicError) -> "Progress":
        """Return the progress with every open tile failed for one reason."""
        return replace(
            self,
            tiles=tuple(
                replace(tile, state=TileState.FAILED, error=error) if tile.state in OPEN else tile
                for tile in self.tiles
            ),
        )

    @property
    def images(self) -> tuple[CompletedImage, ...]:
        """Return the finished images in order."""
        return tuple(tile.completed for tile in self.tiles if tile.completed is not None)

    @property
    def error(self) -> ImgmagicError | None:
        """Return the first failure, or None."""
        return next((tile.error for tile in self.tiles if tile.error is not None), None)

    @property
    def status(self) -> Status:
        """Return how the run ended, judged by its tiles."""
        states = {tile.state for tile in self.tiles}
        if states == {TileState.COMPLETED}:
            return Status.COMPLETED
        if TileState.CANCELLED in states:
            return Status.CANCELLED
        return Status.PARTIAL if TileState.COMPLETED in states else Status.FAILED

    def cost(self, request: ImageRequest, prices: PriceTable) -> Decimal | None:
        """Return what the run costs as far as it is known: what the server itself stated, else what it will bill."""
        stated = stated_cost(self.cost_usd)
        if stated is not None:
            return stated
        return cost(request, self.usage, [(image.width, image.height) for image in self.images], prices)

    def unpriced(self, request: ImageRequest, cost: Decimal | None) -> int:
        """Return how many images may be billed that `cost` does not hold; a streamed image has a reply of its own."""

        def is_priced(index: int, tile: Tile) -> bool:
            if cost is None or not self.counted:
                return cost is not None and tile.completed is not None
            return index in self.counted or not request.stream

        return sum(tile.may_be_billed and not is_priced(index, tile) for index, tile in enumerate(self.tiles))

    def _with_tile(self, index: int, **changes: Any) -> "Progress":
        tile = replace(self.tiles[index], **changes)
        return replace(self, tiles=(*self.tiles[:index], tile, *self.tiles[index + 1 :]))


def _reply_started(progress: Progress, event: ReplyStarted) -> Progress:
    return replace(progress, request_id=progress.request_id or event.request_id)


def _retry_scheduled(progress: Progress, event: RetryScheduled) -> Progress:
    return progress._with_tile(event.index, state=TileState.RETRYING, retry=event)


def _partial_image(progress: Progress, event: PartialImage) -> Progress:
    seen = progress.tiles[event.index].partials + 1
    first = event.elapsed_s if progress.first_partial_s is None else progress.first_partial_s
    return replace(
        progress._with_tile(event.index, state=TileState.STREAMING, partials=seen, partial=event),
        first_partial_s=first,
    )


def _completed_image(progress: Progress, event: CompletedImage) -> Progress:
    return progress._with_tile(event.index, state=TileState.COMPLETED, completed=event, partial=None)


def _usage_reported(progress: Progress, event: UsageReported) -> Progress:
    usage = event.usage if progress.usage is None else progress.usage + event.usage
    cost_usd = _added(progress.cost_usd, event.cost_usd)
    return replace(progress, usage=usage, cost_usd=cost_usd, counted=progress.counted | {event.index})


def _image_failed(progress: Progress, event: ImageFailed) -> Progress:
    failed = progress._with_tile(event.index, state=TileState.FAILED, error=event.error, partial=None)
    return replace(failed, request_id=progress.request_id or event.error.request_id)


def _added(a: str | None, b: str | None) -> str | None:
    known = [Decimal(each) for each in (a, b) if each is not None and _NUMBER.fullmatch(each)]
    return str(sum(known)) if known else None


_STEPS: Mapping[type, Callable[[Progress, Any], Progress]] = {
    ReplyStarted: _reply_started,
    RetryScheduled: _retry_scheduled,
    PartialImage: _partial_image,
    CompletedImage: _completed_image,
    UsageReported: _usage_reported,
    ImageFailed: _image_failed,
}
