"""Sweeps from end to end: a session, a server on a real socket, a history and an image store."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pandas
import pytest

from imgmagic.config.settings import Settings
from imgmagic.domain.axes import Axis, axis_of, parse_axis
from imgmagic.domain.generation import Status
from imgmagic.domain.mask import mask_box
from imgmagic.domain.options import ImagineOptions
from imgmagic.domain.sweep import Sweep
from imgmagic.errors import (
    AuthenticationFailed,
    BudgetExceeded,
    ImgmagicError,
    QuotaExhausted,
    RequestInvalid,
    StoreError,
)
from imgmagic.notebook.output.sweep_table import newest_html, newest_text
from imgmagic.recordings.mode import Mode
from imgmagic.runs.job_list import RunningJobs, stop_all
from imgmagic.runs.sweep_job import SweepJob
from imgmagic.runs.sweep_plan import SweepRequest, describe_sweep_plan
from imgmagic.runs.sweep_workers import Workers, draw_cell
from imgmagic.session import Session
from imgmagic.simulator import Simulator
from imgmagic.store.sweep_history import SweepHistory
from tests.support.sessions import QUICKLY_DRAWN, session_of
from tests.support.source_pictures import drawn
from tests.support.until import until

LOW: ImagineOptions = {"model": "gpt-image-2", "quality": "low", "size": "1024x1024"}
STYLES = ["oil", "ink", "chalk", "gouache", "pencil", "pastel"]


@pytest.fixture
def server() -> Iterator[Simulator]:
    """Run a server that draws at once."""
    with Simulator(pace_s=0) as running:
        yield running


@pytest.fixture
def session(tmp_path: Path, server: Simulator) -> Iterator[Session]:
    """Give a session that asks the server."""
    with session_of(tmp_path / "home", server) as opened:
        yield opened


def axis(text: str) -> Axis:
    return parse_axis(text, names={}, read=str)


def asked(*axes: Axis, template: str = "a {{ style }} fox", parallel: int = 4, **options: object) -> SweepRequest:
    return SweepRequest(template=template, axes=axes, parallel=parallel, options={**LOW, **options})


def styles(count: int = 4) -> Axis:
    return axis_of("style", STYLES[:count])


def start(session: Session, request: SweepRequest) -> SweepJob:
    return session.sweeps.start(session.sweeps.plan(request))


def run(session: Session, request: SweepRequest) -> Sweep:
    return start(session, request).result(60)


def prompts(server: Simulator) -> list[str]:
    return [request.body["prompt"] for request in server.requests]


def test_every_cell_is_drawn_once_and_stands_in_the_history(session: Session, server: Simulator) -> None:
    """A sweep over a name of the prompt and an option asks once for each combination, and is read back whole."""
    sweep = run(session, asked(styles(2), axis("size=1024x1024,1536x1024")))

    assert sweep.status is Status.COMPLETED
    assert sorted(prompts(server)) == ["a ink fox"] * 2 + ["a oil fox"] * 2
    read = SweepHistory(lambda: session.archive)[sweep.id]
    assert [(cell.labels, cell.prompt, cell.status) for cell in read] == [
        (cell.labels, cell.prompt, cell.status) for cell in sweep
    ]
    assert sweep[{"style": "ink", "size": "1536x1024"}].generation.image.width == 1536
    assert read.cost == sweep.cost
    assert read.usage == sweep.usage


def test_stopping_all_jobs_stops_a_sweep_whole(tmp_path: Path) -> None:
    """Cells that have not begun are not asked for, and cost nothing; the sweep that just began is stopped as well."""
    with Simulator(pace_s=20) as slow, session_of(tmp_path / "home", slow) as session:
        job = start(session, asked(styles(6), parallel=1))
        until(lambda: slow.requests)

        RunningJobs(lambda: session.jobs, lambda: session.sweeps.jobs).cancel()

        assert job.result(20).status is Status.CANCELLED
        assert len(slow.requests) == 1
        at_once = start(session, asked(styles(5), parallel=1))
        assert stop_all(session.sweeps.jobs, session.jobs)[0] == 1
        assert at_once.result(20).status is Status.CANCELLED


def test_the_same_sweep_again_asks_for_nothing(tmp_path: Path, session: Session, server: Simulator) -> None:
    """Running it again, also in another session, shows what is there; a new value adds only its own cells."""
    run(session, asked(styles(3)))
    with session_of(tmp_path / "home", server) as other:
        again = run(other, asked(styles(3)))
        more = run(other, asked(styles(4)))

    assert [cell.is_found for cell in again] == [True] * 3
    assert again.id == 1
    assert [cell.is_found for cell in more] == [True] * 3 + [False]
    assert prompts(server)[3:] == ["a gouache fox"]
    assert more.cost == more[{"style": "gouache"}].generation.cost


def test_cells_that_another_sweep_drew_are_recorded_once(session: Session, server: Simulator) -> None:
    """Run once more, the same sweep shows its own records, however often; none is written again."""
    run(session, asked(styles(2)))
    first = run(session, asked(styles(3)))
    records = session.archive.history.count()
    again = [run(session, asked(styles(3))) for _ in range(2)]

    assert session.archive.history.count() == records == 5
    assert [[cell.generation.id for cell in sweep] for sweep in again] == [[cell.generation.id for cell in first]] * 2
    assert len(prompts(server)) == 3


def test_a_cell_is_found_by_its_values_alone(session: Session) -> None:
    """A number or a name alone is refused with how to write it."""
    sweep = run(session, asked(styles(2)))

    for wrong in (0, "style"):
        with pytest.raises(RequestInvalid, match=r'sweep\[{"style": "oil"}\], or sweep.cells\[0\]'):
            sweep[wrong]


def test_what_is_set_where_a_worker_runs_adds_nothing(tmp_path: Path, session: Session, server: Simulator) -> None:
    """The cells were planned, and priced, by who began the sweep."""
    with (
        session_of(tmp_path / "home", server, IMGMAGIC_BACKGROUND="opaque") as elsewhere,
        ThreadPoolExecutor(1) as executor,
    ):
        workers = Workers(executor=executor, draw=lambda task: draw_cell(task, elsewhere))
        session.sweeps.start(session.sweeps.plan(asked(styles(1))), workers=workers).result(60)

    assert [set(request.body) & {"background", "quality"} for request in server.requests] == [{"quality"}]


def test_fresh_draws_everything_again(session: Session, server: Simulator) -> None:
    """With fresh every cell is asked for, though all are drawn."""
    run(session, asked(styles(2)))
    run(session, asked(styles(2), fresh=True))

    assert len(prompts(server)) == 4


def test_a_stopped_sweep_goes_on_where_it_was(tmp_path: Path) -> None:
    """After a Stop in the middle the same sweep asks for exactly the cells that are missing."""
    with Simulator(pace_s=0.4) as server, session_of(tmp_path / "home", server) as session:
        job = start(session, asked(styles(6), parallel=2))
        for cell in job.ticks(0.05):
            if cell is not None:
                job.cancel()
        stopped = job.result()
        done = {cell.cell.number for cell in stopped if cell.is_complete}
        before = len(server.requests)
        whole = run(session, asked(styles(6), parallel=2))

    assert stopped.status is Status.CANCELLED
    assert 1 <= len(done) < 6
    assert len(server.requests) - before == 6 - len(done)
    assert {cell.cell.number for cell in whole if cell.is_found} == done
    assert whole.status is Status.COMPLETED


def test_two_sessions_draw_one_sweep_together(tmp_path: Path) -> None:
    """Two kernels that run the same sweep at once ask for each cell once, and both show all of it."""
    home = tmp_path / "home"
    with Simulator(pace_s=0.2) as server, session_of(home, server) as one, session_of(home, server) as two:
        found: list[Sweep] = []
        threads = [threading.Thread(target=lambda s=s: found.append(run(s, asked(styles(6))))) for s in (one, two)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert sorted(prompts(server)) == sorted(f"a {style} fox" for style in STYLES)
    assert [sweep.status for sweep in found] == [Status.COMPLETED] * 2
    assert found[0].id == found[1].id


def test_a_refused_prompt_fails_alone(session: Session, server: Simulator) -> None:
    """Moderation of one cell leaves the others; the same sweep again asks for that one only."""
    words = axis_of("style", {"oil": "oil", "bad": "[simulate: moderation]", "ink": "ink"})
    sweep = run(session, asked(words))
    before = len(server.requests)
    run(session, asked(words))

    assert [cell.status for cell in sweep] == [Status.COMPLETED, Status.FAILED, Status.COMPLETED]
    assert sweep.error is None
    assert [cell.labels["style"] for cell in sweep.failed] == ["bad"]
    assert len(server.requests) - before == 1


@pytest.mark.parametrize(("fault", "kind"), [("quota", QuotaExhausted), ("401", AuthenticationFailed)])
def test_what_would_end_every_cell_ends_the_sweep(session: Session, server: Simulator, fault: str, kind: type) -> None:
    """An account without money, or a key that is not accepted, is met once, and no further cell is begun."""
    sweep = run(session, asked(axis_of("style", [f"[simulate: {fault}] {style}" for style in STYLES]), parallel=1))

    assert isinstance(sweep.error, kind)
    assert len(server.requests) == 1
    assert [cell.status for cell in sweep][1:] == [None] * 5


def test_a_time_out_is_not_repeated_unasked(session: Session, server: Simulator) -> None:
    """What may have been billed is shown as such; only a retry asks for it again."""
    words = axis_of("style", {"oil": "oil", "slow": "[simulate: slow once]"})
    sweep = run(session, asked(words, timeout=8.0))
    again = run(session, asked(words, timeout=8.0))
    asked_before = len(server.requests)
    retried = again.retry()

    assert sweep.failed[0].labels == {"style": "slow"}
    assert again[{"style": "slow"}].status is Status.FAILED
    assert asked_before == 2
    assert len(server.requests) == 3
    assert retried.status is Status.COMPLETED


def test_a_budget_that_cannot_hold_the_whole_refuses_at_the_start(session: Session, server: Simulator) -> None:
    """The whole is looked at before anything is sent; what is drawn already costs nothing more."""
    one = session.sweeps.plan(asked(styles(2))).estimate.at_most
    session.limit = one * Decimal("1.01")
    with pytest.raises(BudgetExceeded, match="this sweep could cost"):
        start(session, asked(styles(4)))
    assert not server.requests

    assert run(session, asked(styles(2))).status is Status.COMPLETED
    with pytest.raises(BudgetExceeded, match="is allowed for it"):
        start(session, asked(styles(6), max_cost="0.001"))


def test_near_its_limit_a_sweep_goes_one_by_one(session: Session, server: Simulator) -> None:
    """Where reservations leave no room for a second cell, it waits for the first one's bill instead of failing."""
    session.limit = session.sweeps.plan(asked(styles(4))).estimate.at_most

    sweep = run(session, asked(styles(4)))

    assert sweep.status is Status.COMPLETED
    assert len(server.requests) == 4


