"""Each persona reads requests as its own reference says, and answers in its own form."""

import base64
import http.client
import io
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from imgmagic.simulator import Simulator
from imgmagic.simulator.api.calls import Call
from imgmagic.simulator.api.openai import CHECKED
from imgmagic.simulator.api.personas import PERSONAS
from imgmagic.simulator.api.refusals import RefusedError

ART = {"model": "art://folder/aliceai-image-art-3.0", "prompt": "a cat"}
IMAGEN = {"model": "vertex-main/imagen-4", "prompt": "a cat", "size": "256x256"}
GPT = {"model": "openai-main/gpt-image-1.5", "prompt": "a cat", "quality": "low"}
BLACK_SWAN = {"model": "random", "prompt": "Black Swan"}

Post = Callable[..., Any]


def poster(name: str, ask: Callable[..., Any]) -> Iterator[Post]:
    with Simulator(pace_s=0, persona=name) as simulator:
        yield lambda body, **headers: ask(
            simulator, body=body, headers={key.replace("_", "-"): value for key, value in headers.items()}
        )


@pytest.fixture
def yandex(ask: Callable[..., Any]) -> Iterator[Post]:
    yield from poster("yandex", ask)


@pytest.fixture
def truefoundry(ask: Callable[..., Any]) -> Iterator[Post]:
    yield from poster("truefoundry", ask)


@pytest.fixture
def compatible(ask: Callable[..., Any]) -> Iterator[Post]:
    yield from poster("compatible", ask)


def size_and_format(data: bytes) -> tuple[tuple[int, int], str | None]:
    with Image.open(io.BytesIO(data)) as image:
        return image.size, image.format


def first_image(reply: Any) -> tuple[tuple[int, int], str | None]:
    return size_and_format(base64.b64decode(reply.body["data"][0]["b64_json"]))


@pytest.mark.parametrize(
    ("size", "pixels"), [(None, (1024, 1024)), ("1x1", (1024, 1024)), ("16x9", (1344, 768)), ("1792x1024", (1344, 768))]
)
def test_yandex_takes_the_size_as_an_aspect_ratio(yandex: Post, size: str | None, pixels: tuple[int, int]) -> None:
    """The reply is a JPEG of about a megapixel in the ratio asked for."""
    reply = yandex({**ART, "size": size})

    assert first_image(reply) == (pixels, "JPEG")
    assert set(reply.body) == {"created", "data"}


def test_yandex_ignores_what_it_does_not_support(yandex: Post) -> None:
    """Everything marked as not supported is dropped without a word, whatever its value."""
    unsupported = {
        "n": 99,
        "quality": "no such",
        "response_format": "url",
        "output_format": "png",
        "output_compression": 1000,
        "stream": True,
        "partial_images": 3,
        "moderation": 1,
        "background": "transparent",
        "style": 0,
        "user": [],
    }

    reply = yandex({**ART, **unsupported})

    assert reply.headers["content-type"] == "application/json"
    assert len(reply.body["data"]) == 1
    assert first_image(reply)[1] == "JPEG"


@pytest.mark.parametrize(
    ("said", "status", "code"),
    [
        ({"model": "gpt-image-1"}, 400, 3),
        ({"model": None}, 400, 3),
        ({"prompt": ""}, 400, 3),
        ({"prompt": "x" * 32_001}, 400, 3),
        ({"size": "square"}, 400, 3),
        ({"size": "0x1"}, 400, 3),
        ({"model": "art://folder/yandex-art/latest"}, 403, 7),
        ({"prompt": "a cat [simulate: 429]"}, 429, 8),
    ],
)
def test_yandex_errors_have_the_form_of_its_gateway(yandex: Post, said: dict[str, Any], status: int, code: int) -> None:
    """The error is text and the code a number."""
    reply = yandex({**ART, **said})

    assert (reply.status, reply.body["code"]) == (status, code)
    assert reply.body["error"] == reply.body["message"]
    assert reply.body["details"] == []


@pytest.mark.parametrize(("scheme", "status"), [("Api-Key", 200), ("Bearer", 200), ("Basic", 401)])
def test_yandex_takes_two_schemes(yandex: Post, scheme: str, status: int) -> None:
    """An API key or a token of its own."""
    assert yandex(ART, Authorization=f"{scheme} secret").status == status


def test_truefoundry_answers_an_address_by_default(truefoundry: Post, ask: Callable[..., Any]) -> None:
    """Models that are not OpenAI's answer a URL, which serves the picture."""
    reply = truefoundry(IMAGEN)

    (image,) = reply.body["data"]
    assert set(reply.body) == {"created", "data"}
    assert fetched(image["url"]) == ((256, 256), "PNG")
    assert reply.headers["x-tfy-resolved-model"] == "imagen-4"


def test_truefoundry_chooses_a_model(truefoundry: Post) -> None:
    """Only the prompt is required."""
    assert truefoundry({"prompt": "a cat", "size": "64x64"}).status == 200


def test_truefoundry_answers_base64_when_asked(truefoundry: Post) -> None:
    """The response format is the caller's choice."""
    assert first_image(truefoundry({**IMAGEN, "response_format": "b64_json"})) == ((256, 256), "PNG")


