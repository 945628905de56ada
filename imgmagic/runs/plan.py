"""A plan: a request that is ready to leave."""

from dataclasses import dataclass

from imgmagic.domain.budget import Budget
from imgmagic.domain.cost import Estimate
from imgmagic.domain.json_types import JsonObject
from imgmagic.domain.origin import SIMULATOR, Origin
from imgmagic.domain.provider import Provider
from imgmagic.domain.request import ImageRequest, identity
from imgmagic.recordings.playback import Route
from imgmagic.store.history.records import SweepCell
from imgmagic.wire.attachments import describe_parts
from imgmagic.wire.dialects.dialect import Dialect


@dataclass(frozen=True, kw_only=True)
class Plan:
    """A request that is ready to leave: to whom, what exactly, what it may cost, and what was left out.

    Args:
        asked: the request before the dialect changed it; recordings are found by it, whatever the provider.
        route: whether a server is asked or a recording replayed.
        budget: the limits that apply to this call.
        left_out: settings that the server does not take.
        cell: which cell of a sweep it is.
        feather_px: how soft the edge of the paste-back is; None if nothing is pasted back.
    """

    provider: Provider
    dialect: Dialect
    request: ImageRequest
    asked: ImageRequest
    route: Route
    timeout_s: float
    estimate: Estimate
    budget: Budget
    left_out: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    fresh: bool = False
    alt: str | None = None
    cell: SweepCell | None = None
    feather_px: int | None = None

    @property
    def origin(self) -> Origin:
        """Return where the images will come from."""
        if self.route.recording is not None:
            return Origin.REPLAYED
        return Origin.SIMULATED if self.provider.dialect == SIMULATOR else Origin.LIVE

    @property
    def is_live(self) -> bool:
        """Return whether it asks a server that may bill."""
        return self.origin is Origin.LIVE

    @property
    def is_simulated(self) -> bool:
        """Return whether it asks the simulator."""
        return self.origin is Origin.SIMULATED

    @property
    def drawn_by(self) -> str:
        """Return the dialect of the server that draws, or that drew what is replayed."""
        recording = self.route.recording
        return (recording.dialect if recording else None) or self.dialect.name

    @property
    def bodies(self) -> tuple[JsonObject, ...]:
        """Return the request bodies that will leave, side by side."""
        return self.dialect.bodies(self.request, self.provider)

    @property
    def parts(self) -> tuple[str, ...]:
        """Return the pictures that go with each body, in words."""
        return describe_parts(self.dialect.edits_of(self.request), self.request)

    @property
    def url(self) -> str:
        """Return the address that they are sent to."""
        return self.dialect.url(self.provider, self.request)

    @property
    def key(self) -> str:
        """Return a key that identical requests to the same server share."""
        return identity(self.request, provider=self.provider.name, server=self.provider.distinct_server)
