"""Small figures: how one picture, the pictures of a generation, a search or a list of generations are shown.

Plain HTML like the figure's, small enough for many in a notebook's file; the text stays what Python prints.
"""

from collections.abc import Iterator, Sequence
from typing import TypeAlias, TypeGuard

from markupsafe import Markup

from imgmagic.display.data_uri import data_uri
from imgmagic.display.sanitize import shorten, strip_control
from imgmagic.domain.generation import GeneratedImage, Generation, Status
from imgmagic.domain.wording import describe_picture
from imgmagic.errors import StoreError
from imgmagic.notebook.output.figure import original_mark, shown_preview
from imgmagic.notebook.output.style import CAPTION, MUTED
from imgmagic.notebook.output.tile_size import fit

Shown: TypeAlias = GeneratedImage | Generation

_SIDE, _SIDE_ALONE = 160, 360  # CSS pixels of the longer side; twice as many are kept, for dense screens
_QUALITY = 70
_MOST_BYTES, _MOST_BYTES_ALONE = 12_000, 60_000
_MOST = 48  # figures; a notebook must stay small
_ROW = "display:flex;flex-wrap:wrap;gap:8px;align-items:flex-start"
_IMAGE = "display:block;max-width:100%;height:auto"


def are_shown(values: Sequence[object]) -> TypeGuard[Sequence[Shown]]:
    """Return whether a list or tuple holds pictures and generations, and nothing else."""
    return all(isinstance(value, Shown) for value in values)


def small_figures_html(values: Sequence[Shown]) -> str:
    """Return pictures and generations side by side as HTML; if there are many, the first, and how many more."""
    figures = Markup("").join(_figure(value, side=_SIDE, most_bytes=_MOST_BYTES) for value in _first(values))
    more = len(values) - _MOST
    rest = Markup('<div style="{}">and {:,} more</div>').format(MUTED, more) if more > 0 else ""
    return f'<div style="{_ROW}">{figures}</div>{rest}'


def image_html(image: GeneratedImage) -> str:
    """Return one picture as HTML."""
    return str(_figure(image, side=_SIDE_ALONE, most_bytes=_MOST_BYTES_ALONE))


def _first(values: Sequence[Shown]) -> Iterator[Shown | StoreError]:
    # By number, not by iteration: originals are read one by one, and a missing one must not end the loop.
    for number in range(min(len(values), _MOST)):
        try:
            yield values[number]
        except StoreError as error:
            yield error


def _figure(value: Shown | StoreError, *, side: int, most_bytes: int) -> Markup:
    if isinstance(value, StoreError):
        picture, caption = Markup("<div>{}</div>").format(shorten(str(value), 200)), ""
    else:
        picture, caption = _picture(value, side, most_bytes), _caption(value)
    below = Markup('<figcaption style="{};overflow-wrap:anywhere">{}</figcaption>').format(
        CAPTION, strip_control(caption)
    )
    # The class is display.sanitize.NO_MATH, by which a page knows what it opens large, too.
    figure = Markup('<figure class="mathjax_ignore tex2jax_ignore" style="margin:0;max-width:{}px">{}{}</figure>')
    return figure.format(side, picture, below)


def _picture(value: Shown, side: int, most_bytes: int) -> Markup:
    """Return the picture, or a generation's first, or why it cannot be shown."""
    alt = (
        value.alt or value.prompt if isinstance(value, Generation) else value.revised_prompt or value.name or "picture"
    )
    try:
        pictures = value.images or value.partials if isinstance(value, Generation) else (value,)
        if not pictures:
            return Markup("<div>no picture</div>")
        image = pictures[0]
        preview = shown_preview(image, longest_side=2 * side, quality=_QUALITY, most_bytes=most_bytes)
    except StoreError as error:
        return Markup("<div>{}</div>").format(shorten(str(error), 200))
    size = fit(preview.width, preview.height, side)
    return Markup('<img alt="{}"{} width="{}" height="{}" style="{}{}" src="{}">').format(
        shorten(alt, 200),
        original_mark(image),
        size.width,
        size.height,
        _IMAGE,
        # A partial image is never passed off as a result.
        ";opacity:0.5" if isinstance(value, Generation) and not value.images else "",
        data_uri(preview.data, preview.format),
    )


def _caption(value: Shown) -> str:
    if isinstance(value, GeneratedImage):
        return " · ".join(filter(None, (describe_picture(value.width, value.height, value.format), value.name)))
    number = "" if value.id is None else f"#{value.id}"
    count = f"{len(value.images)} pictures" if len(value.images) > 1 else ""
    status = "" if value.status is Status.COMPLETED else str(value.status)
    return " · ".join(filter(None, (number, shorten(value.prompt, 60), count, status)))
