"""A pacer: says when a request may leave, and learns what the server says about its limits."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

from imgmagic.domain.rate_limit import RateLimit

Tell = Callable[[float, str], Awaitable[None]]
"""Hears how many seconds a request will probably wait, and why."""


class Permit(Protocol):
    """The permission to send one request; the first report that it gets is how the request ended."""

    def succeeded(self, limits: Sequence[RateLimit]) -> None:
        """Hear that the request was answered, and which limits the reply stated."""

    def failed(self) -> None:
        """Hear that the request ended otherwise."""

    def refused(self, limits: Sequence[RateLimit], after_s: float | None) -> bool:
        """Hear that the request came too early; return whether it is to be sent again when it is admitted.

        Args:
            limits: what the refusal stated in its headers and its words.
            after_s: how long the server asks to wait.
        """


class Pacer(Protocol):
    """Paces the requests that share a limit of the server; used on the event loop alone."""

    async def admit(self, images: int, tell: Tell) -> Permit:
        """Wait until a request for so many images may leave; `tell` is called when it must wait."""
