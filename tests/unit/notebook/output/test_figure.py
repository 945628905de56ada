import base64
import io
import json
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path

import nbformat
import pytest
from nbconvert import LatexExporter
from PIL import Image

from imgmagic.config.settings import Settings
from imgmagic.domain.generation import Generation, Status
from imgmagic.domain.request import ImageRequest
from imgmagic.domain.usage import Usage
from imgmagic.errors import ApiError, StoreError
from imgmagic.notebook.output.figure import figure_html, figure_text
from imgmagic.notebook.output.formatters import figure_bundle
from imgmagic.store.images import frames
from tests.support.pictures import generated_image

HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror="alert(1)">',
    "' onmouseover='alert(1)",
    "[x](javascript:alert(1))",
    "</pre></details></figure><b>out</b>",
    "\x1b[31mred\x1b]8;;http://x\x07link\x1b\\",
    "x" * 10_000,
    "\u202eturned\u2066 \u200fمرحبا",
    "half \ud83d and \udc00",
    "two\nlines\r\nand\ttabs\x00\x08",
    "&lt;b&gt; &amp;",
    "<!-- <![CDATA[ -->",
]


class Page(HTMLParser):
    """Collects what a browser would make of the figure."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.images, self.text = [], [], ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, tuple(name for name, _ in attrs)))
        if tag == "img":
            self.images.append(dict(attrs))

    def handle_data(self, data):
        self.text += data


def png(colour="red", size=(8, 6), mode="RGB"):
    file = io.BytesIO()
    Image.new(mode, size, colour).save(file, "png")
    return file.getvalue()


def image(index=0, **changes):
    return generated_image(**{"data": png(), "format": "png", "width": 8, "height": 6, "index": index, **changes})


def generation(**changes):
    values = {
        "request": ImageRequest(prompt="a fox", model="m", options={"n": 1}),
        "status": Status.COMPLETED,
        "provider": "openai",
        "created_at": datetime(2026, 11, 22, tzinfo=UTC),
        "elapsed_s": 2.0,
        "images": (image(),),
    }
    return Generation(**{**values, **changes})


def everywhere(text):
    return generation(
        request=ImageRequest(prompt=text, model=text, options={"quality": text, text: text}),
        provider=text,
        status=Status.PARTIAL,
        images=(image(revised_prompt=text, path=Path("/p") / text.replace("\x00", "").replace("/", "_")[:200]),),
        error=ApiError(text, remedy=text, request_id=text),
        request_id=text,
        notices=(text,),
        left_out=(text,),
    )


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_shown_as_text(text):
    """In every place that holds words: the page has the same elements and attributes as that of a harmless text."""
    harmless, hostile = Page(figure_html(everywhere("a fox"))), Page(figure_html(everywhere(text)))

    assert [tag for tag in hostile.tags if tag[0] != "br"] == [tag for tag in harmless.tags if tag[0] != "br"]
    assert len(hostile.images) == 1
    if text.isprintable() and len(text) < 200:
        assert text in hostile.text
        assert hostile.images[0]["alt"] == text


@pytest.mark.parametrize("text", HOSTILE)
def test_what_is_shown_can_be_sent_to_any_front_end(text):
    """It encodes as UTF-8, and steers neither a terminal nor the direction of what stands beside it."""
    for shown in (figure_html(everywhere(text)), figure_text(everywhere(text))):
        json.dumps(shown, ensure_ascii=False).encode()
        assert not set(shown) & set("\x00\x07\x08\x1b\r\u202e\u2066")


@pytest.mark.parametrize("count", range(1, 11))
def test_one_to_ten_images(count):
    """Each stands in the figure with its alternative text."""
    request = ImageRequest(prompt="a fox", options={"n": count})

    page = Page(figure_html(generation(request=request, images=tuple(image(index) for index in range(count)))))

    assert [each["alt"] for each in page.images] == ["a fox"] * count
    assert all(each["src"].startswith("data:image/") for each in page.images)


def test_alternative_text_of_ones_own():
    """In the prompt's place."""
    assert Page(figure_html(generation(alt='a "fox"'))).images[0]["alt"] == 'a "fox"'


def test_svg_stands_only_in_an_img():
    """Where a browser runs no script of it."""
    data = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(1)</script></svg>'

    html = figure_html(generation(images=(image(data=data, format="svg", width=0, height=0),)))

    assert "<svg" not in html
    assert "alert" not in html
    assert Page(html).images[0]["src"].startswith("data:image/svg+xml;base64,")


@pytest.mark.parametrize(
    ("changes", "longest_side", "squares"),
    [
        ({"data": png((255, 0, 0, 128), mode="RGBA")}, 768, True),
        ({"data": png((255, 0, 0, 128), mode="RGBA")}, None, True),
        ({"data": b"<svg/>", "format": "svg"}, 768, True),
        ({"data": png()}, 768, False),
        ({"data": b"any", "format": "jpeg"}, None, False),
    ],
)
def test_what_is_transparent_stands_on_a_checkerboard(changes, longest_side, squares):
    """As a preview, as an embedded original, and as a drawing."""
    html = figure_html(generation(images=(image(**changes),)), longest_side=longest_side)

    assert ("repeating-conic-gradient" in html) == squares


def _huge():
    data = bytearray(png())
    data[16:24] = (20_000).to_bytes(4, "big") + (20_000).to_bytes(4, "big")
    return bytes(data)


