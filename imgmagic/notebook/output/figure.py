"""The durable output of a generation: previews with alternative text and a caption, as plain HTML and as plain text.

It must survive reopening without a kernel, an untrusted notebook, nbconvert and GitHub, so it has no script, no style
sheet and no link to a file; front ends that drop inline styles still show pictures and caption in order.
"""

import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TypeAlias

from markupsafe import Markup

from imgmagic.display.data_uri import data_uri
from imgmagic.display.sanitize import NO_MATH, shorten, strip_control, to_html
from imgmagic.domain.generation import GeneratedImage, Generation, Status
from imgmagic.domain.image_header import SHOWN_FORMATS
from imgmagic.domain.usage import Usage
from imgmagic.domain.wording import describe_picture, dollars, listed
from imgmagic.errors import StoreError
from imgmagic.notebook.output.details import details_html
from imgmagic.notebook.output.lineage import PASTED, lineage_lines
from imgmagic.notebook.output.style import CAPTION, MUTED
from imgmagic.notebook.output.tile_size import row_width, tile_size, widest
from imgmagic.store.images.previews import Preview, make_preview
from imgmagic.store.images.print_copy import make_print_copy

# Transparency must be visible, in light and dark themes.
_CHECKERBOARD = ";background:repeating-conic-gradient(#ddd 0 25%,#fff 0 50%) 0 0/16px 16px"
_DIMMED = ";opacity:0.5"  # a partial image is never passed off as a result
_MOST_BYTES = 95_000  # of one preview: as base64, with page and print copy, 150 KB of the notebook's file
_WHOLE = 100_000  # pixels: longer than any side
_SIZE = re.compile(r"[0-9]+x[0-9]+")  # not a name for one, such as auto

Previews: TypeAlias = Sequence[Preview | StoreError]


def figure_html(
    generation: Generation, *, longest_side: int | None = 768, quality: int = 80, previews: Previews | None = None
) -> str:
    """Return the figure of a generation as HTML: pictures in a row that wraps, caption, details.

    Args:
        generation: what to show.
        longest_side: of a preview, in pixels; None embeds the original bytes.
        quality: of a preview, 1 to 100.
        previews: what `make_previews` returned for it; made now if not given.
    """
    generation = read_originals(generation)
    if previews is None:
        previews = make_previews(generation, longest_side=longest_side, quality=quality)
    alt = generation.alt or generation.prompt
    shown = [
        *((image, alt, "") for image in generation.images),
        *((image, f"{alt} ({PASTED})", "") for image in generation.derived),
        *((image, f"{alt} (partial image)", _DIMMED) for image in generation.partials),
    ]
    tiles = max(generation.request.n, len(shown))  # as large as while they were streamed
    pictures = "".join(
        _picture(image, preview, tiles, said, style=style)
        for (image, said, style), preview in zip(shown, previews, strict=True)
    )
    first = next((image for image, *_ in shown), None)
    even = f";max-width:{row_width(tiles, tile_size(tiles, first.width, first.height))}" if first and tiles > 1 else ""
    lines = "<br>".join(to_html(line) for line in caption_lines(generation))
    return (
        f'<figure {NO_MATH} style="margin:0"><div style="display:flex;flex-wrap:wrap;gap:8px{even}">{pictures}</div>'
        f'<figcaption style="{CAPTION}">{lines}</figcaption>{_details(generation)}</figure>'
    )


def remark_html(text: str) -> str:
    """Return one remark as HTML, in the figure's own style."""
    return f'<div {NO_MATH} style="{MUTED}">{to_html(text)}</div>'


def figure_text(generation: Generation) -> str:
    """Return the figure of a generation as plain text: the prompt, the caption, and the names of the originals."""
    generation = read_originals(generation)
    kept = (*generation.images, *generation.derived)
    names = [image.name for image in kept if image.name is not None]
    return "\n".join([f'"{shorten(generation.prompt)}"', *map(strip_control, [*caption_lines(generation), *names])])


