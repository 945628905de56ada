"""Replies: the JSON of finished pictures and the events of streamed ones, as the references show them."""

import base64
import json
from collections.abc import Sequence

from imgmagic.simulator.api.calls import Call
from imgmagic.simulator.api.personas import Persona
from imgmagic.simulator.api.refusals import Json, Refusal, openai_body
from imgmagic.simulator.api.tokens import count_tokens


def to_json(call: Call, persona: Persona, images: Sequence[dict[str, Json]], created: int) -> dict[str, Json]:
    """Return the body of an unstreamed reply."""
    fields: dict[str, Json] = {
        "background": call.background,
        "output_format": call.output_format,
        "quality": call.quality,
        "size": call.size,
        "usage": count_tokens(call, pictures=len(images), partials=0),
    }
    reply: dict[str, Json] = {"created": created, "data": list(images)}
    reply |= {name: value for name, value in fields.items() if name in persona.fields}
    if call.safety_identifier and persona.fields:
        reply["safety_identifier"] = call.safety_identifier
    return reply


def partial_event(call: Call, data: bytes, index: int, created: int) -> bytes:
    """Return the event of one partial image."""
    event = {**_event_fields(call, data, created), "partial_image_index": index}
    return _event({"type": f"{_event_family(call)}.partial_image", **event})


def completed_event(call: Call, persona: Persona, data: bytes, partials: int, created: int) -> bytes:
    """Return the event of a finished picture."""
    event: dict[str, Json] = {"type": f"{_event_family(call)}.completed", **_event_fields(call, data, created)}
    if "usage" in persona.fields:
        # The reference shows the event's usage without the output details of a whole reply.
        usage = count_tokens(call, pictures=1, partials=partials)
        event["usage"] = {name: value for name, value in usage.items() if name != "output_tokens_details"}
    if call.safety_identifier:
        event["safety_identifier"] = call.safety_identifier
    return _event(event)


def error_event(refusal: Refusal, *, is_flat: bool) -> bytes:
    """Return the event of a failure inside a stream, in either of the known forms."""
    if is_flat:
        return _event({"type": "error", "code": refusal.code, "message": refusal.message})
    return _event({"type": "error", **openai_body(refusal)})


def to_base64(data: bytes) -> str:
    """Return the bytes as `b64_json` carries them."""
    return base64.b64encode(data).decode("ascii")


def _event_family(call: Call) -> str:
    return "image_edit" if call.sources else "image_generation"


def _event_fields(call: Call, data: bytes, created: int) -> dict[str, Json]:
    return {
        "b64_json": to_base64(data),
        "created_at": created,
        "size": call.size,
        "quality": call.quality,
        "background": call.background,
        "output_format": call.output_format,
    }


def _event(data: dict[str, Json]) -> bytes:
    return f"event: {data['type']}\ndata: {json.dumps(data, separators=(',', ':'))}\n\n".encode()
