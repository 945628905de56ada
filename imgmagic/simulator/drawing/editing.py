"""Editing: changes given pictures toward the words of a prompt.

With a mask, the words are painted into its open part, and the rest stays as close to the original as a model keeps it:
with a little grain. Without one, the whole picture takes on the style, time and colours that the words name, and the
things they name are added. Several pictures become one: the first is the background, the others stand in front.
"""

import random
from collections.abc import Sequence
from dataclasses import replace
from typing import Final, TypeAlias

from PIL import Image, ImageChops, ImageColor, ImageDraw, ImageFilter, ImageOps, ImageStat

from imgmagic.simulator.drawing import layers
from imgmagic.simulator.drawing.backdrop import LIGHTS
from imgmagic.simulator.drawing.palette import NAMED, Colour
from imgmagic.simulator.drawing.picture import PictureRequest
from imgmagic.simulator.drawing.prompt_reader import Scene, read_prompt
from imgmagic.simulator.drawing.scenes import compose
from imgmagic.simulator.drawing.styles import STYLES

_SMALL_PX: Final = 128
_LEAST_PX: Final = 64
_Box: TypeAlias = tuple[int, int, int, int]


def edit(picture: PictureRequest, *, phase: float = 0.0) -> Image.Image:
    """Return the changed sources; `phase` moves what is added through one cycle of a loop."""
    scene = read_prompt(picture.prompt)
    ground, *others = picture.sources
    # Like the real models: the picture's transparency is dropped, and only its colours remain.
    base = _set_in(_fit(ground.convert("RGB"), picture.size), others)
    if picture.mask:
        region = ImageOps.invert(_fit(picture.mask.convert("RGBA").getchannel("A"), picture.size))
        image = _repaint(base, region.filter(ImageFilter.GaussianBlur(2)), scene, picture, phase)
    else:
        image = _restyle(base, scene, picture, phase)
    image = layers.with_grain(image, random.Random(f"grain {picture.seed}"))  # noqa: S311 - a picture, not a secret
    if picture.is_transparent:
        image.putalpha(_fit(ground.convert("RGBA").getchannel("A"), picture.size))
    return image


def _fit(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    return ImageOps.fit(image, size, Image.Resampling.BICUBIC)


def _set_in(ground: Image.Image, others: Sequence[Image.Image]) -> Image.Image:
    """Place the other pictures side by side on the lower half of the first, with soft edges."""
    across = round(ground.width * 0.9 / max(1, len(others)))
    for place, other in enumerate(others):
        inset = ImageOps.contain(other.convert("RGBA"), (round(across * 0.9), round(ground.height * 0.5)))
        soft = Image.new("L", inset.size, 0)
        edge = max(1, min(inset.size) // 16)
        ImageDraw.Draw(soft).rounded_rectangle(
            (edge, edge, inset.width - edge, inset.height - edge), radius=2 * edge, fill=255
        )
        soft = ImageChops.multiply(soft.filter(ImageFilter.GaussianBlur(edge / 2)), inset.getchannel("A"))
        left = round(ground.width * 0.05) + place * across + (across - inset.width) // 2
        ground.paste(inset.convert("RGB"), (left, round(ground.height * 0.95) - inset.height), soft)
    return ground


def _repaint(
    base: Image.Image, region: Image.Image, scene: Scene, picture: PictureRequest, phase: float
) -> Image.Image:
    """Paint the words into the open part of the mask."""
    box = region.getbbox()
    if box is None:
        return base
    if scene.columns or scene.place or not _names_a_tone(scene):
        behind = _heal(base, region) if scene.columns and not scene.place else base
        painted = _paint_into(behind, box, picture, phase)
    else:
        painted = base
    return Image.composite(_tone(painted, scene), base, region)


def _restyle(base: Image.Image, scene: Scene, picture: PictureRequest, phase: float) -> Image.Image:
    """Change the whole picture toward the words; of several pictures, the others are what the words name."""
    is_alone = len(picture.sources) == 1
    if is_alone and (scene.place or not (scene.columns or _names_a_tone(scene))):
        behind = compose(replace(picture, is_transparent=False), with_things=False)
        base = Image.blend(base, layers.to_pixels(behind, grain=None), 0.5 if scene.place else 0.35)
    if is_alone and scene.columns:
        chance = random.Random(picture.seed)  # noqa: S311 - a picture, not a secret
        width = round(0.55 * base.width)
        left = round(chance.random() * (base.width - width))
        base = _paint_into(base, (left, round(0.4 * base.height), left + width, base.height), picture, phase)
    return _tone(base, scene)


def _names_a_tone(scene: Scene) -> bool:
    return bool(scene.style or scene.time or (scene.colours and not scene.columns))


def _tone(image: Image.Image, scene: Scene) -> Image.Image:
    """Give the picture the colours, the time and the style that the words name."""
    for name in scene.colours if not scene.columns else ():
        image = _tint(image, NAMED[name], 0.55)
    if scene.time and not scene.place:
        light = LIGHTS[scene.time]
        image = _tint(image, light.tint, max(0.2, light.tint_share))
    restyle = STYLES.get(scene.style or "")
    return restyle(image) if restyle else image


def _tint(image: Image.Image, colour: Colour, share: float) -> Image.Image:
    grey = ImageOps.grayscale(image)
    toned = ImageOps.colorize(grey, (8, 8, 16), ImageColor.getrgb("white"), mid=colour)
    return Image.blend(image, toned, share)


def _paint_into(image: Image.Image, box: _Box, picture: PictureRequest, phase: float) -> Image.Image:
    """Paint what the words name into a box; the old picture shows between the things, unless a mask opens the box."""
    left, top, right, bottom = box
    size = right - left, bottom - top
    scene = read_prompt(picture.prompt)
    width, height = (max(_LEAST_PX, side) for side in size)
    is_see_through = bool(scene.columns and not (scene.place and picture.mask))
    alone = replace(picture, width=width, height=height, is_transparent=is_see_through)
    words = (
        layers.to_pixels(compose(alone, phase=phase), grain=None).convert("RGBA").resize(size, Image.Resampling.BICUBIC)
    )
    image = image.copy()
    image.paste(words.convert("RGB"), (left, top), words.getchannel("A"))
    return image


def _heal(image: Image.Image, region: Image.Image) -> Image.Image:
    """Fill a region from its surroundings, at a small size, because only soft colours remain anyway."""
    size = max(1, min(_SMALL_PX, image.width)), max(1, min(_SMALL_PX, image.height))
    small, hole = image.resize(size, Image.Resampling.BOX), region.resize(size, Image.Resampling.BOX)
    # Pixels that touch the hole belong to it, or their old colours would bleed back in.
    hole = hole.point([0] + [255] * 255)
    outside = ImageOps.invert(hole)
    mean = ImageStat.Stat(small, outside if outside.getbbox() else None).mean
    filled = Image.composite(Image.new("RGB", size, tuple(round(each) for each in mean)), small, hole)
    for radius in (16, 8, 8, 4, 4, 2, 2):
        filled = Image.composite(filled.filter(ImageFilter.GaussianBlur(radius)), small, hole)
    return Image.composite(filled.resize(image.size, Image.Resampling.BICUBIC), image, region)