def figure_jpeg(generation: Generation, previews: Previews | None = None) -> bytes | None:
    """Return the finished pictures of a generation as one small JPEG; None if none can be decoded."""
    generation = read_originals(generation)
    finished = (*generation.images, *generation.derived)
    # From the previews if there are any: decoding an original takes most of the time.
    smaller = finished if previews is None else previews[: len(finished)]
    return make_print_copy(each.data for each in smaller if not isinstance(each, StoreError))


def make_previews(generation: Generation, *, longest_side: int | None, quality: int) -> Previews:
    """Return a preview of each picture of a generation whose originals were read, or why there is none.

    Previews of finished pictures come first, in order, then those of partial images.
    """
    found: list[Preview | StoreError] = []
    for image in (*generation.images, *generation.derived, *generation.partials):
        try:
            found.append(shown_preview(image, longest_side=longest_side, quality=quality))
        except StoreError as error:  # the picture is kept, but the page cannot show it
            found.append(error)
    return tuple(found)


def read_originals(generation: Generation) -> Generation:
    """Return the generation with the originals that can be read, each read once, and a notice for each other."""
    images, lost = _read_each(generation.images)
    partials, _ = _read_each(generation.partials)
    derived, more = _read_each(generation.derived)
    notices = (*generation.notices, *lost, *more)
    return replace(generation, images=images, partials=partials, derived=derived, notices=notices)


def _read_each(images: Sequence[GeneratedImage]) -> tuple[tuple[GeneratedImage, ...], tuple[str, ...]]:
    """Return the images whose originals can be read, and why the others cannot."""
    found: list[GeneratedImage] = []
    lost: list[str] = []
    # By number, not by iteration: the sequence reads an original on access, and one that cannot be read must not end
    # the loop.
    for number in range(len(images)):
        try:
            found.append(images[number])
        except StoreError as error:
            lost.append(str(error))
    return tuple(found), tuple(lost)


def caption_lines(generation: Generation) -> list[str]:
    """Return the caption: one line of facts, then one line for each thing worth knowing."""
    return [" · ".join(_facts(generation)), *_remarks(generation)]


def _facts(generation: Generation) -> Iterator[str]:
    if generation.simulated:
        yield "simulated"
    if generation.model:
        yield generation.model
    yield from dict.fromkeys(describe_picture(each.width, each.height, each.format) for each in generation.images)
    if quality := generation.request.options.get("quality"):
        yield f"quality {quality}"
    yield _time(generation)
    if generation.usage is not None and generation.usage.total_tokens is not None:
        yield f"{generation.usage.total_tokens:,} tokens"
    yield _cost(generation)
    if generation.id is not None:
        yield f"#{generation.id}"


def _time(generation: Generation) -> str:
    total = f"{generation.elapsed_s:.1f} s"
    return total if generation.first_partial_s is None else f"first partial {generation.first_partial_s:.1f} s, {total}"


def _cost(generation: Generation) -> str:
    if generation.simulated or generation.replayed:
        return "nothing spent"
    return "cost unknown" if generation.cost is None else f"${generation.cost:.4f}"


def _remarks(generation: Generation) -> Iterator[str]:
    yield from lineage_lines(generation)
    if generation.status is Status.CANCELLED:
        yield _describe_stop(generation)
    if generation.error is not None:
        # Without its remedy, which is in the cell's error below.
        yield f"{_count_finished(generation)}: {generation.error.message}"
    if generation.replayed is not None:
        yield f"replayed, recorded on {generation.replayed:%Y-%m-%d} with {generation.model}"
    yield from _describe_differences(generation)
    if generation.left_out:
        yield f"left out, as this server would refuse or ignore it: {', '.join(generation.left_out)}"
    revised = {image.revised_prompt for image in generation.images if image.revised_prompt}
    yield from (f"revised prompt: {shorten(prompt, 300)}" for prompt in sorted(revised))
    yield from generation.notices


