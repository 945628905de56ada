"""Empty replies: a success without a picture is a broken promise, not a refusal."""

import json
from typing import Any

import pytest

from imgmagic.errors import ContentRefused, ProtocolError
from tests.support.staged_replies import Asker, asked, failure
from tests.support.staged_server import Stage, reply

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ({"data": []}, "no picture"),
        ({}, "no picture"),
        ([], "no picture"),
        ({"data": [{}]}, "no picture"),
        ({"data": [{"b64_json": "%%%"}]}, "no picture"),
        ({"data": [{"b64_json": "aGVsbG8gdGhlcmU="}]}, "unrecognized image format"),
        ({"data": None, "created": 1}, "no picture"),
        ({"task_id": "t-1"}, "queue"),
        ({"id": "p-1", "status": "starting", "urls": {"get": "https://x.example/p-1"}}, "queue"),
        ({"request_id": "r", "status_url": "https://x.example"}, "queue"),
        ({"output": {"task_status": "PENDING", "task_id": "t"}, "request_id": "r"}, "queue"),
    ],
)
async def test_a_success_without_a_picture_is_a_protocol_error(
    stage: Stage, asker: Asker, value: Any, words: str
) -> None:
    """The prompt is not blamed where nothing speaks of moderation, and the bill is not forgotten."""
    stage.play([reply(json.dumps(value).encode())])

    error = failure(await asker.run(asked()))

    assert type(error) is ProtocolError
    assert words in error.message
    assert error.may_be_billed


async def test_what_speaks_of_moderation_is_a_refusal(stage: Stage, asker: Asker) -> None:
    """xAI leaves the picture out and says why beside it."""
    stage.play([reply(json.dumps({"data": [{"url": "", "respect_moderation": False}]}).encode())])

    assert isinstance(failure(await asker.run(asked())), ContentRefused)