def test_more_pictures_than_the_limit_need_a_price(session: Session, server: Simulator) -> None:
    """A sweep past `sweep_limit` is refused with its count and its price, unless it says what it may cost."""
    many = axis("number=1..120")
    with pytest.raises(BudgetExceeded, match=r"120 pictures in 120 requests, about \$0\.\d+, at most \$") as caught:
        session.sweeps.plan(asked(many, template="{{ number }} foxes"))
    assert "more than the 100 pictures of sweep_limit" in str(caught.value)

    plan = session.sweeps.plan(asked(many, template="{{ number }} foxes", max_cost=2))
    assert describe_sweep_plan(plan).startswith("120 pictures in 120 requests, about $")
    assert not server.requests


@pytest.mark.parametrize(
    ("axes", "options", "told"),
    [
        (["quality=low,xhigh", "size=1024x1024,1536x1024"], {}, "In 2 of 4 cells, all with quality xhigh."),
        (["quality=low,best"], {}, "In 1 of 2 cells: quality best."),
        (["stile=oil,ink"], {}, "there is no 'stile' to vary. Did you mean style? The prompt uses style."),
        (["seed=1,2"], {}, "there is no 'seed' to vary."),
        (["from=1,2"], {}, "from cannot be varied. Vary image: image=#1,#2."),
        (["max_cost=1,2"], {}, "max_cost cannot be varied. Give it once"),
        (["n=one,two"], {}, "n takes whole numbers, not 'one'"),
        (["size=1024x1024,1536x1024", "size=a,b"], {}, "size is varied twice"),
        (["prompt=a,b"], {}, "the prompt is varied, but there is another prompt"),
        (["size=1024x1024,1536x1024"], {"parallel": 0}, "is not a number from 1 to 256"),
        (["provider=openai,nobody"], {}, "nobody"),
    ],
)
def test_faults_are_told_before_anything_is_sent(
    session: Session, server: Simulator, axes: list[str], options: dict[str, int], told: str
) -> None:
    """Whatever is wrong with an axis or a cell is told at once, with the cells that it is wrong with."""
    template = "a {{ style }} fox" if axes[0].startswith("sti") else "a fox"
    with pytest.raises(ImgmagicError) as caught:
        session.sweeps.plan(asked(*map(axis, axes), template=template, **options))

    assert told in str(caught.value)
    assert not server.requests


