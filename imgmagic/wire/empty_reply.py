"""Empty replies: a success without a picture is not a refusal, unless something in it mentions moderation."""

from collections.abc import Mapping

from imgmagic.domain.json_types import JsonValue
from imgmagic.errors import ProtocolError

_TASK_NAMES = ("task_id", "taskId", "job_id", "prompt_id", "request_id", "requestId", "id")
_QUEUE_NAMES = ("status", "state", "task_status", "status_url", "response_url", "polling_url", "urls", "queue_position")
_BILLED = "what was drawn may have been billed"


def empty_reply_error(value: JsonValue) -> ProtocolError:
    """Return the error for a reply that has no picture and does not say why."""
    if _is_queued(value):
        return ProtocolError(
            f"the server put the request into a queue and sent no picture; {_BILLED}.",
            remedy="imgmagic needs the picture in the reply: use the server's address that returns it.",
        )
    return ProtocolError(
        f"there is no picture in the server's reply, or none that can be decoded; {_BILLED}.",
        remedy="Check the model, and that the base URL leads to an image API.",
    )


def _is_queued(value: JsonValue) -> bool:
    """Return whether a reply names a task to ask for later (fal, Replicate, DashScope, ModelScope)."""
    if not isinstance(value, Mapping):
        return False
    inner = [each for each in (value, value.get("output"), value.get("data")) if isinstance(each, Mapping)]
    has_id = any(isinstance(each.get(name), str | int) for each in inner for name in _TASK_NAMES)
    return (has_id and any(name in each for each in inner for name in _QUEUE_NAMES)) or "task_id" in value
