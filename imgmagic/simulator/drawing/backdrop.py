"""The view that a background is drawn for: its light, its size, and its land."""

import math
import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from imgmagic.simulator.drawing.layers import Layer
from imgmagic.simulator.drawing.outlines import Outline
from imgmagic.simulator.drawing.palette import Colour, darker, lighter, mix


@dataclass(frozen=True, kw_only=True)
class Light:
    """Hold the sky's colours at a time of day, and its effect on everything on the ground."""

    high: Colour
    low: Colour
    tint: Colour
    tint_share: float
    glow: Colour | None = None
    stars: bool = False


LIGHTS: Final[Mapping[str, Light]] = {
    "day": Light(high=(74, 148, 222), low=(196, 226, 242), tint=(255, 255, 255), tint_share=0.0),
    "dawn": Light(
        high=(120, 146, 206), low=(252, 206, 186), tint=(240, 190, 190), tint_share=0.16, glow=(255, 232, 196)
    ),
    "sunset": Light(high=(84, 66, 140), low=(252, 158, 92), tint=(190, 86, 66), tint_share=0.34, glow=(255, 214, 120)),
    "night": Light(high=(8, 12, 36), low=(30, 44, 92), tint=(10, 16, 52), tint_share=0.52, stars=True),
}


@dataclass(frozen=True, kw_only=True)
class Ground:
    """Hold the view that a background is drawn for."""

    width: int
    height: int
    light: Light
    colour: Colour
    chance: random.Random

    def band(self, top: float, bottom: float, upper: Colour, lower: Colour) -> Layer:
        """Return a band over the whole width, `top` and `bottom` as shares of the height."""
        y_top, y_bottom = top * self.height, bottom * self.height
        outline = ((0.0, y_top), (float(self.width), y_top), (float(self.width), y_bottom), (0.0, y_bottom))
        return Layer(outline=outline, top=self.lit(upper), bottom=self.lit(lower))

    def ridge(self, level: float, swing: float, colour: Colour, waves: float = 2.0) -> Layer:
        """Return rolling ground whose upper edge swings about `level`."""
        phases = [self.chance.uniform(0, 2 * math.pi) for _ in range(3)]
        edge = tuple(
            (self.width * step / 80, self.height * (level + swing * self._roll(step / 80 * waves, phases)))
            for step in range(81)
        )
        outline: Outline = (*edge, (float(self.width), float(self.height)), (0.0, float(self.height)))
        return Layer(outline=outline, top=self.lit(lighter(colour, 0.1)), bottom=self.lit(darker(colour, 0.25)))

    def lit(self, colour: Colour) -> Colour:
        """Return the colour in the light of the time of day."""
        return mix(colour, self.light.tint, self.light.tint_share)

    def spots(self, count: int, top: float, bottom: float) -> list[tuple[float, float]]:
        """Return points scattered between two shares of the height."""
        return [
            (self.chance.random() * self.width, self.height * self.chance.uniform(top, bottom)) for _ in range(count)
        ]

    @staticmethod
    def _roll(x: float, phases: list[float]) -> float:
        turns = (math.sin((number + 1) * x * math.pi + phase) / (number + 1) for number, phase in enumerate(phases))
        return sum(turns)
