"""Colours: their names, shades of them, and harmonies; values only."""

import colorsys
import random
from collections.abc import Mapping
from typing import Final, TypeAlias

Colour: TypeAlias = tuple[int, int, int]

NAMED: Final[Mapping[str, Colour]] = {
    "red": (222, 40, 44),
    "crimson": (150, 22, 48),
    "orange": (244, 134, 36),
    "yellow": (250, 208, 52),
    "gold": (222, 170, 50),
    "green": (62, 160, 84),
    "olive": (124, 130, 56),
    "lime": (150, 212, 62),
    "mint": (150, 220, 186),
    "turquoise": (40, 176, 180),
    "blue": (44, 108, 206),
    "navy": (30, 46, 108),
    "purple": (126, 74, 176),
    "magenta": (208, 48, 150),
    "pink": (244, 140, 176),
    "brown": (126, 82, 52),
    "beige": (226, 206, 172),
    "white": (246, 246, 242),
    "grey": (140, 146, 154),
    "black": (34, 34, 40),
}


def mix(first: Colour, second: Colour, share: float) -> Colour:
    """Return the colour that lies `share` of the way from the first to the second."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(first, second, strict=True))
    return red, green, blue


def lighter(colour: Colour, share: float = 0.3) -> Colour:
    """Return the colour with more light on it."""
    return mix(colour, (255, 255, 255), share)


def darker(colour: Colour, share: float = 0.3) -> Colour:
    """Return the colour in shadow, a little towards blue as shadows are."""
    return mix(colour, (8, 10, 34), share)


def harmony(chance: random.Random, count: int) -> tuple[Colour, ...]:
    """Return `count` colours that go together: neighbours on the wheel and one from across it."""
    # Neighbours agree, and one opposite keeps them from being dull; three spacings are enough variety.
    hue, step = chance.random(), chance.choice((0.055, 0.08, 0.11))
    across = chance.choice((0.42, 0.5, 0.58))
    hues = [hue + step * place for place in range(count - 1)] + [hue + across]
    return tuple(from_hue(each, chance.uniform(0.5, 0.78), chance.uniform(0.72, 0.95)) for each in hues)


def from_hue(hue: float, saturation: float, value: float) -> Colour:
    """Return the colour of a place on the wheel, 0 to 1."""
    red, green, blue = (round(part * 255) for part in colorsys.hsv_to_rgb(hue % 1, saturation, value))
    return red, green, blue
