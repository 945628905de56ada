"""Typed options: what was given for one call, as body parameters of its request, or what is wrong with it."""

import json
import math
from collections.abc import Collection, Mapping
from typing import cast

from imgmagic.config.settings import Resolved
from imgmagic.domain.json_types import JsonValue
from imgmagic.domain.options import OPTION_BY_NAME, OPTIONS, ImagineOptions
from imgmagic.domain.request import ImageRequest
from imgmagic.domain.typed_value import read_typed
from imgmagic.domain.wording import closest, listed
from imgmagic.errors import RequestInvalid, SettingsError
from imgmagic.wire.dialects.known_values import is_known


def typed_parameters(options: ImagineOptions) -> dict[str, JsonValue]:
    """Return the body parameters that were typed for this call.

    Raises:
        RequestInvalid: an option does not exist, or a parameter was given where it does not belong.
    """
    _require_known(options)
    stream: object = options.get("stream")
    if stream not in (None, True, False):  # any other value would silently be left out of the body
        raise RequestInvalid(f"nothing was sent. {{stream}}: {stream!r} is neither True nor False.")
    names = {option.name for option in OPTIONS} - {"model"}
    given = {name: cast("JsonValue", value) for name, value in options.items() if name in names and value is not None}
    named = {name: read_typed(name, value) for name, value in given.items()}
    params = options.get("params") or {}
    for name in params:
        if name in ("prompt", "model") or name in named:
            place = f"{{{name}}}" if name in OPTION_BY_NAME else "the prompt itself"
            raise RequestInvalid(f"nothing was sent. {name} does not belong in params.", remedy=f"Use {place}.")
    return {**named, **params}


def typed_model(options: ImagineOptions) -> str | None:
    """Return the model that was named for this call, with hyphens instead of pasted dashes."""
    return cast("str | None", read_typed("model", options.get("model")))


def parse_timeout(timeout: float | None) -> float | None:
    """Return the time-out of a call in seconds; None if none was given.

    Raises:
        RequestInvalid: it is not a number above 0.
    """
    is_number = isinstance(timeout, int | float) and not isinstance(timeout, bool)  # whatever its type says
    if timeout is not None and not (is_number and 0 < timeout < math.inf):
        raise RequestInvalid(f"nothing was sent. {{timeout}}: {timeout!r} is not a number of seconds above 0.")
    return timeout


def require_known_defaults(defaults: Mapping[str, Resolved], typed: Collection[str]) -> None:
    """Refuse a setting that no known server takes: leaving it out of every request silently would puzzle its user.

    Raises:
        SettingsError: it names the setting, its value and where it is set.
    """
    for name, found in defaults.items():
        if name not in typed and found.origin != "default" and not is_known(name, found.value):
            raise SettingsError(unknown_default(name, found.value, found.origin), remedy="Correct it there.")


def unknown_default(name: str, value: JsonValue, origin: str) -> str:
    """Return the message for a setting that no known server takes."""
    return f"{name} is set to {value!r} in {origin}, which no known server takes."


def require_encodable(request: ImageRequest) -> ImageRequest:
    """Return `request` if a request body can hold it.

    Raises:
        RequestInvalid: it contains bytes, a picture, NaN, half of a surrogate pair or the like, or its prompt is not
            text.
    """
    values = {"prompt": request.prompt, "model": request.model, **request.options}
    for name, value in values.items():
        if type(value) is int or value is None or isinstance(value, bool) or (type(value) is str and value.isascii()):
            continue  # nearly all values
        try:
            json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
        except (TypeError, ValueError, RecursionError) as error:
            reason = "is text that cannot be encoded" if isinstance(error, UnicodeError) else f"cannot be sent: {error}"
            raise RequestInvalid(
                f"nothing was sent. {name} {reason}.", remedy="Give text, numbers, lists or tables."
            ) from None
    require_text(request.prompt)
    return request


def require_text(prompt: object) -> None:
    """Refuse a prompt that is not text.

    Raises:
        RequestInvalid: it is not.
    """
    if not isinstance(prompt, str):
        raise RequestInvalid(f"nothing was sent. prompt must be a string, not {type(prompt).__name__}.")


def _require_known(options: ImagineOptions) -> None:
    known = ImagineOptions.__annotations__
    for name in options:
        if name not in known:
            raise RequestInvalid(
                f"nothing was sent. There is no option {name!r}.{closest(name, known)}",
                remedy=f"Options: {listed(known)}.",
            )