@pytest.mark.parametrize(("typed", "nearest"), [("styel", "style"), ("anmial", "animal")])
def test_a_name_of_the_prompt_that_is_undefined_names_the_nearest(
    session: Session, server: Simulator, typed: str, nearest: str
) -> None:
    """Of the axes, which a prompt is meant to use, and of the user's own names, used in this prompt or not."""
    template = f"a {{{{ {typed} }}}} fox"
    with pytest.raises(RequestInvalid, match=rf"'{typed}' is undefined.* Did you mean {nearest}\?"):
        session.sweeps.plan(replace(asked(styles(2), template=template), names={"animal": "owl"}))

    assert not server.requests


def test_another_key_of_the_body_can_be_varied(session: Session, server: Simulator) -> None:
    """A key without an option of its own is varied once it has a usual value, and its values are JSON."""
    sweep = run(session, asked(axis("seed=1,2"), template="a fox", params={"seed": 0}, check=False))

    assert sorted(request.body["seed"] for request in server.requests) == [1, 2]
    assert sweep.axes[0].values[0].value == 1


def test_a_prompt_can_be_varied_as_a_template(session: Session, server: Simulator) -> None:
    """Typed prompts are filled in with the other axes; prompts from a list are data, whose braces are text."""
    run(session, asked(axis('prompt="a {{ who }} cat","a {{ who }} dog"'), axis("who=big,small"), template=""))
    run(session, asked(axis_of("prompt", ["{{ braces }}", "plain"]), template=""))

    assert set(prompts(server)) == {"a big cat", "a big dog", "a small cat", "a small dog", "{{ braces }}", "plain"}


