import contextlib
import hashlib
import socket
import time
from dataclasses import replace

import pytest

from imgmagic.domain.events import CompletedImage, UsageReported
from imgmagic.domain.request import ImageRequest
from imgmagic.errors import RecordingDamaged, RecordingMiss, SettingsError
from imgmagic.recordings.folder import FILE, Recordings
from imgmagic.recordings.player import Player
from tests.support.recorded_runs import MADE, REQUEST, completed, partial, picture, play, record, replay, run

FINAL_START = hashlib.sha256(picture()).hexdigest()

pytestmark = pytest.mark.anyio


class Time:
    """A clock that only sleeping moves on."""

    def __init__(self):
        self.now = 100.0
        self.slept = []

    def __call__(self):
        return self.now

    async def sleep(self, seconds):
        self.slept.append(round(seconds, 6))
        self.now += seconds


@pytest.fixture
async def folder(tmp_path):
    folder = tmp_path / "lesson.imgmagic"
    await record(Recordings(folder), run())
    return folder


async def test_a_replay_yields_what_was_recorded(folder):
    """Events, pictures, usage and times are those of the recorded run."""
    events = await play(folder)

    assert events == list(run())


@pytest.mark.parametrize("ending", ["exe", "html", "sh", "jpeg"])
async def test_a_picture_has_the_format_of_its_bytes(folder, ending):
    """A recording of others may call a picture a program; it would be kept and saved under such a name."""
    names = {f"{hashlib.sha256(data).hexdigest()}." for data in (picture(), picture("gray"))}
    text = (folder / FILE).read_text(encoding="utf-8")
    for name in names:
        (folder / "blobs" / f"{name}png").rename(folder / "blobs" / f"{name}{ending}")
        text = text.replace(f"{name}png", f"{name}{ending}")
    (folder / FILE).write_text(text, encoding="utf-8")

    assert await play(folder) == list(run())


async def test_a_replay_opens_no_socket(folder, monkeypatch):
    """With every socket blocked a recording still plays."""
    monkeypatch.setattr(socket, "socket", lambda *_, **__: pytest.fail("a socket was opened"))

    events = await play(folder)

    assert len(events) == 4


@pytest.mark.parametrize(("speed", "slept"), [(1, [0.5, 0.5, 1.0]), (2, [0.25, 0.25, 0.5]), (0, [])])
async def test_speed_scales_the_recorded_rhythm(folder, speed, slept):
    """Speed 1 keeps the recorded times, 2 halves them, 0 does not wait at all."""
    clock = Time()
    player = Player(Recordings(folder), speed=speed, clock=clock, sleep=clock.sleep)

    events = [event async for event in replay(player)]

    assert clock.slept == slept
    assert [event.elapsed_s for event in events] == [0.5, 1.0, 2.0, 2.0]


async def test_without_a_speed_a_long_run_takes_three_seconds(tmp_path):
    """A run of two minutes is scaled to three seconds; the events keep the recorded times."""
    await record(Recordings(tmp_path), [partial(30.0), completed(120.0)])
    clock = Time()

    events = [event async for event in replay(Player(Recordings(tmp_path), clock=clock, sleep=clock.sleep))]

    assert clock.slept == [0.75, 2.25]
    assert events[-1].elapsed_s == 120.0


async def test_without_a_speed_a_short_run_keeps_its_rhythm(folder):
    """A run that took less than three seconds is not stretched."""
    clock = Time()

    [event async for event in replay(Player(Recordings(folder), clock=clock, sleep=clock.sleep))]

    assert sum(clock.slept) == pytest.approx(2.0)


async def test_time_on_a_real_clock_is_within_a_tenth(tmp_path):
    """At speed 1 a recording takes as long as the run did."""
    await record(Recordings(tmp_path), [partial(0.4), completed(0.8)])
    player = Player(Recordings(tmp_path), speed=1)
    started = time.monotonic()

    times = [time.monotonic() - started async for _ in replay(player)]

    assert times == pytest.approx([0.4, 0.8], rel=0.1)


