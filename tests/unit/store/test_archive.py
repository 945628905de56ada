"""What a run gives is recorded before it is sent, kept before it is shown, and never lost with the disk or database."""

import os
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from imgmagic.config.settings import Settings
from imgmagic.domain.budget import Budget
from imgmagic.domain.events import CompletedImage, UsageReported
from imgmagic.domain.generation import Status
from imgmagic.domain.origin import Origin
from imgmagic.domain.progress import Progress
from imgmagic.domain.request import ImageRequest
from imgmagic.domain.usage import Usage
from imgmagic.errors import (
    ApiError,
    BudgetExceeded,
    StoreError,
)
from imgmagic.runs.keeper import Keeper
from imgmagic.store.archive import Archive
from imgmagic.store.history.records import RUNNING, Started, request_key
from tests.support.drawn import NOON, png, put
from tests.support.pictures import completed_image

REQUEST = ImageRequest(prompt="a red fox", model="gpt-image-2.5-flare", options={"quality": "low"})


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def archive(home: Path) -> Iterator[Archive]:
    opened = archive_in(home)
    yield opened
    opened.close()


def archive_in(home: Path, session: str = "now", **variables: str) -> Archive:
    return Archive(Settings(environ=variables, folder=home.parent, home=home), session=session)


def started(**changes: object) -> Started:
    begun = Started(request=REQUEST, provider="openai", dialect="openai", session="now", at=NOON)
    return replace(begun, **changes)


def image(index: int = 0) -> CompletedImage:
    return completed_image(elapsed_s=1.0, index=index, data=png(index), format="png", width=48, height=32)


USAGE = Usage(input_tokens=9, output_tokens=196, total_tokens=205, input_text_tokens=9)


def progress(*events: CompletedImage, cost_usd: str | None = None) -> Progress:
    seen = Progress.start(len(events))
    for event in (*events, UsageReported(elapsed_s=2.0, usage=USAGE, cost_usd=cost_usd)):
        seen = seen.after(event)
    return seen


class TestRun:
    def test_recorded_before_it_is_sent(self, archive: Archive):
        """The row is there while the run is: a killed kernel leaves a trace."""
        entry = Keeper(archive, started(), Budget())

        assert archive.history.get(entry.id).status == RUNNING

    def test_an_image_is_on_the_disk_before_it_is_shown(self, archive: Archive, home: Path):
        """Once `keep` returns, the original stands there, and the row names it."""
        entry = Keeper(archive, started(), Budget())

        entry.keep(image())

        assert [each.read_bytes() for each in (home / "images" / "originals").rglob("*.png")] == [png(0)]
        assert archive.history.get(entry.id).images[0].name == "2026/11/22/1-a-red-fox.png"

    def test_the_end_is_recorded(self, archive: Archive):
        """The generation comes back with its number, cost and paths; the record says the same."""
        entry = Keeper(archive, started(), Budget())
        entry.keep(image())

        ended = entry.finish(progress(image()))

        record = archive.history.get(entry.id)
        assert (ended.id, ended.cost, ended.notices) == (1, record.cost, ())
        assert (record.status, record.usage) == ("completed", USAGE)
        assert ended.cost > 0
        assert ended.image.path.read_bytes() == png(0)

    def test_a_cost_that_the_server_states(self, archive: Archive):
        """It goes before the price table."""
        entry = Keeper(archive, started(), Budget())

        assert entry.finish(progress(image(), cost_usd="0.123")).cost == Decimal("0.123")

    @pytest.mark.parametrize("origin", [Origin.SIMULATED, Origin.REPLAYED, Origin.REUSED])
    def test_what_was_not_asked_costs_nothing(self, archive: Archive, origin: Origin):
        """Simulated, replayed and reused runs have no cost, whatever they count."""
        entry = Keeper(archive, started(origin=origin), Budget())

        ended = entry.finish(progress(image()))

        assert ended.cost is None
        assert archive.history.spent(session="now").total == 0

    def test_a_saved_copy(self, archive: Archive, tmp_path: Path):
        """What finish gives can save itself."""
        entry = Keeper(archive, started(), Budget())

        ended = entry.finish(progress(image()))

        assert [path.read_bytes() for path in ended.save(tmp_path / "fox.png")] == [png(0)]


