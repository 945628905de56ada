"""Progress: what is known about a run after each event; a pure fold, used to draw views and make generations."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from imgmagic.domain.cost import stated_cost
from imgmagic.domain.events import (
    AddressReceived,
    CompletedImage,
    Event,
    ImageFailed,
    Notice,
    PartialImage,
    ReplyStarted,
    RequestSent,
    RetryScheduled,
    UsageReported,
)
from imgmagic.domain.generation import Status
from imgmagic.domain.image_header import SHOWN_FORMATS
from imgmagic.domain.usage import Usage, sum_usage
from imgmagic.errors import ImgmagicError


class TileState(StrEnum):
    """How far one of the images is."""

    WAITING = "waiting"
    RETRYING = "retrying"
    STREAMING = "streaming"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"


OPEN = frozenset({TileState.WAITING, TileState.RETRYING, TileState.STREAMING})


@dataclass(frozen=True, kw_only=True)
class Tile:
    """How far one image is: its state, its latest partial image, and how it ended.

    `address` is where the server says the finished image is, until it has been fetched. `sent_with` is the first image
    of the request that was sent for this one; None before that, or after an attempt that cannot have been billed.
    """

    state: TileState = TileState.WAITING
    partials: int = 0
    partial: PartialImage | None = None
    address: str | None = None
    completed: CompletedImage | None = None
    retry: RetryScheduled | None = None
    error: ImgmagicError | None = None
    sent_with: int | None = None

    @property
    def latest(self) -> CompletedImage | PartialImage | None:
        """Return the picture that a page can show, or None; for a failed image its reason is shown instead."""
        done, partial = self.completed, self.partial
        if done is not None and done.picture.width and done.format in SHOWN_FORMATS:
            return done
        is_shown = self.state is not TileState.FAILED and partial is not None and partial.format in SHOWN_FORMATS
        return partial if is_shown else None

    @property
    def may_be_billed(self) -> bool:
        """Return whether the server may bill the image: not if it refused it, nor if the request never reached it."""
        return self.sent_with is not None and (self.error is None or self.error.may_be_billed)


@dataclass(frozen=True, kw_only=True)
class Progress:
    """What is known about a run so far; `after` returns the next state."""

    tiles: tuple[Tile, ...]
    partial_images: int = 0  # requested per image
    elapsed_s: float = 0.0
    first_partial_s: float | None = None
    request_id: str | None = None
    notices: tuple[str, ...] = ()
    counts: Mapping[int, UsageReported] = field(default_factory=dict)  # each reply's usage, by its first image

    @classmethod
    def start(cls, n: int, *, partial_images: int = 0) -> "Progress":
        """Return the progress of a run of `n` images that has not begun."""
        return cls(tiles=(Tile(),) * max(n, 1), partial_images=partial_images)

    def after(self, event: Event) -> "Progress":
        """Return the progress after `event`; a server that sends more images than asked gets more tiles."""
        missing = event.index + 1 - len(self.tiles)
        more = (Tile(sent_with=self.tiles[0].sent_with),) * missing
        grown = replace(self, tiles=self.tiles + more) if missing > 0 else self
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
    def unfinished(self) -> Mapping[int, PartialImage]:
        """Return the last partial image of each tile that was not finished, by its index."""
        return {
            index: tile.partial
            for index, tile in enumerate(self.tiles)
            if tile.completed is None and tile.partial is not None
        }

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

    @property
    def usage(self) -> Usage | None:
        """Return the tokens that all replies counted together."""
        return sum_usage(count.usage for count in self.counts.values())

    def _with_tile(self, index: int, tile: Tile) -> "Progress":
        return replace(self, tiles=(*self.tiles[:index], tile, *self.tiles[index + 1 :]))


def _request_sent(progress: Progress, event: RequestSent) -> Progress:
    for index in range(event.index, event.index + event.images):
        if index < len(progress.tiles):
            tile = progress.tiles[index]
            now = TileState.WAITING if tile.state is TileState.RETRYING else tile.state  # its countdown is over
            progress = progress._with_tile(index, replace(tile, sent_with=event.index, state=now))
    return progress


def _reply_started(progress: Progress, event: ReplyStarted) -> Progress:
    return replace(progress, request_id=progress.request_id or event.request_id)


def _retry_scheduled(progress: Progress, event: RetryScheduled) -> Progress:
    tiles = tuple(replace(tile, sent_with=None) if tile.sent_with == event.index else tile for tile in progress.tiles)
    retrying = replace(tiles[event.index], state=TileState.RETRYING, retry=event)
    return replace(progress, tiles=tiles)._with_tile(event.index, retrying)


def _partial_image(progress: Progress, event: PartialImage) -> Progress:
    tile = progress.tiles[event.index]
    streaming = replace(tile, state=TileState.STREAMING, partials=tile.partials + 1, partial=event)
    first = event.elapsed_s if progress.first_partial_s is None else progress.first_partial_s
    return replace(progress._with_tile(event.index, streaming), first_partial_s=first)


def _address_received(progress: Progress, event: AddressReceived) -> Progress:
    return progress._with_tile(event.index, replace(progress.tiles[event.index], address=event.address))


def _completed_image(progress: Progress, event: CompletedImage) -> Progress:
    completed = replace(
        progress.tiles[event.index], state=TileState.COMPLETED, completed=event, partial=None, address=None
    )
    return progress._with_tile(event.index, completed)


def _usage_reported(progress: Progress, event: UsageReported) -> Progress:
    before = progress.counts.get(event.index)
    count = event if before is None else _sum_counts(before, event)
    return replace(progress, counts={**progress.counts, event.index: count})


def _sum_counts(a: UsageReported, b: UsageReported) -> UsageReported:
    stated = [amount for amount in (stated_cost(a.cost_usd), stated_cost(b.cost_usd)) if amount is not None]
    return replace(b, usage=a.usage + b.usage, cost_usd=str(sum(stated)) if stated else None)


def _image_failed(progress: Progress, event: ImageFailed) -> Progress:
    failed = replace(progress.tiles[event.index], state=TileState.FAILED, error=event.error)
    return replace(progress._with_tile(event.index, failed), request_id=progress.request_id or event.error.request_id)


def _notice(progress: Progress, event: Notice) -> Progress:
    return replace(progress, notices=(*progress.notices, event.text))


_STEPS: Mapping[type, Callable[[Progress, Any], Progress]] = {
    RequestSent: _request_sent,
    ReplyStarted: _reply_started,
    RetryScheduled: _retry_scheduled,
    PartialImage: _partial_image,
    AddressReceived: _address_received,
    CompletedImage: _completed_image,
    UsageReported: _usage_reported,
    ImageFailed: _image_failed,
    Notice: _notice,
}
