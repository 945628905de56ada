"""The dialect table: one row a kind of server; the only module, with `messages.py`, that knows servers by name."""

from collections.abc import Mapping

from imgmagic.domain.json import JsonValue
from imgmagic.domain.provider import Provider
from imgmagic.domain.request import ImageRequest
from imgmagic.domain.rules import Combination, Fault, Rule, Treatment
from imgmagic.wire.dialect import Dialect, Family

_OPENAI_DOCUMENT = "OpenAI, Create an image"


def _organization_and_project(provider: Provider) -> Mapping[str, str]:
    names = {"organization": "OpenAI-Organization", "project": "OpenAI-Project"}
    return {header: provider.account[name] for name, header in names.items() if name in provider.account}


def _free_size(value: JsonValue) -> str | None:
    """Check a size of the models that take any (OpenAI, image generation guide, "Size and quality options")."""
    if value == "auto":
        return None
    width, height = (int(part) for part in str(value).split("x")) if _is_size(value) else (0, 0)
    if not width or not height:
        return f"{value!r} is not a size; write width x height, such as 1024x1024, or auto."
    broken = [
        (width % 16 or height % 16, "both edges must be multiples of 16"),
        (max(width, height) > 3840, "the longest edge must be at most 3840"),
        (max(width, height) > 3 * min(width, height), "the ratio must be at most 3:1"),
        (not 655_360 <= width * height <= 8_294_400, "the pixels must be 655,360 to 8,294,400"),
    ]
    said = "; ".join(text for wrong, text in broken if wrong)
    return f"{value}: {said}." if said else None


def _is_size(value: JsonValue) -> bool:
    width, _, height = str(value).partition("x")
    return width.isdecimal() and height.isdecimal()


def _transparent_needs_alpha(request: ImageRequest) -> Fault | None:
    if request.options.get("background") != "transparent":
        return None
    if request.options.get("output_format", "png") in ("png", "webp"):
        return None
    return Fault(
        parameter="background",
        treatment=Treatment.REFUSED,
        message="transparent needs an output format that can hold it.",
        remedy="Use --output-format png or webp.",
    )


def _compression_needs_lossy(request: ImageRequest) -> Fault | None:
    if "output_compression" not in request.options:
        return None
    if request.options.get("output_format", "png") in ("jpeg", "webp"):
        return None
    return Fault(
        parameter="output_compression",
        treatment=Treatment.REFUSED,
        message="only jpeg and webp can be compressed.",
        remedy="Add --output-format jpeg or webp, or leave --output-compression out.",
    )


_OPENAI_RULES: Mapping[str, Rule] = {
    "prompt": Rule(max_chars=32_000, source=_OPENAI_DOCUMENT),
    "n": Rule(low=1, high=10, source=_OPENAI_DOCUMENT),
    "partial_images": Rule(low=0, high=3, source=_OPENAI_DOCUMENT),
    "output_compression": Rule(low=0, high=100, source=_OPENAI_DOCUMENT),
    "size": Rule(check=_free_size, source=_OPENAI_DOCUMENT),
    "background": Rule(choices=("transparent", "opaque", "auto"), source=_OPENAI_DOCUMENT),
    "moderation": Rule(choices=("low", "auto"), source=_OPENAI_DOCUMENT),
    "output_format": Rule(choices=("png", "jpeg", "webp", "gif", "svg"), source=_OPENAI_DOCUMENT),
    "quality": Rule(choices=("low", "medium", "high", "xhigh", "max", "auto"), source=_OPENAI_DOCUMENT),
}

_OPENAI_COMBINATIONS: tuple[Combination, ...] = (_transparent_needs_alpha, _compression_needs_lossy)

_GPT_IMAGE = Family(
    models="gpt-image-* chatgpt-image-*",
    rules={
        "response_format": Rule(
            treatment=Treatment.REFUSED,
            says="GPT image models always answer base64 and refuse the parameter.",
            remedy="Leave --response-format out.",
        ),
        "style": Rule(
            treatment=Treatment.REFUSED,
            says="only dall-e-3 knew it.",
            remedy="Say the style in the prompt.",
        ),
    },
)

_OPENAI = Dialect(
    name="openai",
    title="OpenAI",
    base_url="https://api.openai.com/v1",
    base_url_env=("OPENAI_BASE_URL",),
    key_env=("OPENAI_API_KEY",),
    account_env={"organization": "OPENAI_ORG_ID", "project": "OPENAI_PROJECT_ID"},
    headers=_organization_and_project,
    default_model="gpt-image-2.5-flare",
    models=(
        "gpt-image-2.5-flare",
        "gpt-image-2.5-sunburst",
        "gpt-image-2",
        "gpt-image-1.5",
        "gpt-image-1-mini",
    ),
    rules=_OPENAI_RULES,
    combinations=_OPENAI_COMBINATIONS,
    families=(_GPT_IMAGE,),
    source=_OPENAI_DOCUMENT,
)

_GENERIC = Dialect(name="generic", title="any OpenAI-style server", key_needed=False, streams=True)

_SIMULATOR = Dialect(
    name="simulator",
    title="the simulator",
    key_needed=False,
    default_model="gpt-image-2.5-flare",
    models=_OPENAI.models,
    rules=_OPENAI_RULES,
    combinations=_OPENAI_COMBINATIONS,
)

DIALECTS: Mapping[str, Dialect] = {row.name: row for row in (_OPENAI, _GENERIC, _SIMULATOR)}
