"""Picture notes: a key in the texts of a picture is written over, and the picture stays whole."""

import io

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from imgmagic.domain.events import CompletedImage, Notice
from imgmagic.wire.picture_notes import holds_key, without_key
from tests.support.staged_replies import KEY, STREAM, Asker, asked, completed, images, only, partial
from tests.support.staged_server import Stage, reply


def noted(form: str) -> bytes:
    file, notes = io.BytesIO(), PngInfo()
    notes.add_text("Comment", f"drawn for {KEY}")
    options: dict[str, object] = {"pnginfo": notes} if form == "PNG" else {"comment": KEY.encode()}
    Image.new("RGB", (8, 4), "teal").save(file, form, **options)
    return file.getvalue()


@pytest.mark.parametrize("form", ["PNG", "JPEG", "GIF"])
def test_a_key_in_a_pictures_notes_is_written_over(form: str) -> None:
    """The pixels are the same, and a reader finds no fault."""
    data = noted(form)

    clean = without_key(data, (KEY,))

    assert holds_key(data, (KEY,))
    assert not holds_key(clean, (KEY,))
    assert len(clean) == len(data)
    with Image.open(io.BytesIO(clean)) as after, Image.open(io.BytesIO(data)) as before:
        assert after.convert("RGB").tobytes() == before.convert("RGB").tobytes()


@pytest.mark.parametrize("kind", ["zTXt", "iTXt"])
def test_a_key_in_a_compressed_note_is_left_out(kind: str) -> None:
    """The note goes, and the picture and its other notes stay."""
    file, notes = io.BytesIO(), PngInfo()
    notes.add_text("Comment", f"drawn for {KEY}", zip=True) if kind == "zTXt" else notes.add_itxt(
        "Comment", f"drawn for {KEY}", zip=True
    )
    notes.add_text("Title", "a fox", zip=True)
    Image.new("RGB", (8, 4), "teal").save(file, "PNG", pnginfo=notes)
    data = file.getvalue()
    assert KEY.encode() not in data

    clean = without_key(data, (KEY,))

    assert holds_key(data, (KEY,))
    assert not holds_key(clean, (KEY,))
    with Image.open(io.BytesIO(clean)) as after:
        assert after.info == {"Title": "a fox"}
        assert after.getpixel((0, 0)) == (0, 128, 128)


@pytest.mark.parametrize("data", [b"", b"\x89PNG\r\n\x1a\n", noted("PNG")[:60], noted("PNG")[:-3]])
def test_a_picture_that_is_cut_off_is_survived(data: bytes) -> None:
    """Whatever is there is walked, and no more."""
    assert not holds_key(without_key(data, (KEY,)), (KEY,))


def test_a_short_key_is_not_looked_for() -> None:
    """A few letters stand in any picture by chance."""
    assert without_key(b"abcabc", ("abc",)) == b"abcabc"


@pytest.mark.anyio
@pytest.mark.parametrize("stream", [False, True])
async def test_what_is_kept_and_told_holds_no_key(stage: Stage, asker: Asker, stream: bool) -> None:
    """Neither the picture nor its partial ones bring the key into the store, a recording or the page."""
    data = noted("PNG")
    stage.play([STREAM, partial(data), completed(data)] if stream else [reply(images(data))])

    events = await asker.run(asked(stream=stream))

    assert not any(KEY.encode() in getattr(each, "data", b"") for each in events)
    assert len(only(events, CompletedImage)) == 1
    assert "contained the key" in only(events, Notice)[0].text
