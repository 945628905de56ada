"""The things a picture can show, as outlines in a box from -1 to 1 with y down; it knows neither pixels nor prompts."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from imgmagic.simulator.palette import Colour

Point: TypeAlias = tuple[float, float]
Outline: TypeAlias = tuple[Point, ...]


@dataclass(frozen=True, kw_only=True)
class Part:
    """Hold one painted outline; `shade` is the share of light (above 0) or shadow (below 0) on the thing's colour."""

    outline: Outline
    shade: float = 0.0
    colour: Colour | None = None
    blur: float = 0.0
    opacity: float = 1.0


def ellipse(x: float, y: float, width: float, height: float | None = None, *, corners: int = 72) -> Outline:
    """Return an ellipse around a point, by its half axes."""
    height = width if height is None else height
    turns = (2 * math.pi * corner / corners for corner in range(corners))
    return tuple((x + width * math.cos(turn), y + height * math.sin(turn)) for turn in turns)


def box(left: float, top: float, right: float, bottom: float) -> Outline:
    """Return an upright rectangle."""
    return ((left, top), (right, top), (right, bottom), (left, bottom))


def _star(points: int, inner: float, *, x: float = 0, y: float = 0, size: float = 1) -> Outline:
    radii = (size if corner % 2 == 0 else size * inner for corner in range(2 * points))
    turns = ((math.pi * corner / points - math.pi / 2, radius) for corner, radius in enumerate(radii))
    return tuple((x + radius * math.cos(turn), y + radius * math.sin(turn)) for turn, radius in turns)


def _heart() -> Outline:
    turns = [2 * math.pi * step / 90 for step in range(90)]
    across = (16 * math.sin(turn) ** 3 / 16.5 for turn in turns)
    down = (
        13 * math.cos(turn) - 5 * math.cos(2 * turn) - 2 * math.cos(3 * turn) - math.cos(4 * turn) for turn in turns
    )
    return tuple((x, -(y + 2.4) / 15.5) for x, y in zip(across, down, strict=True))


def _crescent() -> Outline:
    outer = [math.radians(angle) for angle in range(40, 321, 5)]
    inner = [math.radians(angle) for angle in range(304, 55, -5)]
    return tuple((0.95 * math.cos(turn) + 0.1, 0.95 * math.sin(turn)) for turn in outer) + tuple(
        (0.74 * math.cos(turn) + 0.45, 0.74 * math.sin(turn)) for turn in inner
    )


def _ring() -> Outline:
    outer, inner = ellipse(0, 0, 0.95), ellipse(0, 0, 0.52)
    return (*outer, outer[0], inner[0], *reversed(inner))


def _petals(count: int) -> tuple[Part, ...]:
    turns = [2 * math.pi * petal / count for petal in range(count)]
    return tuple(
        Part(outline=ellipse(0.38 * math.cos(turn), -0.45 + 0.38 * math.sin(turn), 0.24), shade=0.08 * (petal % 2))
        for petal, turn in enumerate(turns)
    )


def _gloss(x: float = -0.3, y: float = -0.38, size: float = 0.3) -> Part:
    return Part(outline=ellipse(x, y, size, size * 0.8), colour=(255, 255, 255), blur=0.14, opacity=0.42)


_WOOD: Final = (112, 74, 48)
_INK: Final = (36, 32, 40)
_PAPER: Final = (250, 248, 240)
_GLOW: Final = (255, 222, 128)
_LEAF: Final = (66, 140, 72)
_ROOF: Final = (156, 70, 58)
_BLUSH: Final = (236, 150, 150)


def _eyes(y: float = -0.08, apart: float = 0.3, size: float = 0.11) -> tuple[Part, ...]:
    return tuple(
        part
        for x in (-apart, apart)
        for part in (
            Part(outline=ellipse(x, y, size, size * 1.15), colour=_INK),
            Part(outline=ellipse(x - size * 0.3, y - size * 0.4, size * 0.35), colour=_PAPER),
        )
    )


