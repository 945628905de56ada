"""The state: what the handlers of one server share, and the log of their requests."""

import asyncio
import hashlib
import time
import uuid
from collections import Counter, OrderedDict
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import islice
from typing import Final, Self, TypeVar

from imgmagic.simulator.api.calls import Call
from imgmagic.simulator.api.faults import FAULTS, Fault, read_fault, unknown_fault
from imgmagic.simulator.api.limits import TokenBucket
from imgmagic.simulator.api.personas import Persona
from imgmagic.simulator.api.refusals import Json
from imgmagic.simulator.api.uploads import Upload
from imgmagic.simulator.drawing.picture import PictureRequest

# A simulator may run for days: whatever grows with the requests is bounded, and the oldest go first.
_FILES_KEPT: Final = 40
_SEEN_KEPT: Final = 1000
_FILE_LIFE_S: Final = 3600
_COUNTS_KEPT: Final = 10_000
_LARGE_BODY: Final = 40_000
_TEXT_KEPT: Final = 200
_ITEMS_KEPT: Final = 50
_DEPTH_KEPT: Final = 4
_T = TypeVar("_T")


@dataclass(frozen=True, kw_only=True)
class SeenRequest:
    """Hold one request as the server saw it; `closed_at` is when the client hung up or the reply ended."""

    path: str
    headers: Mapping[str, str] = field(repr=False)
    body: Json
    started_at: float
    files: "tuple[SeenFile, ...]" = ()
    closed_at: float | None = None
    state: str = "open"


@dataclass(frozen=True, kw_only=True)
class SeenFile:
    """Hold one file of a multipart form as the server saw it."""

    name: str
    filename: str
    content_type: str
    size: int
    sha256: str

    @classmethod
    def of(cls, name: str, upload: Upload) -> Self:
        """Return the description of a file whose bytes need not be kept."""
        return cls(
            name=name,
            filename=upload.filename,
            content_type=upload.content_type,
            size=len(upload.data),
            sha256=hashlib.sha256(upload.data).hexdigest(),
        )


def shorten(value: Json, size: int) -> Json:
    """Return a body of `size` bytes for the log: a large one with its long texts cut and its tail left out."""
    return value if size <= _LARGE_BODY else _cut(value, depth=0)


def _cut(value: Json, depth: int) -> Json:
    if isinstance(value, str):
        return value[:_TEXT_KEPT]
    if depth == _DEPTH_KEPT:
        return None
    if isinstance(value, list):
        return [_cut(each, depth + 1) for each in value[:_ITEMS_KEPT]]
    if isinstance(value, dict):
        return {name[:_TEXT_KEPT]: _cut(each, depth + 1) for name, each in islice(value.items(), _ITEMS_KEPT)}
    return value


@dataclass(kw_only=True)
class ServerState:
    """Hold what the handlers of one server share.

    Args:
        drawn: how many pictures each prompt has had, by a hash of prompt and size.
        failed: how often each prompt asked for a fault, by its hash.
        bucket: the simulated limit, or None.
    """

    persona: Persona
    pace_s: float
    require_key: str | None
    drawers: ThreadPoolExecutor | None = None
    seen: dict[str, SeenRequest] = field(default_factory=dict)
    working: set["asyncio.Task[None]"] = field(default_factory=set)
    allowed_hosts: frozenset[str] = frozenset()
    bucket: TokenBucket | None = None
    drawn: Counter[int] = field(default_factory=Counter)
    failed: Counter[int] = field(default_factory=Counter)
    files: OrderedDict[str, tuple[str, bytes]] = field(default_factory=OrderedDict)

    def see(self, number: str, seen: SeenRequest) -> None:
        """Add a request to the log, which forgets the oldest."""
        self.seen[number] = seen
        if len(self.seen) > _SEEN_KEPT:
            del self.seen[next(iter(self.seen))]

    def fault(self, prompt: str) -> Fault:
        """Return what should go wrong this time, according to the prompt."""
        asked = read_fault(prompt)
        if asked.name is None:
            return Fault()
        if asked.is_once and _count(self.failed, hash(prompt), 1) > 0:
            return Fault()
        return FAULTS.get(asked.name) or unknown_fault(asked.name)

    def next_pictures(self, call: Call) -> list[PictureRequest]:
        """Return what to draw: the first picture of a prompt is always the same, every later one differs."""
        # Only the hash: the prompts may be long, and nobody needs them again.
        first = _count(self.drawn, hash((call.prompt, call.size)), call.n)
        words = read_fault(call.prompt).words
        return [
            PictureRequest(
                prompt=words,
                seed=seed,
                width=call.width,
                height=call.height,
                is_transparent=call.background == "transparent",
                sources=call.sources,
                mask=call.mask,
            )
            for seed in range(first, first + call.n)
        ]

    def keep_file(self, output_format: str, data: bytes) -> str:
        """Keep a picture for download and return its path."""
        # The name cannot be guessed, so the address needs no key, like the signed addresses of real servers.
        name = uuid.uuid4().hex
        self.files[name] = (output_format, data)
        while len(self.files) > _FILES_KEPT:
            self.files.popitem(last=False)
        return f"/files/{int(time.time()) + _FILE_LIFE_S}/{name}.{output_format}"

    async def draw(self, work: Callable[..., _T], *values: object) -> _T:
        """Do the work in a drawing thread, so that the loop keeps running."""
        return await asyncio.get_running_loop().run_in_executor(self.drawers, work, *values)


def _count(counter: Counter[int], key: int, more: int) -> int:
    """Return the count so far and add to it; the oldest counts are forgotten."""
    so_far = counter[key]
    counter[key] += more
    if len(counter) > _COUNTS_KEPT:
        del counter[next(iter(counter))]
    return so_far
