"""How IPython shows a Generation, by MIME type; the figure itself loads at the first picture."""

import importlib
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import imgmagic

if TYPE_CHECKING:
    from imgmagic.domain.generation import Generation


def html(generation: "Generation") -> str:
    """Return the figure as HTML, with previews as the settings ask for."""
    settings = imgmagic.default_session().settings
    text: str = _figure().figure_html(
        generation,
        longest_side=None if settings.text("preview") == "full" else int(settings.number("preview_side")),
        quality=int(settings.number("preview_quality")),
    )
    return text


def plain_text(generation: "Generation") -> str:
    """Return the figure as plain text."""
    text: str = _figure().figure_text(generation)
    return text


def figure_bundle(generation: "Generation") -> dict[str, str]:
    """Return the figure by MIME type."""
    return {"text/html": html(generation), "text/plain": plain_text(generation)}


def _pretty(generation: "Generation", printer: Any, cycle: bool) -> None:  # noqa: FBT001 - IPython's signature
    del cycle
    printer.text(plain_text(generation))


def _figure() -> Any:
    return importlib.import_module("imgmagic.notebook.figure")


FORMATS: Mapping[str, Callable[..., object]] = {"text/html": html, "text/plain": _pretty}