def _face(ears: Sequence[Part], *extra: Part, muzzle: Colour | None = None) -> tuple[Part, ...]:
    """Draw a face: ears behind, a round head, a muzzle with a nose and whiskers or whatever else comes on top."""
    return (
        *ears,
        Part(outline=ellipse(0, 0.18, 0.8, 0.74)),
        Part(outline=ellipse(-0.3, -0.15, 0.32, 0.2), shade=0.5, blur=0.2, opacity=0.5),
        *((Part(outline=ellipse(0, 0.5, 0.42, 0.32), colour=muzzle),) if muzzle else ()),
        *_eyes(0.04),
        Part(outline=((-0.12, 0.3), (0.12, 0.3), (0, 0.44)), colour=_INK),
        Part(outline=_smile(), colour=_INK),
        Part(outline=ellipse(-0.52, 0.36, 0.14, 0.09), colour=_BLUSH, blur=0.05, opacity=0.55),
        Part(outline=ellipse(0.52, 0.36, 0.14, 0.09), colour=_BLUSH, blur=0.05, opacity=0.55),
        *extra,
    )


def _smile() -> Outline:
    upper = [(-0.24 + 0.04 * step, 0.5 + 0.08 * math.sin(math.pi * step / 6)) for step in range(13)]
    curve = [(x, 0.5 + 0.1 * abs(math.sin(math.pi * (x + 0.24) / 0.24))) for x, _ in upper]
    return (*curve, *((x, y + 0.035) for x, y in reversed(curve)))


def _mirrored(*parts: Part) -> tuple[Part, ...]:
    flipped = (
        Part(outline=tuple((-x, y) for x, y in part.outline), shade=part.shade, colour=part.colour) for part in parts
    )
    return (*parts, *flipped)


def _whiskers() -> tuple[Part, ...]:
    lines = (
        ((0.3, 0.4), (0.95, 0.3), (0.95, 0.325), (0.3, 0.43)),
        ((0.3, 0.47), (0.95, 0.5), (0.95, 0.525), (0.3, 0.5)),
    )
    return _mirrored(*(Part(outline=line, colour=_PAPER) for line in lines))


_POINTED: Final = _mirrored(
    Part(outline=((-0.76, 0.0), (-0.7, -0.86), (-0.12, -0.42)), shade=-0.08),
    Part(outline=((-0.64, -0.2), (-0.62, -0.66), (-0.28, -0.4)), colour=_BLUSH),
)
_FLOPPY: Final = _mirrored(Part(outline=ellipse(-0.74, 0.08, 0.26, 0.6), shade=-0.35))
_ROUND: Final = _mirrored(
    Part(outline=ellipse(-0.58, -0.48, 0.3), shade=-0.12), Part(outline=ellipse(-0.58, -0.46, 0.17), colour=_BLUSH)
)
_SMALL: Final = _mirrored(Part(outline=ellipse(-0.66, -0.36, 0.18), shade=-0.3))
_LONG: Final = _mirrored(
    Part(outline=ellipse(-0.32, -0.62, 0.19, 0.46)), Part(outline=ellipse(-0.32, -0.6, 0.09, 0.34), colour=_BLUSH)
)
_TUFTS: Final = _mirrored(Part(outline=((-0.7, -0.1), (-0.66, -0.8), (-0.2, -0.42)), shade=-0.2))
_CHEEKS: Final = _mirrored(
    Part(outline=((0.0, 0.46), (-0.3, 0.24), (-0.78, 0.3), (-0.5, 0.72), (0.0, 0.9)), colour=_PAPER)
)

_WINDOW: Final = Part(outline=box(-0.5, 0.15, -0.18, 0.45), colour=_GLOW)

