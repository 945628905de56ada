"""A generation: one finished call, its images, usage and time."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from pathlib import Path

from imgmagic.domain.request import ImageRequest
from imgmagic.domain.usage import Usage
from imgmagic.errors import ImgmagicError


class Status(StrEnum):
    """How a generation ended."""

    COMPLETED = "completed"
    PARTIAL = "partial"  # some of n images failed
    FAILED = "failed"
    CANCELLED = "cancelled"
    INTERRUPTED = "interrupted"  # the kernel died


@dataclass(frozen=True, kw_only=True)
class GeneratedImage:
    """Hold one finished image: the server's original bytes, format, pixels, and where it is kept."""

    data: bytes = field(repr=False)
    format: str
    width: int
    height: int
    index: int = 0
    path: Path | None = None
    revised_prompt: str | None = None


@dataclass(frozen=True, kw_only=True)
class Generation:
    """Hold one finished call: what was asked, what came, what it took.

    Args:
        id: its number in the history; None when it could not be recorded.
        prompt: the text that was sent, after `{{ }}` expansion.
        alt: alternative text of the pictures; None means the prompt.
        cost: US dollars; None when the price of the model is unknown.
        elapsed_s: seconds from sending to the end.
        first_partial_s: seconds to the first partial image; None when none came.
        simulated: drawn by the simulator.
        replayed: when the recording that was replayed was made; None for a live call.
        reused: when the earlier identical generation was made whose images these are; None otherwise.
        left_out: settings that the server does not take and that were therefore not sent.
        notices: what went wrong beside the generation itself, such as a history that could not be written.
    """

    request: ImageRequest
    status: Status
    provider: str
    created_at: datetime
    elapsed_s: float
    images: tuple[GeneratedImage, ...] = ()
    id: int | None = None
    alt: str | None = None
    usage: Usage | None = None
    cost: Decimal | None = None
    error: ImgmagicError | None = None
    first_partial_s: float | None = None
    request_id: str | None = None
    simulated: bool = False
    replayed: datetime | None = None
    reused: datetime | None = None
    left_out: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()

    @property
    def prompt(self) -> str:
        """Return the prompt that was sent."""
        return self.request.prompt

    @property
    def model(self) -> str | None:
        """Return the model that was asked."""
        return self.request.model

    @property
    def image(self) -> GeneratedImage | None:
        """Return the first image, or None when there is none."""
        return self.images[0] if self.images else None
