"""Pictures that were paid for: partial ones of a stream that broke, and addresses that did not answer."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from imgmagic.config.settings import Settings
from imgmagic.domain.generation import Status
from imgmagic.errors import DownloadFailed, StoreError
from imgmagic.session import Session
from imgmagic.store.stored_image import ImageKind
from tests.support.answering import Answer, answering
from tests.support.staged_replies import partial, png

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

    with pytest.raises(DownloadFailed, match="answered 403"):
        session.fetch(record)
    gate["file"] = Answer(body=png(), content_type="image/png")
    generation = session.fetch(record)

    assert [image.data for image in generation.images] == [png()]
    after = session.archive.history.get(number)
    assert after is not None
    assert after.unfetched == ()
    with pytest.raises(StoreError, match="no picture of #1 is to be fetched"):
        session.fetch(after)
