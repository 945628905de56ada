"""Places: their backgrounds at times of the day, as layers."""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from imgmagic.simulator.drawing.backdrop import LIGHTS, Ground, Light
from imgmagic.simulator.drawing.layers import Layer, scatter
from imgmagic.simulator.drawing.outlines import ellipse
from imgmagic.simulator.drawing.palette import NAMED, Colour, darker, from_hue, lighter, mix
from imgmagic.simulator.drawing.prompt_reader import Scene

# Most prompts without a time mean the day.
_UNSAID_TIMES: Final = ("day", "day", "day", "dawn", "sunset")
_SPACE: Final = Light(high=(8, 6, 24), low=(34, 18, 62), tint=(20, 16, 60), tint_share=0.0, stars=True)


@dataclass(frozen=True, kw_only=True)
class Place:
    """Hold a place: its horizon, its colour, and how its ground is drawn."""

    horizon: float
    colour: Colour
    draw: Callable[[Ground], tuple[Layer, ...]]
    light: Light | None = None


def _sea(ground: Ground) -> tuple[Layer, ...]:
    base = ground.band(0.5, 1.0, lighter(ground.colour, 0.12), darker(ground.colour, 0.42))
    glints = []
    for _ in range(46):
        depth = ground.chance.random() ** 1.4
        x, y = ground.chance.random() * ground.width, ground.height * (0.515 + 0.47 * depth)
        half = ground.width * (0.012 + 0.06 * depth) * ground.chance.uniform(0.5, 1.2)
        glints.append(
            Layer(
                outline=ellipse(x, y, half, max(0.8, ground.height * 0.004 * (0.3 + depth)), corners=16),
                top=ground.lit(lighter(ground.colour, 0.5)),
                bottom=ground.lit(lighter(ground.colour, 0.2)),
                opacity=0.32,
            )
        )
    return (base, *glints)


def _beach(ground: Ground) -> tuple[Layer, ...]:
    sea = ground.band(0.46, 0.7, (70, 160, 196), (40, 120, 170))
    foam = ground.ridge(0.625, 0.012, (244, 246, 240), 3)
    return (sea, foam, ground.ridge(0.645, 0.012, ground.colour, 3))


def _forest(ground: Ground) -> tuple[Layer, ...]:
    rows = (
        layer
        for level, shade, count in ((0.52, 0.3, 22), (0.6, 0.1, 16))
        for layer in _treeline(ground, level, mix(ground.colour, ground.light.low, shade), count)
    )
    return (*rows, ground.ridge(0.68, 0.02, mix(ground.colour, (96, 140, 70), 0.5)))


def _treeline(ground: Ground, level: float, colour: Colour, count: int) -> tuple[Layer, ...]:
    step = ground.width / count
    trees = []
    for number in range(count + 1):
        x = step * (number + ground.chance.uniform(-0.3, 0.3))
        tall = ground.height * ground.chance.uniform(0.16, 0.3)
        foot, half = ground.height * (level + 0.22), step * ground.chance.uniform(0.6, 0.9)
        trees.append(
            Layer(
                outline=((x, foot - tall - ground.height * 0.06), (x + half, foot), (x - half, foot)),
                top=ground.lit(lighter(colour, 0.08)),
                bottom=ground.lit(darker(colour, 0.3)),
            )
        )
    return tuple(trees)


def _desert(ground: Ground) -> tuple[Layer, ...]:
    return (
        ground.ridge(0.62, 0.05, lighter(ground.colour, 0.2), 1.5),
        ground.ridge(0.72, 0.06, ground.colour, 1.2),
        ground.ridge(0.86, 0.05, darker(ground.colour, 0.12), 1.4),
    )


def _city(ground: Ground) -> tuple[Layer, ...]:
    street = ground.band(0.8, 1.0, (92, 96, 108), (52, 54, 64))
    back = _skyline(ground, 0.3, 0.6, mix(ground.colour, ground.light.low, 0.55), windows=False)
    return (*back, *_skyline(ground, 0.42, 0.68, ground.colour, windows=True), street)


