import asyncio
import hashlib
import json
import os
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imgmagic import errors
from imgmagic.domain.events import (
    ImageFailed,
    PartialImage,
    ReplyStarted,
    RetryScheduled,
    UsageReported,
)
from imgmagic.domain.image_header import sniff
from imgmagic.domain.provider import Provider, Secret
from imgmagic.domain.request import ImageRequest
from imgmagic.domain.usage import Usage
from imgmagic.errors import ContentRefused, ImgmagicError, StoreError
from imgmagic.recordings import checks
from imgmagic.recordings.folder import FILE, Recordings
from imgmagic.recordings.recorder import PASSING, Recorder, Sides
from imgmagic.recordings.recording import RecordedRequest
from tests.support import ROOT
from tests.support.pictures import completed_image
from tests.support.recorded_runs import MADE, REQUEST, Source, completed, partial, picture, play, record, run

pytestmark = pytest.mark.anyio

KEY = "sk-marked-0123456789abcdef"
PROVIDER = Provider(
    name="lab",
    dialect="openai",
    base_url="https://images.example.org:8443/v1",
    key=Secret(KEY),
    headers={"X-Team": "marked-header-value"},
    account={"folder": "marked-account"},
)


def lines(folder):
    return (folder / FILE).read_bytes().splitlines(keepends=True)


