"""The event queue: merges the events of a run's concurrent requests into one stream for one reader.

Each request runs in its own task. The queue is bounded, so a reader that does not read slows the servers down instead
of filling the memory. The end of a task goes through the same queue, after its last event: the stream is over when
every task has ended, and a programming error is raised where the stream is read.
"""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, field

from imgmagic.domain.events import Event

_EVENTS_AHEAD = 16  # how far the wire may run ahead of the reader


@dataclass(frozen=True, kw_only=True)
class _Item:
    event: Event
    taken_in: asyncio.Event = field(default_factory=asyncio.Event)


class EventQueue:
    """Pass the events of several tasks on to one reader."""

    def __init__(self) -> None:
        # A semaphore and an unbounded queue instead of a bounded one: a task's end is put by a done callback, which
        # cannot wait for room and must get in even if the reader is gone.
        self._room = asyncio.Semaphore(_EVENTS_AHEAD)
        self._items: asyncio.Queue[_Item | asyncio.Task[None]] = asyncio.Queue()

    async def put(self, event: Event) -> None:
        """Add `event`, as soon as there is room."""
        await self._room.acquire()
        self._items.put_nowait(_Item(event=event))

    async def hand_over(self, event: Event) -> None:
        """Add `event`, and return when the reader has processed it and asks for the next."""
        await self._room.acquire()
        item = _Item(event=event)
        self._items.put_nowait(item)
        await item.taken_in.wait()

    async def events(self, tasks: Sequence[asyncio.Task[None]]) -> AsyncGenerator[Event, None]:
        """Yield the events until all `tasks` have ended."""
        for task in tasks:
            # The task itself marks its end. The loop calls this after the task's last put, so no event can follow it.
            task.add_done_callback(self._items.put_nowait)
        running = len(tasks)
        while running:
            item = await self._items.get()
            if isinstance(item, asyncio.Task):
                running -= 1
                item.result()
            else:
                self._room.release()
                yield item.event
                # Only now: the reader came back for the next event, so whatever it did with this one is done.
                item.taken_in.set()