class TestFaults:
    def test_an_image_store_that_cannot_be_written(self, home: Path, tmp_path: Path):
        """The picture stays in memory, the record is kept, and a notice says how to save it."""
        (tmp_path / "file").write_text("in the way")
        archive = archive_in(home, IMGMAGIC_IMAGE_STORE=str(tmp_path / "file" / "images"))
        entry = Keeper(archive, started(), Budget())
        entry.keep(image())

        ended = entry.finish(progress(image()))

        assert ended.image.data == png(0)
        assert ended.image.path is None
        assert len(ended.notices) == 1
        assert "generation.save('picture')" in ended.notices[0]
        assert archive.history.get(entry.id).status == "completed"
        archive.close()

    def test_a_home_that_is_a_file(self, tmp_path: Path):
        """Nothing can be kept: the run goes on without a number, and each thing is said once."""
        (tmp_path / "home").write_text("in the way")
        archive = archive_in(tmp_path / "home")
        entry = Keeper(archive, started(), Budget())
        entry.keep(image(0))
        entry.keep(image(1))

        ended = entry.finish(progress(image(0), image(1)))

        assert (entry.id, ended.id) == (None, None)
        assert [each.data for each in ended.images] == [png(0), png(1)]
        assert len(ended.notices) == len(set(ended.notices))
        assert any("the history cannot be opened" in notice for notice in ended.notices)

    def test_a_database_that_vanishes_under_a_run(self, archive: Archive, home: Path):
        """The picture is kept and shown; the notice says that the end is not recorded."""
        entry = Keeper(archive, started(), Budget())
        for file in home.glob("history.sqlite*"):
            file.unlink()

        entry.keep(image())
        ended = entry.finish(progress(image()))

        assert ended.image.data == png(0)
        assert any("is not in the history" in notice for notice in ended.notices)

    def test_a_record_that_refuses_a_picture_loses_no_picture(self, archive: Archive, home: Path):
        """Where the database cannot be told, the original is still on the disk, and the end names it once it can."""
        entry = Keeper(archive, started(), Budget())
        aside = home / "aside"
        aside.mkdir()
        moved = [(file, aside / file.name) for file in home.glob("history.sqlite*")]
        for file, kept in moved:
            file.rename(kept)
        entry.keep(image())
        for file, kept in moved:
            kept.rename(file)

        ended = entry.finish(progress(image()))

        assert ended.image.path.read_bytes() == png(0)
        assert any("a picture of generation 1 is not in the history" in notice for notice in ended.notices)
        assert archive.history.get(entry.id).images[0].name == "2026/11/22/1-a-red-fox.png"

    def test_what_a_killed_kernel_left_half_written_is_swept(self, home: Path):
        """The next start removes old drafts from the image store."""
        drafts = home / "images" / ".drafts"
        drafts.mkdir(parents=True)
        (drafts / ".cafe.tmp").write_bytes(b"half a picture")
        os.utime(drafts / ".cafe.tmp", times=(0, 0))
        archive = archive_in(home)

        Keeper(archive, started(), Budget())

        assert list(drafts.iterdir()) == []
        archive.close()

    def test_a_limit_needs_a_history(self, tmp_path: Path):
        """Under a limit nothing may leave that cannot be counted."""
        (tmp_path / "home").write_text("in the way")

        with pytest.raises(StoreError, match="the history cannot be opened"):
            Keeper(archive_in(tmp_path / "home"), started(), Budget(session=Decimal(1)))

    def test_a_database_of_garbage(self, home: Path):
        """It is set aside under a name that the notice tells, and a new one is begun."""
        home.mkdir()
        (home / "history.sqlite").write_bytes(b"garbage" * 1000)
        archive = archive_in(home)
        entry = Keeper(archive, started(), Budget())

        ended = entry.finish(progress(image()))

        (aside,) = home.glob("history.damaged-*.sqlite")
        assert aside.read_bytes() == b"garbage" * 1000
        assert any(aside.name in notice for notice in ended.notices)
        assert ended.id == 1
        archive.close()

    def test_a_refused_call_is_not_recorded(self, archive: Archive):
        """Nothing was sent, so there is nothing to remember."""
        with pytest.raises(BudgetExceeded):
            Keeper(archive, started(at_most=Decimal(2)), Budget(session=Decimal(1)))

        assert archive.history.count() == 0

    def test_a_run_of_a_dead_kernel(self, home: Path):
        """The next session finds it interrupted, with the pictures that it had."""
        first = archive_in(home)
        entry = Keeper(first, started(), Budget())
        entry.keep(image())
        first.close()
        with sqlite3.connect(home / "history.sqlite") as connection:  # as another machine's restart would leave it
            connection.execute("UPDATE generations SET pid = 0, process_started = 'long ago'")
        connection.close()

        second = archive_in(home, session="later")

        found = second.generation(second.history.get(entry.id))
        assert found.status is Status.INTERRUPTED
        assert found.image.data == png(0)
        second.close()