def contents(folder):
    return {path: path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


# Any sequence of events

PICTURES = [
    picture("red"),
    picture("green", size=(3, 5)),
    picture("blue", image_format="webp"),
    picture(image_format="jpeg"),
]
said = st.text(max_size=30).filter(lambda text: "://" not in text)  # addresses are removed
seconds = st.floats(0, 3600).map(lambda value: round(value, 3))
indexes = st.integers(0, 9)
tokens = st.none() | st.integers(0, 10**6)
usages = st.builds(Usage, **dict.fromkeys(Usage.__dataclass_fields__, tokens))
api_errors = st.sampled_from([errors.ApiError, errors.ContentRefused, errors.ModelNotFound])
failures = st.builds(
    lambda kind, message, status, code: kind(message, remedy="Try again.", status=status, code=code),
    api_errors,
    said,
    st.none() | st.integers(400, 599),
    st.none() | st.text(max_size=9),
)


def pictured(data):
    return {"data": data, "format": sniff(data).format}


def sized(data):
    return {**pictured(data), "width": sniff(data).width, "height": sniff(data).height}


timed = {"elapsed_s": seconds, "index": indexes}
any_event = st.one_of(
    st.builds(ReplyStarted, **timed),
    st.builds(RetryScheduled, **timed, attempt=st.integers(2, 9), delay_s=seconds, reason=said),
    st.builds(
        lambda data, **rest: PartialImage(**rest, **pictured(data)), st.sampled_from(PICTURES), **timed, number=indexes
    ),
    st.builds(
        lambda data, **rest: completed_image(**rest, **sized(data)),
        st.sampled_from(PICTURES),
        **timed,
        revised_prompt=st.none() | said,
    ),
    st.builds(UsageReported, **timed, usage=usages, cost_usd=st.none() | st.sampled_from(["0", "0.04", "1.5E-7"])),
    st.builds(ImageFailed, **timed, error=failures),
)
json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


def comparable(event):
    if not isinstance(event, ImageFailed):
        return event
    error = event.error
    return type(error), error.message, error.remedy, error.status, error.code, event.elapsed_s, event.index


@settings(max_examples=60, deadline=None)
@given(
    heard=st.lists(any_event, max_size=8), options=st.dictionaries(st.text(), json_values, max_size=3), prompt=st.text()
)
def test_any_sequence_of_events_comes_back(tmp_path_factory, heard, options, prompt):
    """Whatever a source says, for whatever request, a replay says the same."""
    folder = tmp_path_factory.mktemp("recordings")
    request = ImageRequest(prompt=prompt, model="m", options=options)
    heard = [*heard, completed()]

    asyncio.run(record(Recordings(folder), heard, request=request))

    assert list(map(comparable, asyncio.run(play(folder, request)))) == list(map(comparable, heard))
    assert checks.verify(folder) == ()


@pytest.mark.parametrize("kind", [ImgmagicError, *ImgmagicError.__subclasses__(), *errors.ApiError.__subclasses__()])
async def test_every_class_of_error_comes_back(tmp_path, kind):
    """A failed image replays with the error's own class, beside an image that came."""
    await record(Recordings(tmp_path), [completed(), ImageFailed(elapsed_s=1.0, index=1, error=kind("It broke."))])

    [_, failed] = await play(tmp_path)

    assert type(failed.error) is kind
    assert str(failed.error) == "It broke."


# What is written


async def test_a_line_holds_what_the_format_says(tmp_path):
    """Sorted keys, the request without how it streams, and no absolute path, provider or address."""
    await record(Recordings(tmp_path), run(), provider=PROVIDER)

    [line] = lines(tmp_path)
    fields = json.loads(line)
    assert line == json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode() + b"\n"
    assert set(fields) == {
        "dialect", "elapsed_s", "events", "format", "key", "model", "recorded_at", "request", "take",
    }  # fmt: skip
    assert fields["recorded_at"] == "2026-11-22T12:30:00Z"
    assert fields["request"] == {"model": REQUEST.model, "options": {"size": "1024x1024"}, "prompt": "a red fox"}


async def test_a_lesson_that_names_no_model_replays_whatever_the_default_is(tmp_path):
    """The run is recorded under what was asked, and still says which model drew."""
    asked = replace(REQUEST, model=None)
    recorder = Recorder(Source(run()), Recordings(tmp_path), asked=asked)

    assert [event async for event in recorder.events(REQUEST)] == list(run())

    [line] = Recordings(tmp_path).lines
    assert (line.recording.model, line.recording.request.model) == (REQUEST.model, None)
    assert await play(tmp_path, asked)


async def test_the_key_is_one_for_all_time():
    """The key of a request is pinned: a change would lose every recorded lesson."""
    assert RecordedRequest.of(REQUEST).key == "f65d6fa4eb9cdd0d2a86f272e539566ebe599d1cce771aab6af33f334411f5d8"


async def test_keys_headers_and_addresses_are_found_nowhere(tmp_path):
    """What the server and its errors repeat of key, header or address is removed before it is written."""
    reason = f"POST https://images.example.org:8443/v1/images said {KEY}"
    refused = errors.RateLimited(
        f"images.example.org refused {KEY} with marked-header-value, marked-account", request_id="req-marked"
    )
    heard = [
        ReplyStarted(elapsed_s=0.1, request_id="req-marked"),
        RetryScheduled(elapsed_s=0.2, attempt=2, delay_s=1.0, reason=reason),
        completed(revised_prompt=f"A fox, {KEY}"),
        ImageFailed(elapsed_s=2.0, index=1, error=refused),
    ]

    await record(Recordings(tmp_path), heard, provider=PROVIDER)

    written = b"".join([*contents(tmp_path).values(), *(str(path).encode() for path in contents(tmp_path))])
    for marked in (KEY, "marked-header-value", "marked-account", "example.org", "req-marked", "lab", "X-Team"):
        assert marked.encode() not in written


async def test_words_that_hold_the_name_of_a_host_are_kept(tmp_path):
    """A host called "ai" is removed where it stands alone, not out of "painting"."""
    provider = Provider(name="ai", dialect="generic", base_url="http://ai/v1")
    told = completed(revised_prompt="A sketch-in-watercolour painting, said ai.")

    await record(Recordings(tmp_path), [told], provider=provider)

    [final] = await play(tmp_path)
    assert final.picture.revised_prompt == "A sketch-in-watercolour painting, said [address removed]."


async def test_a_request_that_holds_the_key_is_not_recorded(tmp_path):
    """Nothing is written of it, and a notice says why; the events flow."""
    recorder = await record(
        Recordings(tmp_path), run(), request=replace(REQUEST, prompt=f"a fox {KEY}"), provider=PROVIDER
    )

    assert "holds the key" in recorder.notices[0]
    assert contents(tmp_path) == {}


async def test_partial_images_are_made_small_and_finals_kept(tmp_path):
    """A large partial image shrinks to 512 pixels; the final image is kept byte for byte."""
    large = picture(size=(1024, 768))
    heard = [partial(data=large), completed(data=large)]

    await record(Recordings(tmp_path), heard, sides=Sides())

    [small, final] = await play(tmp_path)
    assert (sniff(small.data).width, sniff(small.data).height) == (512, 384)
    assert len(small.data) < len(large)
    assert final.data == large


async def test_finals_are_bounded_when_asked_and_the_recording_says_so(tmp_path):
    """With a bound for finals the recorded size is the smaller one, and the line names the bound."""
    large = completed(data=picture(size=(1024, 768)), size=(1024, 768))

    await record(Recordings(tmp_path), [large], sides=Sides(final=256))

    [final] = await play(tmp_path)
    assert (final.picture.width, final.picture.height) == (256, 192)
    assert json.loads(lines(tmp_path)[0])["final_side"] == 256


# What is not recorded


async def test_a_stopped_run_is_not_recorded(tmp_path):
    """Closing the recorder before the end writes nothing, and closes its source."""
    closed = []

    class Endless:
        async def __call__(self, request):
            try:
                while True:
                    yield partial()
            finally:
                closed.append(request)

    events = Recorder(Endless(), Recordings(tmp_path)).events(REQUEST)

    await anext(events)
    await events.aclose()

    assert closed == [REQUEST]
    assert contents(tmp_path) == {}


@pytest.mark.parametrize("error", [*(kind("No.") for kind in PASSING), errors.ApiError("No.", status=503)])
async def test_a_passing_failure_is_not_recorded(tmp_path, error):
    """A run that failed for the hour or the key leaves no take that a student would see."""
    recorder = await record(Recordings(tmp_path), [ImageFailed(elapsed_s=0.1, error=error)])

    assert "drew nothing" in recorder.notices[0]
    assert contents(tmp_path) == {}


async def test_a_refusal_of_the_request_is_recorded(tmp_path):
    """What the server says of the request itself is part of a lesson."""
    refused = errors.ContentRefused("The picture was refused.", status=400, code="moderation_blocked")

    await record(Recordings(tmp_path), [ImageFailed(elapsed_s=0.1, error=refused)])

    [failed] = await play(tmp_path)
    assert (type(failed.error), failed.error.code) == (errors.ContentRefused, "moderation_blocked")


async def test_a_picture_that_is_none_is_not_recorded(tmp_path):
    """Bytes that are no image flow on, and the notice says that they were not kept."""
    recorder = await record(Recordings(tmp_path), [completed(data=b"<html>no picture</html>")])

    assert "not read as an image" in recorder.notices[0]
    assert contents(tmp_path) == {}


@pytest.mark.parametrize(
    "request_", [replace(REQUEST, prompt="half a character: \ud83d"), replace(REQUEST, options={"seed": float("nan")})]
)
async def test_a_request_that_json_does_not_keep_is_not_recorded(tmp_path, request_):
    """What could not be read again is not written; the notice says so."""
    recorder = await record(Recordings(tmp_path), run(), request=request_)

    assert "cannot be recorded" in recorder.notices[0]
    assert contents(tmp_path) == {}


async def test_the_folder_can_be_tried_before_anything_is_paid(tmp_path):
    """The check makes the folder, and fails where recording would."""
    folder = tmp_path / "course" / "lesson.imgmagic"

    Recordings(folder).check_writable()

    assert list(folder.iterdir()) == []


async def test_a_folder_that_cannot_be_written_loses_no_event(tmp_path):
    """The images still flow; the notice names the folder."""
    (tmp_path / "blobs").write_bytes(b"in the way")

    recorder = await record(Recordings(tmp_path), run())

    assert str(tmp_path) in recorder.notices[0]
    assert recorder.recorded == ()


# Re-recording


async def test_a_new_session_replaces_only_the_line_of_its_request(tmp_path):
    """Recording one of three requests again changes one line, in its place."""
    requests = [replace(REQUEST, prompt=prompt) for prompt in ("one", "two", "three")]
    recordings = Recordings(tmp_path)
    for request in requests:
        await record(recordings, run(), request=request)
    before = lines(tmp_path)

    await record(Recordings(tmp_path), run(picture("green")), request=requests[1])

    after = lines(tmp_path)
    assert [after[0], after[2]] == [before[0], before[2]]
    assert after[1] != before[1]
    assert len(after) == 3


async def test_recording_the_same_again_changes_nothing(tmp_path):
    """A session that records what stands there leaves the bytes alone."""
    await record(Recordings(tmp_path), run())
    before = contents(tmp_path)

    await record(Recordings(tmp_path), run())

    assert contents(tmp_path) == before


async def test_repeats_in_a_session_are_takes(tmp_path):
    """The same request three times makes takes 1, 2, 3, and so again in the next session."""
    for _ in range(2):
        recordings = Recordings(tmp_path)
        recorders = [await record(recordings, run()) for _ in range(3)]

    assert [recorder.recorded[0].take for recorder in recorders] == [1, 2, 3]
    assert [line.take for line in Recordings(tmp_path).lines] == [1, 2, 3]


async def test_what_another_session_records_meanwhile_is_never_replaced(tmp_path):
    """Two sessions over one folder record the same request: both runs are kept."""
    mine, theirs = Recordings(tmp_path), Recordings(tmp_path)

    await record(theirs, run(picture("green")))
    await record(mine, run(picture("red")))

    assert [line.take for line in Recordings(tmp_path).lines] == [1, 2]


async def test_a_damaged_picture_is_written_anew(tmp_path):
    """Recording a request again repairs its picture."""
    await record(Recordings(tmp_path), run())
    for path in (tmp_path / "blobs").iterdir():
        path.write_bytes(b"broken")

    await record(Recordings(tmp_path), run())

    assert checks.verify(tmp_path) == ()


WRITER = """
import asyncio, sys
sys.path.insert(0, sys.argv[2])
from pathlib import Path
from tests.support.recorded_runs import *
recordings = Recordings(Path(sys.argv[1]))
print(flush=True)
sys.stdin.readline()
async def main():
    for number in range(15):
        await record(recordings, run(picture((number, 1, 1))))
        await record(recordings, run(), request=ImageRequest(prompt=f"{sys.argv[3]} {number}"))
asyncio.run(main())
"""


def test_two_processes_lose_nothing(tmp_path):
    """Two processes record into one folder at once: every run is there, whole, and no lock is left."""
    folder = tmp_path / "lesson.imgmagic"
    command = [sys.executable, "-c", WRITER, str(folder), str(ROOT)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    writers = [subprocess.Popen([*command, name], **pipes) for name in ("first", "second")]

    for writer in writers:
        writer.stdout.readline()
    for writer in writers:
        writer.stdin.write(b"\n")
        writer.stdin.flush()
    said = [writer.communicate(timeout=60)[1] for writer in writers]

    assert said == [b"", b""]
    assert checks.verify(folder) == ()
    recorded = [(line.recording.request.prompt, line.take) for line in Recordings(folder).lines]
    same = [take for prompt, take in recorded if prompt == REQUEST.prompt]
    assert sorted(same) == list(range(1, 31))
    assert {prompt for prompt, _ in recorded} == {
        REQUEST.prompt, *(f"{name} {number}" for name in ("first", "second") for number in range(15)),
    }  # fmt: skip
    assert {path.name for path in folder.iterdir()} == {FILE, "blobs"}


# Damage


async def test_a_file_cut_off_at_any_byte_names_the_line_and_keeps_the_rest(tmp_path):
    """At every length, whole lines are read, the cut one is named, and recording on loses nothing."""
    first, second = REQUEST, replace(REQUEST, prompt="a green hill")
    recordings = Recordings(tmp_path)
    for request in (first, second):
        await record(recordings, [completed()], request=request)
    [one, two] = lines(tmp_path)
    file = tmp_path / FILE

    for length in range(len(one) + len(two) + 1):
        file.write_bytes((one + two)[:length])
        found = Recordings(tmp_path)

        whole = (length >= len(one) - 1) + (length >= len(one) + len(two) - 1)
        cut = length not in (0, len(one) - 1, len(one), len(one) + len(two) - 1, len(one) + len(two))
        assert len(found.lines) == whole
        assert [line.number for line in found.damaged] == [whole + 1] * cut
        assert len(checks.verify(tmp_path)) == cut


@pytest.mark.parametrize("length", [0, 1, 40, 200, -2, -1])
async def test_recording_into_a_cut_off_file_keeps_its_bytes(tmp_path, length):
    """A damaged line stays byte for byte, the new recording follows it, and plays."""
    await record(Recordings(tmp_path), run())
    file = tmp_path / FILE
    file.write_bytes(file.read_bytes()[:length])
    cut = file.read_bytes()
    other = replace(REQUEST, prompt="a green hill")

    await record(Recordings(tmp_path), run(), request=other)

    assert file.read_bytes().startswith(cut)
    assert await play(tmp_path, other) == list(run())


async def test_a_damaged_line_is_not_recorded_over(tmp_path):
    """Recording its request again adds a line; the damaged one stays, and the new one plays."""
    await record(Recordings(tmp_path), run())
    file = tmp_path / FILE
    file.write_bytes(damaged := file.read_bytes().replace(b'"number":0', b'"number":"x"'))

    await record(Recordings(tmp_path), run())

    assert file.read_bytes().startswith(damaged)
    assert await play(tmp_path) == list(run())


HAND = [
    (b'"elapsed_s":0.5', b'"elapsed_s":-1'),
    (b'"elapsed_s":0.5', b'"elapsed_s":1e300'),
    (b'"type":"reply"', b'"type":"reply","index":100000000'),
    (b'"type":"reply"', b'"type":"explode"'),
    (b'"type":"reply"', b'"type":"reply","more":1'),
    (b'"cost_usd":"0.04"', b'"cost_usd":"cheap"'),
    (b'"width":', b'"width":' + b"9" * 400),
    (b'"number":0', b'"number":-1'),
    (b'"prompt":"a red fox"', b'"prompt":7'),
    (b'"format":1', b'"format":0'),
    (b'{"', b'\xff{"'),
    (b'{"', b'<<<<<<< HEAD {"'),
    (b'"size":"1024x1024"', b'"size":' + b"[" * 50_000),
]


@pytest.mark.parametrize(("was", "becomes"), HAND)
async def test_a_line_edited_by_hand_is_named(tmp_path, was, becomes):
    """A value that no recording holds makes its line damaged, never a crash."""
    await record(Recordings(tmp_path), run())
    file = tmp_path / FILE
    assert was in file.read_bytes()
    file.write_bytes(file.read_bytes().replace(was, becomes, 1))

    problems = checks.verify(tmp_path)

    assert len(problems) == 1
    assert problems[0].startswith("line 1 of recordings.jsonl is damaged: ")


@pytest.mark.parametrize("name", ["../../etc/passwd", "/etc/passwd", "..\\\\up.png", "a.png", "0" * 64 + ".png\\n"])
async def test_a_path_for_a_blob_name_is_refused(tmp_path, name):
    """A picture's name is a hash: a line that says anything else is damaged."""
    await record(Recordings(tmp_path), [completed()])
    file = tmp_path / FILE
    blob = json.loads(file.read_bytes())["events"][0]["blob"]
    file.write_bytes(file.read_bytes().replace(blob.encode(), name.encode()))

    with pytest.raises(errors.RecordingDamaged, match="line 1"):
        await play(tmp_path)


async def test_line_ends_of_other_systems_and_empty_lines_are_no_damage(tmp_path):
    """Git may check the file out with other line ends."""
    await record(Recordings(tmp_path), run())
    file = tmp_path / FILE
    file.write_bytes(b"\r\n" + file.read_bytes().replace(b"\n", b"\r\n"))

    assert await play(tmp_path) == list(run())


async def test_a_newer_format_is_refused_and_left_alone(tmp_path):
    """Neither read nor written: the error says to install a newer imgmagic."""
    recordings = Recordings(tmp_path)
    await record(recordings, run())
    file = tmp_path / FILE
    file.write_bytes(newer := file.read_bytes().replace(b'"format":1', b'"format":2').replace(b'"take"', b'"shot"'))

    with pytest.raises(StoreError, match="newer imgmagic"):
        Recordings(tmp_path)
    recorder = await record(recordings, run())

    assert "newer imgmagic" in recorder.notices[0]
    assert file.read_bytes() == newer


def test_a_file_for_a_folder_is_refused(tmp_path):
    """A path that is a file is named, and left as it is."""
    path = tmp_path / "lesson.imgmagic"
    path.write_text("mine")

    with pytest.raises(StoreError, match="is a file"):
        Recordings(path)

    assert path.read_text() == "mine"


STRANGER = """
import asyncio, os, sys
sys.path.insert(0, sys.argv[2])
from pathlib import Path
from imgmagic.errors import StoreError
from tests.support.recorded_runs import *
folder, events = Path(sys.argv[1]), run(picture("green"))
asyncio.run(play(folder))  # before the rights go: Pillow and threads load late
folder.chmod(int(sys.argv[3], 8))
if os.geteuid() == 0:
    os.setuid(65534)
try:
    recordings = Recordings(folder)
    print(asyncio.run(record(recordings, events)).notices[0])
    print(len(asyncio.run(play(folder))))
    recordings.check_writable()
except StoreError as error:
    print(error)
finally:
    print(sorted(path.name for path in folder.parent.iterdir()))
"""


def as_stranger(mode):
    """Record and play, without rights, in a folder that holds one recording."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        folder = Path(name) / "lesson.imgmagic"
        asyncio.run(record(Recordings(folder), run()))
        before = contents(folder)
        command = [sys.executable, "-c", STRANGER, str(folder), str(ROOT), mode]
        unmeasured = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}
        ran = subprocess.run(command, env=unmeasured, capture_output=True, text=True, check=False, timeout=60)
        assert ran.stderr == ""
        said = ran.stdout.splitlines()
        folder.chmod(0o755)
        assert contents(folder) == before
        return said


def test_a_folder_that_may_only_be_read_plays_and_refuses_recordings():
    """A lesson on a read-only share replays; recording into it is refused by a message that names it."""
    [notice, played, refusal, beside] = as_stranger("555")

    assert "writing there is not allowed" in notice
    assert played == "4"
    assert "writing there is not allowed" in refusal
    assert beside == "['lesson.imgmagic']"


def test_a_folder_that_may_not_be_read_is_refused():
    """A folder without rights is a message that names it, not a miss."""
    [refusal, _] = as_stranger("000")

    assert "lesson.imgmagic cannot be used" in refusal


@pytest.mark.parametrize("name", [FILE, "blobs"])
async def test_links_out_of_the_folder_are_not_followed(tmp_path, name):
    """Nothing is written outside the folder, whatever stands in it."""
    outside, folder = tmp_path / "outside", tmp_path / "lesson.imgmagic"
    outside.mkdir()
    folder.mkdir()
    target = outside / "target"
    target.mkdir() if name == "blobs" else target.write_bytes(b"")
    (folder / name).symlink_to(target)

    recorder = await record(Recordings(folder), run())

    assert "link to another place" in recorder.notices[0]
    assert [path for path in outside.rglob("*") if path.is_file() and path.read_bytes()] == []


async def test_a_write_that_the_disk_refuses_leaves_the_file_as_it_was(tmp_path, monkeypatch):
    """When the disk takes a part of the line only, the part is taken back and the notice says so."""
    recordings = Recordings(tmp_path)
    await record(recordings, run())
    before = (tmp_path / FILE).read_bytes()
    whole = os.write
    monkeypatch.setattr(os, "write", lambda descriptor, data: whole(descriptor, data[:10]))

    recorder = await record(recordings, run(picture("green")))

    assert "only a part" in recorder.notices[0]
    assert (tmp_path / FILE).read_bytes() == before


# Upkeep


async def test_trim_removes_what_no_line_mentions(tmp_path):
    """Pictures of a replaced take and leftovers of a crash go; all others stay."""
    await record(Recordings(tmp_path), run(picture("red")))
    await record(Recordings(tmp_path), run(picture("green")))
    (tmp_path / "blobs" / ".cafe.tmp").write_bytes(b"left over")
    listed = checks.unused(tmp_path)

    removed = checks.trim(tmp_path)

    assert removed == listed
    assert len(removed) == 2
    assert checks.verify(tmp_path) == checks.unused(tmp_path) == ()


async def test_trim_refuses_while_a_line_is_damaged(tmp_path):
    """Nobody can say which pictures a damaged line needs."""
    await record(Recordings(tmp_path), run())
    (tmp_path / FILE).write_bytes((tmp_path / FILE).read_bytes()[:30])
    before = contents(tmp_path)

    with pytest.raises(StoreError, match="nothing was removed"):
        checks.trim(tmp_path)

    assert contents(tmp_path) == before


async def test_verify_names_every_problem(tmp_path):
    """Missing and changed pictures, files that are none, and repeated lines are each one sentence."""
    await record(Recordings(tmp_path), run())
    file = tmp_path / FILE
    file.write_bytes(file.read_bytes() * 2)
    [gone, changed] = sorted((tmp_path / "blobs").iterdir())
    gone.unlink()
    changed.write_bytes(b"other")

    problems = checks.verify(tmp_path)

    assert "line 2 of recordings.jsonl repeats take 1 of line 1" in problems
    assert any(gone.name in problem and "is missing; line 1 needs it" in problem for problem in problems)
    assert any(changed.name in problem and "was changed" in problem for problem in problems)
    assert len(problems) == 3


async def test_verify_names_a_line_with_a_key(tmp_path):
    """A key that someone put into a prompt fails a course's CI."""
    await record(Recordings(tmp_path), run(), request=replace(REQUEST, prompt="sk-proj-abcdefghij0123456789 a fox"))

    assert checks.verify(tmp_path) == ("line 1 of recordings.jsonl holds what looks like a key",)


async def test_a_picture_that_is_none_is_found_by_verify(tmp_path):
    """A file with the right hash that is no image is named."""
    await record(Recordings(tmp_path), [completed()])
    file = tmp_path / FILE
    blob = json.loads(file.read_bytes())["events"][0]["blob"]
    fake = hashlib.sha256(b"text").hexdigest() + ".png"
    (tmp_path / "blobs" / fake).write_bytes(b"text")
    file.write_bytes(file.read_bytes().replace(blob.encode(), fake.encode()))

    assert checks.verify(tmp_path) == (f"blobs/{fake} is not a picture; line 1 needs it",)


async def test_size_and_listing_tell_what_is_there(tmp_path):
    """Runs, pictures and bytes; the lines in their order."""
    await record(Recordings(tmp_path), run())

    size = checks.size(tmp_path)

    assert (size.runs, size.pictures, size.unused_bytes) == (1, 2, 0)
    assert size.bytes == sum(map(len, contents(tmp_path).values()))
    assert [(line.number, line.recording.recorded_at) for line in checks.listing(tmp_path)] == [(1, MADE)]


FAILS = [ImageFailed(elapsed_s=0.1, error=ContentRefused("the prompt was refused", status=400))]


async def test_a_failure_never_replaces_pictures(tmp_path):
    """A key of another account, or a moderation that became stricter, does not take a lesson's pictures away."""
    await record(Recordings(tmp_path), run())
    before = contents(tmp_path)

    recorder = await record(Recordings(tmp_path), FAILS)

    assert "take 1 has its pictures" in recorder.notices[0]
    assert contents(tmp_path) == before


async def test_pictures_replace_a_failure(tmp_path):
    """The other way round it is what the teacher wants."""
    await record(Recordings(tmp_path), FAILS)

    await record(Recordings(tmp_path), run())

    [line] = Recordings(tmp_path).lines
    assert line.recording.drew


SERVER = Provider(name="openai", dialect="openai", base_url="https://api.openai.com/v1")
PRACTICE = Provider(name="simulator", dialect="simulator", base_url="http://127.0.0.1:1/v1")


@pytest.mark.parametrize("takes", [1, 2])
async def test_the_simulator_never_replaces_what_a_server_drew(tmp_path, takes):
    """Whichever take; unless the user named the simulator for the very request."""
    servers = Recordings(tmp_path)
    for _ in range(takes):
        await record(servers, run(), provider=SERVER)
    before = contents(tmp_path)
    recordings = Recordings(tmp_path)

    refused = await record(recordings, run(picture("green")), provider=PRACTICE)
    unchanged = contents(tmp_path) == before
    recordings.let_replace(RecordedRequest.of(REQUEST).key)
    replaced = await record(recordings, run(picture("green")), provider=PRACTICE)
    again = await record(recordings, run(picture("blue")), provider=PRACTICE)

    assert "a server drew take 1" in refused.notices[0]
    assert unchanged
    assert replaced.notices == ()
    assert "a server drew take 2" in again.notices[0] if takes == 2 else again.notices == ()


@pytest.mark.parametrize("kind", ["link", "pipe", "huge"])
@pytest.mark.parametrize("place", ["file", "picture"])
async def test_only_plain_files_are_read(tmp_path, place, kind):
    """A link, a pipe and a file without end in a folder that somebody sent are refused at once."""
    folder = tmp_path / "lesson.imgmagic"
    await record(Recordings(folder), run())
    path = folder / FILE if place == "file" else max((folder / "blobs").iterdir())
    whole = path.read_bytes()
    path.unlink()
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "link":
        (tmp_path / "outside").write_bytes(whole)
        path.symlink_to(tmp_path / "outside")
    else:
        with path.open("wb") as file:
            file.truncate(2**40)

    with pytest.raises(StoreError if place == "file" else ImgmagicError, match=r"link|not a file|more than"):
        await play(folder)
    assert checks.verify(folder) or kind == "pipe"


async def test_a_recording_of_a_thousand_pictures_is_damaged(tmp_path):
    """No server draws so many in one call; a line that says so would keep a notebook busy for minutes."""
    await record(Recordings(tmp_path), run())
    line = (tmp_path / FILE).read_bytes()
    event = json.loads(line)["events"][-2]
    (tmp_path / FILE).write_bytes(json.dumps({**json.loads(line), "events": [{**event, "index": 32}]}).encode())

    assert "is damaged" in checks.verify(tmp_path)[0]
