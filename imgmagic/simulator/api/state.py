"""The desk: what the handlers of one server share, and the log of what they were asked."""

import asyncio
import time
import uuid
from collections import Counter, OrderedDict
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Final, TypeVar

from imgmagic.simulator.api.calls import Call, Picture
from imgmagic.simulator.api.faults import FAULTS, Fault, read_fault, unknown_fault
from imgmagic.simulator.api.personas import Persona
from imgmagic.simulator.api.refusals import Json

_FILES_KEPT: Final = 40
_SEEN_KEPT: Final = 1000
_FILE_LIFE_S: Final = 3600
_T = TypeVar("_T")


@dataclass(frozen=True, kw_only=True)
class SeenRequest:
    """Hold one request as the server saw it; `closed_at` is when the client hung up or the reply ended."""

    path: str
    headers: Mapping[str, str] = field(repr=False)
    body: Json
    started_at: float
    closed_at: float | None = None
    state: str = "open"


@dataclass(kw_only=True)
class Desk:
    """What the handlers of one server share."""

    persona: Persona
    pace_s: float
    require_key: str | None
    drawers: ThreadPoolExecutor | None = None
    seen: dict[str, SeenRequest] = field(default_factory=dict)
    working: set["asyncio.Task[None]"] = field(default_factory=set)
    drawn: Counter[tuple[str, str]] = field(default_factory=Counter)
    failed: Counter[str] = field(default_factory=Counter)
    files: OrderedDict[str, tuple[str, bytes]] = field(default_factory=OrderedDict)

    def see(self, number: str, seen: SeenRequest) -> None:
        """Write a request into the log, which forgets the oldest."""
        self.seen[number] = seen
        if len(self.seen) > _SEEN_KEPT:
            del self.seen[next(iter(self.seen))]

    def fault(self, prompt: str) -> Fault:
        """Return what the prompt asks to go wrong this time."""
        asked = read_fault(prompt)
        if asked.name is None:
            return Fault()
        self.failed[prompt] += 1
        if asked.is_once and self.failed[prompt] > 1:
            return Fault()
        return FAULTS.get(asked.name) or unknown_fault(asked.name)

    def next_pictures(self, call: Call) -> list[Picture]:
        """Return what to draw: the first picture of a prompt is always the same, each further one differs."""
        first = self.drawn[call.prompt, call.size]
        self.drawn[call.prompt, call.size] += call.n
        return [
            Picture(
                prompt=read_fault(call.prompt).words,
                seed=seed,
                width=call.width,
                height=call.height,
                is_transparent=call.background == "transparent",
            )
            for seed in range(first, first + call.n)
        ]

    def keep_file(self, output_format: str, data: bytes) -> str:
        """Keep a picture for download and return its path."""
        name = uuid.uuid4().hex
        self.files[name] = (output_format, data)
        while len(self.files) > _FILES_KEPT:
            self.files.popitem(last=False)
        return f"/files/{int(time.time()) + _FILE_LIFE_S}/{name}.{output_format}"

    async def draw(self, work: Callable[..., _T], *values: object) -> _T:
        """Do the work in a drawing thread, so that the loop goes on."""
        return await asyncio.get_running_loop().run_in_executor(self.drawers, work, *values)
