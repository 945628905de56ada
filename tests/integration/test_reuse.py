"""Restart and Run All of a finished notebook costs nothing; running a cell again asks again."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from imgmagic.domain.generation import Generation, Status
from imgmagic.notebook.output.figure import figure_html
from imgmagic.session import Session
from imgmagic.simulator import Simulator
from tests.support.sessions import session_of

CHEAP = {"quality": "low", "size": "1024x1024"}
CELLS = (("a red fox", CHEAP), ("a lighthouse", {**CHEAP, "n": 2}), ("a whale", {**CHEAP, "stream": False}))


@pytest.fixture
def server() -> Iterator[Simulator]:
    with Simulator(pace_s=0) as running:
        yield running


def run_all(session: Session) -> list[Generation]:
    return [session.imagine(prompt, **options) for prompt, options in CELLS]


def test_restart_and_run_all_asks_nobody(server: Simulator, tmp_path: Path):
    """A second session shows the same pictures to the byte, and the server hears nothing."""
    with session_of(tmp_path, server) as first:
        drawn = run_all(first)
    asked = len(server.requests)

    with session_of(tmp_path, server) as second:
        again = run_all(second)

    assert len(server.requests) == asked
    assert [[image.data for image in each.images] for each in again] == [
        [image.data for image in each.images] for each in drawn
    ]
    assert [each.reused for each in again] == [each.created_at for each in drawn]


def test_it_costs_nothing(server: Simulator, tmp_path: Path):
    """A reused picture is shown as it was recorded: no new row, nothing under a budget, the same output again."""
    with session_of(tmp_path, server) as first:
        drawn = run_all(first)

    with session_of(tmp_path, server) as second:
        second.limit = second.archive.history.spent(session="none").total  # nothing may be spent
        again = run_all(second)

        assert second.archive.history.spent(session=second.name).total == 0
        assert second.archive.history.totals("session", key=second.name) == ()
        assert second.archive.history.count() == 3
    assert [each.id for each in again] == [each.id for each in drawn]
    assert [figure_html(each) for each in again] == [figure_html(each) for each in drawn]
    assert [each.reused for each in again] == [each.created_at for each in drawn]


def test_the_same_session_asks_again(server: Simulator, tmp_path: Path):
    """As people expect of another one: the first run is reused, the next is new."""
    with session_of(tmp_path, server) as first:
        drawn = first.imagine("a red fox", **CHEAP)
        another = first.imagine("a red fox", **CHEAP)

    with session_of(tmp_path, server) as second:
        reused = second.imagine("a red fox", **CHEAP)
        fresh = second.imagine("a red fox", **CHEAP)

    assert (drawn.reused, another.reused, fresh.reused) == (None, None, None)
    assert reused.reused == another.created_at
    assert len(server.requests) == 3


def test_fresh_asks(server: Simulator, tmp_path: Path):
    """With `fresh` nothing is reused."""
    with session_of(tmp_path, server) as first:
        first.imagine("a red fox", **CHEAP)

    with session_of(tmp_path, server) as second:
        generation = second.imagine("a red fox", fresh=True, **CHEAP)

    assert generation.reused is None
    assert len(server.requests) == 2


def test_the_setting_turns_it_off(server: Simulator, tmp_path: Path):
    """IMGMAGIC_REUSE=off asks the server each time."""
    with session_of(tmp_path, server) as first:
        first.imagine("a red fox", **CHEAP)

    with session_of(tmp_path, server, IMGMAGIC_REUSE="off") as second:
        second.imagine("a red fox", **CHEAP)

    assert len(server.requests) == 2


@pytest.mark.parametrize(
    "changed",
    [
        {"quality": "medium"},
        {"size": "1536x1024"},
        {"model": "gpt-image-1-mini"},
        {"background": "opaque"},
    ],
)
def test_another_request_is_asked(server: Simulator, tmp_path: Path, changed: dict[str, object]):
    """Whatever changes the picture makes it another request."""
    with session_of(tmp_path, server) as first:
        first.imagine("a red fox", **CHEAP)

    with session_of(tmp_path, server) as second:
        second.imagine("a red fox", **{**CHEAP, **changed})

    assert len(server.requests) == 2


@pytest.mark.parametrize(
    ("query", "other", "asked"),
    [
        ("?api-version=1", "?api-version=2", 2),
        ("?api-version=1", "", 2),
        ("?a=1&b=2", "?b=2&a=1", 1),
        ("?token=one", "?token=two", 1),
    ],
    ids=["another version", "none", "the same in another order", "another key"],
)
def test_a_server_is_known_by_the_query_of_its_address_too(
    server: Simulator, tmp_path: Path, query: str, other: str, asked: int
) -> None:
    """What an address says after its path chooses the server; a key in it does not."""
    for each in (query, other):
        with session_of(tmp_path, server, OPENAI_BASE_URL=f"{server.base_url}{each}") as session:
            drawn = session.imagine("a red fox", **CHEAP)

    assert len(server.requests) == asked
    assert drawn.reused is None or asked == 1


def test_how_it_streams_does_not_matter(server: Simulator, tmp_path: Path):
    """Partial images change nothing about the picture."""
    with session_of(tmp_path, server) as first:
        first.imagine("a red fox", partial_images=3, **CHEAP)

    with session_of(tmp_path, server) as second:
        second.imagine("a red fox", stream=False, **CHEAP)

    assert len(server.requests) == 1


def test_a_failed_one_is_asked_again(server: Simulator, tmp_path: Path):
    """Only what was completed is reused."""
    with session_of(tmp_path, server) as first:
        failed = first.start(first.plan("a fox [simulate: moderation]", **CHEAP)).generation()
    asked = len(server.requests)

    with session_of(tmp_path, server) as second:
        second.start(second.plan("a fox [simulate: moderation]", **CHEAP)).generation()

    assert failed.status is Status.FAILED
    assert len(server.requests) == 2 * asked


def test_originals_that_are_gone_are_drawn_again(server: Simulator, tmp_path: Path):
    """A record without its picture helps nobody."""
    with session_of(tmp_path, server) as first:
        drawn = first.imagine("a red fox", **CHEAP)
    for original in (tmp_path / "images" / "originals").rglob("*.jpg"):
        original.unlink()

    with session_of(tmp_path, server) as second:
        again = second.imagine("a red fox", **CHEAP)

    assert again.reused is None
    assert len(again.images) == len(drawn.images)
    assert len(server.requests) == 2
