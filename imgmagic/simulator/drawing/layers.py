"""Layers of paint: a picture before it has pixels, and how they become pixels or SVG; it never sees a prompt."""

import base64
import random
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageFont

from imgmagic.simulator.drawing.outlines import Outline, Point
from imgmagic.simulator.drawing.palette import Colour

_FINE: Final = 4
_COARSE: Final = 2
_LARGE_PX: Final = 500_000
_MARK: Final = "simulated"
_ONLY_NOTHING: Final = [255] + [0] * 255


@dataclass(frozen=True, kw_only=True)
class Layer:
    """Hold one outline in pixels with its paint, lightest part at the top."""

    outline: Outline
    top: Colour
    bottom: Colour
    opacity: float = 1.0
    blur_px: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Painting:
    """Hold all layers of a picture, from the back to the front."""

    width: int
    height: int
    layers: tuple[Layer, ...]
    is_transparent: bool = False


def to_pixels(painting: Painting, *, grain: random.Random | None) -> Image.Image:
    """Paint every layer; `grain` adds the fine noise that photographs have."""
    size = (painting.width, painting.height)
    image = Image.new("RGB", size)
    alpha = Image.new("L", size, 0)
    for layer in painting.layers:
        _paint(image, alpha if painting.is_transparent else None, layer)
    if grain:
        image = with_grain(image, grain)
    if painting.is_transparent:
        image.putalpha(alpha)
    return image


