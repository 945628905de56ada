"""Showing a bundle where IPython shows things; as plain text in a shell that IPython does not know as its own."""

from collections.abc import Mapping

from IPython.core.interactiveshell import InteractiveShell
from IPython.display import DisplayHandle, display


def show(bundle: Mapping[str, str], *, is_updated: bool = False) -> DisplayHandle | None:
    """Show a bundle in the cell that runs, and return what updates it, where `is_updated` says that it will be.

    A program that embeds IPython may make its shell by itself. IPython then takes it that there is none, and prints
    what it is given to show as a Python value, with all its HTML.
    """
    if not InteractiveShell.initialized():
        if not is_updated:  # of what will be there later, nothing is seen yet
            print(bundle["text/plain"])  # noqa: T201 - what a cell shows
        return None
    handle: DisplayHandle | None = display(bundle, raw=True, display_id=True if is_updated else None)
    return handle