@pytest.mark.parametrize("data", [b"", b"junk", png()[:20], png()[:-32], png()[:40] + b"\0" * 40, _huge()])
def test_a_picture_that_has_no_preview_is_a_note(data):
    """Damaged, cut short, or too large to decode: the rest of the figure stands, and the original is kept."""
    shown = Page(figure_html(generation(images=(image(data=data, width=20_000, height=20_000), image(1)))))

    assert "The original is kept unchanged." in shown.text
    assert len(shown.images) == 1


@pytest.mark.parametrize("format_name", ["jpeg", "webp", "gif", "png"])
@pytest.mark.parametrize("part", range(10))
def test_no_cut_picture_breaks_the_figure(format_name, part):
    """Each format, cut at ten places."""
    file = io.BytesIO()
    Image.effect_noise((64, 64), 50).convert("RGB").save(file, format_name)
    data = file.getvalue()[: file.tell() * part // 10]

    assert figure_html(generation(images=(image(data=data, format=format_name),)))


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({}, "cost unknown"),
        ({"cost": Decimal("0.0412")}, "0.04"),
        ({"cost": Decimal(0)}, "$0"),
        ({"simulated": True}, "simulated"),
        ({"replayed": datetime(2026, 3, 1, tzinfo=UTC)}, "replayed, recorded on 2026-03-01"),
        ({"status": Status.CANCELLED, "images": ()}, "stopped after 2.0 s"),
        ({"status": Status.FAILED, "images": (), "error": ApiError("no luck")}, "0 of 1 finished: no luck"),
        ({"id": 17}, "#17"),
        ({"usage": Usage(total_tokens=1234)}, "1,234 tokens"),
        ({"first_partial_s": 0.5}, "0.5 s"),
        ({"left_out": ("style",)}, "would refuse or ignore it: style"),
        ({"notices": ("the disk is full",)}, "the disk is full"),
    ],
)
def test_the_caption_says_what_is_worth_knowing(changes, says):
    """In HTML and in plain text alike."""
    made = replace(generation(), **changes)

    assert says in Page(figure_html(made)).text
    assert says in figure_text(made)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"size": "1536x1024"}, "asked for 1536×1024, came as 8×6"),
        ({"output_format": "webp"}, "asked for webp, came as png"),
        ({"size": "8x6", "output_format": "png"}, None),
        ({"size": "auto"}, None),
        ({}, None),
    ],
)
def test_a_picture_that_came_otherwise_than_asked_says_so(options, says):
    """Some servers take an option and ignore it."""
    made = generation()
    said = figure_text(replace(made, request=replace(made.request, options=options)))

    assert says in said if says else "asked for" not in said


@pytest.mark.parametrize("mark", ["simulated", "replayed"])
def test_what_cost_nothing_does_not_say_unknown(mark):
    """Nothing was spent, and that is known."""
    value = True if mark == "simulated" else datetime(2026, 3, 1, tzinfo=UTC)

    assert "cost unknown" not in figure_text(replace(generation(), **{mark: value}))


def test_the_original_can_be_embedded():
    """To the byte, where the settings ask for it."""
    html = figure_html(generation(), longest_side=None)

    assert Page(html).images[0]["src"] == f"data:image/png;base64,{base64.b64encode(png()).decode()}"


@pytest.mark.parametrize("form", ["tiff", "bmp"])
def test_an_original_that_browsers_do_not_show_is_embedded_as_a_preview(form):
    """A page that wants originals gets what it can show, in its full size."""
    file = io.BytesIO()
    Image.new("RGB", (40, 20), "teal").save(file, form.upper())
    shown = image(data=file.getvalue(), format=form, width=40, height=20)

    (picture,) = Page(figure_html(generation(images=(shown,)), longest_side=None)).images

    assert picture["src"].startswith(("data:image/webp", "data:image/jpeg"))


def test_an_original_that_nobody_shows_is_said():
    """There is no broken picture, and no size that nobody read."""
    shown = Page(figure_html(generation(images=(image(data=b"\x01\x02" * 50, format="bin", width=0, height=0),))))

    assert "cannot be shown here" in shown.text
    assert "unknown format" in shown.text
    assert shown.images == []


def test_the_picture_is_in_a_latex_export():
    """And so in a PDF, for which notebooks are set in LaTeX, and HTML is not read."""
    bundle = figure_bundle(replace(generation(), images=(image(), image(1))), Settings(environ={}))
    output = nbformat.v4.new_output("display_data", data=bundle)
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("%%imagine\na fox", outputs=[output])])

    text, resources = LatexExporter().from_notebook_node(notebook)

    ((name, data),) = resources["outputs"].items()
    assert name in text
    assert Image.open(io.BytesIO(data)).size == (2 * 8 + 8, 6)


def test_an_original_that_is_gone_leaves_a_figure():
    """A history whose pictures were removed still shows what was asked, and says which picture is missing."""

    class Gone(tuple):
        def __getitem__(self, index):
            raise StoreError("the picture 3f9a is not in the image store.")

    html = figure_html(replace(generation(), images=Gone([None])))

    assert "is not in the image store" in html
    assert "<img" not in html


def test_an_original_is_decoded_once_for_the_page_and_the_print_copy(monkeypatch):
    """Most of the time that a figure takes is decoding; the print copy is made of what the page shows."""
    decoded = []
    decode = frames.decode_frames

    def counting(data, longest_side):
        decoded.append(data)
        return decode(data, longest_side)

    monkeypatch.setattr(frames, "decode_frames", counting)
    original = png(size=(1000, 800))

    bundle = figure_bundle(generation(images=(image(data=original, width=1000, height=800),)), Settings(environ={}))

    assert decoded.count(original) == 1
    assert Image.open(io.BytesIO(base64.b64decode(bundle["image/jpeg"]))).size == (480, 384)
