"""imgmagic.history and imgmagic.usage(): what was drawn and what it took, from Python."""

import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path

import pytest

import imgmagic
from imgmagic.config.settings import Settings
from imgmagic.domain.generation import Status
from imgmagic.domain.origin import Origin
from imgmagic.domain.request import ImageRequest
from imgmagic.errors import SettingsError, StoreError
from imgmagic.session import default_session, shared_session
from imgmagic.store.archive import Archive
from imgmagic.store.history.records import HistoryQuery, Started
from imgmagic.store.history_view import Generations, HistoryView, options_of
from imgmagic.store.table_rows import COLUMNS
from tests.support.drawn import NOON, png, put


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    opened = Archive(Settings(environ={}, folder=tmp_path, home=tmp_path / "home"), session="now")
    yield opened
    opened.close()


@pytest.fixture
def history(archive: Archive) -> HistoryView:
    return HistoryView(lambda: archive)


class TestHistory:
    def test_an_empty_one(self, history: HistoryView):
        """It has no last generation, and is still a history."""
        assert (len(history), list(history), history.last, history.search("fox")) == (0, [], None, ())
        assert history
        assert history.to_pandas().empty

    def test_newest_first(self, archive: Archive, history: HistoryView):
        """Iteration, `last` and `len` agree."""
        for prompt in ("one", "two", "three"):
            put(archive, prompt)

        assert [each.prompt for each in history] == ["three", "two", "one"]
        assert history.last.prompt == "three"
        assert len(history) == 3
        assert repr(history) == "<imgmagic history of 3 generations>"

    def test_by_place(self, archive: Archive, history: HistoryView):
        """A slice is several generations, the newest first, as of any list; anything else is refused in words."""
        numbers = [put(archive, prompt) for prompt in ("one", "two", "three", "four")]

        for places in (slice(2), slice(1, 3), slice(-1, None), slice(None, None, -1), slice(9, None), slice(0)):
            assert [each.id for each in history[places]] == numbers[::-1][places]
        assert isinstance(history[:2], Generations)
        with pytest.raises(StoreError, match="does not name a generation or a picture"):
            history[None]

    def test_by_id(self, archive: Archive, history: HistoryView):
        """A Generation as the run gave it; originals are read when they are asked for."""
        number = put(archive, "a fox", pictures=[png(1), png(2)])

        found = history[number]

        assert (found.id, found.status, found.prompt, found.provider) == (number, Status.COMPLETED, "a fox", "openai")
        assert (found.cost, found.usage.total_tokens, found.created_at) == (Decimal("0.005925"), 205, NOON)
        assert [image.data for image in found.images] == [png(1), png(2)]
        assert found.image.path.read_bytes() == png(1)

    @pytest.mark.parametrize("number", [99999, 0, -1, 2**70])
    def test_one_that_is_not_there(self, history: HistoryView, number: int):
        """Whatever the number, the message is the same."""
        with pytest.raises(StoreError, match=f"there is no generation {number}"):
            history[number]

    def test_one_picture_of_several(self, archive: Archive, history: HistoryView):
        """`"12.3"` names the third picture of the twelfth generation, as people count."""
        number = put(archive, "a fox", pictures=[png(1), png(2)])

        assert history[f"{number}.2"].data == history[f"#{number}.2"].data == png(2)
        assert history[f"{number}"].id == number
        with pytest.raises(StoreError, match=rf"no picture #{number}\.9. #{number} has 2 pictures"):
            history[f"{number}.9"]
        with pytest.raises(StoreError, match="does not name"):
            history["a fox"]

    def test_marks_of_one_picture(self, archive: Archive, history: HistoryView):
        """A picture is starred, rated, tagged and noted by its name, and found by what was said of it."""
        put(archive, "an owl")
        number = put(archive, "a fox", pictures=[png(1), png(2)])

        history.star(f"{number}.2")
        history.rate(f"{number}.2", 4)
        history.tag(f"{number}.2", "poster")
        history.note(f"{number}.2", "the calm one")

        for query in ({"star": True}, {"rating": 4}, {"tag": "poster"}, {"text": "calm"}):
            assert [each.id for each in history.search(**query)] == [number]
        assert repr(history.search(rating=4)) == "<1 generation>"
        assert history.to_pandas()["rating"][0] == 4
        assert history.to_pandas()["tags"][0] == "poster"
        with pytest.raises(StoreError, match="there is no generation 99"):
            history.rate("99", 3)

    def test_search(self, archive: Archive, history: HistoryView):
        """Words occur in prompt, note or tags, in any order and case."""
        put(archive, "a red fox in the snow")
        put(archive, "a blue whale", tags=("Fox hunt",))
        put(archive, "a lighthouse")

        assert [each.prompt for each in history.search("FOX")] == ["a blue whale", "a red fox in the snow"]
        assert [each.prompt for each in history.search("snow fox")] == ["a red fox in the snow"]
        assert len(history.search("", limit=2)) == 2

    def test_pages_join_without_seam(self, archive: Archive, history: HistoryView):
        """A history longer than a page is whole and in order; a limit between pages holds."""
        for number in range(205):
            archive.history.begin(_started(archive, f"number {number}"))

        assert [record.id for record in history.records()] == list(range(205, 0, -1))
        assert len(tuple(history.records(HistoryQuery(limit=203)))) == 203

    def test_totals(self, archive: Archive, history: HistoryView):
        """By model unless told otherwise, each origin apart."""
        put(archive)
        put(archive, origin=Origin.SIMULATED)

        found = {(row.key, row.origin): row.generations for row in history.totals()}

        assert found == {("gpt-image-2.5-flare", Origin.LIVE): 1, ("gpt-image-2.5-flare", Origin.SIMULATED): 1}
        assert [row.key for row in history.totals(by="day")] == ["2026-11-22", "2026-11-22"]

    def test_forget_what_another_generation_has_too(self, archive: Archive, history: HistoryView):
        """The original stays for the other one; the forgotten one's name for people goes."""
        first, second = put(archive, "a fox", pictures=[png(1)]), put(archive, "a fox", pictures=[png(1)])
        names = [history[number].image.path for number in (first, second)]

        assert history.forget(first) == ()

        assert [path.exists() for path in names] == [False, True]
        assert history[second].image.data == png(1)

    def test_forget(self, archive: Archive, history: HistoryView):
        """Record and original are gone; the totals are not."""
        number = put(archive)
        path = history[number].image.path

        removed = history.forget(number)

        assert len(removed) == 1
        assert not path.exists()
        assert len(history) == 0
        assert history.totals()[0].generations == 1


