"""What servers say of edits: each cause has its class and its next step."""

import json
from typing import Any

import pytest

from imgmagic.domain.provider import Provider
from imgmagic.errors import (
    ApiError,
    ContentRefused,
    MaskRefused,
    ModelNotFound,
    PictureRefused,
    RateLimited,
    RequestRefused,
)
from imgmagic.wire.dialects import DIALECTS
from imgmagic.wire.error_report import read_error_body
from imgmagic.wire.server_errors import ErrorReply, api_error

PROVIDER = Provider(name="openai", dialect="openai", base_url="https://api.example/v1")


def openai(message: str, code: str | None = None, kind: str = "invalid_request_error", **more: Any) -> Any:
    return {"error": {"message": message, "type": kind, "param": None, "code": code, **more}}


USER = "image_generation_user_error"
SAID: list[tuple[int, Any, type[ApiError], str]] = [
    (
        400,
        openai("Invalid mask image format - mask image missing alpha channel.", "invalid_mask_image_format", USER),
        MaskRefused,
        "the size of the first picture",
    ),
    (400, openai("Invalid mask image format - mask size does not match image size.", None, USER), MaskRefused, "size"),
    (422, {"detail": "mask must be the same size as image"}, MaskRefused, "size"),
    (400, openai("Invalid image.", "invalid_image_file"), PictureRefused, "as a PNG"),
    (400, openai("Invalid file 'image': unsupported mimetype ('application/octet-stream')"), PictureRefused, "PNG"),
    (400, openai("Invalid type for 'image': expected a file."), PictureRefused, "PNG"),
    (
        400,
        openai("Duplicate parameter: 'image'. You provided multiple values; use array syntax.", "duplicate_parameter"),
        PictureRefused,
        "another field",
    ),
    (400, openai("input_fidelity is not supported.", "invalid_input_fidelity_model"), RequestRefused, "leave out"),
    (
        400,
        openai(
            "Your request was rejected.", "moderation_blocked", USER, moderation_details={"moderation_stage": "input"}
        ),
        ContentRefused,
        "or the picture that it starts from",
    ),
    (
        400,
        openai(
            "Your request was rejected.", "moderation_blocked", USER, moderation_details={"moderation_stage": "output"}
        ),
        ContentRefused,
        "Change the prompt; the same one",
    ),
    (413, "<html><title>413</title></html>", ApiError, ""),
    (413, openai("Too large."), RequestRefused, "fewer or smaller pictures"),
    (
        429,
        openai("Rate limit reached on input-images per min: Limit 5, Used 5, Requested 3.", "rate_limit_exceeded"),
        RateLimited,
        "run it again",
    ),
    (404, openai("The model does not exist.", "model_not_found"), ModelNotFound, "model's name"),
]


@pytest.mark.parametrize(
    ("status", "body", "kind", "step"), SAID, ids=[f"{n}-{row[2].__name__}" for n, row in enumerate(SAID)]
)
def test_each_cause_has_its_class_and_next_step(status: int, body: Any, kind: type[ApiError], step: str) -> None:
    """The class says whose fault it is, the remedy what to do."""
    raw = body.encode() if isinstance(body, str) else json.dumps(body).encode()

    error = api_error(read_error_body(raw), ErrorReply(status=status), PROVIDER, DIALECTS["openai"])

    assert isinstance(error, kind)
    assert type(error) is kind or kind is ApiError
    assert step in error.remedy
    assert not error.may_be_billed
