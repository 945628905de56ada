"""The front: where a command runs, and how it answers there."""

from dataclasses import dataclass
from typing import Any

from IPython.display import display

from imgmagic.display.sanitize import plain
from imgmagic.session import Session


@dataclass(frozen=True)
class Front:
    """The shell that a command was typed in, and its session."""

    shell: Any
    session: Session

    @property
    def has_html(self) -> bool:
        """Return whether HTML is seen here: in a kernel, not in a terminal."""
        return hasattr(self.shell, "kernel")

    def say(self, text: str) -> None:
        """Answer in plain words."""
        print(plain(text))  # noqa: T201 - what a command answers

    def show(self, html: str, text: str) -> None:
        """Answer with a page, and the same in text."""
        display({"text/html": html, "text/plain": plain(text)}, raw=True)
