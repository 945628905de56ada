"""Generations to record, and what the processes of the fault tests do; no test stands here."""

import hashlib
import os
import random
import resource
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from imgmagic.domain.budget import Budget
from imgmagic.domain.generation import Generation, Status
from imgmagic.domain.request import ImageRequest
from imgmagic.domain.usage import Usage
from imgmagic.errors import BudgetExceeded, StoreError
from imgmagic.store.history.history import History
from imgmagic.store.history.records import Started
from imgmagic.store.images.copies import check_destination
from imgmagic.store.images.image_store import ImageStore
from imgmagic.store.stored_image import StoredImage
from tests.support.disks import fill
from tests.support.pictures import generated_image

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
USAGE = Usage(input_tokens=9, output_tokens=196, total_tokens=205)
COST = Decimal("0.005925")


def request(prompt: str = "a red fox in snow", **options: object) -> ImageRequest:
    return ImageRequest(prompt=prompt, model="gpt-image-2.5-flare", options=options)


def started(prompt: str = "a red fox in snow", **changes: object) -> Started:
    begun = Started(request=request(prompt), provider="openai", dialect="openai", session="session-1", at=NOON)
    return replace(begun, **changes)


def generation(generation_id: int | None, begun: Started | None = None, **changes: object) -> Generation:
    begun = begun or started()
    ended = Generation(
        id=generation_id,
        request=begun.request,
        status=Status.COMPLETED,
        provider=begun.provider,
        created_at=begun.at,
        elapsed_s=3.5,
        usage=USAGE,
        cost=COST,
    )
    return replace(ended, **changes)


def stored(data: bytes = b"picture", index: int = 0) -> StoredImage:
    sha256 = hashlib.sha256(data).hexdigest()
    return StoredImage(sha256=sha256, name=f"2026/11/22/{index}.png", format="png", width=8, height=6, index=index)


def completed(history: History, begun: Started | None = None, **changes: object) -> int:
    """Record a generation with one picture from begin to end."""
    begun = begun or started()
    generation_id = history.begin(begun)
    history.settle(generation(generation_id, begun, **changes), [stored()])
    return generation_id


def record_many(url: str, count: int, session: str) -> None:
    """Record generations as one kernel of several does."""
    history = History(url)
    for number in range(count):
        begun = started(f"{session} number {number}", session=session, tags=("class",))
        completed(history, begun)
    history.close()


def generate_for_ever(folder: Path, session: str, marks: Path) -> None:
    """Run generations until killed, noting each request as it would leave, and each that is settled."""
    history, images = History(str(folder / "history.sqlite")), ImageStore(folder / "images")
    noise = random.Random(session)
    descriptor = os.open(marks, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    while True:
        begun = started(session=session)
        generation_id = history.begin(begun)
        os.write(descriptor, b"r")
        picture = generated_image(data=noise.randbytes(200_000), format="png", width=8, height=6)
        with images.draft(picture.data) as draft:
            planned = images.plan(picture, generation_id=generation_id, title=begun.request.prompt, at=begun.at)
            history.attach(generation_id, planned)
            kept = images.save(picture, planned, draft)
        os.write(descriptor, b"p")
        history.settle(generation(generation_id, begun), [kept])
        os.write(descriptor, b"s")


def spend(url: str, session: str, budget: Budget, estimate: Decimal, cost: Decimal) -> None:
    """Send calls until the daily budget has no room for another, as one kernel of several does."""
    history = History(url)
    begun = started(session=session, at_most=estimate)
    while True:
        try:
            generation_id = history.begin(begun, budget)
        except BudgetExceeded:
            if budget.daily - history.spent(day=NOON.date()).total < estimate:
                break
        else:
            history.settle(generation(generation_id, begun, cost=cost))
    history.close()


def begin_and_die(url: str, session: str) -> None:
    """Leave a running record behind."""
    History(url).begin(started(session=session, at_most=Decimal("0.05")))
    os._exit(9)


def begin_and_wait(url: str, session: str, ready: object, go: object) -> None:
    """Hold a running record until told to go."""
    history = History(url)
    history.begin(started(session=session))
    ready.set()
    go.wait(30)
    history.close()


def open_in_a_read_only_home(home: Path, user: int | None) -> None:
    """Use the store as someone who may not write there."""
    if user is not None:
        os.setgroups([])
        os.setuid(user)
    with pytest.raises(StoreError, match=r"cannot be opened.*IMGMAGIC_HOME"):
        History(str(home / "history.sqlite"))
    with pytest.raises(StoreError, match=r"cannot be opened.*not allowed.*IMGMAGIC_HOME"):
        History(str(home / "imgmagic" / "history.sqlite"))
    images, image = ImageStore(home / "images"), generated_image(data=b"picture", format="png", width=8, height=6)
    with pytest.raises(StoreError, match=r"not saved.*not allowed.*kept in memory"):
        images.save(image, images.plan(image, generation_id=1, title="fox", at=NOON))
    with pytest.raises(StoreError, match="not allowed"):
        check_destination(home)


def fill_the_disk(folder: Path, mounted: bool) -> None:
    """Record generations until the disk is full: a small one, or one whose files may not grow."""
    history, images = History(str(folder / "history.sqlite")), ImageStore(folder / "images")
    first = _save(images, random.Random(1).randbytes(100_000), 1)
    before, last = history.begin(started()), history.begin(started())
    history.settle(generation(before), [first])
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    if mounted:
        fill(folder / "ballast")
    else:
        resource.setrlimit(resource.RLIMIT_FSIZE, (4096, limits[1]))

    with pytest.raises(StoreError, match=r"was not saved.*(full|exceed the allowed size).*generation\.save"):
        _save(images, random.Random(2).randbytes(200_000), last)
    with pytest.raises(StoreError, match=r"generation 2 is not in the history.*(full|failing).*generation\.save"):
        _attach_without_end(history, last)

    assert history.get(before).status == "completed"
    assert images.load(first.sha256)
    assert not list(folder.rglob("*.tmp"))
    (folder / "ballast").unlink(missing_ok=True)
    resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    history.settle(generation(last), [_save(images, random.Random(2).randbytes(200_000), last)])
    assert history.get(last).status == "completed"
    history.close()


def _save(images: ImageStore, data: bytes, generation_id: int) -> StoredImage:
    image = generated_image(data=data, format="png", width=8, height=6)
    return images.save(image, images.plan(image, generation_id=generation_id, title="fox", at=NOON))


def _attach_without_end(history: History, generation_id: int) -> None:
    """Write until the pages that the database's log holds in reserve are used up."""
    for number in range(1000):
        history.attach(generation_id, stored(b"%d" % number))
