"""The public API as a user's own mypy reads it; nothing here is run."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import assert_type

import imgmagic
from imgmagic import GeneratedImage, Generation, Session, Usage
from imgmagic.domain.events import Event
from imgmagic.runs.job import Job
from imgmagic.store.usage_report import UsageReport

generation = imgmagic.imagine(
    "a fox", n=2, size="1024x1024", quality="low", stream=True, params={"seed": 1}, timeout=60
)
assert_type(generation, Generation)
assert_type(generation.id, int | None)
assert_type(generation.images, Sequence[GeneratedImage])
assert_type(generation.image, GeneratedImage | None)
assert_type(generation.usage, Usage | None)
assert_type(generation.cost, Decimal | None)
assert_type(generation.images[0].data, bytes)
assert_type(generation.save("fox.png"), tuple[Path, ...])

job = imgmagic.start("a fox")
assert_type(job, Job)
assert_type(job.events(), Iterator[Event])
assert_type(job.result(timeout_s=1.0), Generation)
assert_type(imgmagic.default_session(), Session)
assert_type(imgmagic.usage(by="model"), UsageReport)


async def draw() -> None:
    assert_type(await imgmagic.imagine_async("a fox", provider="simulator"), Generation)
