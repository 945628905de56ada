import hashlib
import io
import os
import subprocess
import sys
from datetime import UTC, datetime

import pytest
from PIL import Image

from imgmagic.domain.request import ImageRequest
from imgmagic.recordings.__main__ import main
from imgmagic.recordings.blobs import blob_name
from imgmagic.recordings.event_format import to_form
from imgmagic.recordings.folder import FILE, Recordings
from imgmagic.recordings.recording import FORMAT, RecordedRequest, Recording
from tests.support.pictures import completed_image


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "lesson.imgmagic"
    _record(folder, "a red\nfox \x1b[31m")
    return folder


def _record(folder, prompt, colour="red", *, dialect="openai", model="gpt-image-2"):
    file = io.BytesIO()
    Image.new("RGB", (4, 4), colour).save(file, "png")
    event = completed_image(elapsed_s=1.0, data=file.getvalue(), format="png", width=4, height=4)
    request = RecordedRequest.of(ImageRequest(prompt=prompt, model="gpt-image-2"))
    recording = Recording(
        format=FORMAT,
        key=request.key,
        take=1,
        recorded_at=datetime(2026, 11, 22, tzinfo=UTC),
        request=request,
        elapsed_s=1.0,
        model=model,
        dialect=dialect,
        events=(to_form(event, blob_name, str),),
    )
    Recordings(folder).record(recording, [(event.data, "png")])


def test_verify_of_a_sound_folder_exits_0(folder, capsys):
    """A course's CI passes, and reads one line."""
    status = main(["verify", str(folder)])

    assert status == 0
    assert capsys.readouterr().out.endswith(f"1 runs, 1 pictures, {_bytes(folder)} bytes; all is well\n")


def _bytes(folder):
    return str(sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()))


