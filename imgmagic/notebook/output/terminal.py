"""Pictures in a terminal, with textual-image if the `terminal` extra is installed; otherwise only the paths."""

import contextlib
import importlib
import importlib.util
import os
import sys
from collections.abc import Iterable

from imgmagic.domain.generation import GeneratedImage

_WIDTH = 60  # columns
_LONGEST_SIDE = 1024  # pixels, more than so many columns show


def print_pictures(images: Iterable[GeneratedImage]) -> None:
    """Print pictures as well as the terminal can; print nothing in a pipe or without the extra."""
    if not sys.stdout.isatty() or importlib.util.find_spec("textual_image") is None:
        return
    if 0 in os.get_terminal_size(sys.stdout.fileno()):  # a terminal that does not know its own size
        return
    from imgmagic.store.images.frames import decode_frames

    picture = importlib.import_module("textual_image.renderable").Image  # inspects the terminal when it is imported
    console = importlib.import_module("rich.console").Console()
    for image in images:
        with contextlib.suppress(OSError, ValueError):  # an SVG, or of an unknown format
            shown = decode_frames(image.data, _LONGEST_SIDE).images[0]
            console.print(picture(shown, width=min(_WIDTH, console.width), height="auto"))
