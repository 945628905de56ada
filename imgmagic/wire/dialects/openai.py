"""OpenAI's own rows: its model families, their rules, and the rules over several parameters."""

from collections.abc import Mapping

from imgmagic.domain.json_types import JsonValue
from imgmagic.domain.request import ImageRequest
from imgmagic.domain.rules import Combination, Fault, Rule, Treatment, is_noise
from imgmagic.domain.wording import closest, listed
from imgmagic.wire.dialects.dialect import Dialect, Family
from imgmagic.wire.dialects.edits import Edits, MaskField
from imgmagic.wire.dialects.sizes import free_size

ACCOUNT_HEADERS = {"organization": "OpenAI-Organization", "project": "OpenAI-Project"}
DOCUMENT = "OpenAI, Create an image"
_TYPES = "OpenAI Python library 3.54, image_generate_params"
_GUIDE = "OpenAI, image generation guide"
_NOW = "gpt-image-2.5-sunburst or gpt-image-2.5-flare"


def refused(request: ImageRequest, parameter: str, message: str, remedy: str) -> Fault | None:
    """Return the fault of `parameter` if the request sets it to something that matters."""
    value = request.options.get(parameter)
    if value is None or is_noise(parameter, value):
        return None
    return Fault(parameter=parameter, treatment=Treatment.REFUSED, message=message, remedy=remedy)


def _output_format(request: ImageRequest) -> JsonValue:
    return request.options.get("output_format", "png")


def transparent_needs(*formats: str) -> Combination:
    """Refuse a transparent background in an output format that does not support it."""

    def check(request: ImageRequest) -> Fault | None:
        if request.options.get("background") != "transparent" or _output_format(request) in formats:
            return None
        message = f"{_output_format(request)} cannot be transparent."
        return refused(request, "background", message, f"Use {{output_format={listed(formats)}}}.")

    return check


def compression_needs(*formats: str) -> Combination:
    """Refuse a compression level in an output format that does not support it."""

    def check(request: ImageRequest) -> Fault | None:
        if _output_format(request) in formats:
            return None
        message = f"{_output_format(request)} takes no compression level."
        remedy = f"Add {{output_format={listed(formats)}}}, or leave {{output_compression}} out."
        return refused(request, "output_compression", message, remedy)

    return check


def partials_need_stream(request: ImageRequest) -> Fault | None:
    """Refuse partial images of a request that is not streamed."""
    if request.stream:
        return None
    remedy = "Add {stream=True}, or leave {partial_images} out."
    return refused(request, "partial_images", "partial images come only while streaming.", remedy)


def _no_stream_of(request: ImageRequest) -> Fault | None:
    if _output_format(request) not in ("gif", "svg"):
        return None
    message = f"{_output_format(request)} cannot be streamed."
    return refused(request, "stream", message, "Add {stream=False} and leave {partial_images} out.")


def _one_svg(request: ImageRequest) -> Fault | None:
    if _output_format(request) != "svg":
        return None
    return refused(request, "n", "svg is drawn one at a time.", "Leave {n} out.")


def _only_with(parameter: str, output_format: str) -> Combination:
    def check(request: ImageRequest) -> Fault | None:
        if _output_format(request) == output_format:
            return None
        message = f"it goes only with {{output_format={output_format}}}."
        return refused(request, parameter, message, f"Add {{output_format={output_format}}}, or leave it out.")

    return check


def _svg(value: JsonValue) -> str | None:
    if not isinstance(value, Mapping) or not isinstance(value.get("model"), str):
        return 'it must be an object that names a model, such as {"model": "NAME"}.'
    reasoning = value.get("reasoning", {})
    effort = reasoning.get("effort", "none") if isinstance(reasoning, Mapping) else reasoning
    if effort in _EFFORTS:
        return None
    return f"reasoning effort {effort!r} is not allowed; choose {listed(_EFFORTS)}.{closest(effort, _EFFORTS)}"


_EFFORTS = ("none", "minimal", "low", "medium", "high", "xhigh", "max")
_QUALITIES: tuple[JsonValue, ...] = ("low", "medium", "high", "auto")
_MORE_QUALITIES: tuple[JsonValue, ...] = ("low", "medium", "high", "xhigh", "max", "auto")
_SIZES: tuple[JsonValue, ...] = ("1024x1024", "1536x1024", "1024x1536", "auto")

NO_RESPONSE_FORMAT = Rule(
    treatment=Treatment.REFUSED,
    says="GPT image models always return base64",
    source=DOCUMENT,
)
NO_STYLE = Rule(
    treatment=Treatment.REFUSED,
    says="only dall-e-3 had it",
    remedy="Describe the style in the prompt.",
    source=DOCUMENT,
)