def test_truefoundry_passes_gpt_image_on_by_openai_rules(truefoundry: Post) -> None:
    """The upstream answers base64, and refuses what it always refuses."""
    assert first_image(truefoundry(GPT)) == ((1024, 1024), "PNG")
    assert first_image(truefoundry({**GPT, "response_format": "url", "style": "vivid"})) == ((1024, 1024), "PNG")
    assert truefoundry({**GPT, "seed": 1}).body["error"]["code"] == "unknown_parameter"


@pytest.mark.parametrize(
    ("metadata", "status"),
    [
        ('{"team": "maps"}', 200),
        ("team=maps", 400),
        ('["a"]', 400),
        ('{"a": 1}', 400),
        ('{"a": "%s"}' % ("x" * 129), 400),
    ],
)
def test_truefoundry_checks_its_metadata(truefoundry: Post, metadata: str, status: int) -> None:
    """The header is a JSON object of short strings."""
    assert truefoundry(IMAGEN, x_tfy_metadata=metadata).status == status


@pytest.mark.parametrize(
    "said", [{"model": "imagen-4"}, {"model": 7}, {"n": 11}, {"n": 0}, {"prompt": " "}, {"output_compression": 101}]
)
def test_truefoundry_refuses(truefoundry: Post, said: dict[str, Any]) -> None:
    """A model without its account, and values past the document's limits."""
    reply = truefoundry({**IMAGEN, **said})

    assert reply.status == 400
    assert reply.body["error"]["message"]


def test_truefoundry_has_no_version_in_its_path() -> None:
    """The address ends at the port."""
    assert Simulator(persona="truefoundry").base_url.endswith(":0")


def test_compatible_has_defaults_of_its_own(compatible: Post) -> None:
    """512 pixels, PNG, base64, and the full usage."""
    reply = compatible(BLACK_SWAN)

    assert first_image(reply) == ((512, 512), "PNG")
    assert set(reply.body) == {"created", "data", "usage"}


def test_compatible_ignores_what_it_does_not_know(compatible: Post) -> None:
    """Streaming is not in the document, so the reply is JSON."""
    reply = compatible({**BLACK_SWAN, "stream": True, "partial_images": 2, "seed": 1, "n": 4, "size": "256x128"})

    assert len(reply.body["data"]) == 4
    assert first_image(reply) == ((256, 128), "PNG")


@pytest.mark.parametrize(
    ("said", "name", "kind"),
    [
        ({"prompt": None}, "prompt", "missing"),
        ({"n": 5}, "n", "less_than_equal"),
        ({"n": 0}, "n", "greater_than_equal"),
        ({"n": "two"}, "n", "int_type"),
        ({"quality": "xhigh"}, "quality", "literal_error"),
        ({"output_format": "gif"}, "output_format", "literal_error"),
        ({"output_compression": 101}, "output_compression", "less_than_equal"),
        ({"response_format": "url"}, "response_format", "value_error"),
        ({"style": "wild"}, "style", "literal_error"),
        ({"size": "big"}, "size", "value_error"),
        ({"background": "transparent", "output_format": "jpeg"}, "background", "value_error"),
    ],
)
def test_compatible_errors_say_where(compatible: Post, said: dict[str, Any], name: str, kind: str) -> None:
    """The detail lists the place, the message and the kind of the fault."""
    reply = compatible({**BLACK_SWAN, **said})

    (detail,) = reply.body["detail"]
    assert (reply.status, detail["loc"], detail["type"]) == (422, ["body", name], kind)


def test_compatible_says_other_errors_as_text(compatible: Post) -> None:
    """What is no fault of the request has a plain detail."""
    assert isinstance(compatible({**BLACK_SWAN, "prompt": "x [simulate: 503]"}).body["detail"], str)


@pytest.mark.parametrize("name", ["OpenAI-Organization", "OpenAI-Project"])
def test_compatible_wants_object_ids(compatible: Post, name: str) -> None:
    """Organization and project are 24 hexadecimal digits."""
    right, wrong = compatible(BLACK_SWAN, **{name: "5eb7cf5a86d9755df3a6c593"}), compatible(BLACK_SWAN, **{name: "me"})

    assert (right.status, wrong.status) == (200, 422)
    assert wrong.body["detail"][0]["loc"] == ["header", name.lower()]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.sampled_from(["auto", "png"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=4), inner, max_size=2),
    max_leaves=3,
)
KEYS = st.sampled_from([*CHECKED, "model", "response_format", "style", "other"])


@pytest.mark.parametrize(
    ("name", "model"),
    [
        ("openai", "gpt-image-2"),
        ("yandex", ART["model"]),
        ("truefoundry", IMAGEN["model"]),
        ("compatible", "random"),
    ],
)
@settings(max_examples=150, deadline=None, derandomize=True)
@given(said=st.dictionaries(KEYS, JSON, max_size=4))
def test_any_json_is_read_or_refused(name: str, model: str, said: dict[str, Any]) -> None:
    """Whatever a body holds, it becomes a call that can be drawn, or a refusal."""
    try:
        call = PERSONAS[name].read({}, {"prompt": "a cat", "model": model, **said})
    except RefusedError:
        return

    assert isinstance(call, Call)
    assert min(call.width, call.height, call.n) > 0


def fetched(url: str) -> tuple[tuple[int, int], str | None]:
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=10)
    try:
        connection.request("GET", urlsplit(url).path)
        return size_and_format(connection.getresponse().read())
    finally:
        connection.close()
