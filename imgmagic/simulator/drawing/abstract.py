"""Compositions for words that name nothing we can draw: soft light, ribbons and discs in harmony."""

import random

from imgmagic.simulator.drawing.backdrop import LIGHTS, Ground
from imgmagic.simulator.drawing.layers import Layer
from imgmagic.simulator.drawing.outlines import ellipse
from imgmagic.simulator.drawing.palette import NAMED, Colour, darker, harmony, lighter, mix
from imgmagic.simulator.drawing.prompt_reader import Scene


def abstract(scene: Scene, size: tuple[int, int], chance: random.Random) -> tuple[Layer, ...]:
    """Return a composition for words that name nothing we can draw: soft light, ribbons and discs in harmony."""
    width, height = size
    # Colours named in the words come first; chance adds matching ones.
    named = tuple(NAMED[name] for name in scene.colours)
    colours = (*named, *harmony(chance, 5))[:5] if named else harmony(chance, 5)
    base = darker(colours[0], 0.6 if scene.time == "night" else 0.1)
    sky = Layer(
        outline=((0, 0), (width, 0), (width, height), (0, height)),
        top=lighter(base, 0.35 if scene.time != "night" else 0.0),
        bottom=mix(base, colours[1 % len(colours)], 0.6),
    )
    ground = Ground(width=width, height=height, light=LIGHTS["day"], colour=base, chance=chance)
    return (sky, *_blooms(ground, colours), *_ribbons(ground, colours), *_discs(ground, colours))


def _blooms(ground: Ground, colours: tuple[Colour, ...]) -> tuple[Layer, ...]:
    return tuple(
        Layer(
            outline=ellipse(x, y, ground.width * size, ground.height * size),
            top=lighter(colour, 0.2),
            bottom=colour,
            opacity=0.6,
            blur_px=ground.width * 0.08,
        )
        for colour, (x, y) in zip(colours, ground.spots(len(colours), 0, 0.8), strict=True)
        for size in (ground.chance.uniform(0.14, 0.3),)
    )


def _ribbons(ground: Ground, colours: tuple[Colour, ...]) -> tuple[Layer, ...]:
    levels = (0.56, 0.68, 0.78, 0.88)
    return tuple(
        Layer(outline=ridge.outline, top=ridge.top, bottom=ridge.bottom, opacity=0.82)
        for level, colour in zip(levels, colours, strict=False)
        for ridge in (ground.ridge(level, 0.05, colour, ground.chance.uniform(1.0, 2.4)),)
    )


def _discs(ground: Ground, colours: tuple[Colour, ...]) -> tuple[Layer, ...]:
    across = min(ground.width, ground.height)
    return tuple(
        Layer(outline=ellipse(x, y, radius), top=lighter(colour, 0.45), bottom=colour, opacity=0.9)
        for x, y in ground.spots(ground.chance.randint(3, 6), 0.1, 0.6)
        for colour in (ground.chance.choice(colours),)
        for radius in (across * ground.chance.choice((0.02, 0.035, 0.05, 0.11)),)
    )
