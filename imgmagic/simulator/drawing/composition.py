"""Composition: where the things of a scene stand, and in which colours; it draws nothing itself.

Things share the picture's width by their weight. Flying things go into the air if others stand on the ground; standing
things are put in rows that grow toward the viewer, so that they do not hide each other.
"""

import math
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, TypeAlias

from imgmagic.simulator.drawing.layers import Layer
from imgmagic.simulator.drawing.outlines import Outline, Part, ellipse
from imgmagic.simulator.drawing.palette import NAMED, Colour, darker, harmony, lighter
from imgmagic.simulator.drawing.prompt_reader import Group, Scene
from imgmagic.simulator.drawing.shapes import SHAPES

_AIRBORNE: Final = frozenset(("sun", "moon", "star", "cloud", "bird", "balloon", "rocket", "butterfly"))
_FLAT: Final = frozenset(("circle", "square", "triangle", "diamond", "hexagon", "ring", "cross", "heart", "fish"))
_OWN_COLOURS: Final[Mapping[str, tuple[str, ...]]] = {
    "star": ("yellow",),
    "heart": ("red",),
    "moon": ("beige",),
    "sun": ("yellow",),
    "cloud": ("white",),
    "mushroom": ("red",),
    "apple": ("red",),
    "mountain": ("grey",),
    "castle": ("grey",),
    "lighthouse": ("red",),
    "robot": ("grey",),
    "fish": ("orange",),
    "fox": ("orange",),
    "mouse": ("grey",),
    **dict.fromkeys(("bear", "otter", "owl"), ("brown",)),
    **dict.fromkeys(("tree", "pine", "palm", "cactus"), ("green",)),
}
_COATS: Final[Mapping[str, tuple[str, ...]]] = {
    "cat": ("orange", "grey", "black", "beige", "brown"),
    "dog": ("brown", "beige", "grey", "gold"),
    "rabbit": ("grey", "beige", "brown"),
}
_OWN_PLACES: Final[Mapping[str, str]] = {
    "lighthouse": "beach",
    "palm": "beach",
    "cactus": "desert",
    "rocket": "space",
    "cup": "room",
    "car": "city",
    **dict.fromkeys(("boat", "fish", "otter"), "sea"),
    **dict.fromkeys(("sun", "moon", "star", "cloud", "balloon", "bird"), "sky"),
    **dict.fromkeys(("tree", "pine", "house", "castle", "flower", "mushroom", "mountain"), "meadow"),
    **dict.fromkeys(("cat", "dog", "fox", "rabbit", "bear", "owl", "person", "butterfly"), "meadow"),
}
_SHADOW: Final = (10, 12, 36)
_Region: TypeAlias = tuple[float, float, float, float]


def own_place(scene: Scene) -> str | None:
    """Return where the things of a scene are usually found; None for a plain wall."""
    groups = [group for column in scene.columns for group in column]
    places = [_OWN_PLACES[group.shape] for group in groups if group.shape in _OWN_PLACES]
    on_the_ground = [place for place in places if place != "sky"]
    if scene.time and groups and not places:
        return "meadow"
    return next(iter(on_the_ground or places), None)


@dataclass(frozen=True, kw_only=True)
class Spot:
    """Hold where one thing goes: its middle and half its size, in pixels."""

    x: float
    y: float
    half: float


_Placed: TypeAlias = tuple[Spot, Group, Colour]