class TestGeneration:
    def test_a_record_comes_back_whole(self, archive: Archive):
        """What the run gave and what the history gives are the same."""
        entry = Keeper(archive, started(tags=("best",)), Budget())
        entry.keep(image())
        ended = entry.finish(replace(progress(image()), first_partial_s=0.5, request_id="req_1"))

        found = archive.generation(archive.history.get(entry.id))

        for name in ("id", "status", "prompt", "model", "provider", "created_at", "elapsed_s", "usage", "cost"):
            assert getattr(found, name) == getattr(ended, name)
        assert (found.first_partial_s, found.request_id) == (0.5, "req_1")
        assert found.image == ended.image

    def test_originals_are_read_one_by_one(self, archive: Archive):
        """Listing a history reads no picture; a missing one harms no other."""
        number = put(archive, pictures=[png(1), png(2)])
        record = archive.history.get(number)
        archive.images.remove(record.images[0].sha256, record.images[0].name)

        images = archive.generation(record).images

        assert len(images) == 2
        assert images[1].data == png(2)
        assert [each.data for each in images[1:]] == [png(2)]
        assert repr(images) == "<2 stored images>"
        with pytest.raises(StoreError, match="is not in the image store"):
            _ = images[0]

    def test_a_failure_keeps_its_message(self, archive: Archive):
        """The error is told as it was."""
        entry = Keeper(archive, started(), Budget())
        entry.finish(Progress.start(1).failed(ApiError("the server refused it.", status=400)))

        found = archive.generation(archive.history.get(entry.id))

        assert (found.status, str(found.error)) == (Status.FAILED, "the server refused it.")

    @pytest.mark.parametrize(("origin", "mark"), [(Origin.SIMULATED, "simulated"), (Origin.REPLAYED, "replayed")])
    def test_where_its_images_come_from(self, archive: Archive, origin: Origin, mark: str):
        """A picture that no server drew for this call never passes for one."""
        found = archive.generation(archive.history.get(put(archive, origin=origin)))

        assert [name for name in ("simulated", "replayed", "reused") if getattr(found, name)] == [mark]


