"""Pictures from a prompt, a seed and a size: the same always look the same; it knows nothing of servers."""

import io
import math
import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from PIL import Image, ImageChops, ImageFilter, ImageOps

from imgmagic.simulator import layers, scenery
from imgmagic.simulator.calls import Picture
from imgmagic.simulator.layers import Layer, Painting
from imgmagic.simulator.palette import NAMED, Colour, darker, harmony, lighter
from imgmagic.simulator.shapes import SHAPES, Outline, Part, ellipse
from imgmagic.simulator.words import Group, Scene, read_prompt

_AIRBORNE: Final = frozenset(("sun", "moon", "star", "cloud", "bird", "balloon", "rocket"))
_FLOATING: Final = frozenset(("circle", "square", "triangle", "diamond", "hexagon", "ring", "cross", "heart", "fish"))
_OWN_COLOURS: Final[Mapping[str, tuple[str, ...]]] = {
    "star": ("yellow",),
    "heart": ("red",),
    "moon": ("beige",),
    "sun": ("yellow",),
    "cloud": ("white",),
    "tree": ("green",),
    "pine": ("green",),
    "palm": ("green",),
    "cactus": ("green",),
    "mushroom": ("red",),
    "apple": ("red",),
    "mountain": ("grey",),
    "castle": ("grey",),
    "lighthouse": ("red",),
    "robot": ("grey",),
    "fish": ("orange",),
    "fox": ("orange",),
    "bear": ("brown",),
    "otter": ("brown",),
    "owl": ("brown",),
    "mouse": ("grey",),
}
_OWN_PLACES: Final[Mapping[str, str]] = {
    "boat": "sea",
    "fish": "sea",
    "lighthouse": "beach",
    "palm": "beach",
    "cactus": "desert",
    "rocket": "space",
    "cup": "room",
    **dict.fromkeys(("sun", "moon", "star", "cloud", "balloon", "bird"), "sky"),
    **dict.fromkeys(("tree", "pine", "house", "castle", "flower", "mushroom", "mountain"), "meadow"),
    **dict.fromkeys(("cat", "dog", "fox", "rabbit", "bear", "owl"), "meadow"),
}


def draw(picture: Picture) -> Image.Image:
    """Draw a picture, marked as simulated.

    >>> draw(Picture(prompt="a red circle", width=64, height=48)).size
    (64, 48)
    """
    scene = read_prompt(picture.prompt)
    grain = random.Random(f"grain {picture.seed}")  # noqa: S311 - a picture, not a secret
    image = layers.to_pixels(compose(picture), grain=grain)
    restyle = _STYLES.get(scene.style or "")
    return layers.mark(restyle(image) if restyle else image)


def draw_partial(image: Image.Image, index: int, count: int) -> Image.Image:
    """Draw the partial image `index` of `count` on the way to `image`: each finer than the one before."""
    share = (index + 1) / (count + 1)
    return _coarse(image, cells=8 * 2 ** (4.2 * share), noise=1 - share, seed=index)


def draw_frames(picture: Picture, count: int) -> list[Image.Image]:
    """Draw the frames of a short loop in which the things bob."""
    phases = (index / count for index in range(count))
    return [layers.mark(layers.to_pixels(compose(picture, phase=phase), grain=None)) for phase in phases]


def draw_svg(picture: Picture) -> bytes:
    """Draw the same picture as SVG."""
    return layers.to_svg(compose(picture)).encode()


def encode(image: Image.Image, output_format: str, compression: int = 100) -> bytes:
    """Encode a picture as png, jpeg or webp; `compression` is the quality in percent that the API speaks of."""
    buffer = io.BytesIO()
    if output_format == "png":
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


def compose(picture: Picture, *, phase: float = 0.0) -> Painting:
    """Return the layers of a picture; `phase` moves the things through one turn of a loop."""
    scene = read_prompt(picture.prompt)
    chance = random.Random(f"{picture.prompt}\n{picture.seed}")  # noqa: S311 - a picture, not a secret
    size = (picture.width, picture.height)
    place = scene.place or _own_place(scene)
    if not scene.columns and place is None:
        behind = scenery.abstract(scene, size, chance)
    else:
        behind = scenery.background(scene, place, size, chance)
    stage = _Stage(scene=scene, place=place, width=picture.width, height=picture.height, chance=chance, phase=phase)
    if picture.is_transparent and scene.columns:
        behind = ()
    elif picture.is_transparent:
        behind = behind[1:]
    return Painting(
        width=picture.width,
        height=picture.height,
        layers=(*behind, *stage.things()),
        is_transparent=picture.is_transparent,
    )


