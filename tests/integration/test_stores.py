"""A session with the stores of a class or a team, from the cell's call to what a later session finds."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from imgmagic.config.settings import Settings
from imgmagic.domain.generation import Status
from imgmagic.domain.origin import Origin
from imgmagic.errors import BudgetExceeded, ImgmagicError
from imgmagic.session import Session
from imgmagic.simulator import Simulator
from imgmagic.store.history_view import HistoryView
from tests.support.answering import Answer, answering
from tests.support.stored_runs import NOON

KEY = "sk-marked-0123456789abcdef"


@pytest.fixture
def drawing() -> Iterator[Simulator]:
    """Run a server that draws at once."""
    with Simulator(pace_s=0, require_key=KEY) as running:
        yield running


def opened(home: Path, url: str, at: datetime | None = None, **variables: str) -> Session:
    environ = {"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": url, "IMGMAGIC_HOME": str(home), **variables}
    return Session(Settings(environ=environ, folder=home.parent), now=lambda: at or datetime.now(UTC))


def test_a_clock_that_was_set_back(drawing: Simulator, tmp_path: Path) -> None:
    """What is drawn last is the newest whatever its date, an earlier picture is reused, and a day has its own limit."""
    cheap = {"provider": "openai", "quality": "low", "size": "1024x1024"}
    first = opened(tmp_path / "home", drawing.base_url, NOON)
    first.imagine("a fox", **cheap)
    first.close()
    second = opened(tmp_path / "home", drawing.base_url, NOON - timedelta(days=400), IMGMAGIC_DAILY_BUDGET="0.02")

    reused, drawn = second.imagine("a fox", **cheap), second.imagine("an owl", **cheap)
    with pytest.raises(BudgetExceeded):
        second.imagine("a toad", **cheap)

    listed, days = [each.id for each in HistoryView(lambda: second.archive)], second.archive.history.totals("day")
    second.close()

    assert listed == [2, 1]  # what is reused is no new record
    assert (reused.reused, drawn.created_at) == (NOON, NOON - timedelta(days=400))
    assert drawn.image.path == tmp_path / "home" / "images" / "2025" / "10" / "18" / "2-an-owl.png"
    assert drawn.elapsed_s > 0
    assert {each.key: each.cost for each in days if each.origin is Origin.LIVE} == {
        "2025-10-18": drawn.cost,
        "2026-11-22": drawn.cost,
    }


def test_a_team_on_postgresql(drawing: Simulator, new_database: Callable[[], str], tmp_path: Path) -> None:
    """A second session of the team sees the first one's picture, and the server is asked once."""
    url = new_database()
    first = opened(
        tmp_path / "one", drawing.base_url, IMGMAGIC_HISTORY_URL=url, IMGMAGIC_IMAGE_STORE=str(tmp_path / "i")
    )
    second = opened(
        tmp_path / "two", drawing.base_url, IMGMAGIC_HISTORY_URL=url, IMGMAGIC_IMAGE_STORE=str(tmp_path / "i")
    )

    drawn = first.imagine("a fox", provider="openai")
    again = second.imagine("a fox", provider="openai")
    first.close()
    second.close()

    assert (drawn.status, again.status) == (Status.COMPLETED, Status.COMPLETED)
    assert again.images[0].data == drawn.images[0].data
    assert len(drawing.requests) == 1
    assert not list((tmp_path / "one").glob("*.sqlite"))


def test_the_row_is_there_when_the_server_is_asked(tmp_path: Path) -> None:
    """What the server sees in the database when the request arrives is the row of that very request."""
    found: list[tuple[str, str]] = []

    def look(*_: object) -> Answer:
        (file,) = (tmp_path / "home").glob("*.sqlite")
        with closing(sqlite3.connect(file)) as connection:  # as another process would
            found.extend(connection.execute("SELECT status, prompt FROM generations").fetchall())
        return Answer(status=400)

    with answering(look) as base_url:
        session = opened(tmp_path / "home", base_url)

        with pytest.raises(ImgmagicError):
            session.imagine("a fox", provider="openai")
        session.close()

    assert found == [("running", "a fox")]
