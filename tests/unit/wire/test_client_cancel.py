"""Cancelling: the server sees the close at once, and nothing is left behind."""

import asyncio
from contextlib import aclosing, suppress

import pytest

from imgmagic.domain.events import CompletedImage, PartialImage, RequestSent, RetryScheduled
from imgmagic.domain.request import ImageRequest
from imgmagic.wire.client import Client
from imgmagic.wire.dialects import DIALECTS
from imgmagic.wire.dialects.dialect import Dialect
from tests.support.staged_replies import STREAM, Asker, asked, completed, images, partial, png, provider_at
from tests.support.staged_server import HANG, Stage, reply

pytestmark = pytest.mark.anyio


async def others() -> set[asyncio.Task[object]]:
    """Return the tasks that are still there once everything that was ready has run."""
    for _ in range(5):
        await asyncio.sleep(0)
    ours = {task for task in asyncio.all_tasks() if "imgmagic" in repr(task) or "httpx" in repr(task)}
    return ours - {asyncio.current_task()}


async def seen_closed(stage: Stage) -> None:
    async with asyncio.timeout(5):
        for played in stage.seen:
            await played.closed.wait()


async def test_closing_the_iterator_closes_every_connection(stage: Stage, asker: Asker) -> None:
    """Whoever stops listening in the middle leaves no connection and no task."""
    stage.play([STREAM, partial(png()), HANG])

    async with aclosing(asker.client.events(asked(n=3, stream=True))) as events:
        async for event in events:
            if isinstance(event, PartialImage) and len(stage.seen) == 3:
                break

    await seen_closed(stage)
    assert len(stage.seen) == 3
    assert await others() == set()


@pytest.mark.parametrize("part", [[HANG], [STREAM, HANG], [STREAM, partial(png()), HANG]])
async def test_cancelling_the_task_closes_the_connection(stage: Stage, asker: Asker, part: list[bytes]) -> None:
    """A cancelled task ends at once, whether before the reply, after its head, or within it."""
    stage.play(part)

    run = asyncio.create_task(asker.run(asked(stream=True)))
    await stage.saw(1)
    run.cancel()
    with suppress(asyncio.CancelledError):
        await run

    assert run.cancelled()
    await seen_closed(stage)
    assert await others() == set()


async def test_cancelling_during_a_retrys_wait_sends_nothing_more(stage: Stage) -> None:
    """A wait is interruptible, and the request is not made."""
    stage.play([reply(b"", status=429, retry_after="100")])
    client = Client(provider_at(stage), DIALECTS["openai"])

    async with aclosing(client.events(asked())) as events:
        kinds = [type(await anext(events)), type(await anext(events))]
    await client.aclose()

    assert kinds == [RequestSent, RetryScheduled]
    assert len(stage.seen) == 1
    assert await others() == set()


async def test_the_client_works_after_a_cancelled_run(stage: Stage, asker: Asker) -> None:
    """The next request is as good as the first."""
    stage.play([STREAM, partial(png()), HANG], [STREAM, completed(png())])

    async with aclosing(asker.client.events(asked(stream=True))) as events:
        await anext(events)
        await anext(events)
    after = await asker.run(asked(stream=True))

    assert isinstance(after[-1], CompletedImage)


async def test_fifty_cancelled_runs_leave_nothing(stage: Stage, asker: Asker) -> None:
    """Whenever the cancellation comes, every connection is closed in the end."""
    stage.play([STREAM, partial(png()), partial(png()), HANG])

    for turn in range(50):
        run = asyncio.create_task(asker.run(asked(n=2, stream=True)))
        for _ in range(turn):
            await asyncio.sleep(0)
        run.cancel()
        with suppress(asyncio.CancelledError):
            await run

    await seen_closed(stage)
    assert await others() == set()


async def test_a_slow_reader_holds_the_server_back(stage: Stage, asker: Asker) -> None:
    """Events do not pile up without end in front of a reader that does not read."""
    count = 400
    stage.play([STREAM, *[partial(png(rest=b"x" * 60_000))] * count, completed(png())])

    async with aclosing(asker.client.events(asked(stream=True))) as events:
        await anext(events)
        await anext(events)
        for _ in range(2000):
            await asyncio.sleep(0)
        sent_unread = stage.seen[0].sent
        kinds = [type(event) async for event in events]

    assert sent_unread < count
    assert kinds == [PartialImage] * count + [CompletedImage]


async def test_a_mistake_of_ours_is_raised_and_closes_the_rest(stage: Stage) -> None:
    """Only failures of the server become events; a broken dialect is an error of the program."""
    stage.play([reply(images(png()))])

    def broken(key: str) -> dict[str, str]:
        return {"x-count": 7}  # type: ignore[dict-item] # the mistake

    client = Client(provider_at(stage), Dialect(name="broken", title="Broken", auth=broken))

    with pytest.raises(AttributeError):
        _ = [event async for event in client.events(ImageRequest(prompt="a fox"))]
    await client.aclose()
    assert await others() == set()