def _own_place(scene: Scene) -> str | None:
    groups = [group for column in scene.columns for group in column]
    places = [_OWN_PLACES[group.shape] for group in groups if group.shape in _OWN_PLACES]
    on_the_ground = [place for place in places if place != "sky"]
    if scene.time and groups:
        return next(iter(on_the_ground or places), "meadow" if scene.time != "night" else "sky")
    return next(iter(on_the_ground or places), None)


@dataclass(frozen=True, kw_only=True)
class _Spot:
    """Where one thing goes: its middle and half its size, in pixels."""

    x: float
    y: float
    half: float


@dataclass(frozen=True, kw_only=True)
class _Stage:
    scene: Scene
    place: str | None
    width: int
    height: int
    chance: random.Random
    phase: float

    def things(self) -> Iterator[Layer]:
        """Yield the layers of every thing, those in the air first."""
        airborne = [column for column in self.scene.columns if self._is_airborne(column)]
        grounded = [column for column in self.scene.columns if not self._is_airborne(column)]
        placed = [*self._columns(airborne, self._air(bool(grounded)))]
        placed += self._columns(grounded, self._ground(bool(airborne)))
        for number, (spot, group, colour) in enumerate(placed):
            bob = 0.03 * self.height * math.sin(2 * math.pi * (self.phase + number / max(1, len(placed))))
            yield from self._thing(replace(spot, y=spot.y + bob if self.phase else spot.y), group, colour)

    def _is_airborne(self, column: tuple[Group, ...]) -> bool:
        return self.place != "room" and all(group.shape in _AIRBORNE for group in column)

    def _horizon(self) -> float:
        return scenery.PLACES[self.place].horizon if self.place else 1.0

    def _air(self, is_shared: bool) -> tuple[float, float]:  # noqa: FBT001 - one private caller
        horizon = self._horizon()
        if horizon < 1.0:
            return 0.05, max(0.34, min(horizon - 0.04, 0.5))
        return (0.05, 0.44) if is_shared else (0.1, 0.9)

    def _ground(self, is_shared: bool) -> tuple[float, float]:  # noqa: FBT001 - one private caller
        horizon = self._horizon()
        if horizon < 1.0:
            return (horizon + 0.03, 0.95) if self._lies_flat() else (0.36, 0.94)
        return (0.46, 0.94) if is_shared else (0.1, 0.9)

    def _lies_flat(self) -> bool:
        groups = [group for column in self.scene.columns for group in column if group.shape not in _AIRBORNE]
        return self._horizon() <= 0.55 and all(group.shape in _FLOATING for group in groups)

    def _columns(
        self, columns: list[tuple[Group, ...]], band: tuple[float, float]
    ) -> Iterator[tuple[_Spot, Group, Colour]]:
        counted = [tuple(self._counted(group) for group in column) for column in columns]
        weights = [max(group.scale * math.sqrt(group.count or 1) for group in column) for column in counted]
        left, total = 0.05, sum(weights) or 1
        for column, weight in zip(counted, weights, strict=True):
            right = left + 0.9 * weight / total
            yield from self._stack(column, (left, right), band)
            left = right

    def _counted(self, group: Group) -> Group:
        return group if group.count else replace(group, count=self.chance.randint(3, 5))

    def _stack(
        self, column: tuple[Group, ...], across: tuple[float, float], band: tuple[float, float]
    ) -> Iterator[tuple[_Spot, Group, Colour]]:
        share = (band[1] - band[0]) / len(column)
        bottom = band[1]
        for level, group in enumerate(column):
            region = (across[0], bottom - share, across[1], bottom)
            spots = self._grid(group, region, is_stacked=len(column) > 1, is_top=level > 0)
            colours = self._colours(group)
            for number, spot in enumerate(spots):
                yield spot, group, colours[number % len(colours)]
            bottom = min((spot.y - spot.half * 0.9 for spot in spots), default=0.0) / self.height

    def _grid(
        self, group: Group, region: tuple[float, float, float, float], *, is_stacked: bool, is_top: bool
    ) -> list[_Spot]:
        left, top, right, bottom = (
            edge * (self.width if number % 2 == 0 else self.height) for number, edge in enumerate(region)
        )
        count = group.count or 1
        columns = min(range(1, count + 1), key=lambda tried: -self._cell(count, tried, right - left, bottom - top))
        rows = math.ceil(count / columns)
        cell = self._cell(count, columns, right - left, bottom - top)
        half = cell * min(0.5, 0.42 * group.scale)
        across, down = (right - left) / columns, (bottom - top) / rows
        spots = []
        for number in range(count):
            row, column = divmod(number, columns)
            in_row = min(columns, count - row * columns)
            x = (left + right) / 2 + (column - (in_row - 1) / 2) * across
            y = bottom - half if is_stacked and rows == 1 else top + (row + 0.5) * down
            loose = 0.0 if is_top or is_stacked else max(0.0, cell / 2 - half)
            spots.append(
                _Spot(
                    x=x + self.chance.uniform(-0.8, 0.8) * loose,
                    y=y + self.chance.uniform(-0.8, 0.8) * loose,
                    half=half,
                )
            )
        return spots

    @staticmethod
    def _cell(count: int, columns: int, width: float, height: float) -> float:
        return min(width / columns, height / math.ceil(count / columns))

    def _colours(self, group: Group) -> tuple[Colour, ...]:
        names = group.colours or _OWN_COLOURS.get(group.shape, ())
        return tuple(NAMED[name] for name in names) or harmony(self.chance, 4)[: max(1, min(4, group.count or 1))]

    def _thing(self, spot: _Spot, group: Group, colour: Colour) -> Iterator[Layer]:
        if group.shape not in _AIRBORNE:
            yield self._shadow(spot)
        for part in SHAPES[group.shape]:
            yield self._part(part, spot, colour)

    def _shadow(self, spot: _Spot) -> Layer:
        outline = ellipse(spot.x, spot.y + spot.half * 0.95, spot.half * 0.85, spot.half * 0.14)
        dark = (10, 12, 36)
        return Layer(outline=outline, top=dark, bottom=dark, opacity=0.32, blur_px=max(1.0, spot.half * 0.07))

    def _part(self, part: Part, spot: _Spot, colour: Colour) -> Layer:
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


