"""Calls: a request that was understood, with everything that is left open decided, and the pictures it asks for."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from imgmagic.simulator.api.refusals import Json

Body: TypeAlias = Mapping[str, Json]


@dataclass(frozen=True, kw_only=True)
class Call:
    """Hold one understood request; sizes, quality and the like are what will be drawn, never "auto"."""

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

    @property
    def size(self) -> str:
        """Return the size as the API writes it."""
        return f"{self.width}x{self.height}"


@dataclass(frozen=True, kw_only=True)
class Picture:
    """Hold what a picture is made from; equal pictures have equal pixels."""

    prompt: str
    seed: int = 0
    width: int = 1024
    height: int = 1024
    is_transparent: bool = False
