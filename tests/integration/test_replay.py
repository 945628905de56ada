"""What a lesson relies on, from one end to the other: recorded from a server, replayed for everyone."""

import hashlib
import json
import sys
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from imgmagic.config.settings import Settings
from imgmagic.domain.events import CompletedImage, PartialImage
from imgmagic.domain.origin import Origin
from imgmagic.errors import RecordingMiss, StoreError
from imgmagic.notebook.panel.panel import Panel
from imgmagic.recordings.folder import Recordings
from imgmagic.recordings.mode import Mode
from imgmagic.recordings.player import Player
from imgmagic.session import Session
from imgmagic.simulator import Simulator
from imgmagic.store.history_view import HistoryView
from imgmagic.store.usage_report import report
from tests.support.environment import clean_environment
from tests.support.kept_surface import KeptSurface
from tests.support.kernels import running_kernel
from tests.support.recorded_runs import replay

SMALL = {"size": "1024x640", "output_format": "jpeg"}  # what the simulator draws soonest
KEY = "sk-marked-0123456789abcdef"
# ZeroMQ's sockets are no Python sockets, so a kernel that runs this line can still be talked to.
BLOCK = """
import sys
def _no_sockets(event, arguments):
    if event in ("socket.connect", "socket.getaddrinfo") or (event == "socket.__new__" and arguments[1] in (2, 10)):
        raise RuntimeError("a socket was opened")
sys.addaudithook(_no_sockets)
"""

_closed: list[bool] = []  # not empty while the network is closed


def _refuse_sockets(event: str, arguments: tuple[object, ...]) -> None:
    opens = event in ("socket.connect", "socket.getaddrinfo")
    if _closed and (opens or (event == "socket.__new__" and arguments[1] in (2, 10))):
        message = "a socket was opened"
        raise RuntimeError(message)


sys.addaudithook(_refuse_sockets)  # it cannot be taken off again


@contextmanager
def no_sockets() -> Iterator[None]:
    """Refuse every network socket of this process; the event loop's own pair is none."""
    _closed.append(True)
    try:
        yield
    finally:
        _closed.clear()


@contextmanager
def session(folder: Path, mode: str, **variables: str) -> Iterator[Session]:
    """Run a session with an environment of its own."""
    own = {"IMGMAGIC_MODE": mode, "IMGMAGIC_RECORDINGS": str(folder / "lesson.imgmagic"), "IMGMAGIC_REPLAY_SPEED": "0"}
    made = Session(Settings(environ={**own, **variables}, folder=folder, home=folder / uuid.uuid4().hex))
    try:
        yield made
    finally:
        made.close()


@contextmanager
def recording(folder: Path) -> Iterator[Session]:
    """Run a session that records from the simulated OpenAI server, with a marked key."""
    with (
        Simulator(pace_s=0, require_key=KEY) as server,
        session(folder, "record", OPENAI_API_KEY=KEY, OPENAI_BASE_URL=server.base_url) as made,
    ):
        yield made


def digests(generation):
    return [hashlib.sha256(image.data).hexdigest() for image in generation.images]


def recorded(folder, *prompts, **options):
    """Record one generation a prompt and return them."""
    with recording(folder) as live:
        return [live.imagine(prompt, **SMALL, **options) for prompt in prompts]


def test_a_session_replays_without_key_and_network_what_it_recorded(tmp_path):
    """Same images by hash, same usage, and the caption says when it was recorded and with what."""
    (live,) = recorded(tmp_path, "a red fox", n=2)

    with no_sockets(), session(tmp_path, "replay") as replaying:
        replayed = replaying.imagine("a red fox", **SMALL, n=2)

    assert digests(replayed) == digests(live)
    assert len(set(digests(live))) == 2
    assert replayed.usage == live.usage
    assert replayed.replayed is not None
    assert replayed.model == live.model == "gpt-image-2.5-flare"


