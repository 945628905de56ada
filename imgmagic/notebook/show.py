"""Showing a bundle where IPython shows things; as plain text in a shell that IPython does not know about."""

from collections.abc import Mapping

from IPython.core.getipython import get_ipython
from IPython.display import DisplayHandle, display

from imgmagic.notebook.shell import has_html


def show(bundle: Mapping[str, str], *, is_updated: bool = False) -> DisplayHandle | None:
    """Show a bundle in the running cell, and return its handle if `is_updated` says that it will be updated.

    A terminal changes nothing that it printed: there nothing is shown of what will be there later.

    A program that embeds IPython may make its shell by itself. IPython then takes it that there is none, and prints
    what it is given to show as a Python value, with all its HTML.
    """
    shell = get_ipython()
    if is_updated and not has_html(shell):
        return None
    if shell is None:
        print(bundle["text/plain"])  # noqa: T201 - what a cell shows
        return None
    handle: DisplayHandle | None = display(bundle, raw=True, display_id=True if is_updated else None)
    return handle
