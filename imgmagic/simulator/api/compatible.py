"""The strict compatible server's reading, as FastAPI does it: a wrong value is a 422 with its place."""

import re
from collections.abc import Mapping
from typing import Final, NoReturn

from imgmagic.simulator.api.calls import Body, Call
from imgmagic.simulator.api.refusals import Json, Refusal, RefusedError
from imgmagic.simulator.api.truefoundry import read_pixels

_OBJECT_ID: Final = re.compile(r"[0-9a-fA-F]{24}")


def read_compatible(headers: Mapping[str, str], body: Body) -> Call:
    """Read as FastAPI does: unknown keys are dropped, the first wrong value is a 422 with its place."""
    for name in ("openai-organization", "openai-project"):
        if name in headers and not _OBJECT_ID.fullmatch(headers[name]):
            _unprocessable(name, "Id must be of type PydanticObjectId", where="header")
    prompt = body.get("prompt")
    if prompt is None:
        _unprocessable("prompt", "Field required", kind="missing")
    if not isinstance(prompt, str):
        _unprocessable("prompt", "Input should be a valid string", kind="string_type")
    chosen = {name: _choice(body, name, allowed) for name, allowed in _CHOICES.items()}
    numbers = {name: _number(body, name, *bounds) for name, bounds in _BOUNDS.items()}
    if chosen["response_format"] == "url":
        _unprocessable("response_format", "Currently url is not supported")
    if chosen["background"] == "transparent" and chosen["output_format"] == "jpeg":
        _unprocessable("background", "transparent needs output_format png or webp")
    width, height = _compatible_size(body.get("size") or "auto")
    return Call(
        prompt=prompt,
        model=str(body.get("model") or ""),
        width=width,
        height=height,
        n=numbers["n"],
        quality="medium" if chosen["quality"] == "auto" else chosen["quality"],
        background="opaque" if chosen["background"] == "auto" else chosen["background"],
        output_format=chosen["output_format"],
        compression=numbers["output_compression"],
    )


_CHOICES: Final[Mapping[str, tuple[str, ...]]] = {
    # The first of each row is the documented default.
    "background": ("auto", "transparent", "opaque"),
    "moderation": ("auto", "low"),
    "output_format": ("png", "webp", "jpeg"),
    "quality": ("auto", "low", "medium", "high"),
    "response_format": ("b64_json", "url"),
    "style": ("vivid", "natural"),
}
_BOUNDS: Final[Mapping[str, tuple[int, int, int]]] = {"n": (1, 4, 1), "output_compression": (0, 100, 95)}


def _choice(body: Body, name: str, allowed: tuple[str, ...]) -> str:
    value = body.get(name, allowed[0])
    if value not in allowed:
        listed = ", ".join(f"'{each}'" for each in allowed[:-1])
        _unprocessable(name, f"Input should be {listed} or '{allowed[-1]}'", kind="literal_error")
    return str(value)


def _number(body: Body, name: str, low: int, high: int, default: int) -> int:
    value = body.get(name, default)
    if not isinstance(value, int) or isinstance(value, bool):
        _unprocessable(name, "Input should be a valid integer", kind="int_type")
    if value < low:
        _unprocessable(name, f"Input should be greater than or equal to {low}", kind="greater_than_equal")
    if value > high:
        _unprocessable(name, f"Input should be less than or equal to {high}", kind="less_than_equal")
    return value


def _compatible_size(size: Json) -> tuple[int, int]:
    if size == "auto":
        return 512, 512
    width, height = read_pixels(str(size), 0)
    if not width or not height:
        _unprocessable("size", "Size should be auto or WIDTHxHEIGHT")
    return width, height


def _unprocessable(name: str, message: str, *, kind: str = "value_error", where: str = "body") -> NoReturn:
    raise RefusedError(Refusal(status=422, message=message, code=kind, param=name, where=where))
