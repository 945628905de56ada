"""Pictures that were paid for: partial ones of a stream that broke, and addresses that did not answer."""

import base64
import hashlib
import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from imgmagic.config.settings import Settings
from imgmagic.domain.generation import Status
from imgmagic.errors import DownloadFailed, StoreError
from imgmagic.notebook.commands.history import record_facts
from imgmagic.notebook.output.figure import figure_html
from imgmagic.session import Session
from imgmagic.store.stored_image import ImageKind
from tests.support.answering import Answer, answering
from tests.support.staged_replies import completed, event, packed, partial, png

KEY = "sk-marked-0123456789abcdef"
ADDRESS = "/files/1.png?signature=abc"


@pytest.fixture
def gate() -> dict[str, Answer]:
    """Return what the server answers for a picture's address: a refusal, until the test opens it."""
    return {"file": Answer(status=403)}


@pytest.fixture
def session(tmp_path: Path, gate: dict[str, Answer]) -> Iterator[Session]:
    def answer(_: object, body: bytes) -> Answer:
        if json.loads(body).get("stream"):
            stream = partial(png(8, 4), 0) + partial(png(9, 5), 1)
            return Answer(body=stream, content_type="text/event-stream")
        return Answer(body=json.dumps({"data": [{"url": ADDRESS}]}).encode())

    with answering(answer, file=lambda _: gate["file"]) as base_url:
        environ = {"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": base_url, "IMGMAGIC_HOME": str(tmp_path / "home")}
        session = Session(Settings(environ=environ, folder=tmp_path))
        yield session
        session.close()


def draw(session: Session, *, stream: bool) -> int:
    plan = session.plan(
        "a fox", provider="openai", model="gpt-image-2", stream=stream, partial_images=2 if stream else None
    )
    generation = session.start(plan).generation(20)
    assert generation.status is Status.FAILED
    assert generation.id is not None
    return generation.id


def test_the_last_partial_image_of_a_cut_stream_is_kept_as_partial(session: Session) -> None:
    """It may have been billed, and is never passed off as the result."""
    number = draw(session, stream=True)

    record = session.archive.history.get(number)
    assert record is not None
    assert record.images == ()
    (kept,) = record.partials
    assert (kept.kind, kept.width, kept.height) == (ImageKind.PARTIAL, 9, 5)
    assert session.archive.images.load(kept.sha256) == png(9, 5)


def test_an_address_that_does_not_answer_is_kept_and_asked_again(session: Session, gate: dict[str, Answer]) -> None:
    """The picture was paid for: its address is in the record, and no message holds its signature."""
    number = draw(session, stream=False)
    record = session.archive.history.get(number)
    assert record is not None
    assert [missing.address for missing in record.unfetched] == [ADDRESS]
    assert "signature" not in f"{record.error_message} {record.unfetched[0].reason}"
    assert record.error_message is not None
    assert f"%imgmagic fetch {number} asks for the picture again" in record.error_message

    with pytest.raises(DownloadFailed, match="answered 403"):
        session.fetch(record)
    gate["file"] = Answer(body=png(), content_type="image/png")
    generation = session.fetch(record)

    assert [image.data for image in generation.images] == [png()]
    after = session.archive.history.get(number)
    assert after is not None
    assert after.unfetched == ()
    with pytest.raises(StoreError, match="#1 has no picture to fetch"):
        session.fetch(after)


def test_the_notes_of_a_picture_that_is_fetched_later_hold_no_key(session: Session, gate: dict[str, Answer]) -> None:
    """A picture whose address answers later is cleaned as one that comes at once."""
    number = draw(session, stream=False)
    record = session.archive.history.get(number)
    assert record is not None
    gate["file"] = Answer(body=png(rest=b"\0\0\0\x1etEXtkey\0" + KEY.encode() + bytes(4)), content_type="image/png")

    (image,) = session.fetch(record).images

    assert KEY.encode() not in image.data
    assert KEY.encode() not in image.path.read_bytes()


@pytest.mark.parametrize("length", [4, 100], ids=["its first bytes", "its header"])
def test_a_picture_that_was_cut_off_is_kept(tmp_path: Path, length: int) -> None:
    """Of a JPEG that ends in its header the bytes are on the disk, and the record names them."""
    cut = (b"\xff\xd8\xff\xe0\0\x10JFIF\0" + bytes(200))[:length]
    body = json.dumps({"data": [{"b64_json": base64.b64encode(cut).decode()}]}).encode()
    with answering(lambda *_: Answer(body=body)) as base_url:
        environ = {"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": base_url, "IMGMAGIC_HOME": str(tmp_path / "home")}
        session = Session(Settings(environ=environ, folder=tmp_path))
        generation = session.imagine("a fox", provider="openai", model="gpt-image-2", stream=False)

        record = session.archive.history.get(generation.id)
        assert (record.images[0].format, record.images[0].width) == ("jpeg", 0)
        assert session.archive.images.load(record.images[0].sha256) == cut
        assert "cannot be shown here" in figure_html(generation)
        session.close()


