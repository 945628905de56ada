"""Local servers: what people run themselves; most need no key and drop what they do not know."""

import json

from imgmagic.domain.json_types import JsonObject, JsonValue
from imgmagic.domain.rules import Rule, Treatment
from imgmagic.wire.dialects.clouds import no_stream
from imgmagic.wire.dialects.dialect import Dialect
from imgmagic.wire.dialects.edits import BodyFormat, Edits, MaskField, Polarity
from imgmagic.wire.dialects.openai import ACCOUNT_HEADERS, compression_needs, transparent_needs
from imgmagic.wire.dialects.sizes import edges, pixels

_COMPATIBLE = "Create Image, the reference without a server's name"
_LOCALAI = "LocalAI, endpoints/openai/image.go"
_SDCPP = "stable-diffusion.cpp, examples/server/api.md"
_VLLM_OMNI = "vLLM-Omni 0.30, protocol/images.py"
_SGLANG = "SGLang 0.5.23, image_api.py"
_EXO = "exo, docs/api.md"


def _ignored(names: str, source: str) -> dict[str, Rule]:
    return {name: Rule(treatment=Treatment.IGNORED, source=source) for name in names.split()}


def _else_512(value: JsonValue) -> str | None:
    """Say what is wrong with a size, on a server that silently draws 512x512 for any other form."""
    return None if edges(value) and not pixels(value) else f"{value!r} is not width x height; 512x512 would be drawn."


def _advanced(value: JsonValue) -> JsonObject:
    return {"advanced_params": json.dumps(value)}  # a form has no objects; exo reads them as JSON text


_WHITE = MaskField(polarity=Polarity.WHITE)

COMPATIBLE = Dialect(
    name="compatible",
    title="Strict OpenAI-compatible server",
    base_url_env=("IMGMAGIC_BASE_URL",),
    key_env=("IMGMAGIC_API_KEY",),
    account_env={"organization": "IMGMAGIC_ORG_ID", "project": "IMGMAGIC_PROJECT_ID"},
    account_headers=ACCOUNT_HEADERS,
    rules={
        "prompt": Rule(source=_COMPATIBLE),
        "model": Rule(source=_COMPATIBLE),
        "n": Rule(low=1, high=4, source=_COMPATIBLE),
        "size": Rule(says="auto is 512x512", source=_COMPATIBLE),
        "quality": Rule(choices=("low", "medium", "high", "auto"), says="auto is medium", source=_COMPATIBLE),
        "output_format": Rule(choices=("png", "webp", "jpeg"), source=_COMPATIBLE),
        "output_compression": Rule(low=0, high=100, says="jpeg and webp only; 95 unless set", source=_COMPATIBLE),
        "background": Rule(choices=("auto", "transparent", "opaque"), says="auto is opaque", source=_COMPATIBLE),
        "moderation": Rule(choices=("low", "auto"), source=_COMPATIBLE),
        "style": Rule(choices=("vivid", "natural"), says="vivid unless set", source=_COMPATIBLE),
        "response_format": Rule(choices=("b64_json",), remedy="url is not supported at present.", source=_COMPATIBLE),
        "user": Rule(source=_COMPATIBLE),
        **{
            name: Rule(treatment=Treatment.IGNORED, says="its documentation has no streaming", source=_COMPATIBLE)
            for name in ("stream", "partial_images")
        },
    },
    combinations=(transparent_needs("png", "webp"), compression_needs("jpeg", "webp")),
    source=_COMPATIBLE,
)

_INPAINTING = {
    "size": Rule(treatment=Treatment.IGNORED, says="inpainting draws 512x512", source=_LOCALAI),
    **_ignored("n quality response_format background moderation style user", _LOCALAI),
}
LOCALAI = Dialect(
    name="localai",
    title="LocalAI",
    base_url="http://127.0.0.1:8080/v1",
    base_url_env=("LOCALAI_BASE_URL",),
    key_env=("LOCALAI_API_KEY",),
    key_needed=False,
    rules={
        "prompt": Rule(says="what follows a | is the negative prompt", source=_LOCALAI),
        "size": Rule(check=_else_512, otherwise=Treatment.IGNORED, source=_LOCALAI),
        "response_format": Rule(choices=("url", "b64_json"), source=_LOCALAI),
        "output_format": Rule(treatment=Treatment.IGNORED, says="it always draws png", source=_LOCALAI),
        **_ignored("output_compression", _LOCALAI),
        **no_stream(_LOCALAI),
    },
    # Its own error page names /v1/images/edits, but no such route is registered.
    edits=Edits(
        form=BodyFormat.JSON,
        path=None,
        place=lambda addresses: {"ref_images": list(addresses)},
        masked=Edits(path="/images/inpainting", most=1, mask=_WHITE, rules=_INPAINTING, source=_LOCALAI),
        source=_LOCALAI,
    ),
    source=_LOCALAI,
)