# Every GPT image model. What no document limits (size and quality of the 2.6 models) has no bounds here.
_COMMON: Mapping[str, Rule] = {
    "prompt": Rule(max_chars=32_000, source=DOCUMENT),
    "model": Rule(source=DOCUMENT),
    "n": Rule(low=1, high=10, source=DOCUMENT),
    "size": Rule(source=DOCUMENT),
    "quality": Rule(source=DOCUMENT),
    "output_format": Rule(choices=("png", "jpeg", "webp", "gif", "svg"), source=_TYPES),
    "output_compression": Rule(low=0, high=100, says="jpeg and webp only", source=DOCUMENT),
    "background": Rule(choices=("transparent", "opaque", "auto"), source=DOCUMENT),
    "moderation": Rule(choices=("low", "auto"), source=DOCUMENT),
    "stream": Rule(source=DOCUMENT),
    "partial_images": Rule(low=0, high=3, says="only while streaming", source=DOCUMENT),
    "user": Rule(source=DOCUMENT),
    "response_format": NO_RESPONSE_FORMAT,
    "style": NO_STYLE,
    "complexity": Rule(choices=("low", "medium", "high"), source=_TYPES),
    "frame_count": Rule(low=2, high=16, says="gif only", source=_TYPES),
    "frame_duration_ms": Rule(high=655_350, says="gif only", source=_TYPES),
    "svg": Rule(check=_svg, says="svg only", source=_TYPES),
    "safety_identifier": Rule(source=_TYPES),
}
_COMBINATIONS: tuple[Combination, ...] = (
    transparent_needs("png", "webp"),
    compression_needs("jpeg", "webp"),
    partials_need_stream,
    _no_stream_of,
    _one_svg,
    _only_with("frame_count", "gif"),
    _only_with("frame_duration_ms", "gif"),
    _only_with("svg", "svg"),
)


def _dated(names: str) -> str:
    """Add the dated snapshots of the models: gpt-image-2-2026-04-21."""
    return " ".join(f"{name} {name}-20*" for name in names.split())


def _gpt_image(models: str, **rules: Rule) -> Family:
    return Family(models=models, rules={**_COMMON, **rules}, combinations=_COMBINATIONS)


_FREE_SIZE = Rule(
    check=free_size,
    says="multiples of 16, ratio up to 3:1, edge up to 3840, 655,360 to 8,294,400 pixels; or auto",
    source=f"{_GUIDE}, size and quality options",
)

FAMILIES: tuple[Family, ...] = (
    Family(models="dall-e-2 dall-e-3", ended="2026-05-12", instead=_NOW),
    Family(models="gpt-image-1", ended="2026-10-23", instead=_NOW),
    _gpt_image(
        _dated("gpt-image-2.5-sunburst gpt-image-2.5-flare"),
        size=_FREE_SIZE,
        quality=Rule(choices=_MORE_QUALITIES, source=_TYPES),
    ),
    _gpt_image(
        _dated("gpt-image-2"),
        size=_FREE_SIZE,
        quality=Rule(choices=_QUALITIES, remedy="xhigh and max are for the 2.5 models.", source=_TYPES),
    ),
    _gpt_image(_dated("gpt-image-2.6-sunburst gpt-image-2.6-flare")),
    _gpt_image(
        _dated("gpt-image-1.5 gpt-image-1-mini chatgpt-image-latest"),
        size=Rule(choices=_SIZES, source=DOCUMENT),
        quality=Rule(choices=_QUALITIES, source=DOCUMENT),
    ),
)

_EDIT = "OpenAI, Create image edit"
_EDIT_TYPES = "OpenAI Python library 3.57, image_edit_params"
_FIDELITY = Rule(choices=("high", "low"), says="low unless set", source=_EDIT_TYPES)
_LOW_FIDELITY = Rule(choices=("low",), remedy="gpt-image-1.5 also takes high.", source=_EDIT_TYPES)
_NO_FIDELITY = Rule(
    treatment=Treatment.REFUSED, says="these models always stay close to the given picture", source=_EDIT_TYPES
)
EDITS = Edits(
    most=16,
    mask=MaskField(),
    markup="gpt-image-2.5-sunburst gpt-image-2.5-flare gpt-image-2.5-sunburst-20* gpt-image-2.5-flare-20*",
    rules={
        "moderation": Rule(treatment=Treatment.REFUSED, says="edits take no moderation level", source=_EDIT_TYPES),
    },
    families=(
        ("gpt-image-1.5", {"input_fidelity": _FIDELITY}),
        ("gpt-image-1-mini", {"input_fidelity": _LOW_FIDELITY}),
        ("gpt-image-2*", {"input_fidelity": _NO_FIDELITY}),
    ),
    source=_EDIT,
)

OPENAI = Dialect(
    name="openai",
    title="OpenAI",
    base_url="https://api.openai.com/v1",
    base_url_env=("OPENAI_BASE_URL",),
    key_env=("OPENAI_API_KEY",),
    account_env={"organization": "OPENAI_ORG_ID", "project": "OPENAI_PROJECT_ID"},
    account_headers=ACCOUNT_HEADERS,
    default_model="gpt-image-2.5-flare",
    models=(
        "gpt-image-2.5-flare",
        "gpt-image-2.5-sunburst",
        "gpt-image-2.6-flare",
        "gpt-image-2.6-sunburst",
        "gpt-image-2",
        "gpt-image-1.5",
        "gpt-image-1-mini",
        "chatgpt-image-latest",
    ),
    streams=True,
    families=FAMILIES,
    edits=EDITS,
    source=DOCUMENT,
)

SIMULATOR = Dialect(
    name="simulator",
    title="the simulator",
    key_needed=False,
    default_model=OPENAI.default_model,
    models=OPENAI.models,
    streams=True,
    families=FAMILIES,
    edits=EDITS,
    source=DOCUMENT,
)
