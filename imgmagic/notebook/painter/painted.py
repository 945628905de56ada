"""A painter's durable output in a saved notebook: the picture, small, with what is painted over it."""

import io

from markupsafe import Markup
from PIL import Image

from imgmagic.display.data_uri import data_uri
from imgmagic.notebook.output.style import CAPTION
from imgmagic.notebook.painter.painter import Painter
from imgmagic.store.images.encoding import encode_image
from imgmagic.store.images.previews import make_preview

_SIDE = 768
_QUALITY = 80
_MOST_BYTES = 105_000
_INK = (216, 27, 96)  # of what may change, as in the page
_HALF_INK = 140


def painted_html(painter: Painter) -> str:
    """Return the picture with what is painted over it, as plain HTML that needs neither kernel nor script."""
    preview = make_preview(composite(painter), longest_side=_SIDE, quality=_QUALITY, most_bytes=_MOST_BYTES)
    said = _caption(painter)
    return Markup(
        '<figure style="margin:0" data-imgmagic-painted="{place}"><img alt="{alt}" width="{width}" height="{height}" '
        'style="display:block;max-width:100%;height:auto;border-radius:4px" src="{src}">'
        '<figcaption style="{caption}">{said}</figcaption></figure>'
    ).format(
        place=painter.widget.place,
        alt=f"{painter.picture.name}: {said}",
        width=preview.width,
        height=preview.height,
        src=data_uri(preview.data, preview.format),
        caption=CAPTION,
        said=said,
    )


def composite(painter: Painter) -> bytes:
    """Return the picture with the mask in colour, or with the markup, as a PNG no larger than a preview needs."""
    with Image.open(io.BytesIO(painter.picture.data)) as image:
        image.draft("RGB", (_SIDE, _SIDE))
        ground = image.convert("RGBA")
    ground.thumbnail((_SIDE, _SIDE))
    over = _over(painter, ground.size)
    return encode_image(Image.alpha_composite(ground, over), "png", compress_level=1)


def _over(painter: Painter, size: tuple[int, int]) -> Image.Image:
    if painter.markup is not None:
        with Image.open(io.BytesIO(painter.markup)) as drawn:
            return drawn.convert("RGBA").resize(size)
    over = Image.new("RGBA", size, (*_INK, 0))
    if (mask := painter.mask) is not None:
        cells = Image.frombytes("L", (mask.width, mask.height), mask.cells).resize(size)
        over.putalpha(cells.point(lambda value: value * _HALF_INK // 255))
    return over


def _caption(painter: Painter) -> str:
    if painter.mode == "markup":
        return f"a markup over {painter.picture.name}"
    mask = painter.mask
    return f"mask of {painter.picture.name}: {mask.share if mask else 0:.1%} may change"