def _skyline(ground: Ground, highest: float, lowest: float, colour: Colour, *, windows: bool) -> tuple[Layer, ...]:
    layers: list[Layer] = []
    x = -ground.width * 0.03
    while x < ground.width:
        wide = ground.width * ground.chance.uniform(0.07, 0.12)
        top = ground.height * ground.chance.uniform(highest, lowest)
        shade = mix(colour, ground.chance.choice(((60, 70, 110), (150, 120, 110), (90, 110, 120))), 0.3)
        outline = ((x, top), (x + wide, top), (x + wide, ground.height * 0.82), (x, ground.height * 0.82))
        layers.append(
            Layer(outline=outline, top=ground.lit(lighter(shade, 0.1)), bottom=ground.lit(darker(shade, 0.2)))
        )
        if windows:
            layers.extend(_windows(ground, (x, top, wide)))
        x += wide * 1.02
    return tuple(layers)


def _windows(ground: Ground, wall: tuple[float, float, float]) -> list[Layer]:
    left, top, wide = wall
    lamp = (255, 220, 130) if ground.light.stars else ground.lit((206, 224, 236))
    cell, size = wide / 4, wide * 0.13
    rows = int((ground.height * 0.78 - top) / (cell * 1.3))
    return [
        Layer(outline=((x, y), (x + size, y), (x + size, y + size * 1.4), (x, y + size * 1.4)), top=lamp, bottom=lamp)
        for row in range(rows)
        for column in range(3)
        if ground.chance.random() < 0.5
        for x, y in ((left + cell * (column + 0.65), top + cell * (0.5 + 1.3 * row)),)
    ]


def _meadow(ground: Ground) -> tuple[Layer, ...]:
    blades = []
    for x, y in ground.spots(110, 0.72, 1.0):
        tall, lean = ground.height * 0.024, ground.width * ground.chance.uniform(-0.008, 0.008)
        half = max(0.7, ground.width * 0.0016)
        colour = ground.lit(lighter(ground.colour, 0.22))
        blades.append(
            Layer(outline=((x - half, y), (x + lean, y - tall), (x + half, y)), top=colour, bottom=colour, opacity=0.7)
        )
    return (
        ground.ridge(0.56, 0.04, mix(ground.colour, ground.light.low, 0.35), 1.3),
        ground.ridge(0.64, 0.025, ground.colour, 1.8),
        *blades,
    )


def _snow(ground: Ground) -> tuple[Layer, ...]:
    flakes = scatter(ground.spots(90, 0, 1), max(1.2, ground.width * 0.0028), (255, 255, 255), 0.8)
    return (
        *_treeline(ground, 0.5, (70, 104, 110), 18),
        ground.ridge(0.6, 0.03, darker(ground.colour, 0.06), 1.4),
        ground.ridge(0.7, 0.03, ground.colour, 1.7),
        *flakes,
    )


def _space(ground: Ground) -> tuple[Layer, ...]:
    hue = ground.chance.random()
    return tuple(
        Layer(
            outline=ellipse(x, y, ground.width * 0.3, ground.height * 0.16),
            top=from_hue(hue + 0.12 * number, 0.7, 0.75),
            bottom=from_hue(hue + 0.12 * number + 0.1, 0.7, 0.6),
            opacity=0.3,
            blur_px=ground.width * 0.09,
        )
        for number, (x, y) in enumerate(ground.spots(4, 0.1, 0.9))
    )


def _sky(ground: Ground) -> tuple[Layer, ...]:
    white = ground.lit((255, 255, 255))
    return tuple(
        Layer(
            outline=ellipse(x, y, ground.width * size, ground.height * size * 0.24),
            top=white,
            bottom=white,
            opacity=0.4,
            blur_px=ground.width * 0.03,
        )
        for x, y in ground.spots(5, 0.15, 0.9)
        for size in (ground.chance.uniform(0.12, 0.24),)
    )


def _room(ground: Ground) -> tuple[Layer, ...]:
    wall = ground.band(0, 0.7, lighter(ground.colour, 0.25), ground.colour)
    floor = ground.band(0.7, 1, (176, 124, 84), (126, 84, 56))
    skirting = ground.band(0.685, 0.705, (250, 246, 238), (226, 220, 210))
    return (wall, floor, skirting)


