"""Outlines in a box from -1 to 1 with y down, and the parts from which things are made."""

import math
from dataclasses import dataclass
from typing import Final, TypeAlias

from imgmagic.simulator.drawing.palette import Colour

Point: TypeAlias = tuple[float, float]
Outline: TypeAlias = tuple[Point, ...]
WOOD: Final = (112, 74, 48)
INK: Final = (36, 32, 40)
PAPER: Final = (250, 248, 240)
GLOW: Final = (255, 222, 128)
LEAF: Final = (66, 140, 72)
BLUSH: Final = (236, 150, 150)


@dataclass(frozen=True, kw_only=True)
class Part:
    """Hold one painted outline; `shade` is the share of light (above 0) or shadow (below 0) on the thing's colour."""

    outline: Outline
    shade: float = 0.0
    colour: Colour | None = None
    blur: float = 0.0
    opacity: float = 1.0


def ellipse(x: float, y: float, width: float, height: float | None = None, *, corners: int = 72) -> Outline:
    """Return an ellipse around a point, given its half axes."""
    height = width if height is None else height
    turns = (2 * math.pi * corner / corners for corner in range(corners))
    return tuple((x + width * math.cos(turn), y + height * math.sin(turn)) for turn in turns)


def box(left: float, top: float, right: float, bottom: float) -> Outline:
    """Return an upright rectangle."""
    return ((left, top), (right, top), (right, bottom), (left, bottom))


def capsule(x: float, top: float, bottom: float, radius: float) -> Outline:
    """Return an upright bar with a round top."""
    dome = ellipse(x, top + radius, radius)[36:]
    return (*dome, (x + radius, top + radius), (x + radius, bottom), (x - radius, bottom))


def star(points: int, inner: float, *, x: float = 0, y: float = 0, size: float = 1) -> Outline:
    """Return a star with this many points; `inner` is the radius of its notches."""
    radii = (size if corner % 2 == 0 else size * inner for corner in range(2 * points))
    turns = ((math.pi * corner / points - math.pi / 2, radius) for corner, radius in enumerate(radii))
    return tuple((x + radius * math.cos(turn), y + radius * math.sin(turn)) for turn, radius in turns)


def heart() -> Outline:
    """Return a heart."""
    turns = [2 * math.pi * step / 90 for step in range(90)]
    across = (16 * math.sin(turn) ** 3 / 16.5 for turn in turns)
    down = (
        13 * math.cos(turn) - 5 * math.cos(2 * turn) - 2 * math.cos(3 * turn) - math.cos(4 * turn) for turn in turns
    )
    return tuple((x, -(y + 2.4) / 15.5) for x, y in zip(across, down, strict=True))


def crescent() -> Outline:
    """Return a crescent moon."""
    outer = [math.radians(angle) for angle in range(40, 321, 5)]
    inner = [math.radians(angle) for angle in range(304, 55, -5)]
    return tuple((0.95 * math.cos(turn) + 0.1, 0.95 * math.sin(turn)) for turn in outer) + tuple(
        (0.74 * math.cos(turn) + 0.45, 0.74 * math.sin(turn)) for turn in inner
    )


def ring() -> Outline:
    """Return a ring, as one outline that runs around outside and inside."""
    outer, inner = ellipse(0, 0, 0.95), ellipse(0, 0, 0.52)
    return (*outer, outer[0], inner[0], *reversed(inner))


def gloss(x: float = -0.3, y: float = -0.38, size: float = 0.3) -> Part:
    """Return a soft highlight."""
    return Part(outline=ellipse(x, y, size, size * 0.8), colour=(255, 255, 255), blur=0.14, opacity=0.42)


def mirror(*parts: Part) -> tuple[Part, ...]:
    """Return the parts, and their mirror images."""
    flipped = (
        Part(outline=tuple((-x, y) for x, y in part.outline), shade=part.shade, colour=part.colour) for part in parts
    )
    return (*parts, *flipped)
