"""Edits: the official SDK sends pictures and masks, and the server changes what it may and keeps the rest."""

import base64
import io
import json
from collections.abc import Callable, Iterator
from typing import Any

import openai
import pytest
from PIL import Image, ImageChops, ImageDraw, ImageStat

from imgmagic.simulator import Simulator

ASKED: dict[str, Any] = {"model": "gpt-image-1.5", "prompt": "a red circle", "quality": "low", "output_format": "webp"}
HOLE = (256, 256, 768, 768)


def encoded(image: Image.Image, form: str = "PNG") -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, form)
    return buffer.getvalue()


def png(image: Image.Image, name: str = "a.png") -> tuple[str, bytes, str]:
    return name, encoded(image), "image/png"


def opened(reply: Any) -> Image.Image:
    return Image.open(io.BytesIO(base64.b64decode(reply.data[0].b64_json, validate=True))).convert("RGB")


def difference(one: Image.Image, other: Image.Image, box: tuple[int, int, int, int]) -> float:
    """Return the mean difference of the channels inside a box, 0 to 255."""
    apart = ImageChops.difference(one.convert("RGB").crop(box), other.convert("RGB").crop(box))
    return sum(ImageStat.Stat(apart).mean) / 3


@pytest.fixture
def client(simulator: Simulator) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=simulator.base_url, api_key="any", max_retries=0) as client:
        yield client


@pytest.fixture(scope="module")
def photo() -> Image.Image:
    """Return stripes of grey: nothing that the painter draws looks like them."""
    image = Image.new("RGB", (1024, 1024), (120, 120, 120))
    draw = ImageDraw.Draw(image)
    for y in range(0, 1024, 128):
        draw.rectangle((0, y, 1023, y + 63), fill=(90, 90, 90))
    return image


@pytest.fixture(scope="module")
def mask() -> Image.Image:
    image = Image.new("RGBA", (1024, 1024), (0, 0, 0, 255))
    image.paste((0, 0, 0, 0), HOLE)
    return image


def test_mask_says_what_changes(client: openai.OpenAI, photo: Image.Image, mask: Image.Image) -> None:
    """The open part is repainted by the words, the rest stays near the original."""
    reply = client.images.edit(image=png(photo), mask=png(mask), **ASKED)

    edited = opened(reply)
    assert edited.size == (1024, 1024)
    red, green, blue = ImageStat.Stat(edited.crop((448, 448, 576, 576))).mean
    assert red > 180
    assert max(green, blue) < 90
    for kept in ((0, 0, 1024, 200), (0, 0, 200, 900), (820, 0, 1024, 900)):
        assert difference(edited, photo, kept) < 6


def test_whole_picture_is_restyled_without_a_mask(client: openai.OpenAI, photo: Image.Image) -> None:
    """Every corner changes toward the words, and the original still shows."""
    reply = client.images.edit(image=png(photo), **{**ASKED, "prompt": "at sunset"})

    edited = opened(reply)
    for corner in ((0, 0, 100, 100), (900, 0, 1000, 100), (0, 800, 100, 900)):
        assert 8 < difference(edited, photo, corner) < 90


def test_several_pictures_become_one(client: openai.OpenAI, photo: Image.Image) -> None:
    """The first is the ground, the second stands on it."""
    second = Image.new("RGB", (400, 400), (20, 200, 40))
    reply = client.images.edit(image=[png(photo), png(second, "b.png")], **{**ASKED, "prompt": "the two together"})

    edited = opened(reply)
    _, green, _ = ImageStat.Stat(edited.crop((480, 700, 540, 760))).mean
    assert green > 150
    assert difference(edited, photo, (0, 0, 1024, 300)) < 6


def test_usage_counts_the_input_pictures(client: openai.OpenAI, photo: Image.Image) -> None:
    """What was shown counts as image tokens, once per picture asked for."""
    counts = []
    for images, n in (([png(photo)], 1), ([png(photo), png(photo)], 1), ([png(photo)], 2)):
        usage = client.images.edit(image=images, n=n, **ASKED).usage
        assert usage
        counts.append(usage.input_tokens_details.image_tokens)

    assert counts == [194, 388, 388]


@pytest.mark.parametrize("partials", [0, 2])
def test_sdk_streams(client: openai.OpenAI, photo: Image.Image, partials: int) -> None:
    """The events are those of edits, each partial image in its place."""
    events = list(client.images.edit(image=png(photo), stream=True, partial_images=partials, **ASKED))

    *before, last = events
    assert [event.type for event in before] == ["image_edit.partial_image"] * partials
    assert last.type == "image_edit.completed"
    assert last.usage.input_tokens_details.image_tokens == 194
    assert last.usage.output_tokens == 272 + 100 * partials
    assert len({event.b64_json for event in events}) == partials + 1


