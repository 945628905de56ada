"""A picture as heavy as a photograph, and a server that answers with it."""

import base64
import io
import json
import random
from contextlib import AbstractContextManager

from PIL import Image, ImageDraw

from tests.support.answering import Answer, answering


def grainy_picture() -> bytes:
    """Return a PNG of 1024x1024 that is as heavy as a photograph: many edges under a fine grain."""
    chance = random.Random(500)
    picture = Image.new("RGB", (1024, 1024))
    pen = ImageDraw.Draw(picture)
    for _ in range(500):
        x, y, size = chance.randrange(1024), chance.randrange(1024), chance.randrange(4, 60)
        pen.ellipse((x, y, x + size, y + size), fill=tuple(chance.randrange(256) for _ in range(3)))
    grain = Image.merge("RGB", [Image.effect_noise(picture.size, 24) for _ in range(3)])
    file = io.BytesIO()
    Image.blend(picture, grain, 0.12).save(file, "PNG")
    return file.getvalue()


def serving(picture: bytes) -> AbstractContextManager[str]:
    """Answer every request with one picture, in JSON; give the base URL."""
    body = json.dumps({"created": 1, "data": [{"b64_json": base64.b64encode(picture).decode()}]}).encode()
    return answering(lambda *_: Answer(body=body))