def mark(image: Image.Image) -> Image.Image:
    """Mark the picture as simulated in its corner."""
    size = max(9, min(image.size) // 42)
    font = ImageFont.load_default(size)
    left, top, right, bottom = font.getbbox(_MARK)
    pad = size * 0.45
    width, height = right - left + 2 * pad, bottom - top + 2 * pad
    x, y = image.width - width - size * 0.5, image.height - height - size * 0.5
    label = Image.new("RGBA", image.size, (0, 0, 0, 0))
    draw = ImageDraw.Draw(label)
    draw.rounded_rectangle((x, y, x + width, y + height), radius=size * 0.5, fill=(20, 22, 30, 120))
    draw.text((x + pad - left, y + pad - top), _MARK, font=font, fill=(255, 255, 255, 225))
    corner = (int(x), int(y), image.width, image.height)
    mode, patch = image.mode, image.crop(corner).convert("RGBA")
    patch.alpha_composite(label.crop(corner))
    image.paste(patch.convert(mode), corner[:2])
    return image


def to_svg(painting: Painting) -> str:
    """Write the same layers as SVG."""
    shades = sorted({(layer.top, layer.bottom) for layer in painting.layers})
    blurs = sorted({round(layer.blur_px, 1) for layer in painting.layers if layer.blur_px})
    size = max(9, min(painting.width, painting.height) // 42)
    filters = (_svg_filter(number, blur) for number, blur in enumerate(blurs))
    gradients = (_svg_gradient(number, *shade) for number, shade in enumerate(shades))
    drawn = (_svg_layer(layer, shades, blurs) for layer in painting.layers)
    width, height = painting.width, painting.height
    label = (
        f'<text x="{width - size}" y="{height - size}" text-anchor="end" font-family="sans-serif" '
        f'font-size="{size}" fill="#888">{_MARK}</text>'
    )
    return "".join((_svg_head(width, height), "<defs>", *gradients, *filters, "</defs>", *drawn, label, "</svg>"))


def svg_of(jpeg: bytes, size: tuple[int, int]) -> bytes:
    """Wrap the bytes of a JPEG in an SVG."""
    href = f"data:image/jpeg;base64,{base64.b64encode(jpeg).decode()}"
    return f'{_svg_head(*size)}<image width="{size[0]}" height="{size[1]}" href="{href}"/></svg>'.encode()


def _svg_head(width: int, height: int) -> str:
    return f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}">'


def _svg_filter(number: int, blur: float) -> str:
    return (
        f'<filter id="b{number}" x="-50%" y="-50%" width="200%" height="200%">'
        f'<feGaussianBlur stdDeviation="{blur}"/></filter>'
    )


def _svg_gradient(number: int, top: Colour, bottom: Colour) -> str:
    return (
        f'<linearGradient id="g{number}" x1="0" y1="0" x2="0" y2="1"><stop offset="0" stop-color="rgb{top}"/>'
        f'<stop offset="1" stop-color="rgb{bottom}"/></linearGradient>'
    )


def _svg_layer(layer: Layer, shades: list[tuple[Colour, Colour]], blurs: list[float]) -> str:
    points = " ".join(f"{x:.1f},{y:.1f}" for x, y in layer.outline)
    opacity = f' opacity="{layer.opacity:.2f}"' if layer.opacity < 1 else ""
    blur = f' filter="url(#b{blurs.index(round(layer.blur_px, 1))})"' if layer.blur_px else ""
    return f'<polygon points="{points}" fill="url(#g{shades.index((layer.top, layer.bottom))})"{opacity}{blur}/>'


def _paint(image: Image.Image, alpha: Image.Image | None, layer: Layer) -> None:
    frame = _frame(layer, image.size)
    if frame is None:
        return
    mask = _mask(layer, frame)
    left, top, *_ = frame
    paint = mask
    if alpha:
        behind = alpha.crop(frame)
        alpha.paste(ImageChops.screen(behind, mask), (left, top))
        # With nothing behind it, the edge keeps its full colour: only its alpha is soft.
        paint = ImageChops.lighter(mask, behind.point(_ONLY_NOTHING))
    image.paste(_gradient(layer, frame), (left, top), paint)


def _frame(layer: Layer, size: tuple[int, int]) -> tuple[int, int, int, int] | None:
    """Return the part of the picture that the layer touches."""
    xs, ys = zip(*layer.outline, strict=True)
    # Beyond two and a half radii a Gaussian blur leaves less than one step of 255.
    room = 2.5 * layer.blur_px + 1
    left, top = max(0, int(min(xs) - room)), max(0, int(min(ys) - room))
    right, bottom = min(size[0], int(max(xs) + room) + 1), min(size[1], int(max(ys) + room) + 1)
    return (left, top, right, bottom) if left < right and top < bottom else None


def _mask(layer: Layer, frame: tuple[int, int, int, int]) -> Image.Image:
    left, top, right, bottom = frame
    width, height = right - left, bottom - top
    light = round(255 * layer.opacity)
    if _covers(layer.outline, frame) and not layer.blur_px:
        return Image.new("L", (width, height), light)
    if layer.blur_px > 6:
        return _soft_mask(layer, frame, light)
    # Edges are smoothed by drawing larger and shrinking; for a large outline that shows less and costs more.
    fine = _COARSE if width * height > _LARGE_PX else _FINE
    mask = Image.new("L", (width * fine, height * fine), 0)
    points: list[Point] = [((x - left) * fine, (y - top) * fine) for x, y in layer.outline]
    ImageDraw.Draw(mask).polygon(points, fill=light)
    mask = mask.reduce(fine)
    return mask.filter(ImageFilter.GaussianBlur(layer.blur_px)) if layer.blur_px else mask


def _soft_mask(layer: Layer, frame: tuple[int, int, int, int], light: int) -> Image.Image:
    """Draw a blurred outline small and enlarge it: soft shapes need few pixels."""
    left, top, right, bottom = frame
    less = layer.blur_px / 3
    small = max(1, round((right - left) / less)), max(1, round((bottom - top) / less))
    mask = Image.new("L", small, 0)
    points: list[Point] = [((x - left) / less, (y - top) / less) for x, y in layer.outline]
    ImageDraw.Draw(mask).polygon(points, fill=light)
    blurred = mask.filter(ImageFilter.GaussianBlur(3))
    return blurred.resize((right - left, bottom - top), Image.Resampling.BICUBIC)


def _covers(outline: Outline, frame: tuple[int, int, int, int]) -> bool:
    xs, ys = zip(*outline, strict=True)
    is_box = len(outline) == 4 and len(set(xs)) == 2 and len(set(ys)) == 2
    return is_box and min(xs) <= frame[0] and min(ys) <= frame[1] and max(xs) >= frame[2] and max(ys) >= frame[3]


def _gradient(layer: Layer, frame: tuple[int, int, int, int]) -> Image.Image:
    left, top, right, bottom = frame
    height = bottom - top
    bands = Image.linear_gradient("L").resize((1, height))
    column = Image.composite(
        Image.new("RGB", (1, height), layer.bottom), Image.new("RGB", (1, height), layer.top), bands
    )
    return column.resize((right - left, height), Image.Resampling.NEAREST)


def with_grain(image: Image.Image, grain: random.Random) -> Image.Image:
    """Add the fine noise that photographs have."""
    noise = Image.frombytes("L", image.size, grain.randbytes(image.width * image.height))
    noise = noise.point([value * 7 // 256 for value in range(256)])
    return ImageChops.add(image, Image.merge("RGB", (noise, noise, noise)), offset=-3)


def scatter(points: Iterable[Point], radius_px: float, colour: Colour, opacity: float) -> tuple[Layer, ...]:
    """Return small squares of light, such as stars or snowflakes."""
    return tuple(
        Layer(
            outline=((x - radius_px, y), (x, y - radius_px), (x + radius_px, y), (x, y + radius_px)),
            top=colour,
            bottom=colour,
            opacity=opacity,
        )
        for x, y in points
    )
