"""The servers that the simulator can play, each by its own reference: a table, and how each reads a request body."""

import json
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final, NoReturn

from imgmagic.simulator.api.calls import Body, Call
from imgmagic.simulator.api.openai import read_openai, refuse
from imgmagic.simulator.api.refusals import Json, Refusal, RefusedError, detail_body, grpc_body, openai_body

Headers = Mapping[str, str]
_PIXELS: Final = 1024 * 1024
_OBJECT_ID: Final = re.compile(r"[0-9a-fA-F]{24}")
_YANDEX_MODEL: Final = re.compile(r"art://[^/\s]+/[^/\s]+(/[^/\s]+)?")


@dataclass(frozen=True, kw_only=True)
class Persona:
    """Hold how one kind of server differs.

    Args:
        prefix: what stands before `/images/generations`.
        schemes: the Authorization schemes it takes.
        read: turns headers (lower case) and body into a call, or raises a refusal.
        body_of: puts a refusal into this server's form.
        fields: the keys of the reply beside `created` and `data`.
        known_models: what `GET /models` lists.
    """

    name: str
    prefix: str
    schemes: tuple[str, ...]
    read: Callable[[Headers, Body], Call]
    body_of: Callable[[Refusal], Mapping[str, Json]]
    fields: tuple[str, ...]
    known_models: tuple[str, ...]
    headers: Callable[[Call], Mapping[str, str]] = lambda _: {}


def _read_openai(_: Headers, body: Body) -> Call:
    return read_openai(body)


def _read_yandex(_: Headers, body: Body) -> Call:
    """Read prompt, model and size; the document marks everything else as not supported, and it is dropped."""
    prompt, model = body.get("prompt"), body.get("model")
    if not isinstance(prompt, str) or not prompt.strip():
        refuse("prompt: a non-empty string is expected", "prompt")
    if len(prompt) > 32_000:
        refuse("prompt: at most 32000 characters are allowed", "prompt")
    if not isinstance(model, str) or not _YANDEX_MODEL.fullmatch(model):
        refuse(f"Failed to parse model URI {model!r}: expected art://<folder_id>/<model>", "model")
    if "yandex-art" in model:
        raise RefusedError(Refusal(status=403, message="Access to model denied"))
    width, height = _aspect(body.get("size") or "1x1")
    return Call(prompt=prompt, model=model, width=width, height=height, output_format="jpeg", compression=90)


def _aspect(size: Json) -> tuple[int, int]:
    parts = str(size).split("x")
    if len(parts) != 2 or not all(part.isdecimal() and int(part[:9]) > 0 for part in parts):
        refuse(f"size: {size!r} is not two positive integers separated by x", "size")
    ratio = min(4.0, max(0.25, int(parts[0][:9]) / int(parts[1][:9])))
    height = 64 * max(1, round(math.sqrt(_PIXELS / ratio) / 64))
    return 64 * max(1, round(math.sqrt(_PIXELS * ratio) / 64)), height


def _read_truefoundry(headers: Headers, body: Body) -> Call:
    """Read the gateway's headers and names; what is left goes to the upstream model, by OpenAI's rules for its own."""
    _check_metadata(headers.get("x-tfy-metadata"))
    model = body.get("model")
    if model is None:
        return _read_freely(body, "simulated-default")  # only `prompt` is marked as required
    if not isinstance(model, str) or not re.fullmatch(r"[^/\s]+/\S+", model):
        refuse(f"Model {model!r} is not of the form <provider-account>/<model>.", "model")
    upstream = model.split("/", 1)[1]
    if upstream.startswith(("gpt-image", "chatgpt-image", "dall-e")):
        return replace(read_openai({**body, "model": upstream}), model=upstream)
    return _read_freely(body, upstream)


def _check_metadata(header: str | None) -> None:
    if header is None:
        return
    try:
        metadata = json.loads(header)
    except ValueError:
        metadata = None
    is_flat = isinstance(metadata, dict) and all(isinstance(value, str) for value in metadata.values())
    if not is_flat:
        refuse("x-tfy-metadata must be a JSON object of strings.", "x-tfy-metadata")
    if any(len(value) > 128 for value in metadata.values()):
        refuse("x-tfy-metadata: a value must not be longer than 128 characters.", "x-tfy-metadata")


def _read_freely(body: Body, model: str) -> Call:
    prompt = body.get("prompt")
    if not isinstance(prompt, str) or not prompt.strip():
        refuse("prompt is required.", "prompt")
    n = _whole(body, "n", 1, 1, 10)
    _whole(body, "output_compression", 100, 0, 100)
    response_format = body.get("response_format") or "url"
    if response_format not in ("url", "b64_json"):
        refuse("response_format must be one of url or b64_json.", "response_format")
    width, height = _pixels(str(body.get("size") or "1024x1024"), 1024)
    return Call(prompt=prompt, model=model, width=width, height=height, n=n, by_url=response_format == "url")


def _whole(body: Body, name: str, default: int, low: int, high: int) -> int:
    given = body.get(name)
    value = default if given is None else given
    if not isinstance(value, int) or not low <= value <= high:
        refuse(f"{name} must be between {low} and {high}.", name)
    return value


def _pixels(size: str, otherwise: int) -> tuple[int, int]:
    found = re.fullmatch(r"([1-9]\d{1,3})x([1-9]\d{1,3})", size)
    if not found:
        return otherwise, otherwise
    return min(4096, int(found[1])), min(4096, int(found[2]))


def _read_compatible(headers: Headers, body: Body) -> Call:
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
    # The first of each row is the default that the document gives.
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
    width, height = _pixels(str(size), 0)
    if not width or not height:
        _unprocessable("size", "Size should be auto or WIDTHxHEIGHT")
    return width, height


def _unprocessable(name: str, message: str, *, kind: str = "value_error", where: str = "body") -> NoReturn:
    raise RefusedError(Refusal(status=422, message=message, code=kind, param=name, where=where))


_OPENAI_FIELDS: Final = ("background", "output_format", "quality", "size", "usage")

PERSONAS: Final[Mapping[str, Persona]] = {
    row.name: row
    for row in (
        Persona(
            name="openai",
            prefix="/v1",
            schemes=("Bearer",),
            read=_read_openai,
            body_of=openai_body,
            fields=_OPENAI_FIELDS,
            known_models=(
                "gpt-image-2.5-flare",
                "gpt-image-2.5-sunburst",
                "gpt-image-2",
                "gpt-image-1.5",
                "gpt-image-1-mini",
                "chatgpt-image-latest",
            ),
        ),
        Persona(
            name="yandex",
            prefix="/v1",
            schemes=("Api-Key", "Bearer"),
            read=_read_yandex,
            body_of=grpc_body,
            fields=(),
            known_models=("art://simulated-folder/aliceai-image-art-3.0",),
            headers=lambda _: {"x-server-trace-id": "simulated"},
        ),
        Persona(
            name="truefoundry",
            prefix="",
            schemes=("Bearer",),
            read=_read_truefoundry,
            body_of=openai_body,
            fields=(),
            known_models=("openai-main/gpt-image-2.5-flare", "openai-main/gpt-image-1.5", "vertex-main/imagen-4"),
            headers=lambda call: {"x-tfy-resolved-model": call.model},
        ),
        Persona(
            name="compatible",
            prefix="/v1",
            schemes=("Bearer",),
            read=_read_compatible,
            body_of=detail_body,
            fields=("usage",),
            known_models=("random",),
        ),
    )
}
