"""The durable output of a generation: previews with alternative text and a caption, as plain HTML and as plain text.

It must survive reopening without a kernel, an untrusted notebook, nbconvert and GitHub, so it holds no script, no style
sheet and no link to a file; front ends that drop inline styles still show pictures and caption in order.
"""

import base64
import json
from collections.abc import Iterator
from dataclasses import replace

from imgmagic.display.sanitize import NO_MATH, escaped, plain, shortened
from imgmagic.domain.generation import GeneratedImage, Generation, Status
from imgmagic.domain.usage import Usage
from imgmagic.errors import StoreError
from imgmagic.notebook.output.tile_size import tile_size, widest
from imgmagic.store.images.previews import Preview, make_preview

_MUTED = "color:var(--jp-ui-font-color2,#616161);font-size:var(--jp-ui-font-size1,13px);line-height:1.5"
# What is transparent must show as such, in light and dark.
_CHECKERBOARD = ";background:repeating-conic-gradient(#ddd 0 25%,#fff 0 50%) 0 0/16px 16px"
_MOST_BYTES = 105_000  # of one preview: in base64, with the page around it, 150 KB of the notebook's file
_MIME_TYPES = {"svg": "image/svg+xml"}


def figure_html(generation: Generation, *, longest_side: int | None = 768, quality: int = 80) -> str:
    """Return the figure of a generation as HTML: pictures in a row that wraps, caption, details.

    Args:
        generation: what to show.
        longest_side: of a preview, in pixels; None embeds the original bytes.
        quality: of a preview, 1 to 100.
    """
    generation = _readable(generation)
    alt = generation.alt or generation.prompt
    tiles = max(generation.request.n, len(generation.images))  # as large as they were while they streamed
    pictures = "".join(
        _picture(image, tiles, alt, longest_side=longest_side, quality=quality) for image in generation.images
    )
    lines = "<br>".join(escaped(line) for line in caption_lines(generation))
    return (
        f'<figure {NO_MATH} style="margin:0"><div style="display:flex;flex-wrap:wrap;gap:8px">{pictures}</div>'
        f'<figcaption style="{_MUTED};margin-top:4px">{lines}</figcaption>{_details(generation)}</figure>'
    )


def remark_html(text: str) -> str:
    """Return one remark as HTML, in the figure's own style."""
    return f'<div {NO_MATH} style="{_MUTED}">{escaped(text)}</div>'


def figure_text(generation: Generation) -> str:
    """Return the figure of a generation as plain text: the prompt, the caption, and where the originals are."""
    generation = _readable(generation)
    paths = [image.location for image in generation.images if image.location is not None]
    return "\n".join([f'"{shortened(generation.prompt)}"', *map(plain, [*caption_lines(generation), *paths])])


def _readable(generation: Generation) -> Generation:
    """Return the generation with the originals that can be read, each read once, and a notice for each other."""
    images: list[GeneratedImage] = []
    notices: list[str] = []
    for number in range(len(generation.images)):
        try:
            images.append(generation.images[number])
        except StoreError as error:
            notices.append(str(error))
    return replace(generation, images=tuple(images), notices=(*generation.notices, *notices))


def caption_lines(generation: Generation) -> list[str]:
    """Return the caption: one line of facts, then one line for each thing worth knowing."""
    return [" · ".join(_facts(generation)), *_remarks(generation)]


def _facts(generation: Generation) -> Iterator[str]:
    if generation.simulated:
        yield "simulated"
    if generation.model:
        yield generation.model
    yield from dict.fromkeys(f"{image.width}×{image.height} {image.format}" for image in generation.images)
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
    if generation.simulated or generation.replayed or generation.reused:
        return "nothing spent"
    return "cost unknown" if generation.cost is None else f"${generation.cost:.4f}"


def _remarks(generation: Generation) -> Iterator[str]:
    if generation.status is Status.CANCELLED:
        yield f"cancelled; {_finished(generation)}; the server may bill what it had drawn"
    if generation.error is not None:
        yield f"{_finished(generation)}: {generation.error.message}"  # its remedy stands below, in the cell's error
    if generation.replayed is not None:
        yield f"replayed, recorded on {generation.replayed:%Y-%m-%d} with {generation.model}"
    if generation.reused is not None:
        yield f"reused from {generation.reused:%Y-%m-%d}, nothing spent; run again for a new one"
    if generation.left_out:
        yield f"left out, as this server would refuse or ignore it: {', '.join(generation.left_out)}"
    revised = {image.revised_prompt for image in generation.images if image.revised_prompt}
    yield from (f"revised prompt: {shortened(prompt, 300)}" for prompt in sorted(revised))
    yield from generation.notices


def _finished(generation: Generation) -> str:
    return f"{len(generation.images)} of {generation.request.n} finished"


def _picture(image: GeneratedImage, tiles: int, alt: str, *, longest_side: int | None, quality: int) -> str:
    try:
        preview = shown_preview(image, longest_side=longest_side, quality=quality)
    except StoreError as error:
        return remark_html(str(error))  # the picture is kept; only the page cannot show it
    size = tile_size(tiles, preview.width, preview.height)
    behind = _CHECKERBOARD if preview.is_transparent else ""
    return (
        f'<img alt="{escaped(alt)}" width="{size.width}" height="{size.height}" '
        f'style="max-width:{widest(tiles)};height:auto;border-radius:4px{behind}" '
        f'src="{data_uri(preview.data, preview.format)}">'
    )


def shown_preview(image: GeneratedImage, *, longest_side: int | None, quality: int) -> Preview:
    """Return what to show of `image`: a preview, or the original where it is asked for or cannot be made smaller."""
    if longest_side is None or image.format == "svg":
        see_through = image.format != "jpeg"  # or may be; an opaque picture covers what is behind it
        return Preview(
            data=image.data,
            format=image.format,
            width=image.width,
            height=image.height,
            is_transparent=see_through,
        )
    return make_preview(image.data, longest_side=longest_side, quality=quality, most_bytes=_MOST_BYTES)


def data_uri(data: bytes, image_format: str) -> str:
    """Return a picture as a `data:` address, which an `<img>` shows without running anything in it."""
    mime = _MIME_TYPES.get(image_format, f"image/{image_format}")
    return f"data:{mime};base64,{base64.b64encode(data).decode('ascii')}"


def _details(generation: Generation) -> str:
    rows = [f"prompt: {generation.prompt}", f"options: {json.dumps(dict(generation.request.options), default=str)}"]
    rows += [f"provider: {generation.provider}"]
    rows += [f"request id: {generation.request_id}"] if generation.request_id else []
    rows += [f"usage: {_usage(generation.usage)}"] if generation.usage else []
    rows += [f"original: {image.location}" for image in generation.images if image.location is not None]
    return (
        f'<details style="{_MUTED}"><summary>details</summary>'
        '<pre style="white-space:pre-wrap;margin:0;color:inherit;font-size:12px">'
        f"{escaped(chr(10).join(rows))}</pre></details>"
    )


def _usage(usage: Usage) -> str:
    known = {name: value for name, value in vars(usage).items() if value is not None}
    return ", ".join(f"{name.replace('_', ' ')} {value:,}" for name, value in known.items())