class TestPandas:
    def test_a_row_a_generation(self, archive: Archive, history: HistoryView):
        """Times are times, costs are numbers, unknown is missing."""
        put(archive, "a fox", tags=("best", "animals"))
        archive.history.begin(_started(archive, "one that runs"))

        table = history.to_pandas()

        assert list(table.columns) == [*COLUMNS, "partial_images", "quality", "size", "stream"]
        assert table["quality"][1] == "low"
        assert table["path"][1].endswith("-a-fox.png")
        assert not table["path"][1].startswith("/")
        assert list(table["prompt"]) == ["one that runs", "a fox"]
        assert table["cost"].isna().tolist() == [True, False]
        assert table["cost"].sum() == pytest.approx(0.005925)
        assert table["created_at"].dt.year.tolist() == [2026, 2026]
        assert table["tags"][1] == "animals, best"
        assert table["images"].tolist() == [0, 1]

    def test_without_pandas(self, history: HistoryView, monkeypatch: pytest.MonkeyPatch):
        """The error names the extra."""
        monkeypatch.setitem(sys.modules, "pandas", None)

        with pytest.raises(SettingsError, match=r'pip install "jupyter-imgmagic\[pandas\]"'):
            history.to_pandas()


class TestAgain:
    def test_the_recorded_options(self, archive: Archive, history: HistoryView):
        """Named options and other body keys come back as they were typed."""
        request = _started(archive, "a fox", quality="low", n=2, seed=7).request
        number = archive.history.begin(_started(archive, "a fox", quality="low", n=2, seed=7))

        found = options_of(history.record(number), {})

        assert found == {
            "provider": "openai",
            "model": request.model,
            "quality": "low",
            "n": 2,
            "params": {"seed": 7},
        }

    def test_another_provider_chooses_its_own_model(self, archive: Archive, history: HistoryView):
        """Neither the model nor the way of streaming holds elsewhere."""
        number = archive.history.begin(_started(archive, "a fox", quality="low", stream=True, partial_images=2))

        found = options_of(history.record(number), {"provider": "yandex"})

        assert (found["model"], found["quality"]) == (None, "low")
        assert not {"stream", "partial_images"} & set(found)


class TestUsage:
    def test_this_session(self, monkeypatch: pytest.MonkeyPatch):
        """What others took is not in it; simulated runs are told apart and cost nothing."""
        shared_session.cache_clear()
        archive = default_session().archive
        put(archive)
        put(archive, session="another")
        put(archive, origin=Origin.SIMULATED)

        report = imgmagic.usage()

        assert (report.live.generations, report.live.cost) == (1, Decimal("0.005925"))
        assert "this session: 1 generation, 1 image, 205 tokens, $0.0059; simulated 1 generation" in repr(report)
        default_session().close()
        shared_session.cache_clear()

    def test_by_model(self, archive: Archive):
        """Every session counts."""
        shared_session.cache_clear()
        put(default_session().archive, session="another")

        report = imgmagic.usage(by="model")

        assert [row.key for row in report.rows] == ["gpt-image-2.5-flare"]
        assert imgmagic.usage().rows == ()
        default_session().close()
        shared_session.cache_clear()


def _started(archive: Archive, prompt: str, **options: object) -> Started:
    request = ImageRequest(prompt=prompt, model="gpt-image-2.5-flare", options=options)
    return Started(request=request, provider="openai", dialect="openai", session=archive.session, at=NOON)


def test_threads_that_ask_first_share_one_session(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """However many threads ask for the default session at once, it is made once."""
    monkeypatch.setenv("IMGMAGIC_HOME", str(tmp_path))
    together, pace_s = threading.Barrier(8), sys.getswitchinterval()
    found = []
    sys.setswitchinterval(1e-6)  # threads take turns in the middle of whatever they do

    with ThreadPoolExecutor(8) as threads:
        for _ in range(20):
            shared_session.cache_clear()
            found.append(set(threads.map(lambda _: (together.wait(), id(default_session()))[1], range(8))))

    sys.setswitchinterval(pace_s)
    shared_session.cache_clear()
    assert [len(each) for each in found] == [1] * 20