@pytest.mark.parametrize("mode", ["record", "replay"])
@pytest.mark.parametrize("notebook", [None, "lesson.ipynb"])
def test_a_link_in_place_of_the_folder_is_not_followed_unasked(tmp_path, monkeypatch, mode, notebook):
    """Nobody named it: what a repository brings may lead anywhere. Nothing is sent, written or left in the history."""
    clone, outside = tmp_path / "clone", tmp_path / "outside"
    clone.mkdir(), outside.mkdir()
    monkeypatch.chdir(clone)
    (clone / ("lesson.imgmagic" if notebook else "recordings.imgmagic")).symlink_to(outside)
    named = {"JPY_SESSION_NAME": notebook} if notebook else {}

    with Simulator(pace_s=0, require_key=KEY) as server:
        keys = {"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": server.base_url}
        with session(clone, mode, IMGMAGIC_RECORDINGS="", **keys, **named) as made:
            with pytest.raises(StoreError, match="is a link to another place") as raised:
                made.imagine("a red fox", **SMALL)
            records = list(HistoryView(lambda: made.archive).records())
        asked = server.requests

    assert "IMGMAGIC_RECORDINGS" in raised.value.remedy
    assert (list(outside.iterdir()), records, asked) == ([], [], [])


def test_a_link_that_the_user_names_is_followed(tmp_path, monkeypatch):
    """The recordings of a course may lie on another disk."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "disk").mkdir()
    (tmp_path / "lesson.imgmagic").symlink_to(tmp_path / "disk")

    recorded(tmp_path, "a red fox")

    assert (tmp_path / "disk" / "recordings.jsonl").stat().st_size


def test_a_folder_of_a_newer_version_is_refused_before_anything_is_paid_for(tmp_path):
    """Nothing can be recorded there: nothing is sent, and no run stays open in the history with its cost reserved."""
    recorded(tmp_path, "a red fox")
    file = tmp_path / "lesson.imgmagic" / "recordings.jsonl"
    file.write_text(file.read_text().replace('"format":1', '"format":2'))

    with recording(tmp_path) as live:
        with pytest.raises(StoreError, match="recorded by a newer imgmagic"):
            live.imagine("a blue fox", **SMALL)
        records = list(HistoryView(lambda: live.archive).records())

    assert records == []


def files(folder):
    """Return the bytes and times of everything in a folder."""
    return {each: (each.stat().st_mtime_ns, each.read_bytes()) for each in folder.rglob("*") if each.is_file()}


@pytest.mark.parametrize("chosen", [None, "simulator"])
def test_a_record_cell_that_was_left_in_a_lesson_destroys_nothing(tmp_path, chosen):
    """A student's Run All plays what was recorded, byte for byte, and refuses the rest; with or without a simulator."""
    (live,) = recorded(tmp_path, "a red fox")
    before = files(tmp_path / "lesson.imgmagic")
    variables = {"IMGMAGIC_PROVIDER": chosen} if chosen else {}

    with no_sockets(), session(tmp_path, "live", **variables) as student:
        student.playback.choose(Mode.RECORD, tmp_path / "lesson.imgmagic", writes=student.can_ask())
        shown = [student.imagine("a red fox", **SMALL) for _ in range(2)]
        if not chosen:
            with pytest.raises(RecordingMiss, match="this prompt was not recorded"):
                student.imagine("a blue fox", **SMALL)

    assert [digests(each) for each in shown] == [digests(live)] * 2
    assert files(tmp_path / "lesson.imgmagic") == before


def test_the_simulator_replaces_a_recording_only_by_name(tmp_path, monkeypatch):
    """Typed for the very call; what it drew is called simulated from then on."""
    monkeypatch.setenv("IMGMAGIC_SIMULATOR_PACE", "0")
    recorded(tmp_path, "a red fox")

    with session(tmp_path, "record") as teacher:
        drawn = teacher.imagine("a red fox", provider="simulator", **SMALL)
    with no_sockets(), session(tmp_path, "replay") as student:
        shown = student.imagine("a red fox", **SMALL)

    assert digests(shown) == digests(drawn)
    assert shown.simulated


