"""Clouds: hosted servers with their own models, each with its own spelling of size and format."""

from collections.abc import Sequence

from imgmagic.domain.json_types import JsonObject, JsonValue
from imgmagic.domain.rules import Rule, Treatment
from imgmagic.wire.dialects.dialect import Dialect, Family
from imgmagic.wire.dialects.edits import MOST_BYTES_IN_JSON, BodyFormat, Edits, MaskField, Polarity
from imgmagic.wire.dialects.sizes import aspect_ratio, edges, pixels, ratio_among, width_and_height

_XAI = "xAI, image generations"
_TOGETHER = "Together Python library 3.1, image_generate_params"
_GEMINI = "Gemini API, OpenAI compatibility"
_NEBIUS = "Nebius Token Factory, image generation"
_RECRAFT = "Recraft, API reference, endpoints"
_RATIOS = ("1:1", "3:4", "4:3", "9:16", "16:9", "2:3", "3:2", "9:19.5", "19.5:9", "9:20", "20:9", "1:2", "2:1", "auto")


def no_stream(source: str) -> dict[str, Rule]:
    """Return the rules of a server that never streams."""
    says = "it does not stream"
    rule = Rule(treatment=Treatment.IGNORED, says=says, source=source)
    return {"stream": rule, "partial_images": rule}


def _base64(value: JsonValue) -> JsonObject:
    return {"response_format": "base64" if value == "b64_json" else value}


def _edge_of(low: int, high: int) -> Rule:
    def check(value: JsonValue) -> str | None:
        size = edges(value)
        if pixels(value) or size is None:
            return pixels(value)
        within = all(low <= edge <= high for edge in size)
        return None if within else f"{value} does not fit: each edge must be {low} to {high}."

    return Rule(
        treatment=Treatment.TRANSLATED,
        check=check,
        encode=width_and_height,
        says="becomes width and height",
        source=_NEBIUS,
    )


def _xai_pictures(addresses: Sequence[str]) -> JsonObject:
    pictures = [{"type": "image_url", "url": address} for address in addresses]
    return {"image": pictures[0]} if len(pictures) == 1 else {"images": pictures}


def _together_pictures(addresses: Sequence[str]) -> JsonObject:
    return {"image_url": addresses[0]} if len(addresses) == 1 else {"reference_images": list(addresses)}


def _ark_pictures(addresses: Sequence[str]) -> JsonObject:
    return {"image": addresses[0] if len(addresses) == 1 else list(addresses)}


