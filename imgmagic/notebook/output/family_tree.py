"""A family of generations as a tree: thumbnails in nested lists, or lines of text; plain, as figures are."""

from collections.abc import Iterator

from markupsafe import Markup

from imgmagic.display.data_uri import data_uri
from imgmagic.display.sanitize import shorten, strip_control
from imgmagic.errors import StoreError
from imgmagic.store.family import Relative
from imgmagic.store.images.image_store import ImageStore

_SIDE, _QUALITY = 128, 70
_LIST = "list-style:none;margin:0;padding-left:24px;border-left:1px solid var(--jp-border-color2,#bdbdbd)"
_ROW = "display:flex;gap:8px;align-items:center;margin:6px 0"


def tree_html(root: Relative, images: ImageStore, *, marked: int) -> str:
    """Return a family as nested lists of thumbnails.

    Args:
        root: the oldest of the family.
        images: where the pictures are.
        marked: the generation that was asked about, shown in bold.
    """
    return Markup('<ul style="list-style:none;margin:0;padding:0">{}</ul>').format(_item(root, images, marked))


def tree_text(root: Relative, *, marked: int) -> str:
    """Return a family as lines of text, with an arrow at the generation that was asked about."""
    return "\n".join(_lines(root, marked, "", ""))


def relative_text(relative: Relative) -> str:
    """Describe a relative on one line: its number, what it started from, and its prompt."""
    began = f" from {', '.join(map(str, relative.began_from))}" if relative.began_from else ""
    if relative.record is None:
        return f"#{relative.id} (forgotten)"
    status = "" if relative.record.images else f" ({relative.record.status})"
    return strip_control(f"#{relative.id}{began}{status} “{shorten(relative.record.started.request.prompt)}”")


def _item(relative: Relative, images: ImageStore, marked: int) -> Markup:
    text = Markup("<span>{}</span>").format(relative_text(relative))
    if relative.id == marked:
        text = Markup("<b>{}</b>").format(text)
    children = Markup("").join(_item(child, images, marked) for child in relative.children)
    below = Markup('<ul style="{}">{}</ul>').format(_LIST, children) if children else ""
    row = Markup('<div style="{}">{}{}</div>').format(_ROW, _thumbnail(relative, images), text)
    return Markup("<li>{}{}</li>").format(row, below)


def _thumbnail(relative: Relative, images: ImageStore) -> Markup:
    shown = relative.record.images[:1] if relative.record else ()
    try:
        previews = [images.preview(image.sha256, longest_side=_SIDE, quality=_QUALITY) for image in shown]
    except StoreError:
        previews = []
    return Markup("").join(
        Markup('<img alt="{}" width="{}" height="{}" style="border-radius:4px" src="{}">').format(
            f"#{relative.id}", each.width // 2, each.height // 2, data_uri(each.data, each.format)
        )
        for each in previews
    )


def _lines(relative: Relative, marked: int, before: str, below: str) -> Iterator[str]:
    yield f"{before}{relative_text(relative)}{' ←' if relative.id == marked else ''}"
    for child in relative.children:
        last = child is relative.children[-1]
        yield from _lines(child, marked, f"{below}{'└─ ' if last else '├─ '}", f"{below}{'   ' if last else '│  '}")