class TestReusable:
    def test_only_of_another_session(self, home: Path):
        """The session's own pictures are not passed off as new ones."""
        first = archive_in(home, session="first")
        put(first)
        begun = first.history.get(1).started

        assert first.reusable(request_key(begun)) is None
        second = archive_in(home, session="second")
        assert second.reusable(request_key(replace(begun, session="second"))).id == 1
        first.close()
        second.close()

    def test_not_without_its_originals(self, home: Path):
        """All of them must be there."""
        first = archive_in(home, session="first")
        put(first, pictures=[png(1), png(2)])
        record = first.history.get(1)
        first.images.remove(record.images[1].sha256, record.images[1].name)

        second = archive_in(home, session="second")

        assert second.reusable(request_key(record.started)) is None
        first.close()
        second.close()

    def test_a_history_that_cannot_be_read_has_nothing(self, tmp_path: Path):
        """Reuse is a kindness: without it the server is asked."""
        (tmp_path / "home").write_text("in the way")

        assert archive_in(tmp_path / "home").reusable(request_key(started())) is None


def test_a_price_table_of_ones_own(home: Path, tmp_path: Path):
    """Its rows go over those of the package."""
    (tmp_path / "prices.json").write_text('{"my-model": {"output_cost_per_image": 0.04}}')

    prices = archive_in(home, IMGMAGIC_PRICE_TABLE=str(tmp_path / "prices.json")).prices

    assert prices.price("my-model").per_image == Decimal("0.04")
    assert prices.price("gpt-image-2.5-flare") is not None


@pytest.mark.parametrize("text", ["not JSON", '{"m": {"output_cost_per_image": -1}}'])
def test_an_unusable_price_table_is_said_and_the_shipped_prices_hold(home: Path, text: str) -> None:
    """Generations go on with the prices that come along, and the notice names the table."""
    table = home.parent / "prices.json"
    table.write_text(text)
    archive = archive_in(home, IMGMAGIC_PRICE_TABLE=str(table))

    entry = Keeper(archive, started(), Budget())

    assert entry.id == 1
    assert archive.prices.price("gpt-image-2.5-flare") is not None
    assert any(str(table) in notice for notice in archive.price_faults)
    archive.close()


def test_an_edited_price_table_counts_at_once(home: Path) -> None:
    """A table of one's own is read anew when its file changes."""
    table = home.parent / "prices.json"
    archive = archive_in(home, IMGMAGIC_PRICE_TABLE=str(table))
    table.write_text("broken")
    assert archive.price_faults

    table.write_text('{"my-model": {"output_cost_per_image": 0.5}}')
    os.utime(table, (1, 1))

    assert not archive.price_faults
    assert archive.prices.price("my-model") is not None


@pytest.mark.parametrize("name", ["history_url", "image_store"])
def test_a_place_that_is_changed_while_another_is_in_use(home: Path, name: str) -> None:
    """The session goes on where it began, and every run says so: nothing is split in silence."""
    chosen: dict[str, str] = {}
    archive = Archive(Settings(environ={}, folder=home.parent, home=home, chosen=chosen), session="now")
    entry = Keeper(archive, started(), Budget())
    entry.keep(image())
    assert entry.finish(progress(image())).notices == ()

    chosen[name] = str(home.parent / "elsewhere")
    (notice,) = Keeper(archive, started(), Budget()).finish(progress(image())).notices

    assert name in notice
    assert "keeps using the old place" in notice
    assert archive.history.count() == 2
    archive.close()


def test_a_history_that_is_no_address_does_not_stop_a_generation(home: Path) -> None:
    """With a malformed history URL the call goes on unrecorded, and a notice says so."""
    archive = archive_in(home, IMGMAGIC_HISTORY_URL="nonsense://")

    entry = Keeper(archive, started(), Budget())

    assert entry.id is None


def test_other_users_of_the_machine_cannot_look_into_the_home(home: Path) -> None:
    """Prompts and pictures are nobody else's; a folder that is there keeps the rights that it has."""
    Archive(Settings(environ={}, folder=home, home=home / "new"), session="s").history.close()
    (home / "old").mkdir(mode=0o755)
    Archive(Settings(environ={}, folder=home, home=home / "old"), session="s").history.close()

    assert (home / "new").stat().st_mode & 0o077 == 0
    assert (home / "old").stat().st_mode & 0o777 == 0o755
