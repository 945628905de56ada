"""The dialect table: what each kind of server takes, translates, refuses and ignores."""

from typing import Any

import pytest

from imgmagic.domain.request import ImageRequest
from imgmagic.wire.dialects import DIALECTS
from tests.support import ROOT
from tests.support.typed import faults, preflight, provider_of
from tools.parameters import render

# The body parameters that the four reference documents name; the strict server's has no stream and no partial_images.
PARAMETERS = [
    "prompt",
    "background",
    "model",
    "moderation",
    "n",
    "output_compression",
    "output_format",
    "partial_images",
    "quality",
    "response_format",
    "size",
    "stream",
    "style",
    "user",
]
NOT_TAKEN = {
    "openai": {"response_format": "refused", "style": "refused"},
    "yandex": {
        **dict.fromkeys(PARAMETERS, "ignored"),
        "prompt": "taken",
        "model": "translated",
        "size": "translated",
    },
    "truefoundry": {},
    "compatible": {"stream": "ignored", "partial_images": "ignored"},
}


@pytest.mark.parametrize("parameter", PARAMETERS)
@pytest.mark.parametrize("name", NOT_TAKEN)
def test_every_parameter_of_the_references_is_known(name: str, parameter: str) -> None:
    """Each of the four reference servers takes, translates, refuses or ignores it, as its document says."""
    dialect = DIALECTS[name]

    rule = dialect.rules_for(dialect.default_model)[parameter]

    assert rule.treatment == NOT_TAKEN[name].get(parameter, "taken")
    assert rule.source


def test_the_page_of_parameters_is_what_the_table_says() -> None:
    """`docs/parameters.md` is generated; `python -m tools.parameters` writes it."""
    page = ROOT / "docs" / "parameters.md"

    rendered = render()

    assert page.read_text(encoding="utf-8") == rendered


@pytest.mark.parametrize("name", DIALECTS)
def test_every_rule_names_its_document(name: str) -> None:
    """A rule without a source is an opinion."""
    dialect = DIALECTS[name]
    rules = [*dialect.rules.items(), *(item for family in dialect.families for item in family.rules.items())]

    assert [parameter for parameter, rule in rules if not rule.source] == []


@pytest.mark.parametrize("name", DIALECTS)
@pytest.mark.parametrize("prompt", ["", " \n"])
def test_no_server_draws_an_empty_prompt(name: str, prompt: str) -> None:
    """An empty prompt is a fault everywhere, also where nothing else is checked."""
    assert "prompt: it is empty." in faults(name, model="m", prompt=prompt)[0]


@pytest.mark.parametrize(
    ("model", "typed", "message"),
    [
        ("gpt-image-1.5", {"size": "1008x1008"}, "choose 1024x1024, 1536x1024, 1024x1536 or auto."),
        ("gpt-image-1-mini", {"size": "512x512"}, "choose 1024x1024, 1536x1024, 1024x1536 or auto."),
        ("chatgpt-image-latest", {"quality": "max"}, "choose low, medium, high or auto."),
        ("gpt-image-2", {"quality": "xhigh"}, "Did you mean high? xhigh and max are for the 2.5 models."),
        ("gpt-image-1", {}, "gpt-image-1 ended on 2026-10-23. Use gpt-image-2.5-sunburst or gpt-image-2.5-flare"),
        ("dall-e-3", {"style": "vivid"}, "dall-e-3 ended on 2026-05-12. Use gpt-image-2.5-sunburst or"),
        ("dall-e-2", {"size": "256x256"}, "dall-e-2 ended on 2026-05-12."),
        ("gpt-image-2.6-flare", {"response_format": "url"}, "this server refuses it (GPT image models always return"),
        ("gpt-image-2", {"style": "natural"}, "Describe the style in the prompt."),
        (None, {"background": "transparent", "output_format": "jpeg"}, "Use --output-format png or webp."),
        (
            None,
            {"output_compression": 50},
            "png takes no compression level. Add --output-format jpeg or webp, or leave",
        ),
        (None, {"output_compression": 50, "output_format": "gif"}, "gif takes no compression level"),
        (None, {"output_compression": 101, "output_format": "jpeg"}, "101 is out of range; 0 to 100 are allowed."),
        (None, {"partial_images": 2, "stream": False}, "partial images come only while streaming."),
        (None, {"partial_images": 4}, "4 is out of range; 0 to 3 are allowed."),
        (None, {"output_format": "gif", "stream": True}, "--stream: gif cannot be streamed."),
        (None, {"output_format": "svg", "n": 2}, "--n: svg is drawn one at a time."),
        (None, {"frame_count": 4}, "--param frame_count: it goes only with --output-format gif."),
        (None, {"frame_count": 17, "output_format": "gif"}, "17 is out of range; 2 to 16 are allowed."),
        (None, {"frame_duration_ms": 655_351, "output_format": "gif"}, "at most 655350 is allowed."),
        (None, {"svg": {"model": "m"}}, "--param svg: it goes only with --output-format svg."),
        (None, {"svg": "m", "output_format": "svg"}, "it must be an object that names a model"),
        (None, {"svg": {"model": "m", "reasoning": {"effort": "hihg"}}, "output_format": "svg"}, "Did you mean high?"),
        (None, {"complexity": "xhigh"}, "choose low, medium or high. Did you mean high?"),
        (None, {"output_format": "jpg"}, "Did you mean jpeg?"),
        (None, {"prompt": "x" * 32_001}, "32,001 characters are too many; 32,000 are allowed."),
    ],
)
def test_openai_refuses(model: str | None, typed: dict[str, Any], message: str) -> None:
    """What the document or the types of the library exclude is one fault, with its way out."""
    (found,) = faults("openai", model=model, **typed)

    assert message in found


