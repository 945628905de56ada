"""A plan: a request that is ready to leave, and the steps that make it of what was typed."""

from dataclasses import dataclass, replace
from typing import cast

from imgmagic.domain.budget import Budget
from imgmagic.domain.cost import Estimate
from imgmagic.domain.json import JsonObject, JsonValue
from imgmagic.domain.options import OPTIONS, ImagineOptions
from imgmagic.domain.provider import Provider
from imgmagic.domain.request import ImageRequest
from imgmagic.domain.rules import Preflight, describe
from imgmagic.domain.totals import Origin
from imgmagic.errors import RequestInvalid
from imgmagic.playback import Route
from imgmagic.providers import SIMULATOR
from imgmagic.store.records import request_key
from imgmagic.wire.dialect import Dialect


@dataclass(frozen=True, kw_only=True)
class Plan:
    """A request that is ready to leave: to whom, what exactly, what it may cost, and what was left out of it.

    Args:
        asked: the request before the dialect filled and reduced it; by it recordings are found, whoever plays them.
        route: whether a server is asked or a recording played.
        budget: the limits that hold for this call.
        left_out: settings that the server does not take.
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

    @property
    def origin(self) -> Origin:
        """Return where the images will come from."""
        if self.route.recording is not None:
            return Origin.REPLAYED
        return Origin.SIMULATED if self.provider.dialect == SIMULATOR else Origin.LIVE

    @property
    def drawn_by(self) -> str:
        """Return the dialect of the server that draws, or drew what is replayed."""
        recording = self.route.recording
        return (recording.dialect if recording else None) or self.dialect.name

    @property
    def bodies(self) -> tuple[JsonObject, ...]:
        """Return the request bodies that will leave, side by side."""
        return self.dialect.bodies(self.request, self.provider)

    @property
    def url(self) -> str:
        """Return the address that they go to."""
        return self.dialect.url(self.provider, self.request)

    @property
    def key(self) -> str:
        """Return what identical requests to the same provider have in common."""
        return request_key(self.provider.name, self.request)


def given(options: ImagineOptions) -> dict[str, JsonValue]:
    """Return the body parameters that were typed for this call."""
    names = {option.name for option in OPTIONS} - {"model"}
    named = {name: cast("JsonValue", value) for name, value in options.items() if name in names and value is not None}
    return {**named, **(options.get("params") or {})}


def checked(dialect: Dialect, request: ImageRequest, *, check: bool) -> Preflight:
    """Return the request to send and the settings left out of it; without `check`, as typed.

    Raises:
        RequestInvalid: it has faults; the message lists them all.
    """
    request = _streaming_options_in_place(request)
    if not check:
        return Preflight(request=request)
    found = dialect.preflight(request)
    if found.faults:
        raise RequestInvalid(describe(found.faults))
    return found


def _streaming_options_in_place(request: ImageRequest) -> ImageRequest:
    """Leave a default number of partial images out of a request that does not stream."""
    if request.stream or "partial_images" in request.explicit:
        return request
    kept = {name: value for name, value in request.options.items() if name != "partial_images"}
    return replace(request, options=kept)
