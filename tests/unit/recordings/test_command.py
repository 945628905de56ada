import hashlib
import io
import subprocess
import sys
from datetime import UTC, datetime

import pytest
from PIL import Image

from imgmagic.domain.events import CompletedImage
from imgmagic.domain.request import ImageRequest
from imgmagic.recordings.__main__ import main
from imgmagic.recordings.blobs import blob_name
from imgmagic.recordings.event_format import written
from imgmagic.recordings.folder import FILE, Recordings
from imgmagic.recordings.recording import FORMAT, RecordedRequest, Recording


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "lesson.imgmagic"
    _record(folder, "a red\nfox \x1b[31m")
    return folder


def _record(folder, prompt, colour="red"):
    file = io.BytesIO()
    Image.new("RGB", (4, 4), colour).save(file, "png")
    event = CompletedImage(elapsed_s=1.0, data=file.getvalue(), format="png", width=4, height=4)
    request = RecordedRequest.of(ImageRequest(prompt=prompt, model="gpt-image-2"))
    recording = Recording(
        format=FORMAT,
        key=request.key,
        take=1,
        recorded_at=datetime(2026, 11, 22, tzinfo=UTC),
        request=request,
        elapsed_s=1.0,
        model="gpt-image-2",
        events=(written(event, blob_name, str),),
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

    assert capsys.readouterr().out == "1  2026-11-22  gpt-image-2  take 1  a red fox  [31m\n"


def test_trim_removes_what_unused_lists(folder, capsys):
    """`unused` looks, `trim` removes, and both name the files."""
    name = hashlib.sha256(b"old").hexdigest() + ".png"
    (folder / "blobs" / name).write_bytes(b"old")

    main(["unused", str(folder)])
    main(["trim", str(folder)])

    assert capsys.readouterr().out == f"blobs/{name}\nremoved blobs/{name}\n1 unused files removed\n"
    assert not (folder / "blobs" / name).exists()


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
