"""Calls: an understood request, with everything it leaves open decided, and the pictures it asks for."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from imgmagic.simulator.api.refusals import Json

if TYPE_CHECKING:
    from PIL import Image

Body: TypeAlias = Mapping[str, Json]


@dataclass(frozen=True, kw_only=True)
class Call:
    """Hold one understood request; sizes, quality and the like are what will be drawn, never "auto".

    Args:
        by_url: the reply has an address, not base64.
        sources: the pictures of an edit, decoded; a generation has none.
        mask: of the first source's size; its alpha is 0 where the picture may change.
    """

    prompt: str
    model: str
    width: int
    height: int
    n: int = 1
    quality: str = "medium"
    background: str = "opaque"
    output_format: str = "png"
    compression: int = 100
    is_streamed: bool = False
    partial_images: int = 0
    by_url: bool = False
    frame_count: int = 9
    frame_duration_ms: int = 200
    safety_identifier: str | None = None
    sources: "tuple[Image.Image, ...]" = ()
    mask: "Image.Image | None" = None
    input_fidelity: str = "low"

    @property
    def size(self) -> str:
        """Return the size as the API writes it."""
        return f"{self.width}x{self.height}"
