"""The fold below a figure: the request as plain text, which a page shows with a picture that it opens large."""

from imgmagic.display.sanitize import to_html
from imgmagic.notebook.output.style import MUTED


def details_html(text: str) -> str:
    """Return text in a fold; it must be the last part of its figure."""
    return (
        f'<details style="{MUTED}"><summary>details</summary>'
        '<pre style="white-space:pre-wrap;margin:0;color:inherit;font-size:12px">'
        f"{to_html(text)}</pre></details>"
    )