@pytest.mark.parametrize(
    ("size", "expected"), [((800, 800), (1024, 1024)), ((900, 500), (1536, 1024)), ((500, 900), (1024, 1536))]
)
def test_automatic_size_follows_the_first_picture(
    client: openai.OpenAI, size: tuple[int, int], expected: tuple[int, int]
) -> None:
    """Landscape stays landscape."""
    assert opened(client.images.edit(image=png(Image.new("RGB", size)), **ASKED)).size == expected


def test_rotated_photo_is_turned_upright_first(client: openai.OpenAI) -> None:
    """A mask is compared with the picture as people see it."""
    exif = Image.Exif()
    exif[0x0112] = 6
    buffer = io.BytesIO()
    Image.new("RGB", (300, 200)).save(buffer, "JPEG", exif=exif)
    upright = Image.new("RGBA", (200, 300), (0, 0, 0, 0))

    reply = client.images.edit(image=("a.jpg", buffer.getvalue(), "image/jpeg"), mask=png(upright), **ASKED)

    assert reply.size == "1024x1536"


@pytest.mark.parametrize(
    ("said", "param", "code", "message"),
    [
        ({"mask": Image.new("RGB", (1024, 1024))}, "mask", "invalid_mask_image_format", "missing alpha channel"),
        ({"mask": Image.new("RGBA", (512, 512))}, "mask", "invalid_mask_image_format", "does not match image size"),
        ({"mask": ("m.png", b"", "image/png")}, "mask", "invalid_image_file", "empty"),
        ({"mask": ("m.jpg", b"x", "image/jpeg")}, "mask", "unsupported_file_mimetype", "Invalid file 'mask'"),
        ({"image": b"raw bytes"}, "image", "unsupported_file_mimetype", "Invalid file 'image': unsupported mimetype"),
        ({"image": ("a.png", b"no picture", "image/png")}, "image", "invalid_image_file", "check your image file"),
        ({"image": []}, "image", "missing_required_parameter", "image"),
        ({"input_fidelity": "high", "model": "gpt-image-2"}, "input_fidelity", "invalid_input_fidelity_model", "2"),
        (
            {"input_fidelity": "high", "model": "gpt-image-1-mini"},
            "input_fidelity",
            "invalid_input_fidelity_model",
            "only",
        ),
        ({"output_format": "gif", "mask": Image.new("RGBA", (1024, 1024))}, "mask", "invalid_value", "gif"),
        ({"extra_body": {"moderation": "low"}}, "moderation", "unknown_parameter", "moderation"),
        ({"response_format": "url"}, "response_format", "unknown_parameter", "response_format"),
        ({"n": 11}, "n", "integer_above_max_value", "10"),
        ({"prompt": " "}, "prompt", "empty_string", "prompt"),
        ({"prompt": "a cat [simulate: moderation]"}, None, "moderation_blocked", "safety system"),
    ],
)
def test_refused(
    client: openai.OpenAI, photo: Image.Image, said: dict[str, Any], param: str | None, code: str, message: str
) -> None:
    """Each rule has OpenAI's code and names the parameter."""
    asked = {"image": png(photo), **ASKED, **said}
    asked = {name: png(value) if isinstance(value, Image.Image) else value for name, value in asked.items()}

    with pytest.raises(openai.BadRequestError, match=message) as caught:
        client.images.edit(**asked)

    assert (caught.value.param, caught.value.code) == (param, code)


def test_seventeen_pictures_are_too_many(client: openai.OpenAI) -> None:
    """Sixteen is the most."""
    small = png(Image.new("RGB", (8, 8)))

    assert client.images.edit(image=[small] * 16, **ASKED).data
    with pytest.raises(openai.BadRequestError, match="maximum length 16"):
        client.images.edit(image=[small] * 17, **ASKED)


def form(*parts: tuple[str, str | tuple[str, bytes, str]]) -> dict[str, Any]:
    """Return body and headers of a multipart form, written by hand."""
    body = b""
    for name, value in parts:
        if isinstance(value, str):
            body += f'--edge\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        else:
            head = f'--edge\r\nContent-Disposition: form-data; name="{name}"; filename="{value[0]}"\r\n'
            body += f"{head}Content-Type: {value[2]}\r\n\r\n".encode() + value[1] + b"\r\n"
    return {"body": body + b"--edge--\r\n", "headers": {"Content-Type": "multipart/form-data; boundary=edge"}}


SMALL = png(Image.new("RGB", (64, 64), (9, 9, 9)))


@pytest.mark.parametrize(
    ("parts", "code"),
    [
        ([("image", SMALL), ("image", SMALL)], "duplicate_parameter"),
        ([("image", "not a file")], "invalid_type"),
        ([("image[]", "not a file")], "invalid_type"),
        ([("image", SMALL), ("picture", SMALL)], "unknown_parameter"),
        ([("image", SMALL), ("n", "two")], "invalid_type"),
        ([("image", SMALL), ("stream", "yes")], "invalid_type"),
        ([("image", SMALL), ("svg", "a"), ("svg[model]", "b")], "invalid_type"),
        ([("image", SMALL), ("markup", SMALL)], "invalid_markup_image"),
        ([("mask", SMALL)], "missing_required_parameter"),
        ([], "missing_required_parameter"),
    ],
)
def test_forms_that_are_refused(simulator: Simulator, ask: Callable[..., Any], parts: list[Any], code: str) -> None:
    """A form that the SDK never writes is refused with the code that OpenAI gives it."""
    reply = ask(simulator, path="/images/edits", **form(("prompt", "a cat"), *parts))

    assert (reply.status, reply.body["error"]["code"]) == (400, code)