SDCPP = Dialect(
    name="sdcpp",
    title="stable-diffusion.cpp server",
    base_url="http://127.0.0.1:1234/v1",
    base_url_env=("SDCPP_BASE_URL",),
    key_needed=False,
    rules={
        "size": Rule(check=_else_512, otherwise=Treatment.IGNORED, source=_SDCPP),
        "output_format": Rule(choices=("png", "jpeg", "webp"), source=_SDCPP),
        **_ignored("quality background moderation style response_format user", _SDCPP),
        **no_stream(_SDCPP),
    },
    edits=Edits(
        one="image[]",
        mask=_WHITE,
        rules={
            "size": Rule(says="the picture's own where it is not width x height", source=_SDCPP),
            "output_format": Rule(choices=("png", "jpeg"), source=_SDCPP),
        },
        source=_SDCPP,
    ),
    source=_SDCPP,
)

VLLM_OMNI = Dialect(
    name="vllm-omni",
    title="vLLM-Omni",
    base_url="http://127.0.0.1:8091/v1",
    base_url_env=("VLLM_BASE_URL",),
    key_env=("VLLM_API_KEY",),
    key_needed=False,
    rules={
        "n": Rule(low=1, high=10, source=_VLLM_OMNI),
        "size": Rule(check=pixels, says="auto fails", source=_VLLM_OMNI),
        "response_format": Rule(choices=("b64_json", "file"), source=_VLLM_OMNI),
        "num_inference_steps": Rule(low=1, high=200, source=_VLLM_OMNI),
        **no_stream(_VLLM_OMNI),
    },
    edits=Edits(
        mask=MaskField(name="mask_image", polarity=Polarity.WHITE),
        rules={
            "size": Rule(says="auto is the picture's own", source=_VLLM_OMNI),
            "response_format": Rule(choices=("b64_json",), source=_VLLM_OMNI),
            "stream": Rule(treatment=Treatment.REFUSED, says="only multi-stage models stream edits", source=_VLLM_OMNI),
        },
        source=_VLLM_OMNI,
    ),
    source=_VLLM_OMNI,
)

# By default it replies with a URL, which fails on a server without cloud storage; so ask for base64.
SGLANG = Dialect(
    name="sglang",
    title="SGLang diffusion",
    base_url="http://127.0.0.1:30000/v1",
    base_url_env=("SGLANG_BASE_URL",),
    key_env=("SGLANG_API_KEY",),
    key_needed=False,
    always={"response_format": "b64_json"},
    rules={
        "n": Rule(
            low=1,
            high=10,
            otherwise=Treatment.IGNORED,
            remedy="It would draw the nearest number that it allows.",
            source=_SGLANG,
        ),
        "response_format": Rule(choices=("url", "b64_json"), says="url needs cloud storage", source=_SGLANG),
        **no_stream(_SGLANG),
    },
    edits=Edits(no_mask="this server takes a mask and ignores it", source=_SGLANG),
    source=_SGLANG,
)

EXO = Dialect(
    name="exo",
    title="exo",
    base_url="http://127.0.0.1:52415/v1",
    base_url_env=("EXO_BASE_URL",),
    key_needed=False,
    streams=True,
    rules={
        "response_format": Rule(choices=("url", "b64_json"), source=_EXO),
        "partial_images": Rule(says="without it the reply is not streamed", source=_EXO),
    },
    edits=Edits(
        most=1,
        rules={
            "advanced_params": Rule(
                treatment=Treatment.TRANSLATED, encode=_advanced, says="becomes a JSON string", source=_EXO
            )
        },
        source=_EXO,
    ),
    source=_EXO,
)

GENERIC = Dialect(
    name="generic",
    title="any OpenAI-style server; nothing is checked",
    key_needed=False,
    edits=Edits(mask=MaskField()),
)
