"""A server that says back what it is asked: beside a picture, or in a refusal."""

import base64
import json
from collections.abc import Mapping
from contextlib import AbstractContextManager

from tests.support.answering import Answer, answering
from tests.support.drawn import png


def echoing() -> AbstractContextManager[str]:
    """Run the server; give its base URL."""
    return answering(_said_back)


def _said_back(_: Mapping[str, str], body: bytes) -> Answer:
    asked = json.loads(body)
    said = asked["prompt"]
    if asked["model"] == "refusing":
        return Answer(status=400, body=json.dumps({"error": {"message": said, "code": said, "type": said}}).encode())
    image = {"b64_json": base64.b64encode(png()).decode(), "revised_prompt": said}
    return Answer(body=json.dumps({"data": [image]}).encode())
