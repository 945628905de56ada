"""A generation: one finished call, its images, usage and time."""

import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from PIL import Image

from imgmagic.domain.request import ImageRequest
from imgmagic.domain.usage import Usage
from imgmagic.errors import ImgmagicError, StoreError


class Status(StrEnum):
    """How a generation ended."""

    COMPLETED = "completed"
    PARTIAL = "partial"  # some of n images failed
    FAILED = "failed"
    CANCELLED = "cancelled"
    INTERRUPTED = "interrupted"  # the kernel died


class Copier(Protocol):
    """Writes pictures where the user asks; the values know no disk, so the session gives them one."""

    def __call__(
        self, images: "Sequence[GeneratedImage]", path: str | Path, *, title: str, overwrite: bool = False
    ) -> tuple[Path, ...]:
        """Write `images` to a file or into a folder and return where they stand."""


def _no_copier(
    images: "Sequence[GeneratedImage]", path: str | Path, *, title: str, overwrite: bool = False
) -> tuple[Path, ...]:
    del images, title, overwrite
    raise StoreError(f"{path} was not written: this picture belongs to no session.", remedy="Write its .data yourself.")


@dataclass(frozen=True, kw_only=True)
class GeneratedImage:
    """Hold one finished image: the server's original bytes, format, pixels, and its path, or address on a bucket."""

    data: bytes = field(repr=False)
    format: str
    width: int
    height: int
    index: int = 0
    path: Path | None = None
    address: str | None = None
    revised_prompt: str | None = None
    copier: Copier = field(default=_no_copier, repr=False, compare=False)

    @property
    def location(self) -> str | None:
        """Return where the original is kept, for people; None where it could not be."""
        return self.address if self.path is None else str(self.path)

    def pil(self) -> Image.Image:
        """Return the image as a Pillow image."""
        image = Image.open(io.BytesIO(self.data))
        image.load()
        return image

    def save(self, path: str | Path, *, overwrite: bool = False) -> Path:
        """Save the original bytes to a file, or into a folder that exists; a missing ending is added.

        Raises:
            StoreError: a file stands there already and `overwrite` is not set, or the system refused.
        """
        return self.copier((self,), path, title="image", overwrite=overwrite)[0]


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
    images: Sequence[GeneratedImage] = ()
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
    copier: Copier = field(default=_no_copier, repr=False, compare=False)

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

    def save(self, path: str | Path, *, overwrite: bool = False) -> tuple[Path, ...]:
        """Save every original to a file, or into a folder that exists; several get -1, -2 and so on.

        Raises:
            StoreError: a file stands there already and `overwrite` is not set, or the system refused.
        """
        name = self.prompt if self.id is None else f"{self.id} {self.prompt}"
        return self.copier(self.images, path, title=name, overwrite=overwrite)