def test_a_student_draws_with_the_simulator_what_was_not_recorded(tmp_path, monkeypatch):
    """The way out that the message names works while recordings are played."""
    monkeypatch.setenv("IMGMAGIC_SIMULATOR_PACE", "0")
    recorded(tmp_path, "a red fox")

    with session(tmp_path, "replay") as student:
        with pytest.raises(RecordingMiss) as raised:
            student.imagine("a blue fox", **SMALL)
        drawn = student.imagine("a blue fox", provider="simulator", **SMALL)

    assert str(raised.value).index("simulator") < str(raised.value).index("For teachers")
    assert drawn.simulated


def test_the_history_says_when_a_replay_was_recorded(tmp_path):
    """Years later the record of a replay still tells the day of the recording, not of the replay."""
    (live,) = recorded(tmp_path, "a red fox")

    with no_sockets(), session(tmp_path, "replay") as replaying:
        replaying.dispatcher._now = lambda: datetime(2036, 1, 1, tzinfo=UTC)  # what the constructor takes as `now`
        replayed = replaying.imagine("a red fox", **SMALL)
        kept = replaying.archive.generation(replaying.archive.history.get(replayed.id))

    assert kept.created_at.year == 2036
    assert kept.replayed == replayed.replayed
    assert kept.replayed.date() == live.created_at.date()


def test_partial_images_come_in_order(tmp_path):
    """A replayed job tells of its partial images as the live one did."""
    recorded(tmp_path, "a red fox", partial_images=3)

    with session(tmp_path, "replay") as replaying:
        events = list(replaying.start(replaying.plan("a red fox", **SMALL)).events())

    assert [event.number for event in events if isinstance(event, PartialImage)] == [0, 1, 2]
    assert isinstance([event for event in events if hasattr(event, "data")][-1], CompletedImage)


@pytest.mark.anyio
async def test_at_speed_1_every_event_has_its_recorded_time(tmp_path):
    """Within a tenth, on the player's own clock."""
    with (
        Simulator(pace_s=0.4) as server,
        session(tmp_path, "record", OPENAI_API_KEY=KEY, OPENAI_BASE_URL=server.base_url) as live,
    ):
        live.imagine("a red fox", **SMALL)
        asked = live.plan("a red fox", **SMALL).asked
    now, came = 0.0, []

    async def sleep(seconds):
        nonlocal now
        now += seconds

    player = Player(Recordings(tmp_path / "lesson.imgmagic"), speed=1, clock=lambda: now, sleep=sleep)
    came = [(event.elapsed_s, now) async for event in replay(player, asked)]

    assert max(told for told, _ in came) > 0.3
    assert all(at == pytest.approx(told, rel=0.1, abs=1e-9) for told, at in came)


def test_what_is_recorded_names_neither_key_nor_server(tmp_path):
    """The marked key, the headers and the address are in no file of the folder."""
    recorded(tmp_path, "a red fox")

    files = [path for path in (tmp_path / "lesson.imgmagic").rglob("*") if path.is_file()]
    assert len(files) > 2
    for mark in (KEY, "sk-marked", "127.0.0.1", "localhost", "http", "Bearer", "uthorization", "eaders", "req_"):
        assert not [path for path in files if mark.encode() in path.read_bytes()], mark


def test_an_unrecorded_request_fails_strictly_and_names_the_nearest(tmp_path):
    """In replay a key changes nothing: no server is asked, and the message says what differs and what to do."""
    recorded(tmp_path, "a red fox in the snow", "two cats")

    with session(tmp_path, "replay", OPENAI_API_KEY=KEY) as replaying, pytest.raises(RecordingMiss) as caught:
        replaying.imagine("a red fox in the rain", **SMALL)

    said = str(caught.value)
    assert "has “snow” where yours has “rain”" in said
    assert "%imgmagic record" in said
    assert "%imgmagic live" in said


def test_replayed_usage_never_enters_live_totals(tmp_path):
    """It is counted apart, and nothing was spent."""
    recorded(tmp_path, "a red fox")

    with session(tmp_path, "replay") as replaying:
        replaying.imagine("a red fox", **SMALL)
        found = report(replaying.archive)

    assert found.live.generations == 0
    assert found.live.cost is None
    assert [row.origin for row in found.rows] == [Origin.REPLAYED]


