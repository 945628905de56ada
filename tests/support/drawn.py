"""Generations put into an archive as a run does it, without a server."""

import functools
import io
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

from PIL import Image

from imgmagic.domain.generation import Generation, Status
from imgmagic.domain.request import ImageRequest
from imgmagic.domain.usage import Usage
from imgmagic.store.archive import Archive
from imgmagic.store.history.records import Started
from tests.support.pictures import generated_image

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@functools.cache
def png(seed: int = 0, width: int = 48, height: int = 32) -> bytes:
    """Return a small picture; each seed gives another."""
    file = io.BytesIO()
    Image.new("RGB", (width, height), (seed % 256, 90, 160)).save(file, "PNG")
    return file.getvalue()


def put(archive: Archive, prompt: str = "a red fox", *, pictures: Sequence[bytes] = (), **changes: object) -> int:
    """Record a completed generation with its pictures, and return its id; `changes` are fields of Started."""
    options = {"quality": "low", "size": "1024x1024", "stream": True, "partial_images": 2}
    request = ImageRequest(prompt=prompt, model="gpt-image-2.5-flare", options=options)
    begun = Started(request=request, provider="openai", dialect="openai", session=archive.session, at=NOON)
    begun = replace(begun, **changes)
    number = archive.history.begin(begun)
    images = [
        generated_image(data=data, format="png", width=48, height=32, index=index)
        for index, data in enumerate(pictures or [png()])
    ]
    planned = [archive.images.plan(each, generation_id=number, title=prompt, at=begun.at) for each in images]
    ended = Generation(
        id=number,
        request=begun.request,
        status=Status.COMPLETED,
        provider=begun.provider,
        created_at=begun.at,
        elapsed_s=3.5,
        usage=Usage(input_tokens=9, output_tokens=196, total_tokens=205),
        cost=Decimal("0.005925"),
    )
    kept = [archive.images.save(image, plan) for image, plan in zip(images, planned, strict=True)]
    archive.history.settle(ended, kept)
    return number