PLACES: Final[Mapping[str, Place]] = {
    "sea": Place(horizon=0.5, colour=(34, 104, 178), draw=_sea),
    "beach": Place(horizon=0.66, colour=(238, 214, 164), draw=_beach),
    "forest": Place(horizon=0.7, colour=(44, 104, 66), draw=_forest),
    "desert": Place(horizon=0.74, colour=(226, 172, 98), draw=_desert),
    "city": Place(horizon=0.8, colour=(112, 116, 140), draw=_city),
    "meadow": Place(horizon=0.66, colour=(112, 174, 76), draw=_meadow),
    "snow": Place(horizon=0.7, colour=(238, 243, 248), draw=_snow),
    "space": Place(horizon=1.0, colour=(20, 16, 50), draw=_space, light=_SPACE),
    "sky": Place(horizon=1.0, colour=(110, 170, 226), draw=_sky),
    "room": Place(horizon=0.72, colour=(214, 202, 186), draw=_room),
}


def background(scene: Scene, place: str | None, size: tuple[int, int], chance: random.Random) -> tuple[Layer, ...]:
    """Return the layers behind the things: sky and ground of a place, or a plain studio wall."""
    if place is None:
        return _studio(scene, size, chance)
    row = PLACES[place]
    light = row.light or LIGHTS[scene.time or _unsaid_time(scene, chance)]
    colour = NAMED[scene.place_colour] if scene.place_colour else row.colour
    ground = Ground(width=size[0], height=size[1], light=light, colour=colour, chance=chance)
    return (*_heavens(ground, row, scene), *row.draw(ground))


def _unsaid_time(scene: Scene, chance: random.Random) -> str:
    shapes = {group.shape for column in scene.columns for group in column}
    if shapes & {"star", "moon"}:
        return "night"
    return "day" if "sun" in shapes else chance.choice(_UNSAID_TIMES)


def _heavens(ground: Ground, place: Place, scene: Scene) -> tuple[Layer, ...]:
    light = ground.light
    coloured = place.horizon == 1.0 and scene.place_colour
    high = mix(light.high, ground.colour, 0.75) if coloured else light.high
    low = mix(light.low, lighter(ground.colour), 0.6) if coloured else light.low
    width, height = ground.width, ground.height
    # The sky is brightest at the horizon, and continues behind whatever stands on it.
    seam = height * min(1.0, place.horizon + 0.04)
    sky = Layer(outline=((0, 0), (width, 0), (width, seam), (0, seam)), top=high, bottom=low)
    below = Layer(outline=((0, 0), (width, 0), (width, height), (0, height)), top=low, bottom=low)
    layers: tuple[Layer, ...] = (below, sky)
    if light.stars:
        top = max(0.3, place.horizon - 0.04)
        for count, size, opacity in ((70, 0.0011, 0.55), (26, 0.002, 0.9)):
            layers += scatter(ground.spots(count, 0, top), max(0.9, width * size), (255, 250, 232), opacity)
    if light.glow:
        middle = (width * ground.chance.uniform(0.3, 0.7), height * min(place.horizon, 0.62))
        shape = ellipse(*middle, width * 0.34, height * 0.13)
        layers += (Layer(outline=shape, top=light.glow, bottom=light.glow, opacity=0.75, blur_px=width * 0.08),)
    return layers


def _studio(scene: Scene, size: tuple[int, int], chance: random.Random) -> tuple[Layer, ...]:
    width, height = size
    is_dark = scene.time == "night"
    hue, depth = chance.random(), 0.2 if is_dark else 0.95
    wall = NAMED[scene.place_colour or scene.colours[0]] if scene.colours else from_hue(hue, 0.16, depth)
    return (
        Layer(outline=((0, 0), (width, 0), (width, height), (0, height)), top=lighter(wall, 0.2), bottom=wall),
        Layer(
            outline=ellipse(width / 2, height * 1.02, width * 0.75, height * 0.26),
            top=darker(wall, 0.16),
            bottom=darker(wall, 0.2),
            blur_px=height * 0.08,
            opacity=0.8,
        ),
    )
