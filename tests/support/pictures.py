"""Pictures, and the events and images that carry them."""

from pathlib import Path
from typing import Any

from imgmagic.domain.events import CompletedImage
from imgmagic.domain.generation import GeneratedImage
from imgmagic.domain.picture import Picture


def completed_image(*, elapsed_s: float = 0.0, index: int = 0, **picture: Any) -> CompletedImage:
    """Return the event of a finished image, whose picture is given by its fields."""
    return CompletedImage(elapsed_s=elapsed_s, index=index, picture=Picture(**picture))


def generated_image(
    *, index: int = 0, path: Path | None = None, address: str | None = None, copier: Any = None, **picture: Any
) -> GeneratedImage:
    """Return the image of a generation, whose picture is given by its fields."""
    own = {} if copier is None else {"copier": copier}
    return GeneratedImage(picture=Picture(**picture), index=index, path=path, address=address, **own)