@pytest.mark.parametrize(
    ("model", "typed"),
    [
        ("gpt-image-2.5-flare", {"quality": "xhigh"}),
        ("gpt-image-2.5-sunburst-2026-09-08", {"quality": "max"}),
        ("gpt-image-2.6-flare", {"size": "12345x1", "quality": "ultra"}),
        ("gpt-image-1.5", {"size": "1024x1536", "quality": "high", "background": "transparent"}),
        ("gpt-image-2", {"background": "transparent"}),
        ("gpt-image-3", {"size": "4:3", "quality": "ultra", "style": "vivid", "n": 99, "output_format": "avif"}),
        (None, {"n": 1, "output_format": "svg", "svg": {"model": "m", "reasoning": {"effort": "low"}}}),
        (None, {"stream": False, "partial_images": 0}),
        (None, {"user": "u1", "safety_identifier": "u2", "something_new": [1]}),
    ],
)
def test_openai_is_not_judged_beyond_its_documents(model: str | None, typed: dict[str, Any]) -> None:
    """What no document limits, and every model that the table does not know, is sent as typed."""
    assert faults("openai", model=model, **typed) == []


@pytest.mark.parametrize(
    ("name", "typed", "message"),
    [
        ("azure", {"output_format": "webp"}, "choose png or jpeg. Azure writes no webp."),
        ("azure", {"model": "gpt-image-1.5", "response_format": "url"}, "this server refuses it"),
        ("azure", {"model": "dall-e-3"}, "dall-e-3 ended on 2026-03-04."),
        ("yandex", {"size": "auto"}, "'auto' is not an aspect ratio; write one such as 16:9, or width x height."),
        ("yandex", {"n": 2}, "--n: this server ignores it (marked CURRENTLY NOT SUPPORTED). Leave --n out."),
        ("yandex", {"stream": True}, "--stream: this server ignores it"),
        ("yandex", {"model": "yandex-art-2.0"}, "ended on 2026-08-18. Use aliceai-image-art-3.0 instead."),
        ("yandex", {"model": "art://f/yandex-art-2.0/latest"}, "ended on 2026-08-18."),
        ("truefoundry", {"output_compression": 101}, "101 is out of range; 0 to 100 are allowed."),
        ("truefoundry", {"n": 11}, "11 is out of range; 1 to 10 are allowed."),
        ("truefoundry", {"response_format": "b64"}, "choose url or b64_json. Did you mean b64_json?"),
        ("compatible", {"n": 5}, "5 is out of range; 1 to 4 are allowed."),
        ("compatible", {"response_format": "url"}, "url is not supported at present."),
        ("compatible", {"quality": "xhigh"}, "choose low, medium, high or auto."),
        ("compatible", {"stream": True}, "its documentation has no streaming"),
        ("litellm", {"stream": True}, "it answers 500, after asking the upstream server three times"),
        ("litellm", {"model": "gpt-image-1.5", "response_format": "url"}, "this server refuses it"),
        ("openrouter", {"output_format": "gif"}, "choose png, jpeg, webp or svg."),
        ("xai", {"size": "1792x1024"}, "1792x1024 is 7:4, which is not among the ratios 1:1, 3:4"),
        ("xai", {"size": "1792x1024"}, "Did you mean 16:9?"),
        ("xai", {"size": "automatic"}, "Did you mean auto?"),
        ("xai", {"style": "vivid"}, "this server refuses it (marked not supported)."),
        ("together", {"size": "16:9"}, "'16:9' is not width x height in pixels"),
        ("together", {"n": 5}, "1 to 4 are allowed."),
        ("deepinfra", {"stream": True}, "it does not stream"),
        ("localai", {"size": "auto"}, "512x512 would be drawn."),
        ("sdcpp", {"quality": "high"}, "--quality: this server ignores it. Leave --quality out."),
        ("vllm-omni", {"size": "auto"}, "'auto' is not width x height in pixels"),
        ("vllm-omni", {"response_format": "url"}, "choose b64_json or file."),
        ("sglang", {"n": 11}, "It would draw the nearest number that it allows."),
        ("nebius", {"size": "4096x64"}, "each edge must be 64 to 2048."),
        ("nebius", {"size": "auto"}, "'auto' is not width x height in pixels"),
        ("recraft", {"model": "recraftv3", "prompt": "x" * 1001}, "1,001 characters are too many"),
    ],
)
def test_other_servers_refuse_or_ignore(name: str, typed: dict[str, Any], message: str) -> None:
    """Each row holds what the server's own document or a run has shown."""
    (found,) = faults(name, **{"model": "m", **typed} if name == "azure" else typed)

    assert message in found


