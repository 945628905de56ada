"""The command that opens a panel."""

import argparse

from imgmagic.notebook.commands.context import Front, Runs
from imgmagic.notebook.panel import registry


def open_panel(front: Front, options: argparse.Namespace) -> None:
    """Open a panel in the output of this cell."""
    del options
    registry.open_panel(front.shell, front.session)


RUN: Runs = {"panel": open_panel}
