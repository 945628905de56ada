"""The painter in the kernel: what a page says is kept, and what a saved notebook shows of it."""

import asyncio
import io
import re
from typing import Any

import pytest
from PIL import Image

from imgmagic.domain.source_picture import SourcePicture
from imgmagic.errors import RequestInvalid, SettingsError
from imgmagic.notebook.painter.paint import PAUSE_S, Later, open_painter
from imgmagic.notebook.painter.painted import composite, painted_html
from imgmagic.notebook.painter.painter import Painter
from imgmagic.notebook.painter.painting import MOST_BYTES
from imgmagic.runs.inputs.masks import read_markup, read_mask
from imgmagic.runs.inputs.references import Reference
from tests.support.source_pictures import drawn, grey_png, left_half, source

PICTURE = source(drawn((4, 3)), '#12 "<b>')


class Page:
    """The other end of the widget: says what a page says, and hears what the kernel sends."""

    def __init__(self) -> None:
        self.heard: list[tuple[Any, list[bytes]]] = []
        self.place = "place-1"

    def on_msg(self, hear: Any) -> None:
        self.say = lambda content, *buffers: hear(self, content, list(buffers))

    def send(self, content: Any, buffers: list[bytes]) -> None:
        self.heard.append((content, buffers))

    def close(self) -> None:
        """Nothing to take away."""


def opened(mode: Any = "mask", picture: SourcePicture = PICTURE) -> tuple[Painter, Page, list[Painter]]:
    page, changes = Page(), []
    return Painter(picture, mode=mode, changed=changes.append, widget=page), page, changes  # type: ignore[arg-type]


def test_what_a_page_paints_is_the_mask() -> None:
    """It is a mask of the picture's size, empty at first, and whoever shows it is told."""
    painter, page, changes = opened()
    assert painter.mask is not None
    assert painter.mask.share == 0

    page.say({"kind": "painted"}, memoryview(grey_png(left_half())))

    assert painter.mask == left_half()
    assert changes == [painter]
    assert "50.0% of #12" in repr(painter)


def test_a_page_that_is_loaded_again_goes_on_with_what_was_painted() -> None:
    """The painting lives in the kernel: each page gets the picture and the mask."""
    _, page, _ = opened()
    page.say({"kind": "painted"}, grey_png(left_half()))

    page.say({"kind": "hello"})

    content, buffers = page.heard[-1]
    assert (content["width"], content["height"], content["mode"]) == (4, 3, "mask")
    assert buffers == [PICTURE.data, grey_png(left_half())]


@pytest.mark.parametrize(
    "message",
    [
        ({"kind": "painted"},),
        ({"kind": "painted"}, b"not a picture"),
        ({"kind": "painted"}, grey_png(left_half(8, 6))),
        ({"kind": "painted"}, drawn((4, 3), form="jpeg")),
        ({"kind": "painted"}, b"\x89PNG\r\n\x1a\n" + bytes(MOST_BYTES)),
        ({"kind": "painted"}, grey_png(left_half()), grey_png(left_half())),
        ({"kind": "else"}, grey_png(left_half())),
        ({}, grey_png(left_half())),
    ],
)
def test_what_no_page_of_ours_says_is_not_kept(message: tuple[Any, ...]) -> None:
    """Other sizes, other formats and other bytes change nothing."""
    painter, page, changes = opened()

    page.say(*message)

    assert painter.mask is not None
    assert painter.mask.share == 0
    assert changes == []


def test_a_painter_is_given_as_a_mask_or_a_markup() -> None:
    """A request takes it as it takes any other reference."""
    painter, page, _ = opened()
    page.say({"kind": "painted"}, grey_png(left_half()))
    drawer, other, _ = opened("markup")
    arrow = Image.new("RGBA", (4, 3))
    arrow.putpixel((1, 1), (255, 0, 0, 255))
    file = io.BytesIO()
    arrow.save(file, format="PNG")
    other.say({"kind": "painted"}, file.getvalue())

    def nobody(number: int) -> Any:
        raise AssertionError(number)

    mask = read_mask(Reference(name="@mask", value=painter), nobody, PICTURE, (4, 3))
    markup = read_markup(Reference(name="@arrows", value=drawer), nobody, PICTURE)

    assert mask.data == grey_png(left_half())
    assert markup.data == file.getvalue()
    assert (painter.markup, drawer.mask) == (None, None)


def test_a_saved_notebook_keeps_a_small_plain_picture() -> None:
    """No script, no widget; the name of the picture is text; the mask shows as colour over the picture."""
    painter, page, _ = opened(picture=source(drawn((3000, 2000)), '#12 "<b>'))
    page.say({"kind": "painted"}, grey_png(left_half(3000, 2000)))

    html = painted_html(painter)

    assert "<b>" not in html
    assert re.findall(r"<(\w+)", html) == ["figure", "img", "figcaption"]
    assert len(html) < 150_000
    assert "mask of #12 &#34;&lt;b&gt;: 50.0% may change" in html
    with Image.open(io.BytesIO(composite(painter))) as image:
        assert max(image.size) == 768
        assert image.getpixel((10, 10)) != image.getpixel((700, 10))


@pytest.mark.parametrize("mode", ["mask", "markup"])
def test_an_untouched_painter_shows_the_picture(mode: str) -> None:
    """Before anything is painted."""
    painter, _, _ = opened(mode)

    assert "<img" in painted_html(painter)


def test_a_painter_needs_a_notebook_and_a_known_mode() -> None:
    """Elsewhere the message names the other ways to a mask."""

    def nobody(number: int) -> Any:
        raise AssertionError(number)

    with pytest.raises(SettingsError, match="needs a notebook") as failure:
        open_painter(drawn(), mode="mask", find=nobody, names={})
    assert "mask_box" in str(failure.value)
    with pytest.raises(RequestInvalid, match="no mode 'brush'"):
        open_painter(drawn(), mode="brush", find=nobody, names={})


@pytest.mark.anyio
async def test_many_strokes_are_shown_once() -> None:
    """Making the small picture takes longer than a stroke; a kernel that made each would fall behind the page."""
    shown: list[Painter] = []
    page = Page()
    painter = Painter(PICTURE, changed=Later(shown.append), widget=page)  # type: ignore[arg-type]

    for _ in range(20):
        page.say({"kind": "painted"}, grey_png(left_half()))

    assert painter.mask == left_half()
    assert shown == []
    await asyncio.sleep(PAUSE_S * 2)
    assert shown == [painter]


def test_a_kernel_without_a_loop_shows_each_stroke() -> None:
    """Kernels that are not ipykernel may run none, and what is painted is shown all the same."""
    shown: list[Painter] = []
    page = Page()
    painter = Painter(PICTURE, changed=Later(shown.append), widget=page)  # type: ignore[arg-type]

    page.say({"kind": "painted"}, grey_png(left_half()))

    assert shown == [painter]
