"""How IPython shows a Generation, the history and the usage, by MIME type; what draws them loads when it is needed."""

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
    return importlib.import_module("imgmagic.notebook.output.figure")


def _later(module: str, name: str) -> Callable[[object], str]:
    """Return what renders as HTML, loaded at the first use."""

    def render(shown: object) -> str:
        rendered: str = getattr(importlib.import_module(f"imgmagic.notebook.output.{module}"), name)(shown)
        return rendered

    return render


def _printed(module: str, name: str) -> Callable[[object, Any, bool], None]:
    """Return what renders as text, loaded at the first use."""
    render = _later(module, name)
    return lambda shown, printer, _: printer.text(render(shown))


# The module and the name of a class, and what shows it.
FORMATS: Mapping[tuple[str, str], Mapping[str, Callable[..., object]]] = {
    ("imgmagic.domain.generation", "Generation"): {"text/html": html, "text/plain": _pretty},
    ("imgmagic.store.history_view", "HistoryView"): {
        "text/html": _later("history_table", "view_html"),
        "text/plain": _printed("history_table", "view_text"),
    },
    ("imgmagic.store.usage_report", "UsageReport"): {
        "text/html": _later("usage_table", "usage_html"),
        "text/plain": _printed("usage_table", "usage_text"),
    },
}
