"""Scenes: the layers that the words of a prompt become, before there are pixels."""

import random

from imgmagic.simulator.drawing import places
from imgmagic.simulator.drawing.abstract import abstract
from imgmagic.simulator.drawing.composition import Stage, own_place
from imgmagic.simulator.drawing.layers import Painting
from imgmagic.simulator.drawing.picture import PictureRequest
from imgmagic.simulator.drawing.prompt_reader import read_prompt


def compose(picture: PictureRequest, *, phase: float = 0.0, with_things: bool = True) -> Painting:
    """Return the layers of a picture; `phase` moves the things through one cycle of a loop."""
    scene = read_prompt(picture.prompt)
    key = f"{picture.prompt}\n{picture.seed}".encode(errors="surrogatepass")
    chance = random.Random(key)  # noqa: S311 - a picture, not a secret
    size = (picture.width, picture.height)
    place = scene.place or own_place(scene)
    if not scene.columns and place is None:
        behind = abstract(scene, size, chance)
    else:
        behind = places.background(scene, place, size, chance)
    if picture.is_transparent:
        # Behind things a place is left out; alone, it keeps all but its sky.
        behind = () if scene.columns else behind[1:]
    stage = Stage(
        scene=scene,
        horizon=places.PLACES[place].horizon if place else 1.0,
        is_indoors=place == "room",
        width=picture.width,
        height=picture.height,
        chance=chance,
    )
    things = tuple(stage.things(phase)) if with_things else ()
    return Painting(
        width=picture.width, height=picture.height, layers=(*behind, *things), is_transparent=picture.is_transparent
    )