def test_a_recorded_prompt_of_another_session_runs_nothing(tmp_path: Path, session: Session, server: Simulator) -> None:
    """A sweep of another session can be run again by its names; an expression in it is refused."""
    run(session, asked(styles(2), template="a {{ style }} fox"))
    run(session, asked(styles(2), template="a {{ style | upper }} fox"))
    with session_of(tmp_path / "home", server) as other:
        plain = other.sweeps.plan(other.sweeps.request_of(1))
        with pytest.raises(RequestInvalid, match="typed in another session"):
            other.sweeps.plan(other.sweeps.request_of(2))

    assert [each.request.prompt for each in plain.plans.values()] == ["a oil fox", "a ink fox"]


def test_a_rate_limit_delays_cells_and_fails_none(tmp_path: Path) -> None:
    """At five pictures in two seconds no cell fails, and nine tenths of the limit are used."""
    with Simulator(pace_s=0, limit="5/2s") as server, session_of(tmp_path / "home", server) as session:
        sweep = run(session, asked(axis("number=1..20"), template="{{ number }}", parallel=8))

    assert sweep.status is Status.COMPLETED
    assert len(server.requests) <= 20 + 8  # what was sent before the limit was known


def test_a_table_survives_parquet(session: Session, tmp_path: Path) -> None:
    """The tidy table has a row per picture with typed axes, and is the same after a round trip through Parquet."""
    sweep = run(session, asked(axis("number=1..2"), template="{{ number }} [simulate: fewer]", n=2))
    table = sweep.to_pandas()
    table.to_parquet(tmp_path / "sweep.parquet")

    assert len(table) == 4
    assert list(table["number"]) == [1, 1, 2, 2]
    assert table["cost"].sum() == pytest.approx(float(sweep.cost))
    pandas.testing.assert_frame_equal(pandas.read_parquet(tmp_path / "sweep.parquet"), table)


def test_originals_are_saved_under_their_values(session: Session, tmp_path: Path) -> None:
    """Each file's name carries its axis values, and the table beside them names it."""
    sweep = run(session, asked(axis('style="oil, thick",ink')))
    saved = sweep.save(tmp_path / "out")

    assert [path.name for path in saved] == ["001-style-oil-thick.jpg", "002-style-ink.jpg"]
    table = pandas.read_csv(tmp_path / "out" / "sweep.csv")
    assert list(table["path"]) == [path.name for path in saved]


