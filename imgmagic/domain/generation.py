"""A generation: one finished call, its images, usage and time."""

import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from imgmagic.domain.picture import Picture
from imgmagic.domain.request import ImageRequest
from imgmagic.domain.source_picture import PictureNumber, SourcePicture
from imgmagic.domain.usage import Usage
from imgmagic.domain.wording import describe_picture
from imgmagic.errors import ImgmagicError, StoreError

if TYPE_CHECKING:
    from PIL import Image


class Status(StrEnum):
    """How a generation ended."""

    COMPLETED = "completed"
    PARTIAL = "partial"  # some of n images failed
    FAILED = "failed"
    CANCELLED = "cancelled"
    RUNNING = "running"  # it has not ended yet, in this kernel or in another
    INTERRUPTED = "interrupted"  # the kernel died


class Copier(Protocol):
    """Writes pictures where the user asks; values know nothing of the disk, so the session gives them this."""

    def __call__(
        self, images: "Sequence[GeneratedImage]", path: str | Path, *, title: str, overwrite: bool = False
    ) -> tuple[Path, ...]:
        """Write `images` to a file or into a folder and return where they are."""


def _no_copier(
    images: "Sequence[GeneratedImage]", path: str | Path, *, title: str, overwrite: bool = False
) -> tuple[Path, ...]:
    del images, title, overwrite
    raise StoreError(
        f"{path} was not written: this picture does not belong to a session.", remedy="Write its .data yourself."
    )


@dataclass(frozen=True, kw_only=True, repr=False)
class GeneratedImage:
    """Hold one finished image of a generation, and the path or the bucket address where it is kept.

    Args:
        picture: what came from the server.
        index: which image of its generation it is, from 0.
        path: the file that holds the original; None if it is in a bucket or could not be kept.
        address: its address in a bucket.
        name: its name in the image store, such as 2026/11/22/12-a-red-fox.png.
    """

    picture: Picture
    index: int = 0
    path: Path | None = None
    address: str | None = None
    name: str | None = None
    copier: Copier = field(default=_no_copier, repr=False, compare=False)
    is_derived: bool = False  # made here from the server's picture, which is kept too
    number: PictureNumber | None = field(default=None, compare=False)  # which picture in the history it is

    @property
    def data(self) -> bytes:
        """Return the server's original bytes."""
        return self.picture.data

    @property
    def format(self) -> str:
        """Return the format of the bytes, such as png; "bin" where it is not known."""
        return self.picture.format

    @property
    def width(self) -> int:
        """Return the width in pixels."""
        return self.picture.width

    @property
    def height(self) -> int:
        """Return the height in pixels."""
        return self.picture.height

    @property
    def revised_prompt(self) -> str | None:
        """Return the prompt that the server drew instead of the one it got, or None."""
        return self.picture.revised_prompt

    @property
    def location(self) -> str | None:
        """Return where the original is kept, for people; None where it could not be."""
        return self.address if self.path is None else str(self.path)

    def __repr__(self) -> str:
        facts = describe_picture(self.width, self.height, self.format)
        return f"<GeneratedImage {facts}, {self.name or 'not saved'}>"

    def pil(self) -> "Image.Image":
        """Return the image as a Pillow image."""
        from PIL import Image  # values load no decoder before someone asks for pixels

        image = Image.open(io.BytesIO(self.data))
        image.load()
        return image

    def save(self, path: str | Path, *, overwrite: bool = False) -> Path:
        """Save the original bytes to a file, or into a folder that exists; a missing ending is added.

        Raises:
            StoreError: a file is there already and `overwrite` is not set, or the system refused.
        """
        return self.copier((self,), path, title="image", overwrite=overwrite)[0]


@dataclass(frozen=True, kw_only=True, repr=False)
class Generation:
    """Hold one finished call: the request, the images, and what it used.

    Args:
        derived: pictures that were made here from `images`, such as those with the original pasted back.
        id: its number in the history; None when it could not be recorded.
        prompt: the text that was sent, after `{{ }}` expansion.
        alt: alternative text of the pictures; None means the prompt.
        cost: US dollars; None when the price of the model is unknown.
        elapsed_s: seconds from sending to the end.
        first_partial_s: seconds to the first partial image; None when none came.
        simulated: drawn by the simulator.
        replayed: when the replayed recording was made; None for a live call.
        reused: when the earlier, identical generation with these images was made; None otherwise.
        left_out: settings that were not sent because the server does not take them.
        notices: what went wrong apart from the generation itself, such as a history that could not be written.
        partials: the last partial image of each picture that was stopped or cut off; never a result.
        partial_count: how many partial images the furthest of those had; 0 if that is unknown.
        held: US dollars that stay reserved because the server may bill what was stopped or cut off; None if nothing is.
    """

    request: ImageRequest
    status: Status
    provider: str
    created_at: datetime
    elapsed_s: float
    images: Sequence[GeneratedImage] = ()
    derived: Sequence[GeneratedImage] = ()
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
    partials: Sequence[GeneratedImage] = ()
    partial_count: int = 0
    held: Decimal | None = None
    copier: Copier = field(default=_no_copier, repr=False, compare=False)

    def __repr__(self) -> str:
        name = "" if self.id is None else f" #{self.id}"
        count = f"{len(self.images)} image{'' if len(self.images) == 1 else 's'}"
        return f"<Generation{name} {self.status}, {count}: {self.prompt[:60]!r}>"

    @property
    def prompt(self) -> str:
        """Return the prompt that was sent."""
        return self.request.prompt

    @property
    def model(self) -> str | None:
        """Return the model that was asked."""
        return self.request.model

    @property
    def sources(self) -> tuple[SourcePicture, ...]:
        """Return the pictures that it started from, in order; each knows which picture in the history it is."""
        return self.request.sources

    @property
    def image(self) -> GeneratedImage | None:
        """Return the first image, or None when there is none."""
        return self.images[0] if self.images else None

    def save(self, path: str | Path, *, overwrite: bool = False) -> tuple[Path, ...]:
        """Save every original to a file, or into an existing folder; several get the suffixes -1, -2 and so on.

        Raises:
            StoreError: a file is there already and `overwrite` is not set, or the system refused.
        """
        name = self.prompt if self.id is None else f"{self.id} {self.prompt}"
        return self.copier(self.images, path, title=name, overwrite=overwrite)


def number_of(value: object) -> PictureNumber | None:
    """Return the name in the history of a generation or one of its images; None for anything else."""
    if isinstance(value, Generation):
        return None if value.id is None else PictureNumber(generation_id=value.id)
    return value.number if isinstance(value, GeneratedImage) else None
