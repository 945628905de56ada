"""The servers that the simulator can play, each by its own reference: a table, and how each reads a request body.

A reader takes a body and returns a call with everything decided, or raises its server's refusal; what a reference
leaves open is read as generously as by the real server. Nothing here is shared with the client's dialect tables: both
are written from the references, so that each can prove the other wrong.
"""

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from imgmagic.simulator.api.calls import Body, Call
from imgmagic.simulator.api.checks import refuse
from imgmagic.simulator.api.compatible import read_compatible
from imgmagic.simulator.api.edits import Sources, read_edit
from imgmagic.simulator.api.openai import MODELS, read_openai
from imgmagic.simulator.api.refusals import Json, Refusal, RefusedError, detail_body, grpc_body, openai_body
from imgmagic.simulator.api.truefoundry import edit_truefoundry, read_truefoundry

Headers = Mapping[str, str]
_PIXELS: Final = 1024 * 1024
_YANDEX_MODEL: Final = re.compile(r"art://[^/\s]+/[^/\s]+(/[^/\s]+)?")


@dataclass(frozen=True, kw_only=True)
class Persona:
    """Hold how one kind of server differs.

    Args:
        prefix: what comes before `/images/generations`.
        schemes: the Authorization schemes it takes.
        read: turns headers (lower case) and body into a call, or raises a refusal.
        body_of: puts a refusal into this server's form.
        fields: the keys of the reply besides `created` and `data`.
        known_models: what `GET /models` lists.
        edit: turns body and pictures into a call; the last argument says whether they came as a form. None if the
            server's reference has no edits.
    """

    name: str
    prefix: str
    schemes: tuple[str, ...]
    read: Callable[[Headers, Body], Call]
    body_of: Callable[[Refusal], Mapping[str, Json]]
    fields: tuple[str, ...]
    known_models: tuple[str, ...]
    headers: Callable[[Call], Mapping[str, str]] = lambda _: {}
    edit: Callable[[Body, Sources, bool], Call] | None = None


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
    # About a megapixel in the requested ratio, each side a multiple of 64: the document names no pixels.
    ratio = min(4.0, max(0.25, int(parts[0][:9]) / int(parts[1][:9])))
    height = 64 * max(1, round(math.sqrt(_PIXELS / ratio) / 64))
    return 64 * max(1, round(math.sqrt(_PIXELS * ratio) / 64)), height


_OPENAI_FIELDS: Final = ("background", "output_format", "quality", "size", "usage")

PERSONAS: Final[Mapping[str, Persona]] = {
    row.name: row
    for row in (
        Persona(
            name="openai",
            prefix="/v1",
            schemes=("Bearer",),
            read=lambda _, body: read_openai(body),
            body_of=openai_body,
            fields=_OPENAI_FIELDS,
            known_models=MODELS,
            edit=lambda body, sources, is_form: read_edit(body, sources, is_form=is_form),
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
            read=read_truefoundry,
            body_of=openai_body,
            fields=(),
            known_models=("openai-main/gpt-image-2.5-flare", "openai-main/gpt-image-1.5", "vertex-main/imagen-4"),
            headers=lambda call: {"x-tfy-resolved-model": call.model},
            edit=edit_truefoundry,
        ),
        Persona(
            name="compatible",
            prefix="/v1",
            schemes=("Bearer",),
            read=read_compatible,
            body_of=detail_body,
            fields=("usage",),
            known_models=("random",),
        ),
    )
}