def _coarse(image: Image.Image, *, cells: float, noise: float, seed: int) -> Image.Image:
    """Return the picture with `cells` details along its shorter edge and as much coarse noise as `noise` says."""
    less = cells / min(image.size)
    small = max(2, round(image.width * less)), max(2, round(image.height * less))
    soft = image.resize(small, Image.Resampling.BOX)
    chance = random.Random(seed)  # noqa: S311 - a picture, not a secret
    clouds = Image.frombytes("RGB", small, chance.randbytes(3 * small[0] * small[1]))
    noisy = Image.blend(soft.convert("RGB"), clouds, 0.42 * noise**1.5)
    if image.mode == "RGBA":
        noisy.putalpha(soft.getchannel("A"))
    return noisy.resize(image.size, Image.Resampling.BICUBIC)


def _keeping_alpha(restyle: Callable[[Image.Image], Image.Image]) -> Callable[[Image.Image], Image.Image]:
    def apply(image: Image.Image) -> Image.Image:
        styled = restyle(image.convert("RGB"))
        if image.mode == "RGBA":
            styled.putalpha(image.getchannel("A"))
        return styled

    return apply


def _pixelate(image: Image.Image) -> Image.Image:
    small = image.resize((max(1, image.width // 16), max(1, image.height // 16)), Image.Resampling.BOX)
    return small.resize(image.size, Image.Resampling.NEAREST)


def _watercolour(image: Image.Image) -> Image.Image:
    soft = image.filter(ImageFilter.MedianFilter(5)).filter(ImageFilter.GaussianBlur(2))
    return Image.blend(ImageOps.posterize(soft, 5), Image.new("RGB", image.size, (250, 246, 238)), 0.22)


def _sketch(image: Image.Image) -> Image.Image:
    grey = ImageOps.grayscale(image)
    soft = ImageOps.invert(grey).filter(ImageFilter.GaussianBlur(max(2, min(image.size) // 120)))
    lines = ImageChops.add(grey, soft).point([min(255, round((value / 255) ** 3 * 255)) for value in range(256)])
    return ImageOps.colorize(lines, (52, 50, 62), (250, 247, 240))


_STYLES: Final[Mapping[str, Callable[[Image.Image], Image.Image]]] = {
    "pixelated": _keeping_alpha(_pixelate),
    "watercolour": _keeping_alpha(_watercolour),
    "sketch": _keeping_alpha(_sketch),
    "monochrome": _keeping_alpha(lambda image: ImageOps.grayscale(image).convert("RGB")),
    "blurred": _keeping_alpha(lambda image: layers.blurred(image, min(image.size) / 90)),
}