def test_what_a_simulator_drew_is_called_simulated_when_it_is_replayed(tmp_path):
    """In the generation that comes back and in the history; a recording of a server is not, whoever is configured."""
    with session(tmp_path, "record", IMGMAGIC_PROVIDER="simulator", IMGMAGIC_SIMULATOR_PACE="0") as drawing:
        drawing.imagine("a blue boat", **SMALL)
    recorded(tmp_path, "a red fox")

    with session(tmp_path, "replay") as replaying:
        boat, fox = (replaying.imagine(prompt, **SMALL) for prompt in ("a blue boat", "a red fox"))
        kept = [replaying.archive.generation(replaying.archive.history.get(each.id)) for each in (boat, fox)]

    assert (boat.simulated, fox.simulated) == (True, False)
    assert [each.simulated for each in kept] == [True, False]


class KeptPanel(Panel):
    """A panel whose messages to the page are kept."""

    def __init__(self, *arguments, **options):
        kept = KeptSurface()
        self.said = kept.said
        super().__init__(*arguments, surface=kept, **options)

    def ended(self):
        cards = [content for content, _ in list(self.said) if content["kind"] == "run"]
        return cards and cards[-1]["state"] not in ("waiting", "running") and cards[-1]


def test_the_panel_replays_without_key_and_network(tmp_path):
    """Generate plays the recording: tiles in the recorded order, and the same picture in the history."""
    (live,) = recorded(tmp_path, "a red fox")

    with no_sockets(), session(tmp_path, "replay") as replaying:
        panel = KeptPanel(replaying, {})
        try:
            panel.answer({"kind": "generate", "fields": {"prompt": "a red fox", "values": SMALL}})
            deadline = time.monotonic() + 20
            while not panel.ended() and time.monotonic() < deadline:
                threading.Event().wait(0.01)
            drawn = replaying.archive.history.get(panel.ended()["id"])
            replayed = replaying.archive.generation(drawn)
            assert digests(replayed) == digests(live)
        finally:
            panel.close()

    assert replayed.usage == live.usage
    assert drawn.started.origin is Origin.REPLAYED
    tiles = [buffers[0] for content, buffers in panel.said if content["kind"] == "tile" and buffers]
    assert len(tiles) == 3  # two partial images and the finished one
    assert len(set(tiles)) == 3


@pytest.mark.slow
def test_the_magic_replays_in_another_kernel_without_key_and_network(tmp_path):
    """Recorded beside the notebook with `%imgmagic record`, found there by the notebook's name: auto without a word."""
    asks = "import hashlib; [hashlib.sha256(image.data).hexdigest() for image in fox.images], str(fox.usage)"
    (tmp_path / "lesson.ipynb").write_text(
        json.dumps({"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5})
    )
    named = {"JPY_SESSION_NAME": str(tmp_path / "lesson.ipynb"), "IMGMAGIC_REPLAY_SPEED": "0"}
    with Simulator(pace_s=0, require_key=KEY) as server:
        keyed = clean_environment(tmp_path, OPENAI_API_KEY=KEY, OPENAI_BASE_URL=server.base_url, **named)
        with running_kernel(keyed, tmp_path) as teacher:
            assert teacher.run("%load_ext imgmagic\n%imgmagic record lesson.imgmagic").status == "ok"
            assert teacher.run("%%imagine -n 2 -f jpeg -o fox\na red fox").status == "ok"
            teacher.run(asks.partition(";")[0])
            live = teacher.value(asks.partition(";")[2].strip())

    keyless = clean_environment(tmp_path / "student", **named)
    with running_kernel(keyless, tmp_path) as student:
        assert student.run("%load_ext imgmagic" + BLOCK).status == "ok"
        outcome = student.run("%%imagine -n 2 -f jpeg -o fox\na red fox")
        student.run(asks.partition(";")[0])
        replayed = student.value(asks.partition(";")[2].strip())

    assert outcome.status == "ok", outcome.traceback
    assert replayed == live
    assert "replayed, recorded on" in outcome.figures[-1]
