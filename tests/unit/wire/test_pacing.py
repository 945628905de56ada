"""Pacing: a client sends only what its pacer admits, and tells it what the server says of its limits."""

import asyncio
import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from imgmagic.domain.events import CompletedImage, ImageFailed, ReplyStarted, RequestSent, RetryScheduled
from imgmagic.domain.provider import Provider, Secret
from imgmagic.domain.rate_limit import RateLimit
from imgmagic.wire.client import Client
from imgmagic.wire.dialects import DIALECTS
from imgmagic.wire.pacer import Tell
from tests.support.staged_replies import Asker, asked, images, png, provider_at
from tests.support.staged_server import HANG, Stage, reply

pytestmark = pytest.mark.anyio

GOOD = reply(images(png()), x_ratelimit_limit_requests="50")
REFUSED = reply(b'{"error": {"message": "slow down"}}', status=429, retry_after="7")


@dataclass
class Heard:
    """A permit that notes what it hears, and may ask for another attempt."""

    again: bool
    words: list[str] = field(default_factory=list)
    limits: Sequence[RateLimit] = ()

    def succeeded(self, limits: Sequence[RateLimit]) -> None:
        self.words.append("succeeded")
        self.limits = limits

    def failed(self) -> None:
        self.words.append("failed")

    def refused(self, limits: Sequence[RateLimit], after_s: float | None) -> bool:
        self.words.append(f"refused {after_s}")
        self.limits = limits
        return self.again


@dataclass
class Noting:
    """A pacer that admits at once, or after it has told of a wait."""

    again: bool = True
    tells: bool = False
    permits: list[Heard] = field(default_factory=list)
    waits_s: float = 0.0

    async def admit(self, images: int, tell: Tell) -> Heard:
        if self.tells:
            await tell(3.0, "the limit of 5 images a minute")
        await asyncio.sleep(self.waits_s)
        self.permits.append(Heard(again=self.again))
        return self.permits[-1]


async def run(asker: Asker, pacer: Noting, timeout_s: float | None = None) -> list[type]:
    async with asyncio.timeout(20):
        return [type(each) async for each in asker.client.events(asked(), pacer=pacer, timeout_s=timeout_s)]


async def test_a_refusal_is_sent_again_when_it_is_admitted(stage: Stage, asker: Asker) -> None:
    """The pacer, and no count of attempts, says how often; the wait is the pacer's."""
    stage.play(*[[REFUSED]] * 5, [GOOD])
    pacer = Noting()

    events = await run(asker, pacer)

    assert events == [RequestSent] * 6 + [ReplyStarted, CompletedImage]
    assert asker.waited == []
    assert [each.words[0] for each in pacer.permits] == ["refused 7.0"] * 5 + ["succeeded"]
    assert [each.limit for each in pacer.permits[-1].limits] == [50]


@pytest.mark.parametrize(
    ("after", "heard"), [({}, "None"), ({"retry_after": "9"}, "9.0"), ({"retry_after": "9999"}, "120.0")]
)
async def test_a_rate_limit_that_may_be_billed_is_heard_and_not_sent_again(
    stage: Stage, after: dict[str, str], heard: str
) -> None:
    """A gateway's late 429 may follow an attempt that was drawn, yet the other cells of a sweep have to slow down."""
    words = b"litellm.RateLimitError: Limit 5 images per min. LiteLLM Retried: 2 times, LiteLLM Max Retries: 2"
    stage.play([reply(words, status=429, x_ratelimit_limit_requests="50", **after)])
    late = Client(provider_at(stage), DIALECTS["openai"], clock=itertools.count(0.0, 5.0).__next__)
    pacer = Noting()

    events = await run(Asker(client=late, waited=[]), pacer)
    await late.aclose()

    assert events == [RequestSent, ImageFailed]
    assert [each.words for each in pacer.permits] == [[f"refused {heard}", "failed"]]
    assert [each.limit for each in pacer.permits[0].limits] == [50, 5]


async def test_what_the_pacer_does_not_take_on_is_retried_as_ever(stage: Stage, asker: Asker) -> None:
    """Two further attempts after the server's own wait, then the failure."""
    stage.play([REFUSED])

    events = await run(asker, Noting(again=False))

    assert [each for each in events if each is not RequestSent] == [RetryScheduled, RetryScheduled, ImageFailed]
    assert asker.waited == [7.0, 7.0]


async def test_a_wait_is_told_and_is_off_the_clock(stage: Stage, asker: Asker) -> None:
    """A wait for the limit is not a part of the time that the call may take."""
    stage.play([GOOD])

    events = await run(asker, Noting(tells=True, waits_s=1.2), timeout_s=1.0)

    assert events == [RetryScheduled, RequestSent, ReplyStarted, CompletedImage]


async def test_a_stopped_request_gives_its_permit_back(stage: Stage) -> None:
    """Whoever waits behind it may go."""
    stage.play([HANG])
    client, pacer = Client(provider_at(stage), DIALECTS["openai"]), Noting()

    following = asyncio.create_task(_drain(client, pacer))
    await stage.saw(1)
    following.cancel()
    await asyncio.gather(following, return_exceptions=True)
    await client.aclose()

    assert pacer.permits[-1].words == ["failed"]


async def test_a_request_that_cannot_connect_gives_its_permit_back() -> None:
    """Nothing left, so nothing is on its way."""
    provider = Provider(
        name="openai", dialect="openai", base_url=f"http://{'a' * 70}.example/v1", key=Secret("mark-0123456789abcdef")
    )
    pacer = Noting()

    events = await run(Asker(client=Client(provider, DIALECTS["openai"]), waited=[]), pacer)

    assert events == [ImageFailed]
    assert pacer.permits[-1].words == ["failed"]


async def _drain(client: Client, pacer: Noting) -> None:
    async for _ in client.events(asked(), pacer=pacer):
        pass
