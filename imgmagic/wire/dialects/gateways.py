"""Gateways: servers that pass requests on to others, and so know little of the models behind them."""

from imgmagic.domain.rules import Rule, Treatment
from imgmagic.wire.dialects.dialect import Dialect, Family
from imgmagic.wire.dialects.edits import MOST_BYTES_IN_JSON, BodyFormat, Edits, MaskField, references
from imgmagic.wire.dialects.openai import NO_RESPONSE_FORMAT, NO_STYLE

_TRUEFOUNDRY = "TrueFoundry AI Gateway, Generate images from a prompt"
_LITELLM = "LiteLLM 1.106 proxy, tried"
_OPENROUTER = "OpenRouter Python library 1.3, components"
_PASSED_ON = "model size quality output_format output_compression background moderation style user"


TRUEFOUNDRY = Dialect(
    name="truefoundry",
    title="TrueFoundry AI Gateway",
    base_url="https://gateway.truefoundry.ai",
    base_url_env=("TFY_BASE_URL",),
    key_env=("TFY_API_KEY",),
    account_headers={"metadata": "x-tfy-metadata"},
    rules={
        "prompt": Rule(source=_TRUEFOUNDRY),
        **{name: Rule(source=_TRUEFOUNDRY) for name in _PASSED_ON.split()},
        "model": Rule(says="account/model, such as openai-main/gpt-image-1.5, or a virtual model", source=_TRUEFOUNDRY),
        "n": Rule(low=1, high=10, source=_TRUEFOUNDRY),
        "output_compression": Rule(low=0, high=100, source=_TRUEFOUNDRY),
        "response_format": Rule(choices=("url", "b64_json"), says="url unless asked otherwise", source=_TRUEFOUNDRY),
        "stream": Rule(source=_TRUEFOUNDRY),
        "partial_images": Rule(says="for streamed replies", source=_TRUEFOUNDRY),
    },
    edits=Edits(mask=MaskField(), source="TrueFoundry AI Gateway, Edit images"),
    source=_TRUEFOUNDRY,
)

LITELLM = Dialect(
    name="litellm",
    title="LiteLLM proxy",
    base_url="http://127.0.0.1:4000/v1",
    base_url_env=("LITELLM_PROXY_API_BASE",),
    key_env=("LITELLM_PROXY_API_KEY",),
    rules={
        "stream": Rule(
            treatment=Treatment.REFUSED,
            says="it answers 500, after asking the upstream server three times",
            remedy="Add {stream=False}, or use a pass-through route with the dialect openai.",
            source=_LITELLM,
        ),
    },
    families=(
        Family(
            models="gpt-image-* chatgpt-image-*",
            rules={"response_format": NO_RESPONSE_FORMAT, "style": NO_STYLE},
        ),
    ),
    edits=Edits(mask=MaskField(), source="LiteLLM 1.110 proxy, image_endpoints"),
    source=_LITELLM,
)

OPENROUTER = Dialect(
    name="openrouter",
    title="OpenRouter",
    base_url="https://openrouter.ai/api/v1",
    base_url_env=("OPENROUTER_BASE_URL",),
    key_env=("OPENROUTER_API_KEY",),
    path="/images",
    streams=True,
    rules={
        "n": Rule(low=1, high=10, source=_OPENROUTER),
        "output_format": Rule(choices=("png", "jpeg", "webp", "svg"), source=_OPENROUTER),
        "quality": Rule(choices=("low", "medium", "high", "xhigh", "max", "auto"), source=_OPENROUTER),
    },
    edits=Edits(
        form=BodyFormat.JSON,
        path=None,
        place=lambda urls: {"input_references": references(urls)},
        most_bytes=MOST_BYTES_IN_JSON,
        source=_OPENROUTER,
    ),
    source=_OPENROUTER,
)