async def test_a_slow_reader_does_not_delay_what_follows(folder):
    """Times count from the start, so waiting after one event is caught up before the next."""
    clock = Time()
    player = Player(Recordings(folder), speed=1, clock=clock, sleep=clock.sleep)

    async for _ in replay(player):
        clock.now += 0.4

    assert clock.now == pytest.approx(102.4 + 0.4)


@pytest.mark.parametrize("speed", [-1, float("nan"), float("inf")])
async def test_a_speed_that_is_none_is_refused(tmp_path, speed):
    """A speed below 0, or no number, is an error that says what is allowed."""
    with pytest.raises(SettingsError, match="replay speed"):
        Player(Recordings(tmp_path), speed=speed)


async def test_repeats_play_take_after_take_and_then_the_last_again(tmp_path):
    """A request that is repeated gets take 1, 2 and then 2 again."""
    recordings = Recordings(tmp_path)
    for colour in ("red", "green"):
        await record(recordings, run(picture(colour)))
    player = Player(Recordings(tmp_path), speed=0)

    shown = [[event async for event in replay(player)] for _ in range(3)]

    images = [next(event.data for event in events if isinstance(event, CompletedImage)) for events in shown]
    assert images == [picture("red"), picture("green"), picture("green")]


async def test_find_names_date_and_model_and_moves_nothing_on(folder):
    """Looking is free: the recording that will be played tells when and with which model it was made."""
    player = Player(Recordings(folder), speed=0)

    found = [player.find(REQUEST) for _ in range(2)]

    assert found[0] == found[1] == player.claim(REQUEST)
    assert (found[0].recorded_at, found[0].model, found[0].take) == (MADE, "gpt-image-2.5-flare", 1)


async def test_how_images_arrive_is_no_part_of_the_key(folder):
    """The same request unstreamed, or with other partial images, finds the recording."""
    asked = replace(REQUEST, options={"size": "1024x1024", "partial_images": 3, "stream": False})

    assert Player(Recordings(folder)).find(asked) is not None


async def test_a_miss_names_the_nearest_and_the_difference(folder):
    """The error shows words and parameters that differ, how to record, and how to set a key."""
    asked = ImageRequest(prompt="a blue fox", model="gpt-image-2", options={"size": "512x512", "quality": "low"})

    with pytest.raises(RecordingMiss) as caught:
        await play(folder, asked)

    message = str(caught.value)
    for part in (
        "line 1",
        "2026-11-22",
        "“red” where yours has “blue”",
        "its model is 'gpt-image-2.5-flare', yours is 'gpt-image-2'",
        "its size is '1024x1024', yours is '512x512'",
        "its quality is not set, yours is 'low'",
        "%imgmagic record",
        "%imgmagic key",
    ):
        assert part in message


@pytest.mark.parametrize(
    ("prompt", "options", "said"),
    [
        ("a  red fox", REQUEST.options, "its prompt has other spaces or line ends"),
        ("a red fox at night", REQUEST.options, "has nothing where yours has “at night”"),
        ("a fox", REQUEST.options, "has “red” where yours has nothing"),
        ("a red fox", {}, "its size is '1024x1024', yours is not set"),
    ],
)
async def test_a_miss_by_a_hair_says_which(folder, prompt, options, said):
    """Spaces, additions, omissions and parameters are told apart."""
    message = str(Player(Recordings(folder)).miss(replace(REQUEST, prompt=prompt, options=options)))

    assert said in message


async def test_a_request_that_no_line_can_be_read_for_is_not_called_unrecorded(folder):
    """A line cut off before its key may be the one that is asked for: that is damage, not a miss."""
    file = folder / FILE
    file.write_bytes(file.read_bytes()[:50])

    with pytest.raises(RecordingDamaged, match="line 1"):
        Player(Recordings(folder)).find(replace(REQUEST, prompt="a green hill"))


