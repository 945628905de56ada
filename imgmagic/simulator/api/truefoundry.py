"""TrueFoundry's reading: the gateway's own headers and names, then the rules of the model behind it."""

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from imgmagic.simulator.api.calls import Body, Call
from imgmagic.simulator.api.checks import refuse
from imgmagic.simulator.api.edits import Sources, read_edit
from imgmagic.simulator.api.openai import read_openai
from imgmagic.simulator.api.refusals import Json

_OF_OPENAI: Final = ("gpt-image", "chatgpt-image", "dall-e")


def read_truefoundry(headers: Mapping[str, str], body: Body) -> Call:
    """Read the gateway's headers and names; the rest is for the upstream model, by OpenAI's rules if it is theirs."""
    _check_metadata(headers.get("x-tfy-metadata"))
    upstream = _upstream(body)
    if not upstream.startswith(_OF_OPENAI):
        return _read_freely(body, upstream)
    return replace(read_openai(_pass_on(body, upstream)), model=upstream)


def edit_truefoundry(body: Body, sources: Sources, is_form: bool) -> Call:  # noqa: FBT001 - the table's signature
    """Read an edit, by the rules of the model behind the gateway."""
    upstream = _upstream(body)
    if upstream.startswith(_OF_OPENAI):
        return read_edit(_pass_on(body, upstream), sources, is_form=is_form)
    return replace(_read_freely(body, upstream), sources=sources.images, mask=sources.mask)


def _upstream(body: Body) -> str:
    """Return the model without the account in front of it; only `prompt` is marked as required."""
    model = body.get("model")
    if model is None:
        return "simulated-default"
    if not isinstance(model, str) or not re.fullmatch(r"[^/\s]+/\S+", model):
        refuse(f"Model {model!r} is not of the form <provider-account>/<model>.", "model")
    return model.split("/", 1)[1]


def _pass_on(body: Body, upstream: str) -> Body:
    """Return the body for an OpenAI model, which knows neither of the two parameters that the gateway lists."""
    _check_response_format(body)
    # If the gateway passed them on, a server that its users never named would refuse them.
    return {name: value for name, value in body.items() if name not in ("response_format", "style")} | {
        "model": upstream
    }


def _few(partial_images: Json) -> int:
    """Return how many partial images to send; the gateway's reference has no limit, so any number is accepted."""
    return min(3, max(0, partial_images)) if isinstance(partial_images, int) else 0


def _check_response_format(body: Body) -> str:
    response_format = body.get("response_format") or "url"
    if response_format not in ("url", "b64_json"):
        refuse("response_format must be one of url or b64_json.", "response_format")
    return str(response_format)


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
    width, height = read_pixels(str(body.get("size") or "1024x1024"), 1024)
    output_format = body.get("output_format")
    return Call(
        prompt=prompt,
        model=model,
        width=width,
        height=height,
        n=n,
        by_url=_check_response_format(body) == "url",
        output_format=str(output_format) if output_format in ("png", "jpeg", "webp") else "png",
        background="transparent" if body.get("background") == "transparent" else "opaque",
        is_streamed=body.get("stream") is True,
        partial_images=_few(body.get("partial_images")),
    )


def _whole(body: Body, name: str, default: int, low: int, high: int) -> int:
    given = body.get(name)
    value = default if given is None else given
    if not isinstance(value, int) or not low <= value <= high:
        refuse(f"{name} must be between {low} and {high}.", name)
    return value


def read_pixels(size: str, otherwise: int) -> tuple[int, int]:
    """Return width and height, at most 4096 each; `otherwise` for both if the text is not a size."""
    found = re.fullmatch(r"([1-9]\d{1,3})x([1-9]\d{1,3})", size)
    if not found:
        return otherwise, otherwise
    return min(4096, int(found[1])), min(4096, int(found[2]))
