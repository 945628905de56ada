"""Pictures from a prompt, a seed and a size: equal inputs give equal pictures; it knows nothing about servers."""

import io
import random

from PIL import Image

from imgmagic.simulator.drawing import layers
from imgmagic.simulator.drawing.editing import edit
from imgmagic.simulator.drawing.picture import PictureRequest
from imgmagic.simulator.drawing.prompt_reader import read_prompt
from imgmagic.simulator.drawing.scenes import compose
from imgmagic.simulator.drawing.styles import STYLES


def draw(picture: PictureRequest) -> Image.Image:
    """Draw a picture, marked as simulated.

    >>> draw(PictureRequest(prompt="a red circle", width=64, height=48)).size
    (64, 48)
    """
    if picture.sources:
        return layers.mark(edit(picture))
    scene = read_prompt(picture.prompt)
    grain = random.Random(f"grain {picture.seed}")  # noqa: S311 - a picture, not a secret
    image = layers.to_pixels(compose(picture), grain=grain)
    restyle = STYLES.get(scene.style or "")
    return layers.mark(restyle(image) if restyle else image)


def draw_partial(image: Image.Image, index: int, count: int) -> Image.Image:
    """Draw the partial image `index` of `count` on the way to `image`: each finer than the one before."""
    share = (index + 1) / (count + 1)
    return _coarse(image, cells=8 * 2 ** (4.2 * share), noise=1 - share, seed=index)


def draw_frames(picture: PictureRequest, count: int) -> list[Image.Image]:
    """Draw the frames of a short loop in which the things bob up and down."""
    phases = [index / count for index in range(count)]
    if picture.sources:
        return [layers.mark(edit(picture, phase=phase)) for phase in phases]
    return [layers.mark(layers.to_pixels(compose(picture, phase=phase), grain=None)) for phase in phases]


def draw_svg(picture: PictureRequest) -> bytes:
    """Draw the same picture as SVG; an edited one contains its pixels."""
    if picture.sources:
        return layers.svg_of(encode(draw(picture), "jpeg", 85), picture.size)
    return layers.to_svg(compose(picture)).encode()


def encode(image: Image.Image, output_format: str, compression: int = 100) -> bytes:
    """Encode a picture as png, jpeg or webp; `compression` is the API's quality in per cent."""
    buffer = io.BytesIO()
    if output_format == "png":
        # The grain does not compress anyway: level 6 takes four times as long for a tenth less.
        image.save(buffer, "PNG", compress_level=2)
    else:
        lossy = image.convert("RGB") if output_format == "jpeg" else image
        lossy.save(buffer, output_format.upper(), quality=max(1, min(compression, 95)), method=2)
    return buffer.getvalue()


def encode_frames(frames: list[Image.Image], duration_ms: int) -> bytes:
    """Encode frames as an endless GIF."""
    buffer = io.BytesIO()
    frames[0].save(buffer, "GIF", save_all=True, append_images=frames[1:], duration=duration_ms, loop=0)
    return buffer.getvalue()


def _coarse(image: Image.Image, *, cells: float, noise: float, seed: int) -> Image.Image:
    """Return the picture with `cells` details along its shorter edge and coarse noise of strength `noise`."""
    less = cells / min(image.size)
    # Models sharpen a picture from blotches: first few cells with noise, then more cells with less noise.
    small = max(2, round(image.width * less)), max(2, round(image.height * less))
    soft = image.resize(small, Image.Resampling.BOX)
    chance = random.Random(seed)  # noqa: S311 - a picture, not a secret
    clouds = Image.frombytes("RGB", small, chance.randbytes(3 * small[0] * small[1]))
    noisy = Image.blend(soft.convert("RGB"), clouds, 0.42 * noise**1.5)
    if image.mode == "RGBA":
        noisy.putalpha(soft.getchannel("A"))
    return noisy.resize(image.size, Image.Resampling.BICUBIC)
