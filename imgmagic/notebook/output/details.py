"""The fold below a figure: what was asked, as plain text, which a page shows with a picture that it opens large."""

import json

from imgmagic.display.sanitize import shorten, to_html
from imgmagic.domain.generation import Generation
from imgmagic.notebook.output.style import MUTED


def details_html(text: str) -> str:
    """Return text in a fold; it must end the figure that it belongs to."""
    return (
        f'<details style="{MUTED}"><summary>details</summary>'
        '<pre style="white-space:pre-wrap;margin:0;color:inherit;font-size:12px">'
        f"{to_html(text)}</pre></details>"
    )


def request_line(generation: Generation) -> str:
    """Return on one line what was asked and how it ended."""
    number = "" if generation.id is None else f"#{generation.id} "
    options = json.dumps(dict(generation.request.options), default=str, ensure_ascii=False)
    return f"{number}{generation.status}, {generation.model}, {options}: {shorten(generation.prompt, 200)}"
