"""Limits of a session: what does not fit is refused before anything is sent."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from imgmagic.errors import BudgetExceeded, SettingsError, StoreError
from imgmagic.simulator import Simulator
from imgmagic.store.usage_report import limits
from tests.support.sessions import session_of

HIGH = {"quality": "high", "size": "1024x1024"}
LOW = {"quality": "low", "size": "1024x1024"}


@pytest.fixture
def server() -> Iterator[Simulator]:
    with Simulator(pace_s=0) as running:
        yield running


def test_max_cost_of_one_call(server: Simulator, tmp_path: Path):
    """A call that could cost more is not sent, and not recorded."""
    with session_of(tmp_path, server) as session:
        with pytest.raises(BudgetExceeded, match=r"this call could cost \$0\.\d+, and at most \$0\.02"):
            session.imagine("a fox", max_cost="0.02", **HIGH)

        assert session.archive.history.count() == 0
    assert server.requests == []


def test_max_cost_lets_a_cheap_call_through(server: Simulator, tmp_path: Path):
    """The bound is on what it could cost."""
    with session_of(tmp_path, server) as session:
        generation = session.imagine("a fox", max_cost=0.02, **LOW)

    assert 0 < generation.cost <= Decimal("0.02")
    assert len(server.requests) == 1


def test_the_limit_of_the_session(server: Simulator, tmp_path: Path):
    """Calls go on until the next could pass the limit; the refusal says what is left."""
    with session_of(tmp_path, server) as session:
        session.limit = Decimal("0.03")
        first = session.imagine("a fox", **LOW)
        second = session.imagine("a whale", **LOW)

        with pytest.raises(BudgetExceeded) as caught:
            session.imagine("a lighthouse", **LOW)

        left = session.limit - first.cost - second.cost
        assert f"${left:.4f} of the session budget of $0.03 is left" in str(caught.value)
        assert session.archive.history.spent(session=session.name).total == first.cost + second.cost
    assert len(server.requests) == 2


def test_what_fails_unbilled_takes_nothing_of_the_limit(server: Simulator, tmp_path: Path):
    """What the server refused costs nothing, and its reservation is released."""
    with session_of(tmp_path, server) as session:
        session.limit = Decimal("0.015")
        session.start(session.plan("a fox [simulate: moderation]", **LOW)).generation()

        assert session.archive.history.spent(session=session.name).total == 0
        assert session.imagine("a fox", **LOW).cost > 0


def test_what_broke_off_beside_what_came_stays_reserved(server: Simulator, tmp_path: Path):
    """One of two streams is cut: its picture may be billed, and its share of the estimate stays spent."""
    with session_of(tmp_path, server) as session:
        session.limit = Decimal(1)
        plan = session.plan("a fox [simulate: cut once]", n=2, stream=True, partial_images=1, **LOW)
        generation = session.start(plan).generation()

        assert generation.status == "partial"
        spent = session.archive.history.spent(session=session.name).total
        assert spent == generation.cost + plan.estimate.at_most / 2
    assert len(server.requests) == 2


def test_the_limit_of_the_day(server: Simulator, tmp_path: Path):
    """Every session that shares the history counts."""
    with session_of(tmp_path, server, IMGMAGIC_DAILY_BUDGET="0.02") as first:
        first.imagine("a fox", **LOW)

    refused = pytest.raises(BudgetExceeded, match=r"of the daily budget of \$0\.02 is left")
    with session_of(tmp_path, server, IMGMAGIC_DAILY_BUDGET="0.02") as second, refused:
        second.imagine("a whale", **LOW)
    assert len(server.requests) == 1


def test_the_limit_of_each_user(server: Simulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Two users of a hub share a history: each has their own day, before anything is planned and when it is sent."""
    limits = {"IMGMAGIC_USER_DAILY_BUDGET": "0.02", "IMGMAGIC_DAILY_BUDGET": "1"}
    for user in ("ada", "bob"):
        monkeypatch.setenv("JUPYTERHUB_USER", user)
        with session_of(tmp_path, server, **limits) as session:
            session.imagine(f"a fox for {user}", **LOW)
            with pytest.raises(BudgetExceeded, match=r"of the user's daily budget of \$0\.02 is left"):
                session.imagine("a whale", **LOW)
    assert len(server.requests) == 2


def test_an_unknown_price_under_a_limit(server: Simulator, tmp_path: Path):
    """It is refused, unless the setting lets it through."""
    with session_of(tmp_path, server) as session:
        session.limit = Decimal(5)
        with pytest.raises(BudgetExceeded, match="the cost of this call is unknown"):
            session.imagine("a fox", model="my-own-model", check=False)
    assert server.requests == []

    with session_of(tmp_path, server, IMGMAGIC_ALLOW_UNKNOWN_COST="on") as session:
        session.limit = Decimal(5)
        session.start(session.plan("a fox", model="my-own-model", check=False)).generation()
    assert len(server.requests) == 1


def test_the_simulator_fits_every_limit(server: Simulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """What costs nothing is never refused."""
    monkeypatch.setenv("IMGMAGIC_SIMULATOR_PACE", "0")
    with session_of(tmp_path, server) as session:
        session.limit = Decimal(0)

        assert session.imagine("a fox", provider="simulator").simulated


def test_a_limit_that_cannot_be_kept(server: Simulator, tmp_path: Path):
    """Without a history nobody knows what is spent: nothing is sent under a limit, and everything without one."""
    with session_of(tmp_path, server, IMGMAGIC_HISTORY_URL="postgresql://nobody@127.0.0.1:9/history") as session:
        session.limit = Decimal(5)
        with pytest.raises(StoreError, match="the server cannot be reached"):
            session.imagine("a fox", **LOW)
        assert server.requests == []

        session.limit = None
        generation = session.imagine("a fox", **LOW)

    assert generation.image is not None
    assert any("the server cannot be reached" in notice for notice in generation.notices)


@pytest.mark.parametrize("amount", ["-1", "abc", "nan", "inf"])
def test_an_amount_that_is_none(server: Simulator, tmp_path: Path, amount: str):
    """It is refused before anything is sent."""
    with session_of(tmp_path, server) as session, pytest.raises(SettingsError, match="is not an amount"):
        session.imagine("a fox", max_cost=amount, **LOW)
    assert server.requests == []


def test_what_is_left(server: Simulator, tmp_path: Path):
    """Each limit that is set is told with what is spent under it."""
    with session_of(tmp_path, server, IMGMAGIC_DAILY_BUDGET="1") as session:
        session.limit = Decimal("0.50")
        drawn = session.imagine("a fox", **LOW)

        found = limits(session.archive, session.budget(), drawn.created_at.date())

    assert [(each.name, each.left) for each in found] == [
        ("session", Decimal("0.50") - drawn.cost),
        ("daily", 1 - drawn.cost),
    ]
