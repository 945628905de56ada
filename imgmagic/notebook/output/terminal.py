"""Pictures in a terminal, through textual-image where the `terminal` extra is installed; else the paths must do."""

import importlib
import importlib.util
import os
import sys
from collections.abc import Iterable

from imgmagic.domain.generation import GeneratedImage

_WIDTH = 60  # columns


def print_pictures(images: Iterable[GeneratedImage]) -> None:
    """Print pictures as well as the terminal can; nothing in a pipe, or without the extra."""
    if not sys.stdout.isatty() or importlib.util.find_spec("textual_image") is None:
        return
    if 0 in os.get_terminal_size(sys.stdout.fileno()):  # a terminal that does not know its own size
        return
    picture = importlib.import_module("textual_image.renderable").Image  # looks at the terminal when it is imported
    console = importlib.import_module("rich.console").Console()
    for image in images:
        if image.format != "svg":
            console.print(picture(image.pil(), width=min(_WIDTH, console.width), height="auto"))