async def test_a_miss_in_an_empty_folder_says_so(tmp_path):
    """Nothing is recorded, so nothing is nearest."""
    with pytest.raises(RecordingMiss, match="holds no recordings"):
        await play(tmp_path)


async def test_a_miss_of_long_prompts_stays_short(tmp_path):
    """Differences are shown in a few words, however long the prompts are."""
    await record(Recordings(tmp_path), run(), request=replace(REQUEST, prompt="one " * 3000))

    message = str(Player(Recordings(tmp_path)).miss(replace(REQUEST, prompt="two " * 3000)))

    assert len(message) < 800


async def test_a_missing_picture_is_named_before_anything_is_shown(folder):
    """A recording whose picture was deleted plays nothing and names the picture."""
    [picture_file] = (folder / "blobs").glob("*" + FINAL_START + "*")
    picture_file.unlink()

    with pytest.raises(RecordingDamaged, match=f"{picture_file.name} is missing"):
        await play(folder)


async def test_a_changed_picture_is_named(folder):
    """A picture whose bytes do not match its name is not shown."""
    [picture_file] = (folder / "blobs").glob("*" + FINAL_START + "*")
    picture_file.write_bytes(picture("blue"))

    with pytest.raises(RecordingDamaged, match=f"{picture_file.name} was changed"):
        await play(folder)


async def test_a_damaged_recording_leaves_the_rest_playable(folder):
    """A damaged line is an error for its own request only."""
    other = replace(REQUEST, prompt="a green hill")
    await record(Recordings(folder), run(), request=other)
    file = folder / FILE
    file.write_bytes(file.read_bytes().replace(b'"number":0', b'"number":"x"', 1))

    with pytest.raises(RecordingDamaged, match="line 1 of"):
        await play(folder)
    assert len(await play(folder, other)) == 4


async def test_a_damaged_take_keeps_its_place(tmp_path):
    """When take 1 is damaged, a first run says so; it does not show take 2."""
    recordings = Recordings(tmp_path)
    for colour in ("red", "green"):
        await record(recordings, run(picture(colour)))
    file = tmp_path / FILE
    file.write_bytes(file.read_bytes().replace(b'"number":0', b'"number":"x"', 1))

    with pytest.raises(RecordingDamaged, match="line 1"):
        await play(tmp_path)


async def test_a_prompt_changed_by_hand_is_named_for_both_requests(folder):
    """The line is for the request it was made for, and claims to be for another: neither gets it."""
    file = folder / FILE
    file.write_bytes(file.read_bytes().replace(b"a red fox", b"a red cat"))

    for prompt in ("a red fox", "a red cat"):
        with pytest.raises(RecordingDamaged, match="its key does not belong to its request"):
            await play(folder, replace(REQUEST, prompt=prompt))


async def test_a_player_sees_what_is_recorded_after_it_was_made(folder):
    """A changed file is read again."""
    player = Player(Recordings(folder), speed=0)
    other = replace(REQUEST, prompt="a green hill")
    assert player.find(other) is None

    await record(Recordings(folder), run(), request=other)

    assert player.find(other) is not None


async def test_only_the_pictures_that_are_shown_are_read(folder):
    """Pictures of other requests may be missing: nobody asks for them."""
    other = replace(REQUEST, prompt="a green hill")
    await record(Recordings(folder), run(picture("green")), request=other)
    [picture_file] = (folder / "blobs").glob("*" + FINAL_START + "*")
    picture_file.unlink()

    events = await play(folder, other)

    assert any(isinstance(event, UsageReported) for event in events)


async def test_a_stopped_replay_leaves_nothing_behind(folder):
    """Closing the player in the middle ends it."""
    events = replay(Player(Recordings(folder), speed=0))

    async with contextlib.aclosing(events):
        first = await anext(events)

    assert first == run()[0]
    with pytest.raises(StopAsyncIteration):
        await anext(events)