SHAPES: Final[Mapping[str, tuple[Part, ...]]] = {
    "circle": (Part(outline=ellipse(0, 0, 0.95)), _gloss()),
    "square": (Part(outline=box(-0.84, -0.84, 0.84, 0.84)),),
    "triangle": (Part(outline=((0, -0.92), (0.98, 0.82), (-0.98, 0.82))),),
    "diamond": (
        Part(outline=((0, -0.98), (0.72, 0), (0, 0.98), (-0.72, 0))),
        Part(outline=((0, -0.98), (0.72, 0), (0, 0.1)), shade=0.25),
        Part(outline=((0, 0.98), (-0.72, 0), (0, 0.1)), shade=-0.25),
    ),
    "hexagon": (Part(outline=tuple((0.95 * x, 0.95 * y) for x, y in ellipse(0, 0, 1, corners=6))),),
    "ring": (Part(outline=_ring()),),
    "cross": (Part(outline=box(-0.3, -0.9, 0.3, 0.9)), Part(outline=box(-0.9, -0.3, 0.9, 0.3))),
    "star": (Part(outline=_star(5, 0.46)),),
    "heart": (Part(outline=_heart()), _gloss(-0.45, -0.45, 0.2)),
    "moon": (
        Part(outline=ellipse(0, 0, 1.1), shade=0.3, blur=0.3, opacity=0.16),
        Part(outline=_crescent()),
    ),
    "sun": (
        Part(outline=ellipse(0, 0, 1.1), shade=0.4, blur=0.3, opacity=0.45),
        Part(outline=_star(16, 0.76), shade=0.2),
        Part(outline=ellipse(0, 0, 0.66)),
    ),
    "cloud": tuple(
        Part(outline=ellipse(x, y, radius), shade=shade)
        for x, y, radius, shade in (
            (-0.55, 0.2, 0.36, -0.06),
            (0.55, 0.2, 0.36, -0.06),
            (0.0, 0.24, 0.4, -0.05),
            (-0.2, -0.08, 0.46, 0.04),
            (0.25, 0.0, 0.38, 0.02),
        )
    ),
    "tree": (
        Part(outline=((-0.11, 1), (-0.07, 0.1), (0.07, 0.1), (0.11, 1)), colour=_WOOD),
        Part(outline=ellipse(-0.38, 0.05, 0.42), shade=-0.18),
        Part(outline=ellipse(0.38, 0.05, 0.42), shade=-0.12),
        Part(outline=ellipse(0, -0.4, 0.56), shade=0.04),
        Part(outline=ellipse(-0.16, -0.52, 0.26), shade=0.35, blur=0.16, opacity=0.6),
    ),
    "pine": (
        Part(outline=box(-0.1, 0.5, 0.1, 1), colour=_WOOD),
        Part(outline=((0, -0.35), (0.72, 0.74), (-0.72, 0.74)), shade=-0.2),
        Part(outline=((0, -0.7), (0.56, 0.26), (-0.56, 0.26)), shade=-0.05),
        Part(outline=((0, -1.0), (0.4, -0.2), (-0.4, -0.2)), shade=0.1),
    ),
    "palm": (
        Part(outline=((-0.12, 1), (0.0, -0.5), (0.1, -0.5), (0.08, 1)), colour=_WOOD),
        *_mirrored(
            Part(outline=((0.04, -0.52), (-0.5, -0.95), (-0.95, -0.5), (-0.5, -0.68))),
            Part(outline=((0.04, -0.5), (-0.6, -0.5), (-0.9, 0.1), (-0.45, -0.28)), shade=-0.2),
        ),
        Part(outline=ellipse(0.04, -0.45, 0.12), colour=_WOOD),
    ),
    "cactus": (
        Part(outline=(*box(-0.2, -0.7, 0.2, 1),)),
        Part(outline=ellipse(0, -0.7, 0.2)),
        Part(outline=((-0.2, 0.3), (-0.66, 0.3), (-0.66, -0.3), (-0.4, -0.3), (-0.4, 0.06), (-0.2, 0.06)), shade=-0.12),
        Part(outline=ellipse(-0.53, -0.3, 0.13), shade=-0.12),
        Part(outline=((0.2, 0.1), (0.4, 0.1), (0.4, -0.5), (0.64, -0.5), (0.64, 0.34), (0.2, 0.34)), shade=0.1),
        Part(outline=ellipse(0.52, -0.5, 0.12), shade=0.1),
    ),
    "mushroom": (
        Part(outline=((-0.24, 0), (-0.32, 0.95), (0.32, 0.95), (0.24, 0)), colour=(240, 228, 206)),
        Part(outline=(*ellipse(0, 0.1, 0.95, 0.95)[36:], (0.95, 0.1))),
        *(
            Part(outline=ellipse(x, y, r), colour=_PAPER)
            for x, y, r in ((-0.4, -0.3, 0.15), (0.3, -0.45, 0.19), (0.6, -0.1, 0.1), (-0.05, -0.1, 0.11))
        ),
    ),
    "flower": (
        Part(outline=box(-0.045, -0.3, 0.045, 1), colour=_LEAF),
        Part(outline=ellipse(0.24, 0.62, 0.24, 0.1), colour=_LEAF),
        *_petals(8),
        Part(outline=ellipse(0, -0.45, 0.22), colour=(250, 200, 70)),
    ),
    "house": (
        Part(outline=box(0.36, -0.72, 0.56, -0.2), colour=_ROOF),
        Part(outline=box(-0.74, -0.12, 0.74, 1)),
        Part(outline=((-0.95, -0.06), (0, -0.92), (0.95, -0.06)), shade=-0.42),
        _WINDOW,
        Part(outline=box(0.18, 0.15, 0.5, 0.45), colour=_GLOW),
        Part(outline=box(-0.16, 0.52, 0.16, 1), colour=_WOOD),
    ),
    "castle": (
        Part(outline=box(-0.55, -0.1, 0.55, 1)),
        *_mirrored(
            Part(outline=box(-0.95, -0.4, -0.5, 1), shade=-0.12),
            Part(outline=((-1.0, -0.4), (-0.72, -1.0), (-0.45, -0.4)), colour=_ROOF),
            Part(outline=box(-0.78, -0.1, -0.67, 0.16), colour=_GLOW),
        ),
        *(Part(outline=box(x, -0.26, x + 0.16, -0.09)) for x in (-0.42, -0.08, 0.26)),
        Part(outline=(*ellipse(0, 0.6, 0.2, 0.24)[36:], (0.2, 1), (-0.2, 1)), colour=_WOOD),
    ),
    "lighthouse": (
        Part(outline=((0.0, -0.72), (1.5, -1.05), (1.5, -0.35)), colour=_GLOW, blur=0.08, opacity=0.35),
        Part(outline=((-0.2, -0.55), (0.2, -0.55), (0.36, 1), (-0.36, 1)), colour=_PAPER),
        Part(outline=((-0.24, -0.2), (0.24, -0.2), (0.276, 0.15), (-0.276, 0.15))),
        Part(outline=((-0.31, 0.5), (0.31, 0.5), (0.345, 0.85), (-0.345, 0.85))),
        Part(outline=box(-0.28, -0.58, 0.28, -0.5), colour=_INK),
        Part(outline=box(-0.16, -0.84, 0.16, -0.58), colour=_GLOW),
        Part(outline=((-0.22, -0.84), (0, -1.0), (0.22, -0.84)), shade=-0.2),
    ),
    "boat": (
        Part(outline=box(-0.04, -0.95, 0.03, 0.5), colour=_WOOD),
        Part(outline=((0.06, -0.9), (0.8, 0.34), (0.06, 0.34)), colour=_PAPER),
        Part(outline=((-0.08, -0.7), (-0.08, 0.34), (-0.62, 0.34)), shade=0.6),
        Part(outline=((-0.95, 0.44), (0.95, 0.44), (0.62, 0.92), (-0.62, 0.92))),
        Part(outline=((-0.95, 0.44), (0.95, 0.44), (0.88, 0.54), (-0.88, 0.54)), shade=0.4),
    ),
    "rocket": (
        Part(outline=((-0.16, 0.6), (0.16, 0.6), (0, 1.1)), colour=(255, 170, 50), blur=0.04),
        *_mirrored(Part(outline=((-0.3, 0.1), (-0.62, 0.72), (-0.24, 0.6)), shade=-0.35)),
        Part(
            outline=((0, -1.0), (0.2, -0.7), (0.32, -0.2), (0.28, 0.62), (-0.28, 0.62), (-0.32, -0.2), (-0.2, -0.7)),
            colour=(236, 238, 242),
        ),
        Part(outline=((0, -1.0), (0.2, -0.7), (0.26, -0.5), (-0.26, -0.5), (-0.2, -0.7))),
        Part(outline=ellipse(0, -0.14, 0.17), shade=-0.3),
        Part(outline=ellipse(0, -0.14, 0.115), colour=(150, 210, 240)),
    ),
    "balloon": (
        Part(outline=((-0.3, 0.28), (-0.28, 0.28), (-0.13, 0.7), (-0.16, 0.7)), colour=_WOOD),
        Part(outline=((0.3, 0.28), (0.28, 0.28), (0.13, 0.7), (0.16, 0.7)), colour=_WOOD),
        Part(outline=(*ellipse(0, -0.3, 0.68, 0.68)[36:], (0.64, -0.1), (0.26, 0.42), (-0.26, 0.42), (-0.64, -0.1))),
        Part(
            outline=(*ellipse(0, -0.3, 0.24, 0.68)[36:], (0.23, -0.1), (0.1, 0.42), (-0.1, 0.42), (-0.23, -0.1)),
            shade=0.35,
        ),
        Part(outline=box(-0.18, 0.68, 0.18, 0.95), colour=_WOOD),
    ),
    "robot": (
        Part(outline=box(-0.03, -0.98, 0.03, -0.7), colour=_INK),
        Part(outline=ellipse(0, -0.94, 0.09), colour=(236, 84, 80)),
        Part(outline=box(-0.5, -0.72, 0.5, -0.06)),
        *_eyes(-0.42, 0.22, 0.12),
        Part(outline=box(-0.24, -0.22, 0.24, -0.16), colour=_INK),
        *_mirrored(
            Part(outline=box(-0.86, 0.06, -0.66, 0.62), shade=-0.2), Part(outline=box(-0.34, 0.7, -0.12, 1), shade=-0.3)
        ),
        Part(outline=box(-0.6, 0.0, 0.6, 0.74), shade=-0.08),
        Part(outline=ellipse(-0.22, 0.32, 0.1), colour=_GLOW),
        Part(outline=box(0.02, 0.22, 0.4, 0.44), colour=_INK, opacity=0.55),
    ),
    "fish": (
        Part(outline=((0.45, 0), (0.98, -0.5), (0.88, 0), (0.98, 0.5)), shade=-0.2),
        Part(outline=((-0.1, -0.4), (0.3, -0.74), (0.36, -0.3)), shade=-0.15),
        Part(outline=ellipse(-0.16, 0, 0.78, 0.46)),
        Part(outline=((-0.05, 0.05), (0.28, 0.3), (-0.08, 0.28)), shade=-0.25),
        Part(outline=ellipse(-0.6, -0.1, 0.1), colour=_PAPER),
        Part(outline=ellipse(-0.61, -0.1, 0.055), colour=_INK),
    ),
    "bird": (
        Part(outline=((0.4, 0.1), (0.98, -0.16), (0.9, 0.2)), shade=-0.25),
        Part(outline=ellipse(0.0, 0.14, 0.56, 0.36)),
        Part(outline=ellipse(-0.46, -0.16, 0.3)),
        Part(outline=((-0.72, -0.22), (-0.98, -0.1), (-0.7, -0.04)), colour=(246, 170, 50)),
        Part(outline=((-0.1, 0.0), (0.6, -0.6), (0.42, 0.2)), shade=-0.18),
        Part(outline=ellipse(-0.52, -0.22, 0.06), colour=_INK),
    ),
    "cat": _face(_POINTED, *_whiskers()),
    "dog": _face((), *_FLOPPY, muzzle=(246, 232, 212)),
    "fox": _face(_POINTED, *_CHEEKS, Part(outline=ellipse(0, 0.5, 0.12, 0.09), colour=_INK)),
    "bear": _face(_ROUND, muzzle=(236, 212, 180)),
    "rabbit": _face(_LONG, muzzle=_PAPER),
    "otter": _face(_SMALL, *_whiskers(), muzzle=(232, 208, 178)),
    "mouse": _face(_ROUND, *_whiskers()),
    "owl": (
        *_TUFTS,
        Part(outline=ellipse(0, 0.2, 0.74, 0.78)),
        Part(outline=ellipse(0, 0.52, 0.44, 0.4), shade=0.4),
        *_mirrored(Part(outline=ellipse(-0.3, -0.1, 0.28), colour=_PAPER)),
        *_eyes(-0.1, 0.28, 0.15),
        Part(outline=((-0.1, 0.1), (0.1, 0.1), (0, 0.32)), colour=(246, 170, 50)),
    ),
    "mountain": (
        Part(outline=((-1.0, 1), (-0.1, -0.9), (0.1, -0.86), (1.0, 1))),
        Part(outline=((-0.1, -0.9), (0.1, -0.86), (1.0, 1), (0.25, 1), (0.02, 0.1)), shade=-0.28),
        Part(
            outline=(
                (-0.1, -0.9),
                (0.1, -0.86),
                (0.34, -0.36),
                (0.14, -0.46),
                (0.0, -0.26),
                (-0.16, -0.44),
                (-0.36, -0.35),
            ),
            colour=_PAPER,
        ),
    ),
    "apple": (
        Part(outline=ellipse(-0.3, 0.16, 0.56, 0.7)),
        Part(outline=ellipse(0.3, 0.16, 0.56, 0.7)),
        Part(outline=((-0.04, -0.4), (0.06, -0.86), (0.13, -0.84), (0.05, -0.4)), colour=_WOOD),
        Part(outline=ellipse(0.34, -0.68, 0.24, 0.1), colour=_LEAF),
        _gloss(-0.4, -0.14, 0.2),
    ),
    "cup": (
        Part(outline=tuple((x * 0.36 + 0.66, y * 0.4 + 0.25) for x, y in _ring()), shade=-0.2),
        Part(outline=((-0.7, -0.35), (0.62, -0.35), (0.46, 0.9), (-0.54, 0.9))),
        Part(outline=ellipse(-0.04, -0.35, 0.66, 0.14), shade=0.35),
        Part(outline=ellipse(-0.04, -0.33, 0.56, 0.1), colour=(84, 52, 36)),
    ),
}