def test_form_is_logged_without_its_bytes(simulator: Simulator, ask: Callable[..., Any]) -> None:
    """Tests read here what a client really sent."""
    said = form(("prompt", "a cat"), ("n", "1"), ("image[]", SMALL), ("model", "gpt-image-1.5"))

    assert ask(simulator, path="/images/edits", **said).status == 200
    (seen,) = simulator.requests
    assert seen.body == {"prompt": "a cat", "n": "1", "model": "gpt-image-1.5"}
    (file,) = seen.files
    assert (file.name, file.filename, file.content_type, file.size) == ("image[]", "a.png", "image/png", len(SMALL[1]))


def test_markup_draws_on_the_first_picture(simulator: Simulator, ask: Callable[..., Any]) -> None:
    """Only the models that take a markup take one, and never with a mask."""
    clear = png(Image.new("RGBA", (64, 64), (0, 0, 0, 0)))
    statuses = [
        ask(simulator, path="/images/edits", **form(("prompt", "a cat"), ("image", SMALL), *more)).status
        for more in (
            [("model", "gpt-image-2.5-flare"), ("markup", clear)],
            [("model", "gpt-image-2"), ("markup", clear)],
            [("model", "gpt-image-2.5-flare"), ("markup", clear), ("mask", clear)],
        )
    ]

    assert statuses == [200, 400, 400]


def address(data: bytes, kind: str = "image/png") -> str:
    return f"data:{kind};base64,{base64.b64encode(data).decode()}"


def test_json_form(simulator: Simulator, ask: Callable[..., Any]) -> None:
    """Pictures may come as data addresses inside JSON, where moderation is a parameter too."""
    body = {**ASKED, "images": [{"image_url": address(SMALL[1])}], "moderation": "low"}

    reply = ask(simulator, path="/images/edits", body=body)

    assert reply.status == 200
    assert reply.body["usage"]["input_tokens_details"]["image_tokens"] == 194


@pytest.mark.parametrize(
    ("images", "status", "code"),
    [
        (None, 400, "missing_required_parameter"),
        ([], 400, "missing_required_parameter"),
        ("a.png", 400, "invalid_type"),
        (["a.png"], 400, "invalid_type"),
        ([{}], 400, "invalid_value"),
        ([{"image_url": "data:,", "file_id": "f"}], 400, "invalid_value"),
        ([{"type": "input_image"}], 400, "invalid_value"),
        ([{"image_url": 5}], 400, "invalid_type"),
        ([{"image_url": "https://example.com/a.png"}], 400, "invalid_image_url"),
        ([{"image_url": "data:image/png;base64,?"}], 400, "invalid_base64"),
        ([{"image_url": address(b"text", "text/plain")}], 400, "unsupported_file_mimetype"),
        ([{"file_id": "file-1"}], 404, None),
    ],
)
def test_json_pictures_that_are_refused(
    simulator: Simulator, ask: Callable[..., Any], images: Any, status: int, code: str | None
) -> None:
    """A reference holds exactly one of an address and a file id."""
    reply = ask(simulator, path="/images/edits", body={**ASKED, "images": images})

    assert (reply.status, reply.body["error"]["code"]) == (status, code)


@pytest.mark.parametrize("form_name", ["gif", "svg"])
def test_moving_and_drawn_edits(simulator: Simulator, ask: Callable[..., Any], form_name: str) -> None:
    """An edit comes in the formats that a generation comes in."""
    more = [("output_format", form_name), *([("frame_count", "2")] if form_name == "gif" else [])]

    reply = ask(simulator, path="/images/edits", **form(("prompt", "a cat"), ("image", SMALL), *more))

    data = base64.b64decode(reply.body["data"][0]["b64_json"])
    assert data.startswith(b"GIF89a" if form_name == "gif" else b"<svg ")


@pytest.mark.parametrize(("persona", "status"), [("truefoundry", 200), ("yandex", 404), ("compatible", 404)])
def test_only_some_servers_edit(ask: Callable[..., Any], persona: str, status: int) -> None:
    """A server whose reference knows no edits answers as for any address that it does not have."""
    with Simulator(pace_s=0, persona=persona) as simulator:
        reply = ask(simulator, path="/images/edits", **form(("prompt", "a cat"), ("image", SMALL), ("size", "64x64")))

    assert reply.status == status
    assert json.loads(reply.data)
