import asyncio
import random
from collections.abc import Awaitable, Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imgmagic.domain.provider import Provider, Secret
from imgmagic.domain.rate_limit import RateLimit
from imgmagic.runs.rate_limiter import RateLimiter, RateLimiters

pytestmark = pytest.mark.anyio


class Time:
    """A clock that runs as fast as the event loop can: it jumps to the next sleeper."""

    def __init__(self) -> None:
        self.now = 100.0
        self._sleepers: list[tuple[float, asyncio.Future[None]]] = []

    def clock(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        future = asyncio.get_running_loop().create_future()
        self._sleepers.append((self.now + max(seconds, 0.0), future))
        await future

    async def run(self, *tasks: Awaitable[object]) -> None:
        waited = asyncio.gather(*tasks)
        while not waited.done():
            for _ in range(12):
                await asyncio.sleep(0)
            if self._sleepers and not waited.done():
                self._sleepers.sort(key=lambda sleeper: sleeper[0])
                self.now, future = self._sleepers.pop(0)
                if not future.done():
                    future.set_result(None)
        await waited


class Server:
    """Counts as servers do: at most `limit` in any window; a refusal names the limit, or only a wait, or nothing."""

    def __init__(self, time: Time, *, limit: int = 5, window_s: float = 60, told: str = "text") -> None:
        self._time = time
        self._limit = limit
        self._window_s = window_s
        self._told = told
        self.taken: list[float] = []
        self.refused: list[float] = []

    async def ask(self, limiter: RateLimiter) -> None:
        """Send one request until it is taken, as the client does."""
        while True:
            permit = await limiter.admit(1, _tell)
            await self._time.sleep(random.Random(len(self.taken)).random() * 0.02)  # the way there
            recent = [at for at in self.taken if at > self._time.now - self._window_s]
            if len(recent) < self._limit:
                self.taken.append(self._time.now)
                await self._time.sleep(self._window_s / 20)
                permit.succeeded(())
                return
            self.refused.append(self._time.now)
            wait_s = recent[-self._limit] + self._window_s - self._time.now
            limit = RateLimit(kind="images", limit=self._limit, window_s=self._window_s, reset_s=wait_s)
            stated = (limit,) if self._told == "text" else ()
            assert permit.refused(stated, None if self._told == "nothing" else wait_s)


async def _tell(seconds: float, reason: str) -> None:
    del seconds, reason


def run(parallel: int, count: int, **server: object) -> tuple[Server, Time]:
    time = Time()
    asked = Server(time, **server)
    limiter = RateLimiter(clock=time.clock, sleep=time.sleep)
    left = list(range(count))

    async def work() -> None:
        while left:
            left.pop()
            await asked.ask(limiter)

    asyncio.run(time.run(*(work() for _ in range(parallel))))
    return asked, time


def test_a_stated_limit_is_used_and_kept():
    """Once a 429 has named the limit no request comes too early, and nine tenths of the limit are used."""
    server, _ = run(8, 60, window_s=12)

    assert len(server.taken) == 60
    assert len(server.refused) <= 8
    assert all(at < server.taken[5] for at in server.refused)
    took_s = server.taken[-1] - server.taken[0]
    assert 55 / (took_s / 12) >= 0.9 * 5


@pytest.mark.parametrize("told", ["wait", "nothing"])
def test_without_a_stated_limit_nothing_fails(told):
    """A server that only asks to wait, or says nothing at all, gets every request in the end."""
    server, _ = run(8, 40, window_s=6, told=told)

    assert len(server.taken) == 40


@settings(deadline=None, max_examples=25)
@given(parallel=st.integers(1, 20), limit=st.integers(1, 12), told=st.sampled_from(["text", "wait", "nothing"]))
def test_every_request_gets_through(parallel, limit, told):
    """Whatever the limit, and however many ask at a time, each request is taken once."""
    server, _ = run(parallel, 20, limit=limit, window_s=3, told=told)

    assert len(server.taken) == 20


def test_headers_teach_before_a_refusal():
    """A limit that stands in the headers of a success is kept without a single 429."""
    time = Time()
    limiter = RateLimiter(clock=time.clock, sleep=time.sleep)
    left: list[float] = []

    async def ask() -> None:
        for _ in range(7):
            permit = await limiter.admit(1, _tell)
            left.append(time.now)
            permit.succeeded([RateLimit(kind="images", limit=3, remaining=0)])

    asyncio.run(time.run(ask()))

    assert [round(at - 100) for at in left] == [0, 0, 0, 61, 61, 61, 122]


def test_several_images_count_as_several():
    """A request for three images takes three of a limit of images, and one of a limit of requests."""
    assert _third_leaves_at("images") > 160
    assert _third_leaves_at("requests") == 100


def _third_leaves_at(kind: str) -> float:
    time = Time()
    limiter = RateLimiter(clock=time.clock, sleep=time.sleep)
    left: list[float] = []

    async def ask() -> None:
        for _ in range(3):
            permit = await limiter.admit(3, _tell)
            left.append(time.now)
            permit.succeeded([RateLimit(kind=kind, limit=6)])

    asyncio.run(time.run(ask()))
    return left[2]


def test_a_wait_is_told_with_its_reason():
    """Who waits hears how long and why, once."""
    time = Time()
    limiter = RateLimiter(clock=time.clock, sleep=time.sleep)
    told: list[tuple[float, str]] = []

    async def tell(seconds: float, reason: str) -> None:
        told.append((seconds, reason))

    async def ask() -> None:
        permit = await limiter.admit(1, tell)
        permit.succeeded([RateLimit(kind="images", limit=1)])
        await limiter.admit(1, tell)

    asyncio.run(time.run(ask()))

    assert [(round(seconds), reason) for seconds, reason in told] == [(61, "the server takes 1 image per minute")]


def test_a_wait_of_hours_is_not_worth_it():
    """A server that has closed for the day is not waited for."""
    limiter = RateLimiter()

    async def ask() -> bool:
        permit = await limiter.admit(1, _tell)
        return permit.refused((), 86_400.0)

    assert not asyncio.run(ask())


def test_a_request_larger_than_the_limit_is_not_sent_again():
    """What no window has room for would wait for ever."""
    limiter = RateLimiter()

    async def ask() -> bool:
        permit = await limiter.admit(6, _tell)
        return permit.refused([RateLimit(kind="images", limit=5, requested=6)], None)

    assert not asyncio.run(ask())


def test_the_length_of_a_window_is_measured_by_its_headers():
    """A window is as long as it would take to be free again if all of it were used; a minute where nothing says so."""
    time = Time()
    limiter = RateLimiter(clock=time.clock, sleep=time.sleep)
    left: list[float] = []

    async def ask() -> None:
        for used in (1, 2, 2):
            permit = await limiter.admit(1, _tell)
            left.append(time.now - 100)
            permit.succeeded([RateLimit(kind="images", limit=2, remaining=2 - used, reset_s=1.5 * used)])

    asyncio.run(time.run(ask()))

    assert left[:2] == [0, 0]
    assert 3 <= left[2] < 3.3


def test_who_gives_up_waiting_leaves_the_queue():
    """A cancelled wait does not hold up those behind it."""
    time = Time()
    limiter = RateLimiter(clock=time.clock, sleep=time.sleep)

    async def ask(then: Callable[[], None] = lambda: None) -> None:
        permit = await limiter.admit(1, _tell)
        permit.succeeded([RateLimit(kind="images", limit=1)])
        then()

    async def scenario() -> None:
        await ask()
        first = asyncio.create_task(ask())
        await asyncio.sleep(0)
        first.cancel()
        await asyncio.gather(first, return_exceptions=True)
        await ask()

    asyncio.run(time.run(scenario()))

    assert time.now >= 160


def test_one_limiter_per_provider_key_and_family():
    """Models of one family share a limiter; another key, address or family has its own."""
    limiters = RateLimiters()
    provider = Provider(name="p", dialect="openai", base_url="https://a/v1", key=Secret("one"))
    other = Provider(name="p", dialect="openai", base_url="https://a/v1", key=Secret("two"))

    assert limiters.of(provider, "gpt-image-2") is limiters.of(provider, "gpt-image-1-mini")
    assert limiters.of(provider, "gpt-image-2") is not limiters.of(provider, "dall-e-3")
    assert limiters.of(provider, "gpt-image-2") is not limiters.of(other, "gpt-image-2")
