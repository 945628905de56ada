"""A pacer: says when a request may leave, and learns what the server says about its limits."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

from imgmagic.domain.rate_limit import RateLimit

Tell = Callable[[float, str], Awaitable[None]]
"""Is told how many seconds a request will probably wait, and why."""


class Permit(Protocol):
    """The permission to send one request; the first report to it is how the request ended."""

    def succeeded(self, limits: Sequence[RateLimit]) -> None:
        """Report that the request was answered, with the limits that the reply stated."""

    def failed(self) -> None:
        """Report that the request ended in another way."""

    def refused(self, limits: Sequence[RateLimit], after_s: float | None) -> bool:
        """Report that the request came too early; return whether to send it again once it is admitted.

        Args:
            limits: what the refusal stated in its headers and words.
            after_s: how long the server asks to wait.
        """


class Pacer(Protocol):
    """Paces the requests that share a limit of the server; used only on the event loop."""

    async def admit(self, images: int, tell: Tell) -> Permit:
        """Wait until a request for this many images may leave; `tell` is called if it has to wait."""