def test_verify_prints_a_line_a_problem_and_exits_1(folder):
    """Run as a course's CI runs it: each problem is one line, and the exit status fails the build."""
    [picture] = (folder / "blobs").iterdir()
    picture.unlink()
    with (folder / FILE).open("ab") as file:
        file.write(b"{broken\n")

    ran = subprocess.run(
        [sys.executable, "-m", "imgmagic.recordings", "verify", str(folder)],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip

    assert (ran.returncode, ran.stderr) == (1, "")
    assert [line.partition(" ")[0] for line in ran.stdout.splitlines()] == ["line", f"blobs/{picture.name}"]


@pytest.mark.parametrize("command", ["verify", "list", "unused", "trim", "size"])
def test_a_folder_without_recordings_exits_1(tmp_path, capsys, command):
    """A wrong path in a course's CI must not pass as a sound folder; nothing is made there."""
    status = main([command, str(tmp_path / "nowhere")])

    assert status == 1
    assert "holds no recordings" in capsys.readouterr().out
    assert list(tmp_path.iterdir()) == []


def test_list_shows_a_run_a_line(folder, capsys):
    """Line, date, model, take and prompt; what a prompt does to a terminal is taken out."""
    main(["list", str(folder)])

    assert capsys.readouterr().out == "1  2026-11-22  gpt-image-2  take 1  a red fox\n"


@pytest.fixture
def unused(folder):
    """Put a picture that no recording needs into the folder, and return its name."""
    name = hashlib.sha256(b"old").hexdigest() + ".png"
    (folder / "blobs" / name).write_bytes(b"old")
    return name


def test_trim_shows_what_it_would_set_aside(folder, unused, capsys):
    """It changes nothing."""
    main(["trim", str(folder)])

    assert capsys.readouterr().out == f"blobs/{unused}\ntrim would set 1 unused file aside; trim-now does\n"
    assert (folder / "blobs" / unused).exists()


def test_trimming_keeps_a_backup_until_told(folder, unused, capsys):
    """The files lie in `trimmed` until they are deleted, and come back by moving them."""
    needed = {each.name for each in (folder / "blobs").iterdir()} - {unused}

    main(["trim-now", str(folder)])
    backup = (folder / "trimmed" / unused).read_bytes()
    main(["delete-trimmed", str(folder)])

    assert backup == b"old"
    assert not (folder / "trimmed").exists()
    assert {each.name for each in (folder / "blobs").iterdir()} == needed
    assert capsys.readouterr().out.splitlines() == [
        f"blobs/{unused}",
        "1 unused file set aside in trimmed/; delete-trimmed deletes them for good",
        f"deleted trimmed/{unused}",
        "1 file deleted",
    ]


@pytest.mark.parametrize("command", ["trim", "trim-now", "unused"])
def test_nothing_unused_is_nothing_to_do(folder, capsys, command):
    """And makes no folder."""
    main([command, str(folder)])

    assert capsys.readouterr().out in ("nothing is unused\n", "")
    assert not (folder / "trimmed").exists()


def test_trimming_leaves_the_files_of_others(folder):
    """What has no name of ours was put there by somebody, and what cannot be ours is not looked through."""
    (folder / "blobs" / "notes.txt").write_text("mine")
    (folder / "blobs" / "deep").mkdir()
    os.mkfifo(folder / "blobs" / ("0" * 64 + ".png"))
    (folder / "blobs" / ("1" * 64 + ".png")).symlink_to(folder / FILE)
    before = sorted(each.name for each in (folder / "blobs").iterdir())

    main(["trim-now", str(folder)])

    assert sorted(each.name for each in (folder / "blobs").iterdir()) == before


@pytest.mark.parametrize("command", ["unused", "trim", "trim-now", "size", "verify"])
def test_a_blobs_folder_that_is_a_link_is_not_looked_into(folder, tmp_path, capsys, command):
    """It may lead to the documents of whoever runs the command."""
    outside = tmp_path / "documents"
    (folder / "blobs").rename(outside)
    (folder / "blobs").symlink_to(outside)
    (outside / ("0" * 64 + ".png")).write_bytes(b"mine")
    before = {each.name for each in outside.iterdir()}

    assert main([command, str(folder)]) == 1

    assert "is a link to another place" in capsys.readouterr().out
    assert {each.name for each in outside.iterdir()} == before


@pytest.mark.parametrize("command", ["trim-now", "delete-trimmed"])
def test_a_backup_that_is_a_link_is_not_written_into(folder, unused, tmp_path, capsys, command):
    """Nor is anything deleted there."""
    (tmp_path / unused).write_bytes(b"mine")
    (folder / "trimmed").symlink_to(tmp_path)

    assert main([command, str(folder)]) == 1

    assert "is a link to another place" in capsys.readouterr().out
    assert (tmp_path / unused).read_bytes() == b"mine"


def test_verify_names_a_folder_of_mixed_origin(folder, capsys):
    """A teacher learns which lines the simulator drew before the lesson is published."""
    _record(folder, "a practice fox", dialect="simulator")

    assert main(["verify", str(folder)]) == 1
    assert capsys.readouterr().out == (
        "the recordings are of mixed origin: the simulator drew 1 run (line 2), servers drew 1\n"
    )


@pytest.mark.parametrize("command", ["verify", "list", "unused", "trim", "size"])
def test_no_word_of_a_recording_steers_a_terminal(folder, capsys, command):
    """Prompts, models, names of errors and whatever a damaged line holds."""
    _record(folder, "\x1b]0;title\x07\x1b[31m\u202ered\r\n", model="\x1b[2Jmodel")
    with (folder / FILE).open("ab") as file:
        file.write(b'{"\\u001b[31m\\u202e": 1}\n{"format": "\\u001b[31m"}\n')

    main([command, str(folder)])

    assert not {"\x1b", "\x07", "\u202e", "\r"} & set(capsys.readouterr().out)


def test_the_command_writes_to_a_terminal_of_ascii(folder):
    """Letters that it has not are replaced."""
    _record(folder, "a fox — 狐")

    ran = subprocess.run(
        [sys.executable, "-m", "imgmagic.recordings", "list", str(folder)],
        capture_output=True, timeout=60, check=True, env={**os.environ, "PYTHONIOENCODING": "ascii"},
    )  # fmt: skip

    assert b"a fox ? ?" in ran.stdout


def test_size_counts(folder, capsys):
    """One line with runs, pictures and bytes."""
    main(["size", str(folder)])

    assert capsys.readouterr().out == f"1 runs, 1 pictures, {_bytes(folder)} bytes\n"


def test_an_unknown_command_exits_2(folder, capsys):
    """Usage errors are told from problems in the folder, and list what there is."""
    with pytest.raises(SystemExit) as caught:
        main(["check", str(folder)])

    assert caught.value.code == 2
    assert "verify" in capsys.readouterr().err
