"""Refusals: the answers without a picture, and the body in which each kind of server puts it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, TypeAlias

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"

_GRPC_CODES: Final[Mapping[int, int]] = {400: 3, 401: 16, 403: 7, 404: 5, 429: 8, 500: 13, 503: 14}


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """Hold what was refused and why, independent of any server's form.

    Args:
        where: which part of the request holds `param`: "body" or "header".
        more: what else belongs in OpenAI's error object.
    """

    message: str
    status: int = 400
    type: str = "invalid_request_error"
    code: str | None = None
    param: str | None = None
    where: str = "body"
    headers: Mapping[str, str] = field(default_factory=dict)
    more: Mapping[str, Json] = field(default_factory=dict)


class RefusedError(Exception):
    """Carry a refusal to where the reply is written."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.message)
        self.refusal = refusal


def openai_body(refusal: Refusal) -> dict[str, Json]:
    """Return OpenAI's error object."""
    return {
        "error": {
            "message": refusal.message,
            "type": refusal.type,
            "param": refusal.param,
            "code": refusal.code,
            **refusal.more,
        }
    }


def grpc_body(refusal: Refusal) -> dict[str, Json]:
    """Return the error of a gRPC gateway: `error` is text and `code` a number."""
    code = _GRPC_CODES.get(refusal.status, 2)
    return {"error": refusal.message, "code": code, "message": refusal.message, "details": []}


def detail_body(refusal: Refusal) -> dict[str, Json]:
    """Return FastAPI's error: a list of places for faults in the request, plain text for anything else."""
    if refusal.status != 422:
        return {"detail": refusal.message}
    location: list[Json] = [refusal.where, refusal.param or ""]
    return {"detail": [{"loc": location, "msg": refusal.message, "type": refusal.code or "value_error"}]}
