"""The widget of a sweep's live grid: heads and tiles as data, and a separate trait for each picture."""

from collections.abc import Callable
from pathlib import Path
from typing import cast

import anywidget
import traitlets

_STATIC = Path(__file__).parent.parent / "static"


class SweepGridWidget(anywidget.AnyWidget):
    """Show the tiles of a sweep; `make_grid_widget` adds a trait `picture_N` for each."""

    _esm = _STATIC / "sweep_grid.js"
    _css = _STATIC / "sweep_grid.css"

    grids: "traitlets.List[object]" = traitlets.List().tag(sync=True)
    tiles: "traitlets.Dict[str, object]" = traitlets.Dict().tag(sync=True)
    side = traitlets.Int().tag(sync=True)
    aspect = traitlets.Float().tag(sync=True)


def make_grid_widget(slots: int, **state: object) -> SweepGridWidget:
    """Return a grid with this many tiles; one trait per picture, so each is sent to the page once."""
    pictures = {f"picture_{slot}": traitlets.Bytes().tag(sync=True) for slot in range(slots)}
    # The metaclass of traits, which mypy takes for `type`.
    make = cast("Callable[..., type[SweepGridWidget]]", type(SweepGridWidget))
    return make("SweepGrid", (SweepGridWidget,), pictures)(**state)