def test_azure_needs_a_deployment() -> None:
    """Azure has no default model: what is deployed is the account's own affair."""
    azure = DIALECTS["azure"]
    provider = provider_of(azure, {"account": {}})

    (found,) = preflight(azure, provider, {}).faults

    assert "Add {model=DEPLOYMENT}" in str(found)


def test_yandex_needs_a_folder() -> None:
    """The row says which account entry is needed, and the variable that may hold it."""
    assert DIALECTS["yandex"].account_needed == ("folder",)
    assert DIALECTS["yandex"].account_env["folder"] == "YANDEX_FOLDER_ID"


@pytest.mark.parametrize(
    ("name", "typed", "streams"),
    [
        ("openai", {}, True),
        ("openai", {"stream": False}, False),
        ("openai", {"output_format": "gif"}, False),
        ("yandex", {}, False),
        ("compatible", {}, False),
        ("truefoundry", {}, False),
        ("truefoundry", {"partial_images": 2}, True),
        ("litellm", {}, False),
        ("generic", {}, False),
        ("generic", {"partial_images": 2}, True),
        ("generic", {"stream": True}, True),
    ],
)
def test_streaming_unasked(name: str, typed: dict[str, Any], *, streams: bool) -> None:
    """A row streams unasked only where the server is known to, and whoever asks for partial images asks to stream."""
    dialect = DIALECTS[name]

    found = preflight(dialect, provider_of(dialect), typed)

    assert found.request.stream is streams
    assert found.faults == ()


def test_settings_that_the_server_does_not_take_are_left_out() -> None:
    """A default moves on to a server that takes it; what was typed stays."""
    yandex = DIALECTS["yandex"]
    options = {"size": "1024x1024", "quality": "high", "partial_images": 2, "stream": True}
    request = ImageRequest(prompt="a fox", options=options, explicit=frozenset({"size"}))

    found = yandex.preflight(request)

    assert found.faults == ()
    assert found.left_out == ("quality", "partial_images", "stream")
    assert found.request.options == {"size": "1024x1024"}


def test_partial_images_typed_leave_as_typed_when_nothing_is_checked() -> None:
    """Only what settings brought is dropped with the stream; `--no-check` sends the rest."""
    request = ImageRequest(
        prompt="a fox", options={"stream": False, "partial_images": 2}, explicit=frozenset({"stream", "partial_images"})
    )

    assert DIALECTS["generic"].body(request) == {"prompt": "a fox", "partial_images": 2}
