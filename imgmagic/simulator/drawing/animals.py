"""The animals that a picture can show, most of them as faces; values only."""

import math
from collections.abc import Mapping, Sequence
from typing import Final

from imgmagic.simulator.drawing.outlines import BLUSH, INK, PAPER, Outline, Part, ellipse, mirror
from imgmagic.simulator.drawing.palette import Colour


def eyes(y: float = -0.08, apart: float = 0.3, size: float = 0.11) -> tuple[Part, ...]:
    """Return a pair of eyes."""
    return tuple(
        part
        for x in (-apart, apart)
        for part in (
            Part(outline=ellipse(x, y, size * 1.2, size * 1.35), colour=PAPER, opacity=0.4),
            Part(outline=ellipse(x, y, size, size * 1.15), colour=INK),
            Part(outline=ellipse(x - size * 0.3, y - size * 0.4, size * 0.35), colour=PAPER),
        )
    )


def _face(ears: Sequence[Part], *extra: Part, muzzle: Colour | None = None) -> tuple[Part, ...]:
    """Draw a face: ears behind, a round head, a muzzle with a nose and whiskers or whatever else comes on top."""
    return (
        *ears,
        Part(outline=ellipse(0, 0.18, 0.8, 0.74)),
        Part(outline=ellipse(-0.3, -0.15, 0.32, 0.2), shade=0.5, blur=0.2, opacity=0.5),
        *((Part(outline=ellipse(0, 0.5, 0.42, 0.32), colour=muzzle),) if muzzle else ()),
        *eyes(0.04),
        Part(outline=((-0.12, 0.3), (0.12, 0.3), (0, 0.44)), colour=INK),
        Part(outline=_smile(), colour=INK),
        Part(outline=ellipse(-0.52, 0.36, 0.14, 0.09), colour=BLUSH, blur=0.05, opacity=0.55),
        Part(outline=ellipse(0.52, 0.36, 0.14, 0.09), colour=BLUSH, blur=0.05, opacity=0.55),
        *extra,
    )


def _smile() -> Outline:
    upper = [(-0.24 + 0.04 * step, 0.5 + 0.08 * math.sin(math.pi * step / 6)) for step in range(13)]
    curve = [(x, 0.5 + 0.1 * abs(math.sin(math.pi * (x + 0.24) / 0.24))) for x, _ in upper]
    return (*curve, *((x, y + 0.035) for x, y in reversed(curve)))


def _whiskers() -> tuple[Part, ...]:
    lines = (
        ((0.3, 0.4), (0.95, 0.3), (0.95, 0.325), (0.3, 0.43)),
        ((0.3, 0.47), (0.95, 0.5), (0.95, 0.525), (0.3, 0.5)),
    )
    return mirror(*(Part(outline=line, colour=PAPER) for line in lines))


_POINTED: Final = mirror(
    Part(outline=((-0.76, 0.0), (-0.7, -0.86), (-0.12, -0.42)), shade=-0.08),
    Part(outline=((-0.64, -0.2), (-0.62, -0.66), (-0.28, -0.4)), colour=BLUSH),
)
_FLOPPY: Final = mirror(Part(outline=ellipse(-0.74, 0.08, 0.26, 0.6), shade=-0.35))
_ROUND: Final = mirror(
    Part(outline=ellipse(-0.58, -0.48, 0.3), shade=-0.12), Part(outline=ellipse(-0.58, -0.46, 0.17), colour=BLUSH)
)
_SMALL: Final = mirror(Part(outline=ellipse(-0.66, -0.36, 0.18), shade=-0.3))
_LONG: Final = mirror(
    Part(outline=ellipse(-0.32, -0.62, 0.19, 0.46)), Part(outline=ellipse(-0.32, -0.6, 0.09, 0.34), colour=BLUSH)
)
_TUFTS: Final = mirror(Part(outline=((-0.7, -0.1), (-0.66, -0.8), (-0.2, -0.42)), shade=-0.2))
_CHEEKS: Final = mirror(Part(outline=((0.0, 0.46), (-0.3, 0.24), (-0.78, 0.3), (-0.5, 0.72), (0.0, 0.9)), colour=PAPER))

ANIMALS: Final[Mapping[str, tuple[Part, ...]]] = {
    "cat": _face(_POINTED, *_whiskers()),
    "dog": _face((), *_FLOPPY, muzzle=(246, 232, 212)),
    "fox": _face(_POINTED, *_CHEEKS, Part(outline=ellipse(0, 0.5, 0.12, 0.09), colour=INK)),
    "bear": _face(_ROUND, muzzle=(236, 212, 180)),
    "rabbit": _face(_LONG, muzzle=PAPER),
    "otter": _face(_SMALL, *_whiskers(), muzzle=(232, 208, 178)),
    "mouse": _face(_ROUND, *_whiskers()),
    "owl": (
        *_TUFTS,
        Part(outline=ellipse(0, 0.2, 0.74, 0.78)),
        Part(outline=ellipse(0, 0.52, 0.44, 0.4), shade=0.4),
        *mirror(Part(outline=ellipse(-0.3, -0.1, 0.28), colour=PAPER)),
        *eyes(-0.1, 0.28, 0.15),
        Part(outline=((-0.1, 0.1), (0.1, 0.1), (0, 0.32)), colour=(246, 170, 50)),
    ),
    "fish": (
        Part(outline=((0.45, 0), (0.98, -0.5), (0.88, 0), (0.98, 0.5)), shade=-0.2),
        Part(outline=((-0.1, -0.4), (0.3, -0.74), (0.36, -0.3)), shade=-0.15),
        Part(outline=ellipse(-0.16, 0, 0.78, 0.46)),
        Part(outline=((-0.05, 0.05), (0.28, 0.3), (-0.08, 0.28)), shade=-0.25),
        Part(outline=ellipse(-0.6, -0.1, 0.1), colour=PAPER),
        Part(outline=ellipse(-0.61, -0.1, 0.055), colour=INK),
    ),
    "bird": (
        Part(outline=((0.4, 0.1), (0.98, -0.16), (0.9, 0.2)), shade=-0.25),
        Part(outline=ellipse(0.0, 0.14, 0.56, 0.36)),
        Part(outline=ellipse(-0.46, -0.16, 0.3)),
        Part(outline=((-0.72, -0.22), (-0.98, -0.1), (-0.7, -0.04)), colour=(246, 170, 50)),
        Part(outline=((-0.1, 0.0), (0.6, -0.6), (0.42, 0.2)), shade=-0.18),
        Part(outline=ellipse(-0.52, -0.22, 0.06), colour=INK),
    ),
}