def _describe_differences(generation: Generation) -> Iterator[str]:
    """Say if pictures have another size or format than was asked for: some servers accept an option and ignore it."""
    size, form = (str(generation.request.options.get(name, "")) for name in ("size", "output_format"))
    sizes = dict.fromkeys(f"{image.width}x{image.height}" for image in generation.images if image.width)
    if _SIZE.fullmatch(size) and any(each != size for each in sizes):
        yield f"asked for {size.replace('x', '×')}, came as {listed(sizes).replace('x', '×')}"
    forms = dict.fromkeys(describe_picture(0, 0, image.format) for image in generation.images)
    if form and any(each != form.replace("jpg", "jpeg") for each in forms):
        yield f"asked for {form}, came as {listed(forms)}"


def _describe_stop(generation: Generation) -> str:
    """Say when a run was stopped, and what may still be billed for it."""
    of = f" of {generation.request.partial_images}" if generation.request.partial_images else ""
    seen = f"partial image {generation.partial_count}{of}" if generation.partial_count else "a partial image"
    where = f" at {seen}" if generation.partials else ""
    several = f", {_count_finished(generation)}" if generation.request.n > 1 else ""
    bill = f"; may be billed up to {dollars(generation.held)}" if generation.held else ""
    return f"stopped after {generation.elapsed_s:.1f} s{where}{several}{bill}"


def _count_finished(generation: Generation) -> str:
    return f"{len(generation.images)} of {generation.request.n} finished"


def _picture(image: GeneratedImage, preview: Preview | StoreError, tiles: int, alt: str, *, style: str) -> str:
    if isinstance(preview, StoreError):
        return remark_html(str(preview))
    size = tile_size(tiles, preview.width, preview.height)
    behind = _CHECKERBOARD if preview.is_transparent else ""
    return (
        f'<img alt="{to_html(alt)}"{original_mark(image)} width="{size.width}" height="{size.height}" '
        f'style="max-width:{widest(tiles)};height:auto;border-radius:4px{behind}{style}" '
        f'src="{data_uri(preview.data, preview.format)}">'
    )


def shown_preview(
    image: GeneratedImage, *, longest_side: int | None, quality: int, most_bytes: int = _MOST_BYTES
) -> Preview:
    """Return what to show for `image`: a preview, or the original if it is wanted or cannot be made smaller."""
    if longest_side is None and image.width and image.format in SHOWN_FORMATS - {"svg"}:
        see_through = image.format != "jpeg"  # or may be; an opaque picture hides the background
        return Preview(
            data=image.data,
            format=image.format,
            width=image.width,
            height=image.height,
            is_transparent=see_through,
        )
    return make_preview(image.data, longest_side=longest_side or _WHOLE, quality=quality, most_bytes=most_bytes)


def original_mark(image: GeneratedImage) -> Markup:
    """Return an attribute that names a preview's original by its hash; a page with a kernel opens it large.

    A class, because an untrusted notebook keeps nothing else; the hash, because elsewhere a number names another
    picture.
    """
    name = original_hash(image)
    return Markup(' class="imgmagic-{}"').format(name) if name else Markup("")


def original_hash(image: GeneratedImage) -> str:
    """Return the name by which a page asks for an original; empty if it is not in the image store."""
    return "" if image.name is None else hashlib.sha256(image.data).hexdigest()


def _details(generation: Generation) -> str:
    rows = [
        f"prompt: {generation.prompt}",
        f"options: {json.dumps(dict(generation.request.options), default=str, sort_keys=True)}",
    ]
    rows += [f"provider: {generation.provider}"]
    rows += [f"usage: {_usage(generation.usage)}"] if generation.usage else []
    rows += [f"original: {image.name}" for image in generation.images if image.name is not None]
    rows += [f"derived: {image.name}" for image in generation.derived if image.name is not None]
    return details_html("\n".join(rows))


def _usage(usage: Usage) -> str:
    known = {name: value for name, value in vars(usage).items() if value is not None}
    return ", ".join(f"{name.replace('_', ' ')} {value:,}" for name, value in known.items())
