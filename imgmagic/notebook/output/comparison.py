"""A comparison of pictures that stays in the notebook: side by side, with what differs in prompts and options."""

from collections.abc import Sequence
from dataclasses import dataclass

from imgmagic.display.data_uri import data_uri
from imgmagic.display.request_line import describe_request
from imgmagic.display.sanitize import NO_MATH, shorten, to_html
from imgmagic.display.word_difference import word_difference
from imgmagic.domain.generation import GeneratedImage, Generation
from imgmagic.domain.wording import describe_picture
from imgmagic.errors import StoreError
from imgmagic.notebook.output.details import details_html
from imgmagic.notebook.output.figure import original_mark, shown_preview

_TAGS = {"removed": "del", "added": "ins"}
_CELL = "vertical-align:top;padding:4px 8px;text-align:left;max-width:420px"
_QUALITY = 80


@dataclass(frozen=True, kw_only=True)
class ComparedPicture:
    """One picture of a comparison: its name, its generation, and the picture itself."""

    name: str
    generation: Generation
    image: GeneratedImage


def comparison_html(pictures: Sequence[ComparedPicture]) -> str:
    """Return the pictures side by side, and a row for each difference."""
    side = max(160, 900 // len(pictures))
    heads = "".join(f'<th scope="col" style="{_CELL}">{to_html(each.name)}</th>' for each in pictures)
    images = "".join(f'<td style="{_CELL}">{_picture(each, side)}</td>' for each in pictures)
    prompts = "".join(f'<td style="{_CELL}">{each}</td>' for each in _prompts(pictures))
    rows = "".join(
        f'<tr><th scope="row" style="{_CELL}">{to_html(title)}</th>'
        + "".join(f'<td style="{_CELL}">{to_html(value)}</td>' for value in values)
        + "</tr>"
        for title, values in differences(pictures)
    )
    requests = "\n".join(f"{each.name}: {describe_request(each.generation)}" for each in pictures)
    return (
        f'<figure {NO_MATH} style="margin:0;overflow-x:auto"><table style="border-collapse:collapse;'
        f'font-size:var(--jp-ui-font-size1,13px)"><thead><tr><th></th>{heads}</tr></thead>'
        f'<tbody><tr><th scope="row" style="{_CELL}">picture</th>{images}</tr>'
        f'<tr><th scope="row" style="{_CELL}">prompt</th>{prompts}</tr>{rows}</tbody></table>'
        f"{details_html(requests)}</figure>"
    )


def comparison_text(pictures: Sequence[ComparedPicture]) -> str:
    """Return what differs as text, one line per picture and per difference."""
    lines = [f'{each.name}: "{shorten(each.generation.prompt)}"' for each in pictures]
    lines += [f"{title}: {' | '.join(values)}" for title, values in differences(pictures)]
    return "\n".join(lines)


def differences(pictures: Sequence[ComparedPicture]) -> list[tuple[str, list[str]]]:
    """Return what differs between the pictures: a title, and a value per picture."""
    names = dict.fromkeys(name for each in pictures for name in each.generation.request.options)
    rows = [("model", [each.generation.model or "" for each in pictures])]
    rows += [("provider", [each.generation.provider for each in pictures])]
    rows += [
        (name.replace("_", " "), [str(each.generation.request.options.get(name, "")) for each in pictures])
        for name in names
    ]
    rows += [
        ("pixels", [describe_picture(each.image.width, each.image.height, each.image.format) for each in pictures])
    ]
    rows += [("time", [f"{each.generation.elapsed_s:.1f} s" for each in pictures])]
    return [(title, values) for title, values in rows if len(set(values)) > 1]


def _picture(each: ComparedPicture, side: int) -> str:
    try:
        preview = shown_preview(each.image, longest_side=side * 2, quality=_QUALITY)
    except StoreError as error:
        return to_html(str(error))
    alt = to_html(f"{each.generation.alt or each.generation.prompt} ({each.name})")
    style = f"max-width:{side}px;width:100%;height:auto;border-radius:4px"
    source = data_uri(preview.data, preview.format)
    return f'<img alt="{alt}"{original_mark(each.image)} style="{style}" src="{source}">'


def _prompts(pictures: Sequence[ComparedPicture]) -> list[str]:
    """Return the prompts as HTML: the first unchanged, the others with what is not in the first marked."""
    first = pictures[0].generation.prompt
    return [to_html(first), *(_mark(first, each.generation.prompt) for each in pictures[1:])]


def _mark(before: str, after: str) -> str:
    pieces = ((change, to_html(text)) for change, text in word_difference(before, after))
    return "".join(f"<{_TAGS[change]}>{text}</{_TAGS[change]}>" if change in _TAGS else text for change, text in pieces)
