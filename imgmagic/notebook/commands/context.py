"""The front: where a command runs, and how it answers there."""

import argparse
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from imgmagic.display.sanitize import strip_control
from imgmagic.notebook.shell import Shell, has_html
from imgmagic.notebook.show import show
from imgmagic.session import Session


@dataclass(frozen=True)
class Front:
    """The shell that a command was typed in, and its session."""

    shell: Shell
    session: Session

    @property
    def has_html(self) -> bool:
        """Return whether HTML can be shown: in a kernel, not in a terminal."""
        return has_html(self.shell)

    def say(self, text: str) -> None:
        """Answer in plain text."""
        print(strip_control(text))  # noqa: T201 - what a command answers

    def show(self, html: str, text: str) -> None:
        """Answer with HTML, and the same as text."""
        show({"text/html": html, "text/plain": strip_control(text)})


Runs: TypeAlias = Mapping[str, Callable[[Front, argparse.Namespace], None]]
"""The functions of one module's commands, by their words."""