@dataclass(frozen=True, kw_only=True)
class Stage:
    """Hold a scene and its view; `horizon` is a share of the height, 1 if there is none."""

    scene: Scene
    horizon: float
    is_indoors: bool
    width: int
    height: int
    chance: random.Random

    def things(self, phase: float) -> Iterator[Layer]:
        """Yield the layers of every thing; `phase` moves them through one cycle of a loop."""
        placed = list(self._place_groups())
        for number, (spot, group, colour) in enumerate(placed):
            turn = 2 * math.pi * (phase + number / len(placed))
            bobbed = replace(spot, y=spot.y + 0.03 * self.height * math.sin(turn)) if phase else spot
            if not self._is_airborne(group):
                yield _shadow(bobbed, group.shape)
            for part in SHAPES[group.shape]:
                yield _paint(part, bobbed, colour)

    def _place_groups(self) -> Iterator[_Placed]:
        # Columns are split level by level: what floats above a stack leaves it and hovers in the air.
        columns = [self._with_counts(column) for column in self.scene.columns]
        airborne = [(group,) for column in columns for group in self._floating_part(column)]
        grounded = [left for column in columns if (left := column[: len(column) - len(self._floating_part(column))])]
        is_shared = bool(airborne and grounded)
        yield from self._across(airborne, self._air(is_shared=is_shared))
        yield from self._across(grounded, self._ground(is_shared=is_shared))

    def _with_counts(self, column: tuple[Group, ...]) -> tuple[Group, ...]:
        return tuple(group if group.count else replace(group, count=self.chance.randint(3, 5)) for group in column)

    def _is_airborne(self, group: Group) -> bool:
        return group.shape in _AIRBORNE and not self.is_indoors

    def _floating_part(self, column: tuple[Group, ...]) -> tuple[Group, ...]:
        """Return what flies above the others; the cat in "a cat on the moon" does not."""
        on_ground = [place for place, group in enumerate(column) if not self._is_airborne(group)]
        return column[on_ground[-1] + 1 :] if on_ground else column

    def _air(self, *, is_shared: bool) -> tuple[float, float]:
        if self.horizon < 1.0:
            return 0.05, max(0.34, min(self.horizon - 0.06, 0.44))
        return (0.05, 0.44) if is_shared else (0.1, 0.9)

    def _ground(self, *, is_shared: bool) -> tuple[float, float]:
        if self.horizon < 1.0:
            return 0.32, 0.94
        return (0.46, 0.94) if is_shared else (0.1, 0.9)

    def _across(self, columns: Sequence[tuple[Group, ...]], band: tuple[float, float]) -> Iterator[_Placed]:
        # By the root of their number: ten cats need more room than one, but not ten times as much.
        weights = [max(math.sqrt(group.scale * (group.count or 1)) for group in column) for column in columns]
        left = 0.05
        for column, weight in zip(columns, weights, strict=True):
            right = left + 0.9 * weight / sum(weights)
            yield from self._stack(column, (left, right), band)
            left = right

    def _stack(
        self, column: tuple[Group, ...], across: tuple[float, float], band: tuple[float, float]
    ) -> Iterator[_Placed]:
        share, bottom = (band[1] - band[0]) / len(column), band[1]
        for level, group in enumerate(column):
            region = self._pixels((across[0], bottom - share, across[1], bottom))
            spots = self._row(group, region) if len(column) > 1 else self._layout(group, region)
            colours = self._colours(group)
            yield from ((spot, group, colours[(number + level) % len(colours)]) for number, spot in enumerate(spots))
            bottom = min(spot.y - 0.88 * spot.half for spot in spots) / self.height

    def _pixels(self, region: _Region) -> _Region:
        left, top, right, bottom = region
        return left * self.width, top * self.height, right * self.width, bottom * self.height

    def _layout(self, group: Group, region: _Region) -> list[Spot]:
        if self._is_airborne(group) or self.horizon == 1.0:
            return self._grid(group, region)
        low = (self.horizon + 0.03) * self.height
        if group.shape in _FLAT:
            left, _, right, bottom = region
            is_wide = self.horizon <= 0.55 or (group.count or 1) > 3
            return self._grid(group, (left, low, right, bottom)) if is_wide else self._row(group, region)
        return self._standing(group, region, low)

    def _grid(self, group: Group, region: _Region) -> list[Spot]:
        """Spread things over a region, one per cell, so that none hides another."""
        left, top, right, bottom = region
        count = group.count or 1
        columns = _best_columns(count, right - left, bottom - top)
        rows = math.ceil(count / columns)
        across, down = (right - left) / columns, (bottom - top) / rows
        half = min(across, down) * min(0.48, 0.41 * group.scale)
        spots = []
        for number in range(count):
            row, column = divmod(number, columns)
            in_row = min(columns, count - row * columns)
            x = (left + right) / 2 + (column - (in_row - 1) / 2) * across
            y = top + (row + 0.5) * down
            spots.append(
                Spot(x=x + self._nudge(across / 2 - half * 1.1), y=y + self._nudge(down / 2 - half * 1.1), half=half)
            )
        return spots

    def _nudge(self, room: float) -> float:
        return self.chance.uniform(-0.7, 0.7) * max(0.0, room)

    def _row(self, group: Group, region: _Region) -> list[Spot]:
        """Set things side by side on the lower edge of a region."""
        left, top, right, bottom = region
        count = group.count or 1
        across = (right - left) / count
        half = min(across, bottom - top) * min(0.5, 0.44 * group.scale)
        return [Spot(x=left + (number + 0.5) * across, y=bottom - half, half=half) for number in range(count)]

    def _standing(self, group: Group, region: _Region, low: float) -> list[Spot]:
        """Set things on the ground in rows, the nearest in front."""
        left, top, right, bottom = region
        count = group.count or 1
        # Rows overlap from the front, so each holds 1.6 times what it would in a plain grid.
        rows = min(4, max(1, round(math.sqrt(count * (bottom - top) / (right - left) / 1.6))))
        columns = math.ceil(count / rows)
        across = (right - left) / (columns + (0.5 if rows > 1 else 0.0))
        half = min(across, (bottom - top) / (1 + 0.45 * (rows - 1))) * min(0.5, 0.45 * group.scale)
        low = min(max(low, top + 2 * half), bottom)
        spots = []
        for number in range(count):
            row, column = divmod(number, columns)
            in_row = min(columns, count - row * columns)
            shift = (0.25 if row % 2 else -0.25) if rows > 1 else 0.0
            x = (left + right) / 2 + (column - (in_row - 1) / 2 + shift) * across
            foot = bottom - (bottom - low) * (rows - 1 - row) / max(1, rows - 1) - self.chance.uniform(0, 0.02) * bottom
            spots.append(Spot(x=x + self._nudge(across / 2 - half), y=foot - half, half=half))
        return spots

    def _colours(self, group: Group) -> tuple[Colour, ...]:
        names = group.colours or _OWN_COLOURS.get(group.shape, ())
        if not names and group.shape in _COATS:
            names = tuple(self.chance.sample(_COATS[group.shape], 3))
        named = tuple(NAMED[name] for name in names)
        return named or harmony(self.chance, 4)[: max(1, min(4, group.count or 1))]


def _best_columns(count: int, width: float, height: float) -> int:
    return max(range(1, count + 1), key=lambda columns: min(width / columns, height / math.ceil(count / columns)))


def _shadow(spot: Spot, shape: str) -> Layer:
    """Return the shadow on the ground: as wide as the lower half of the thing, and soft."""
    reach = max(abs(x) for part in SHAPES[shape] for x, y in part.outline if y > 0.45)
    outline = ellipse(spot.x, spot.y + spot.half * 0.95, spot.half * min(0.9, reach * 1.1), spot.half * 0.13)
    return Layer(outline=outline, top=_SHADOW, bottom=_SHADOW, opacity=0.32, blur_px=max(1.0, spot.half * 0.07))


def _paint(part: Part, spot: Spot, colour: Colour) -> Layer:
    outline: Outline = tuple((spot.x + x * spot.half, spot.y + y * spot.half) for x, y in part.outline)
    own = part.colour or colour
    base = lighter(own, part.shade) if part.shade >= 0 else darker(own, -part.shade)
    return Layer(
        outline=outline,
        top=lighter(base, 0.14),
        bottom=darker(base, 0.16),
        opacity=part.opacity,
        blur_px=part.blur * spot.half,
    )
