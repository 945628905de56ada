"""The bar below a run's tiles: what is going on, what is known so far, and Stop; a widget with a front-end part."""

from pathlib import Path

import anywidget
import traitlets

_STATIC = Path(__file__).parent.parent / "static"


class Bar(anywidget.AnyWidget):
    """Show what is going on and a Stop button; Stop interrupts the kernel, or sends a message in a background run.

    `hint` says how this front end stops a cell if Stop cannot. Screen readers read out only `said`. `alt` names the
    pictures beside the bar, because ipywidgets' Image has no alternative text. The bar is as tall as the figure's
    `caption` will be.
    """

    _esm = _STATIC / "stop_bar.js"
    _css = _STATIC / "stop_bar.css"

    text = traitlets.Unicode().tag(sync=True)
    said = traitlets.Unicode().tag(sync=True)
    known = traitlets.Unicode().tag(sync=True)
    alt = traitlets.Unicode().tag(sync=True)
    clock = traitlets.Unicode().tag(sync=True)
    caption = traitlets.Unicode().tag(sync=True)
    hint = traitlets.Unicode().tag(sync=True)
    kernel_id = traitlets.Unicode().tag(sync=True)
    background = traitlets.Bool(default_value=False).tag(sync=True)
