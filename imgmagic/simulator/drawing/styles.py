"""Styles: ways to change a finished picture."""

from collections.abc import Callable, Mapping
from typing import Final

from PIL import Image, ImageChops, ImageFilter, ImageOps


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
    # Few colours in soft patches, with the paper shining through.
    half = image.reduce(2).filter(ImageFilter.MedianFilter(3))
    soft = half.resize(image.size, Image.Resampling.BICUBIC)
    return Image.blend(ImageOps.posterize(soft, 5), Image.new("RGB", image.size, (250, 246, 238)), 0.22)


def _sketch(image: Image.Image) -> Image.Image:
    grey = ImageOps.grayscale(image)
    soft = ImageOps.invert(grey).filter(ImageFilter.GaussianBlur(max(2, min(image.size) // 120)))
    lines = ImageChops.add(grey, soft).point([min(255, round((value / 255) ** 9 * 255)) for value in range(256)])
    return ImageOps.colorize(lines, (52, 50, 62), (250, 247, 240))


STYLES: Final[Mapping[str, Callable[[Image.Image], Image.Image]]] = {
    "pixelated": _keeping_alpha(_pixelate),
    "watercolour": _keeping_alpha(_watercolour),
    "sketch": _keeping_alpha(_sketch),
    "monochrome": _keeping_alpha(lambda image: ImageOps.grayscale(image).convert("RGB")),
    "blurred": _keeping_alpha(lambda image: image.filter(ImageFilter.GaussianBlur(min(image.size) / 90))),
}
