"""What a call holds under a budget: what may be billed, and nothing that no server can have heard of."""

import asyncio
import threading
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from imgmagic.config.settings import Settings
from imgmagic.domain.events import RetryScheduled
from imgmagic.domain.generation import Status
from imgmagic.session import Session
from tests.support.answering import Answer, answering

KEY = "sk-marked-0123456789abcdef"


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[list[Session]]:
    sessions: list[Session] = []
    yield sessions
    for session in sessions:
        session.close()


def session_at(base_url: str, folder: Path, opened: list[Session]) -> Session:
    environ = {"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": base_url, "IMGMAGIC_HOME": str(folder / "home")}
    opened.append(Session(Settings(environ=environ, folder=folder)))
    return opened[0]


def held(session: Session, number: int | None) -> Decimal | None:
    record = session.archive.history.get(number or 0)
    assert record is not None
    return record.reserved


OPTIONS = {"provider": "openai", "model": "gpt-image-2", "size": "1024x1024", "quality": "low", "stream": False}


def test_a_call_that_is_stopped_while_it_waits_holds_nothing(tmp_path: Path, opened: list[Session]) -> None:
    """The attempt before was refused, and the next has not left."""
    refusal = Answer(body=b'{"error": {"message": "slow down"}}', status=429, headers={"retry-after": "100"})
    with answering(lambda *_: refusal) as base_url:
        session = session_at(base_url, tmp_path, opened)
        job = session.start(session.plan("a fox", **OPTIONS))
        for event in job.events():
            if isinstance(event, RetryScheduled):
                job.cancel()
        generation = job.generation(20)

    assert generation.status is Status.CANCELLED
    assert held(session, generation.id) is None
    assert session.archive.history.spent(session=session.name).total == 0


def test_a_call_that_is_stopped_before_it_runs_holds_nothing(tmp_path: Path, opened: list[Session]) -> None:
    """Nothing has left."""
    with answering(lambda *_: Answer(status=500)) as base_url:
        session = session_at(base_url, tmp_path, opened)
        plan = session.plan("a fox", **OPTIONS)
        gate = threading.Event()
        session._io.submit(asyncio.sleep(0)).result(20)
        session._io.call(gate.wait)  # the loop's thread is held up until the job is stopped
        job = session.start(plan)
        job.cancel()
        gate.set()
        generation = job.generation(20)

    assert generation.status is Status.CANCELLED
    assert held(session, generation.id) is None


def test_a_call_that_was_cut_off_holds_what_it_may_cost(tmp_path: Path, opened: list[Session]) -> None:
    """It was sent once, and nobody knows whether it was drawn."""
    received = []

    def hang_up(_: object, body: bytes) -> Answer:
        received.append(body)
        raise ConnectionError

    with answering(hang_up) as base_url:
        session = session_at(base_url, tmp_path, opened)
        plan = session.plan("a fox", **OPTIONS)
        generation = session.start(plan).generation(20)

    assert len(received) == 1
    assert generation.status is Status.FAILED
    assert held(session, generation.id) == plan.estimate.at_most
    assert session.archive.history.spent(session=session.name).total == plan.estimate.at_most
