"""The things that a picture can show, each as parts in a box from -1 to 1; values only."""

import math
from collections.abc import Mapping
from typing import Final

from imgmagic.simulator.drawing.animals import ANIMALS, eyes
from imgmagic.simulator.drawing.outlines import (
    GLOW,
    INK,
    LEAF,
    PAPER,
    WOOD,
    Part,
    box,
    capsule,
    crescent,
    ellipse,
    gloss,
    heart,
    mirror,
    ring,
    star,
)


def _petals(count: int) -> tuple[Part, ...]:
    turns = [2 * math.pi * petal / count for petal in range(count)]
    return tuple(
        Part(outline=ellipse(0.38 * math.cos(turn), -0.45 + 0.38 * math.sin(turn), 0.24), shade=0.08 * (petal % 2))
        for petal, turn in enumerate(turns)
    )


_GLASS: Final = (190, 220, 236)
_SKIN: Final = (232, 184, 150)
_ROOF: Final = (156, 70, 58)
_WINDOW: Final = Part(outline=box(-0.5, 0.15, -0.18, 0.45), colour=GLOW)


SHAPES: Final[Mapping[str, tuple[Part, ...]]] = {
    **ANIMALS,
    "circle": (Part(outline=ellipse(0, 0, 0.95)), gloss()),
    "square": (Part(outline=box(-0.84, -0.84, 0.84, 0.84)),),
    "triangle": (Part(outline=((0, -0.92), (0.98, 0.82), (-0.98, 0.82))),),
    "diamond": (
        Part(outline=((0, -0.98), (0.72, 0), (0, 0.98), (-0.72, 0))),
        Part(outline=((0, -0.98), (0.72, 0), (0, 0.1)), shade=0.25),
        Part(outline=((0, 0.98), (-0.72, 0), (0, 0.1)), shade=-0.25),
    ),
    "hexagon": (Part(outline=tuple((0.95 * x, 0.95 * y) for x, y in ellipse(0, 0, 1, corners=6))),),
    "ring": (Part(outline=ring()),),
    "cross": (Part(outline=box(-0.3, -0.9, 0.3, 0.9)), Part(outline=box(-0.9, -0.3, 0.9, 0.3))),
    "star": (Part(outline=star(5, 0.46)),),
    "heart": (Part(outline=heart()), gloss(-0.45, -0.45, 0.2)),
    "moon": (
        Part(outline=ellipse(0, 0, 1.1), shade=0.3, blur=0.3, opacity=0.16),
        Part(outline=crescent()),
    ),
    "sun": (
        Part(outline=ellipse(0, 0, 1.1), shade=0.4, blur=0.3, opacity=0.45),
        Part(outline=star(16, 0.76), shade=0.2),
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
        Part(outline=((-0.11, 1), (-0.07, 0.1), (0.07, 0.1), (0.11, 1)), colour=WOOD),
        Part(outline=ellipse(-0.38, 0.05, 0.42), shade=-0.18),
        Part(outline=ellipse(0.38, 0.05, 0.42), shade=-0.12),
        Part(outline=ellipse(0, -0.4, 0.56), shade=0.04),
        Part(outline=ellipse(-0.16, -0.52, 0.26), shade=0.35, blur=0.16, opacity=0.6),
    ),
    "pine": (
        Part(outline=box(-0.1, 0.5, 0.1, 1), colour=WOOD),
        Part(outline=((0, -0.35), (0.72, 0.74), (-0.72, 0.74)), shade=-0.2),
        Part(outline=((0, -0.7), (0.56, 0.26), (-0.56, 0.26)), shade=-0.05),
        Part(outline=((0, -1.0), (0.4, -0.2), (-0.4, -0.2)), shade=0.1),
    ),
    "palm": (
        Part(outline=((-0.12, 1), (0.0, -0.5), (0.1, -0.5), (0.08, 1)), colour=WOOD),
        *mirror(
            Part(outline=((0.04, -0.52), (-0.5, -0.95), (-0.95, -0.5), (-0.5, -0.68))),
            Part(outline=((0.04, -0.5), (-0.6, -0.5), (-0.9, 0.1), (-0.45, -0.28)), shade=-0.2),
        ),
        Part(outline=ellipse(0.04, -0.45, 0.12), colour=WOOD),
    ),
    "cactus": (
        Part(outline=capsule(-0.53, -0.42, 0.3, 0.13), shade=-0.12),
        Part(outline=box(-0.53, 0.06, -0.1, 0.3), shade=-0.14),
        Part(outline=capsule(0.52, -0.62, 0.34, 0.12), shade=-0.05),
        Part(outline=box(0.1, 0.1, 0.52, 0.34), shade=-0.1),
        Part(outline=capsule(0, -0.92, 1, 0.21)),
        *(Part(outline=box(x, -0.7, x + 0.02, 0.96), shade=-0.25, opacity=0.5) for x in (-0.1, -0.01, 0.08)),
    ),
    "mushroom": (
        Part(outline=((-0.24, 0), (-0.32, 0.95), (0.32, 0.95), (0.24, 0)), colour=(240, 228, 206)),
        Part(outline=(*ellipse(0, 0.1, 0.95, 0.95)[36:], (0.95, 0.1))),
        *(
            Part(outline=ellipse(x, y, r), colour=PAPER)
            for x, y, r in ((-0.4, -0.3, 0.15), (0.3, -0.45, 0.19), (0.6, -0.1, 0.1), (-0.05, -0.1, 0.11))
        ),
    ),
    "flower": (
        Part(outline=box(-0.045, -0.3, 0.045, 1), colour=LEAF),
        Part(outline=ellipse(0.24, 0.62, 0.24, 0.1), colour=LEAF),
        *_petals(8),
        Part(outline=ellipse(0, -0.45, 0.22), colour=(250, 200, 70)),
    ),
    "house": (
        Part(outline=box(0.36, -0.72, 0.56, -0.2), colour=_ROOF),
        Part(outline=box(-0.74, -0.12, 0.74, 1)),
        Part(outline=((-0.95, -0.06), (0, -0.92), (0.95, -0.06)), shade=-0.42),
        _WINDOW,
        Part(outline=box(0.18, 0.15, 0.5, 0.45), colour=GLOW),
        Part(outline=box(-0.16, 0.52, 0.16, 1), colour=WOOD),
    ),
    "castle": (
        Part(outline=box(-0.55, -0.1, 0.55, 1)),
        *mirror(
            Part(outline=box(-0.95, -0.4, -0.5, 1), shade=-0.12),
            Part(outline=((-1.0, -0.4), (-0.72, -1.0), (-0.45, -0.4)), colour=_ROOF),
            Part(outline=box(-0.78, -0.1, -0.67, 0.16), colour=GLOW),
        ),
        *(Part(outline=box(x, -0.26, x + 0.16, -0.09)) for x in (-0.42, -0.08, 0.26)),
        Part(outline=(*ellipse(0, 0.6, 0.2, 0.24)[36:], (0.2, 1), (-0.2, 1)), colour=WOOD),
    ),
    "lighthouse": (
        Part(outline=((0.0, -0.72), (4.0, -1.5), (4.0, -0.1)), colour=GLOW, blur=0.05, opacity=0.28),
        Part(outline=((-0.2, -0.55), (0.2, -0.55), (0.36, 1), (-0.36, 1)), colour=PAPER),
        Part(outline=((-0.24, -0.2), (0.24, -0.2), (0.276, 0.15), (-0.276, 0.15))),
        Part(outline=((-0.31, 0.5), (0.31, 0.5), (0.345, 0.85), (-0.345, 0.85))),
        Part(outline=box(-0.28, -0.58, 0.28, -0.5), colour=INK),
        Part(outline=box(-0.16, -0.84, 0.16, -0.58), colour=GLOW),
        Part(outline=((-0.22, -0.84), (0, -1.0), (0.22, -0.84)), shade=-0.2),
    ),
    "boat": (
        Part(outline=box(-0.04, -0.95, 0.03, 0.5), colour=WOOD),
        Part(outline=((0.06, -0.9), (0.8, 0.34), (0.06, 0.34)), colour=PAPER),
        Part(outline=((-0.08, -0.7), (-0.08, 0.34), (-0.62, 0.34)), shade=0.6),
        Part(outline=((-0.95, 0.44), (0.95, 0.44), (0.62, 0.92), (-0.62, 0.92))),
        Part(outline=((-0.95, 0.44), (0.95, 0.44), (0.88, 0.54), (-0.88, 0.54)), shade=0.4),
    ),
    "rocket": (
        Part(outline=((-0.16, 0.6), (0.16, 0.6), (0, 1.1)), colour=(255, 170, 50), blur=0.04),
        *mirror(Part(outline=((-0.3, 0.1), (-0.62, 0.72), (-0.24, 0.6)), shade=-0.35)),
        Part(
            outline=((0, -1.0), (0.2, -0.7), (0.32, -0.2), (0.28, 0.62), (-0.28, 0.62), (-0.32, -0.2), (-0.2, -0.7)),
            colour=(236, 238, 242),
        ),
        Part(outline=((0, -1.0), (0.2, -0.7), (0.26, -0.5), (-0.26, -0.5), (-0.2, -0.7))),
        Part(outline=ellipse(0, -0.14, 0.17), shade=-0.3),
        Part(outline=ellipse(0, -0.14, 0.115), colour=(150, 210, 240)),
    ),
    "balloon": (
        Part(outline=((-0.3, 0.28), (-0.28, 0.28), (-0.13, 0.7), (-0.16, 0.7)), colour=WOOD),
        Part(outline=((0.3, 0.28), (0.28, 0.28), (0.13, 0.7), (0.16, 0.7)), colour=WOOD),
        Part(outline=(*ellipse(0, -0.3, 0.68, 0.68)[36:], (0.64, -0.1), (0.26, 0.42), (-0.26, 0.42), (-0.64, -0.1))),
        Part(
            outline=(*ellipse(0, -0.3, 0.24, 0.68)[36:], (0.23, -0.1), (0.1, 0.42), (-0.1, 0.42), (-0.23, -0.1)),
            shade=0.35,
        ),
        Part(outline=box(-0.18, 0.68, 0.18, 0.95), colour=WOOD),
    ),
    "robot": (
        Part(outline=box(-0.03, -0.98, 0.03, -0.7), colour=INK),
        Part(outline=ellipse(0, -0.94, 0.09), colour=(236, 84, 80)),
        Part(outline=box(-0.5, -0.72, 0.5, -0.06)),
        *eyes(-0.42, 0.22, 0.12),
        Part(outline=box(-0.24, -0.22, 0.24, -0.16), colour=INK),
        *mirror(
            Part(outline=box(-0.86, 0.06, -0.66, 0.62), shade=-0.2), Part(outline=box(-0.34, 0.7, -0.12, 1), shade=-0.3)
        ),
        Part(outline=box(-0.6, 0.0, 0.6, 0.74), shade=-0.08),
        Part(outline=ellipse(-0.22, 0.32, 0.1), colour=GLOW),
        Part(outline=box(0.02, 0.22, 0.4, 0.44), colour=INK, opacity=0.55),
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
            colour=PAPER,
        ),
    ),
    "car": (
        Part(outline=((-0.5, 0.1), (-0.3, -0.4), (0.34, -0.4), (0.6, 0.1)), shade=-0.12),
        Part(outline=((-0.38, 0.08), (-0.23, -0.29), (-0.02, -0.29), (-0.02, 0.08)), colour=_GLASS),
        Part(outline=((0.06, 0.08), (0.06, -0.29), (0.28, -0.29), (0.46, 0.08)), colour=_GLASS),
        Part(outline=((-0.95, 0.2), (-0.86, 0.06), (0.82, 0.06), (0.95, 0.26), (0.95, 0.62), (-0.95, 0.62))),
        Part(outline=box(0.84, 0.24, 0.95, 0.38), colour=GLOW),
        *mirror(
            Part(outline=ellipse(-0.52, 0.68, 0.25), colour=INK), Part(outline=ellipse(-0.52, 0.68, 0.11), colour=PAPER)
        ),
    ),
    "person": (
        *mirror(
            Part(outline=box(-0.2, 0.5, -0.03, 0.98), colour=(52, 58, 92)),
            Part(outline=((-0.24, -0.22), (-0.42, 0.42), (-0.3, 0.46), (-0.14, 0.0)), shade=-0.12),
            Part(outline=ellipse(-0.36, 0.47, 0.08), colour=_SKIN),
        ),
        Part(outline=((-0.26, -0.2), (-0.14, -0.3), (0.14, -0.3), (0.26, -0.2), (0.24, 0.58), (-0.24, 0.58))),
        Part(outline=ellipse(0, -0.68, 0.29, 0.3), colour=(78, 52, 40)),
        Part(outline=ellipse(0, -0.58, 0.25, 0.27), colour=_SKIN),
        *(Part(outline=ellipse(x, -0.6, 0.035), colour=INK) for x in (-0.1, 0.1)),
    ),
    "butterfly": (
        *mirror(
            Part(outline=((-0.04, -0.1), (-0.5, -0.86), (-0.96, -0.72), (-0.86, -0.16), (-0.06, 0.06))),
            Part(outline=((-0.05, 0.04), (-0.74, 0.1), (-0.72, 0.66), (-0.4, 0.76), (-0.04, 0.24)), shade=-0.18),
            Part(outline=ellipse(-0.62, -0.46, 0.14), shade=0.5),
            Part(outline=ellipse(-0.46, 0.42, 0.11), shade=0.4),
            Part(outline=((-0.01, -0.4), (-0.24, -0.82), (-0.2, -0.83), (0.02, -0.42)), colour=INK),
        ),
        Part(outline=ellipse(0, 0.02, 0.075, 0.5), colour=INK),
    ),
    "umbrella": (
        Part(outline=box(-0.03, -0.1, 0.03, 0.9), colour=WOOD),
        Part(outline=box(-0.03, 0.84, 0.2, 0.9), colour=WOOD),
        Part(outline=(*ellipse(0, 0, 0.95, 0.9)[36:], (0.95, 0.0))),
        Part(outline=(*ellipse(0, 0, 0.4, 0.9)[36:], (0.4, 0.0)), shade=0.3),
    ),
    "apple": (
        Part(outline=ellipse(-0.3, 0.16, 0.56, 0.7)),
        Part(outline=ellipse(0.3, 0.16, 0.56, 0.7)),
        Part(outline=((-0.04, -0.4), (0.06, -0.86), (0.13, -0.84), (0.05, -0.4)), colour=WOOD),
        Part(outline=ellipse(0.34, -0.68, 0.24, 0.1), colour=LEAF),
        gloss(-0.4, -0.14, 0.2),
    ),
    "cup": (
        Part(outline=tuple((x * 0.36 + 0.66, y * 0.4 + 0.25) for x, y in ring()), shade=-0.2),
        Part(outline=((-0.7, -0.35), (0.62, -0.35), (0.46, 0.9), (-0.54, 0.9))),
        Part(outline=ellipse(-0.04, -0.35, 0.66, 0.14), shade=0.35),
        Part(outline=ellipse(-0.04, -0.33, 0.56, 0.1), colour=(84, 52, 36)),
    ),
}