def test_a_sweep_is_recorded_and_replayed(tmp_path: Path, server: Simulator) -> None:
    """Recording asks for every cell, drawn before or not; a session without a key plays all of it, and again."""
    home, folder = tmp_path / "home", tmp_path / "lesson.imgmagic"
    with session_of(home, server) as teacher:
        run(teacher, asked(styles(2)))
        teacher.playback.choose(Mode.RECORD, folder)
        recorded = run(teacher, asked(styles(3)))
    before = len(server.requests)
    replay = {"IMGMAGIC_MODE": "replay", "IMGMAGIC_REPLAY_SPEED": "0", "IMGMAGIC_RECORDINGS": str(folder)}
    home = {"IMGMAGIC_HOME": str(tmp_path / "student")}
    student = Session(Settings(environ={**QUICKLY_DRAWN, **home, **replay}, folder=tmp_path))
    request = asked(styles(3), provider="openai")
    played = [run(student, request) for _ in range(2)]
    student.close()

    assert before == 2 + 3
    assert len(server.requests) == before
    assert [sweep.status for sweep in played] == [Status.COMPLETED] * 2
    for sweep in played:
        assert [cell.generation.image.data for cell in sweep] == [cell.generation.image.data for cell in recorded]
        assert all(cell.generation.replayed for cell in sweep)


def test_the_sweeps_are_a_list_newest_first(session: Session) -> None:
    """They have a length, numbers, slices, and a table to look at; a number that is none is refused in words."""
    found = SweepHistory(lambda: session.archive)
    assert (len(found), list(found), found[:3], found.last, newest_text(found)) == (0, [], (), None, "0 sweeps")
    assert found
    run(session, asked(styles(2)))
    run(session, asked(styles(3)))
    run(session, asked(axis("number=1..9"), template="{{ number }} foxes"))

    assert len(found) == 3
    assert [each.id for each in found] == [each.id for each in found[:]] == [3, 2, 1]
    assert [each.id for each in found[-2:]] == [2, 1]
    assert repr(found) == "<imgmagic history of 3 sweeps>"
    for shown in (newest_text(found), newest_html(found)):
        assert "3 sweeps" in shown
        assert "style: oil, ink, chalk" in shown
        assert "number: 1, 2, 3, 4, 5, 6, …" in shown
    for wrong in ("3", None, 0, -1, 4):
        with pytest.raises(StoreError, match=r"does not name a sweep|there is no sweep"):
            found[wrong]


def test_what_a_sweep_is_made_of_prints_short(session: Session) -> None:
    """An axis by its first labels, a cell by its values, its generation and how that ended."""
    drawn = run(session, asked(styles(2)))
    planned = session.sweeps.find(session.sweeps.plan(asked(axis("number=1..9"), template="{{ number }} foxes")))

    assert repr(drawn.axes) == "(<Axis style: oil, ink>,)"
    assert repr(drawn.cells[1]) == "<SweptCell style ink: #2 completed>"
    assert repr(planned.axes[0]) == "<Axis number: 1, 2, 3, 4, 5, 6, 7, 8, …>"
    assert repr(planned.cells[8]) == "<SweptCell number 9: not drawn>"


def test_a_sweep_that_starts_from_a_picture_without_a_name_goes_on(
    tmp_path: Path, session: Session, server: Simulator
) -> None:
    """What it started from is in the image store; a variable that is varied is looked up where it was typed."""
    photo = drawn((64, 64))
    first = run(session, asked(styles(2), images=photo, mask=mask_box(0, 0, 9, 9)))
    named = replace(
        asked(axis("image=@photo,@other"), template="a fox"), variables={"photo": photo, "other": drawn((80, 64))}
    )
    second = run(session, named)
    sent = len(server.requests)

    assert all(cell.is_found for cell in first.retry())
    assert all(cell.is_found for cell in second.retry())
    with session_of(tmp_path / "home", server) as other:
        plan = other.sweeps.plan(other.sweeps.request_of(first.id or 0))
        assert all(cell.is_found for cell in other.sweeps.find(plan))
        with pytest.raises(RequestInvalid, match=r"There is no file.*@photo"):
            other.sweeps.plan(other.sweeps.request_of(second.id or 0))
    assert len(server.requests) == sent
