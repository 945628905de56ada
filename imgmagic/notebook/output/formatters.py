"""How IPython shows a Generation, the history and the usage, by MIME type; what draws them loads when needed."""

import base64
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Protocol, TypeAlias, TypedDict

from IPython.utils.dir2 import get_real_method

if TYPE_CHECKING:
    from imgmagic.config.settings import Settings
    from imgmagic.domain.generation import GeneratedImage, Generation
    from imgmagic.domain.sweep import Sweep
    from imgmagic.notebook.output.figure import Previews
    from imgmagic.session import Session
    from imgmagic.store.history_view import Generations, HistoryView
    from imgmagic.store.images.originals import StoredImages
    from imgmagic.store.sweep_history import SweepHistory
    from imgmagic.store.usage_report import UsageReport

Kind: TypeAlias = tuple[str, str]
"""A class by its module and name, so that showing it does not import it."""


class _PreviewOptions(TypedDict):
    longest_side: int | None  # None embeds the originals
    quality: int


class Printer(Protocol):
    """The part of IPython's pretty printer that is used here."""

    stack: Sequence[object]

    def text(self, text: str) -> None:
        """Print `text`."""


def figure_bundle(generation: "Generation", settings: "Settings") -> dict[str, str]:
    """Return the figure by MIME type, with previews according to the settings, and a JPEG for printing notebooks."""
    from imgmagic.notebook.output.figure import figure_html, make_previews, read_originals

    # Once for all three: an original from the history is read from the disk, and checked, each time.
    generation = read_originals(generation)
    previews = make_previews(generation, **_preview_options(settings))
    bundle = {"text/html": figure_html(generation, previews=previews), "text/plain": figure_plain(generation)}
    printed = figure_print(generation, previews)
    return bundle if printed is None else {**bundle, "image/jpeg": printed}


def figure_page(generation: "Generation", settings: "Settings") -> str:
    """Return the figure as HTML, with previews according to the settings."""
    from imgmagic.notebook.output.figure import figure_html

    return figure_html(generation, **_preview_options(settings))


def figure_print(generation: "Generation", previews: "Previews | None" = None) -> str | None:
    """Return the pictures of the figure as one JPEG in base64; None if there is nothing to print."""
    from imgmagic.notebook.output.figure import figure_jpeg

    printed = figure_jpeg(generation, previews)
    return None if printed is None else base64.b64encode(printed).decode("ascii")


def figure_plain(generation: "Generation") -> str:
    """Return the figure as plain text."""
    from imgmagic.notebook.output.figure import figure_text

    return figure_text(generation)


def sweep_bundle(sweep: "Sweep", settings: "Settings") -> dict[str, str]:
    """Return the grid of a sweep by MIME type, with previews according to the settings."""
    return {"text/html": sweep_page(sweep, settings), "text/plain": sweep_plain(sweep)}


def sweep_page(sweep: "Sweep", settings: "Settings") -> str:
    """Return the grid of a sweep as HTML, with previews according to the settings."""
    from imgmagic.notebook.output.grid import grid_html

    return grid_html(sweep, **_preview_options(settings))


def sweep_plain(sweep: "Sweep") -> str:
    """Return a sweep as a table of text."""
    from imgmagic.notebook.output.grid import grid_text

    return grid_text(sweep)


def _preview_options(settings: "Settings") -> _PreviewOptions:
    side = None if settings.text("preview") == "full" else int(settings.number("preview_side"))
    return {"longest_side": side, "quality": int(settings.number("preview_quality"))}


def formats(session: "Callable[[], Session]") -> "Iterator[tuple[Kind, str, Callable[..., object]]]":
    """Yield each class that is shown, a MIME type, and its renderer."""
    generation = ("imgmagic.domain.generation", "Generation")
    yield generation, "text/html", lambda shown: figure_page(shown, session().settings)
    yield generation, "text/plain", _as_printer(figure_plain)
    yield generation, "image/jpeg", figure_print
    sweep = ("imgmagic.domain.sweep", "Sweep")
    yield sweep, "text/html", lambda shown: sweep_page(shown, session().settings)
    yield sweep, "text/plain", _as_printer(sweep_plain)
    yield ("imgmagic.domain.generation", "GeneratedImage"), "text/html", _image_html
    yield ("imgmagic.store.images.originals", "StoredImages"), "text/html", _several_html
    yield ("imgmagic.store.history_view", "Generations"), "text/html", _several_html
    yield ("builtins", "list"), "text/html", _list_html
    yield ("builtins", "tuple"), "text/html", _list_html
    history = ("imgmagic.store.history_view", "HistoryView")
    yield history, "text/html", _history_html
    yield history, "text/plain", _as_printer(_history_text)
    sweeps = ("imgmagic.store.sweep_history", "SweepHistory")
    yield sweeps, "text/html", _sweeps_html
    yield sweeps, "text/plain", _as_printer(_sweeps_text)
    usage = ("imgmagic.store.usage_report", "UsageReport")
    yield usage, "text/html", _usage_html
    yield usage, "text/plain", _as_printer(_usage_text)


def _image_html(shown: "GeneratedImage") -> str:
    from imgmagic.notebook.output.small_figures import image_html

    return image_html(shown)


def _several_html(shown: "StoredImages | Generations") -> str | None:
    from imgmagic.notebook.output.small_figures import small_figures_html

    return small_figures_html(shown) if shown else None


def _list_html(shown: Sequence[object]) -> str | None:
    """Return a list of pictures and generations as small figures; any other list is shown as usual."""
    if type(shown) not in (list, tuple):  # someone else's class, which IPython finds here through its bases
        own = get_real_method(shown, "_repr_html_")
        return None if own is None else own()
    if not shown or type(shown[0]).__module__ != "imgmagic.domain.generation":
        return None
    from imgmagic.notebook.output.small_figures import are_shown, small_figures_html

    return small_figures_html(shown) if are_shown(shown) else None


def _history_html(shown: "HistoryView") -> str:
    from imgmagic.notebook.output.history_table import view_html

    return view_html(shown)


def _history_text(shown: "HistoryView") -> str:
    from imgmagic.notebook.output.history_table import view_text

    return view_text(shown)


def _sweeps_html(shown: "SweepHistory") -> str:
    from imgmagic.notebook.output.sweep_table import newest_html

    return newest_html(shown)


def _sweeps_text(shown: "SweepHistory") -> str:
    from imgmagic.notebook.output.sweep_table import newest_text

    return newest_text(shown)


def _usage_html(shown: "UsageReport") -> str:
    from imgmagic.notebook.output.usage_table import usage_html

    return usage_html(shown)


def _usage_text(shown: "UsageReport") -> str:
    from imgmagic.notebook.output.usage_table import usage_text

    return usage_text(shown)


def _as_printer(render: Callable[..., str]) -> Callable[[object, Printer, bool], None]:
    """Return a function for IPython's pretty printer from a text renderer; inside a list it is short."""
    return lambda shown, printer, _: printer.text(render(shown) if len(printer.stack) <= 1 else repr(shown))