def _strength(value: JsonValue) -> str | None:
    """Say what is wrong with a strength: how far the new picture may depart from the source."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return None if is_number and 0 <= float(str(value)) <= 1 else f"{value!r} is out of range; 0 to 1 are allowed."


XAI = Dialect(
    name="xai",
    title="xAI",
    base_url="https://api.x.ai/v1",
    base_url_env=("XAI_BASE_URL",),
    key_env=("XAI_API_KEY",),
    default_model="grok-imagine-image",
    models=("grok-imagine-image", "grok-imagine-image-2.0"),
    rules={
        "n": Rule(low=1, high=10, source=_XAI),
        "size": Rule(
            treatment=Treatment.TRANSLATED,
            check=ratio_among(_RATIOS),
            encode=aspect_ratio,
            says="becomes aspect_ratio; the pixels are chosen by resolution, 1k or 2k",
            source=_XAI,
        ),
        "quality": Rule(choices=("low", "medium", "high"), source=_XAI),
        "response_format": Rule(choices=("url", "b64_json"), source=_XAI),
        "resolution": Rule(choices=("1k", "2k"), source=_XAI),
        "aspect_ratio": Rule(choices=_RATIOS, source=_XAI),
        "style": Rule(treatment=Treatment.REFUSED, says="marked not supported", source=_XAI),
        **no_stream(_XAI),
    },
    edits=Edits(form=BodyFormat.JSON, place=_xai_pictures, most_bytes=MOST_BYTES_IN_JSON, source="xAI, image edits"),
    source=_XAI,
)

TOGETHER = Dialect(
    name="together",
    title="Together AI",
    base_url="https://api.together.ai/v1",
    base_url_env=("TOGETHER_BASE_URL",),
    key_env=("TOGETHER_API_KEY",),
    rules={
        "n": Rule(low=1, high=4, source=_TOGETHER),
        "size": Rule(
            treatment=Treatment.TRANSLATED,
            check=pixels,
            encode=width_and_height,
            says="becomes width and height",
            source=_TOGETHER,
        ),
        "response_format": Rule(
            treatment=Treatment.TRANSLATED,
            choices=("url", "b64_json", "base64"),
            encode=_base64,
            says="b64_json is called base64 here",
            source=_TOGETHER,
        ),
        "output_format": Rule(choices=("jpeg", "png"), source=_TOGETHER),
        **no_stream(_TOGETHER),
    },
    edits=Edits(
        form=BodyFormat.JSON, path=None, place=_together_pictures, most_bytes=MOST_BYTES_IN_JSON, source=_TOGETHER
    ),
    source=_TOGETHER,
)

DEEPINFRA = Dialect(
    name="deepinfra",
    title="DeepInfra",
    base_url="https://api.deepinfra.com/v1/openai",
    base_url_env=("DEEPINFRA_BASE_URL",),
    key_env=("DEEPINFRA_API_KEY", "DEEPINFRA_TOKEN"),
    rules=no_stream("DeepInfra, model pages, API"),
    edits=Edits(several="image", mask=MaskField(), source="DeepInfra, OpenAI-compatible image edits"),
    source="DeepInfra, model pages, API",
)

GEMINI = Dialect(
    name="gemini",
    title="Gemini (OpenAI compatibility)",
    base_url="https://generativelanguage.googleapis.com/v1beta/openai",
    base_url_env=("GEMINI_BASE_URL",),
    key_env=("GEMINI_API_KEY",),
    default_model="gemini-2.5-flash-image",
    models=("gemini-2.5-flash-image",),
    rules=no_stream(_GEMINI),
    no_edits="its OpenAI form answers 404 to edits",
    source=_GEMINI,
)

NEBIUS = Dialect(
    name="nebius",
    title="Nebius Token Factory",
    base_url="https://api.tokenfactory.nebius.com/v1",
    base_url_env=("NEBIUS_BASE_URL",),
    key_env=("NEBIUS_API_KEY",),
    rules={
        "prompt": Rule(max_chars=2_000, source=_NEBIUS),
        "size": _edge_of(64, 2048),
        "output_format": Rule(
            treatment=Treatment.TRANSLATED,
            encode=lambda value: {"response_extension": value},
            says="becomes response_extension",
            source=_NEBIUS,
        ),
        "response_format": Rule(choices=("b64_json", "url"), source=_NEBIUS),
        "width": Rule(low=64, high=2048, source=_NEBIUS),
        "height": Rule(low=64, high=2048, source=_NEBIUS),
        "num_inference_steps": Rule(low=1, high=80, source=_NEBIUS),
        "seed": Rule(low=-1, source=_NEBIUS),
        **no_stream(_NEBIUS),
    },
    source=_NEBIUS,
)

RECRAFT = Dialect(
    name="recraft",
    title="Recraft",
    base_url="https://external.api.recraft.ai/v1",
    base_url_env=("RECRAFT_BASE_URL",),
    key_env=("RECRAFT_API_TOKEN", "RECRAFT_API_KEY"),
    default_model="recraftv4_1",
    models=("recraftv4_1", "recraftv3"),
    rules={
        "output_format": Rule(
            treatment=Treatment.TRANSLATED,
            encode=lambda value: {"image_format": value},
            says="becomes image_format",
            source=_RECRAFT,
        ),
        **no_stream(_RECRAFT),
    },
    families=(
        Family(models="recraftv4*", rules={"prompt": Rule(max_chars=10_000, source=_RECRAFT)}),
        Family(models="recraftv2* recraftv3*", rules={"prompt": Rule(max_chars=1_000, source=_RECRAFT)}),
    ),
    edits=Edits(
        path="/images/imageToImage",
        most=1,
        most_bytes=5_000_000,
        always={"strength": 0.2},
        rules={"strength": Rule(check=_strength, says="0.2 unless set; 0 keeps the picture", source=_RECRAFT)},
        masked=Edits(
            path="/images/inpaint",
            most=1,
            most_bytes=5_000_000,
            mask=MaskField(polarity=Polarity.WHITE),
            source=_RECRAFT,
        ),
        source=_RECRAFT,
    ),
    source=_RECRAFT,
)

# Its stream carries only whole pictures, so there is nothing to gain by streaming unasked.
ARK = Dialect(
    name="ark",
    title="Volcengine Ark (Seedream)",
    base_url="https://ark.cn-beijing.volces.com/api/v3",
    base_url_env=("ARK_BASE_URL",),
    key_env=("ARK_API_KEY",),
    rules={"response_format": Rule(choices=("url", "b64_json"), source="Volcengine Ark, image generation")},
    edits=Edits(
        form=BodyFormat.JSON,
        path=None,
        place=_ark_pictures,
        most_bytes=MOST_BYTES_IN_JSON,
        source="Volcengine Ark, image generation",
    ),
    source="Volcengine Ark, image generation",
)