ADDRESSES = ["/files/1.png?signature=abc", "/files/2.png?signature=abc"]


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
def test_a_stop_while_a_picture_is_fetched_keeps_its_address(tmp_path: Path, stream: bool) -> None:
    """Also those of the pictures after it; they are in the record before the wait begins, so a kill keeps them, too."""
    is_asked, go_on = threading.Event(), threading.Event()

    def answer(_: object, body: bytes) -> Answer:
        if stream:
            said = event("image_generation.completed", {"url": ADDRESSES[0]})
            return Answer(body=said, content_type="text/event-stream")
        return Answer(body=json.dumps({"data": [{"url": each} for each in ADDRESSES]}).encode())

    def file(_: str) -> Answer:
        is_asked.set()
        go_on.wait(20)
        return Answer(body=png(), content_type="image/png")

    expected = ADDRESSES[:1] if stream else ADDRESSES
    with answering(answer, file=file) as base_url:
        environ = {"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": base_url, "IMGMAGIC_HOME": str(tmp_path / "home")}
        session = Session(Settings(environ=environ, folder=tmp_path))
        job = session.start(
            session.plan("a fox", provider="openai", model="gpt-image-2", n=len(expected), stream=stream)
        )
        assert is_asked.wait(20)
        running = session.archive.history.get(job.number)
        assert [each.address for each in running.unfetched] == expected

        job.cancel()
        generation = job.generation(20)

        assert generation.status is Status.CANCELLED
        assert f"%imgmagic fetch {job.number} asks for the picture" in " ".join(generation.notices)
        assert "signature" not in figure_html(generation)
        record = session.archive.history.get(job.number)
        assert [each.address for each in record.unfetched] == expected
        assert "%imgmagic fetch" in dict(record_facts(record))["not here"]
        go_on.set()
        assert [image.data for image in session.fetch(record).images] == [png()] * len(expected)
        assert session.archive.history.get(job.number).unfetched == ()
        session.close()


def test_an_address_is_forgotten_once_its_picture_is_here(tmp_path: Path) -> None:
    """What came has nothing left to fetch, and the figure says nothing of it."""
    file = Answer(body=png(), content_type="image/png")
    with asking(tmp_path / "home", as_json({"url": ADDRESS}), file) as session:
        generation = session.imagine("a fox", provider="openai", model="gpt-image-2", stream=False)

        assert generation.notices == ()
        assert session.archive.history.get(generation.id).unfetched == ()


UNKNOWN = b"NEWPIC\x01\x00" + bytes(range(256)) * 4
JXL = b"\xff\x0a" + bytes([0b0100_0001, 0]) + bytes(200)
ICO = b"\0\0\1\0\1\0\x20\x20\0\0\1\0\x20\0\x10\0\0\0\x16\0\0\0" + bytes(16)
PSD = b"8BPS\0\x01" + bytes(6) + b"\0\x03" + (11).to_bytes(4) + (37).to_bytes(4) + b"\0\x08\0\x03" + bytes(60)


def as_json(picture: Mapping[str, str]) -> Answer:
    return Answer(body=json.dumps({"data": [picture]}).encode())


# Each way in which a picture comes.
WAYS: dict[str, Callable[[bytes], Answer]] = {
    "base64": lambda data: as_json({"b64_json": base64.b64encode(data).decode()}),
    "base64 in lines": lambda data: as_json({"b64_json": base64.encodebytes(data).decode()}),
    "a data: address": lambda data: as_json({"url": f"data:image/x-new;base64,{base64.b64encode(data).decode()}"}),
    "an address": lambda _: as_json({"url": "/files/1"}),
    "a list": lambda data: Answer(body=json.dumps({"images": [base64.b64encode(data).decode()]}).encode()),
    "a stream": lambda data: Answer(body=completed(data), content_type="text/event-stream"),
    "bare bytes": lambda data: Answer(body=data, content_type="image/x-new"),
    "bytes of no type": lambda data: Answer(body=data, content_type="application/octet-stream"),
    "an archive": lambda data: Answer(body=packed(data), content_type="application/zip"),
}


