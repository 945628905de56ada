"""What an edit starts from, on a disk that takes nothing; and an edit that an earlier session made already."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from imgmagic.config.settings import Settings
from imgmagic.domain.axes import axis_of
from imgmagic.domain.mask import mask_box
from imgmagic.errors import BudgetExceeded
from imgmagic.runs.sweep_plan import SweepRequest
from imgmagic.runs.sweep_workers import CellOutcome, CellTask, Workers
from imgmagic.session import Session
from imgmagic.simulator import Simulator
from tests.support.source_pictures import drawn

KEY = "sk-marked-0123456789abcdef"
SMALL = {"model": "gpt-image-1-mini", "size": "1024x1024", "quality": "low", "stream": False}
PHOTO = drawn((256, 256))


@pytest.fixture(scope="module")
def server() -> Iterator[Simulator]:
    """Run a server that draws at once."""
    with Simulator(pace_s=0, require_key=KEY) as running:
        yield running


def session_of(server: Simulator, home: Path, **more: str) -> Session:
    environ = {"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": server.base_url, **more}
    return Session(Settings(environ=environ, home=home, folder=home))


def test_a_picture_that_cannot_be_kept_is_sent_all_the_same(server: Simulator, tmp_path: Path) -> None:
    """It stays in memory, as finished pictures do, and the notice says so."""
    (tmp_path / "file").write_bytes(b"")
    session = session_of(server, tmp_path, IMGMAGIC_IMAGE_STORE=str(tmp_path / "file" / "images"))

    made = session.imagine("in winter", images=PHOTO, **SMALL)
    session.close()

    assert len(made.images) == 1
    assert made.sources[0].data == PHOTO
    assert any("What this starts from was not kept" in notice for notice in made.notices)


def test_an_edit_of_an_earlier_session_is_reused_and_pasted_back(server: Simulator, tmp_path: Path) -> None:
    """The same pictures and mask, and nothing is spent; what is made here of it is made now."""
    first = session_of(server, tmp_path)
    made = first.imagine("in winter", images=PHOTO, mask=mask_box(0, 0, 256, 100), **SMALL)
    first.close()
    second = session_of(server, tmp_path)

    again = second.imagine("in winter", images=PHOTO, mask=mask_box(0, 0, 256, 100), paste_back=True, **SMALL)
    other = second.imagine("in winter", images=PHOTO, mask=mask_box(0, 0, 256, 101), **SMALL)
    kept = second.archive.find(made.id or 0)

    assert again.reused is not None
    assert again.images[0].data == made.images[0].data
    assert [image.data for image in kept.derived] == [image.data for image in again.derived]
    assert len(again.derived) == 1
    assert other.reused is None
    second.close()


def test_a_refused_edit_leaves_nothing_behind(server: Simulator, tmp_path: Path) -> None:
    """Neither its picture nor its mask stays in the image store, as nothing was sent; a picture of the store stays."""
    session = session_of(server, tmp_path)
    made = session.imagine("a fox", **SMALL)
    before = files_in(tmp_path / "images")

    for start in (PHOTO, made):
        with pytest.raises(BudgetExceeded):
            session.imagine("in winter", images=start, mask=mask_box(0, 0, 9, 9), max_cost=0.001, **SMALL)

    assert files_in(tmp_path / "images") == before
    session.close()


def test_a_refusal_leaves_the_picture_of_another_run(server: Simulator, tmp_path: Path) -> None:
    """What another run began from meanwhile is not taken from it."""
    session = session_of(server, tmp_path)
    plan, begun = session.plan("in winter", images=PHOTO, **SMALL), []

    def be_refused() -> None:
        with session.archive.inputs_kept(plan.request):
            begun.append(session.imagine("in spring", images=PHOTO, **SMALL).id or 0)
            raise BudgetExceeded("it does not fit.")

    with pytest.raises(BudgetExceeded):
        be_refused()
    assert session.archive.find(begun[0]).sources[0].data == PHOTO
    session.close()


@pytest.mark.parametrize(
    "outcome", [CellOutcome(over_budget="it does not fit."), CellOutcome(error="no such model"), None], ids=str
)
def test_cells_that_no_worker_draws_leave_nothing_behind(
    server: Simulator, tmp_path: Path, outcome: CellOutcome | None
) -> None:
    """Refused by the workers, or by something that is not an executor: the picture was brought for them, and goes."""
    session = session_of(server, tmp_path)
    axes = [axis_of("season", ["winter", "spring"])]
    asked = SweepRequest(template="in {{ season }}", axes=axes, options={"images": PHOTO, **SMALL})
    found: list[set[str]] = []

    def refuse(_: CellTask) -> CellOutcome:
        found.append(files_in(tmp_path / "images"))
        assert outcome is not None
        return outcome

    with ThreadPoolExecutor(1) as executor:
        if outcome is None:
            executor.shutdown()
        workers = Workers(executor=executor, draw=refuse)
        sweep = session.sweeps.start(session.sweeps.plan(asked), workers=workers).result(60)

    assert (str(sweep.error or "").startswith("the executor takes no cell")) is (outcome is None)
    assert all(found)
    assert len(found) == (0 if outcome is None else 2)
    assert files_in(tmp_path / "images") == set()
    session.close()


def files_in(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
