"""A plan: a request that is ready to leave, and the steps that make it of what was typed."""

import json
import math
from dataclasses import dataclass, replace
from typing import cast

from imgmagic.config.providers import SIMULATOR
from imgmagic.domain.budget import Budget
from imgmagic.domain.cost import Estimate
from imgmagic.domain.json_types import JsonObject, JsonValue
from imgmagic.domain.options import OPTION_BY_NAME, OPTIONS, ImagineOptions
from imgmagic.domain.provider import Provider
from imgmagic.domain.request import ImageRequest
from imgmagic.domain.rules import Preflight, closest, describe, listed
from imgmagic.domain.totals import Origin
from imgmagic.errors import RequestInvalid
from imgmagic.recordings.playback import Route
from imgmagic.store.history.records import request_key
from imgmagic.wire.dialects.dialect import Dialect

MOST_STREAMS = 10  # as many images as any server takes in one request


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
    """Return the body parameters that were typed for this call.

    Raises:
        RequestInvalid: a keyword does not exist, or a parameter was given where it does not belong.
    """
    _check_keywords(options)
    names = {option.name for option in OPTIONS} - {"model"}
    named = {name: cast("JsonValue", value) for name, value in options.items() if name in names and value is not None}
    params = options.get("params") or {}
    for name in params:
        if name in ("prompt", "model") or name in named:
            place = OPTION_BY_NAME[name].flag if name in OPTION_BY_NAME else "the text of the cell"
            raise RequestInvalid(
                f"nothing was sent. --param {name}: this has a place of its own.", remedy=f"Use {place}."
            )
    return {**named, **params}


def seconds(timeout: float | None) -> float | None:
    """Return a time-out that was given for a call; None when none was.

    Raises:
        RequestInvalid: it is no time.
    """
    if timeout is not None and not 0 < timeout < math.inf:
        raise RequestInvalid(f"nothing was sent. --timeout: {timeout!r} is not a number of seconds above 0.")
    return timeout


def sendable(request: ImageRequest) -> ImageRequest:
    """Return `request` if a request body can hold it.

    Raises:
        RequestInvalid: it holds bytes, a picture, NaN, half of a surrogate pair or the like, or its prompt is no text.
    """
    for name, value in {"prompt": request.prompt, "model": request.model, **request.options}.items():
        try:
            json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
        except (TypeError, ValueError, RecursionError) as error:
            reason = "is text that cannot be encoded" if isinstance(error, UnicodeError) else f"cannot be sent: {error}"
            raise RequestInvalid(
                f"nothing was sent. {name} {reason}.", remedy="Give text, numbers, lists or tables."
            ) from None
    if not isinstance(request.prompt, str):
        raise RequestInvalid(f"nothing was sent. prompt: {type(request.prompt).__name__} is no text.")
    return request


def checked(dialect: Dialect, request: ImageRequest, *, check: bool) -> Preflight:
    """Return the request to send and the settings left out of it; without `check`, as typed.

    Raises:
        RequestInvalid: it has faults; the message lists them all.
    """
    request = _streaming_options_in_place(request)
    found = dialect.preflight(request) if check else Preflight(request=request)
    if found.faults:
        raise RequestInvalid(describe(found.faults))
    _check_always(dialect, found.request)
    return found


def _check_keywords(options: ImagineOptions) -> None:
    known = ImagineOptions.__annotations__
    for name in options:
        if name not in known:
            raise RequestInvalid(
                f"nothing was sent. There is no option {name!r}.{closest(name, known)}",
                remedy=f"Options: {listed(known)}.",
            )


def _check_always(dialect: Dialect, request: ImageRequest) -> None:
    """Refuse, unchecked and unjudged too, what no server is asked: nothing to draw, and too many streams at once."""
    for fault in dialect.faults(request):
        if fault.parameter == "prompt" and not request.prompt.strip():
            raise RequestInvalid(describe([fault]))
    if request.stream and not 1 <= request.n <= MOST_STREAMS:
        raise RequestInvalid(
            f"nothing was sent. --n: {request.n} is out of range; 1 to {MOST_STREAMS} streams can run side by side.",
            remedy="Add --no-stream to send the number as typed.",
        )


def _streaming_options_in_place(request: ImageRequest) -> ImageRequest:
    """Leave a default number of partial images out of a request that does not stream."""
    if request.stream or "partial_images" in request.explicit:
        return request
    kept = {name: value for name, value in request.options.items() if name != "partial_images"}
    return replace(request, options=kept)