@contextmanager
def asking(home: Path, answer: Answer, file: Answer) -> Iterator[Session]:
    """Open a session whose provider answers so, also for the address of a picture."""
    with answering(lambda *_: answer, file=lambda _: file) as base_url:
        environ = {"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": base_url, "IMGMAGIC_HOME": str(home)}
        session = Session(Settings(environ=environ, folder=home.parent))
        yield session
        session.close()


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("data", "form"),
    [(UNKNOWN, "bin"), (JXL, "jxl"), (ICO, "ico"), (PSD, "psd")],
    ids=["unknown", "JPEG XL", "icon", "Photoshop"],
)
def test_a_picture_that_nobody_can_show_is_kept(tmp_path: Path, way: str, data: bytes, form: str) -> None:
    """However it comes, its bytes are on the disk under their hash, it has a name, and the figure says so."""
    with asking(tmp_path / "home", WAYS[way](data), Answer(body=data, content_type="image/x-new")) as session:
        generation = session.imagine("a fox", provider="openai", model="gpt-image-2", stream=way == "a stream")

        (image,) = generation.images
        assert (image.format, image.data) == (form, data)
        assert image.path.read_bytes() == data
        assert image.name.endswith(f".{form}")
        assert list((tmp_path / "home" / "images").rglob(f"{hashlib.sha256(data).hexdigest()}.{form}"))
        assert "cannot be shown here" in figure_html(generation)
        assert "0×0" not in figure_html(generation)
        record = session.archive.history.get(generation.id)
        assert [(each.format, each.sha256) for each in record.images] == [(form, hashlib.sha256(data).hexdigest())]
        assert image.save(tmp_path / "copy").read_bytes() == data


WORDS = b"Your picture is being drawn by somebody else, so please come back later for it."
PAGE = b"<!doctype html><title>Sign in</title><p>This is a page and no picture at all.\x01</p>"


@pytest.mark.parametrize("way", [way for way in WAYS if way != "a list"])
@pytest.mark.parametrize("data", [WORDS, PAGE, PAGE.decode().encode("utf-16")], ids=["words", "page", "wide page"])
def test_a_page_in_the_place_of_a_picture_is_an_error(tmp_path: Path, way: str, data: bytes) -> None:
    """Text is never kept as a picture, whatever the server calls it."""
    with asking(tmp_path / "home", WAYS[way](data), Answer(body=data, content_type="image/png")) as session:
        plan = session.plan("a fox", provider="openai", model="gpt-image-2", stream=way == "a stream")
        generation = session.start(plan).generation(20)

        assert generation.status is Status.FAILED
        assert generation.images == ()


DRAW = r"""
import sys
from imgmagic.session import Session
generation = Session().imagine("\u65e5\u672c\u306e\u72d0", provider="openai", model="gpt-image-2", stream=False, n=2)
print(sys.getfilesystemencoding(), generation.status, len(generation.images), generation.notices)
print(*[image.path.read_bytes() == image.data for image in generation.images])
"""


def test_where_names_are_ascii_every_picture_is_kept(tmp_path: Path) -> None:
    """A dated name that the system cannot write is done without; the pictures after it come, too."""
    pictures = [{"b64_json": base64.b64encode(png(width)).decode()} for width in (8, 9)]
    with answering(lambda *_: Answer(body=json.dumps({"data": pictures}).encode())) as base_url:
        environ = {"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": base_url, "IMGMAGIC_HOME": str(tmp_path / "home")}
        ascii_only = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
        ran = subprocess.run(
            [sys.executable, "-c", DRAW],
            env={**os.environ, **environ, **ascii_only},
            capture_output=True,
            text=True,
            check=True,
        )

    assert ran.stdout.splitlines() == ["ascii completed 2 ()", "True True"]


def test_a_fault_of_our_own_is_told_and_costs_no_picture(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever goes wrong where a picture is kept, those behind it come, and all are in memory."""

    def fail(_: int) -> None:
        raise ZeroDivisionError("of our own")

    pictures = [{"b64_json": base64.b64encode(png(width)).decode()} for width in (8, 9)]
    with answering(lambda *_: Answer(body=json.dumps({"data": pictures}).encode())) as base_url:
        environ = {"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": base_url, "IMGMAGIC_HOME": str(tmp_path / "home")}
        session = Session(Settings(environ=environ, folder=tmp_path))
        monkeypatch.setattr(os, "fsync", fail)
        generation = session.imagine("a fox", provider="openai", model="gpt-image-2", stream=False, n=2)
        session.close()

    assert [image.data for image in generation.images] == [png(8), png(9)]
    (notice,) = generation.notices
    assert "kept in memory only, as imgmagic itself failed (ZeroDivisionError: of our own)" in notice
