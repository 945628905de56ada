"""A panel's surface without a page: what would be sent to the page is kept."""

from collections.abc import Mapping, Sequence
from typing import Any

from imgmagic.notebook.panel.widget import Surface


class KeptSurface(Surface):
    """A surface whose messages to the page are kept."""

    def __init__(self) -> None:
        self.said: list[tuple[Mapping[str, Any], Sequence[bytes]]] = []
        super().__init__()

    def send(self, content: Mapping[str, Any], buffers: Sequence[bytes] = ()) -> None:
        self.said.append((content, tuple(buffers)))
