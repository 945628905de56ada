"""Azure OpenAI: deployments instead of models, on the v1 path or on the classic one with a dated API version."""

from collections.abc import Mapping
from urllib.parse import quote, urlencode

from imgmagic.domain.provider import Provider
from imgmagic.domain.request import ImageRequest
from imgmagic.domain.rules import Fault, Rule, Treatment
from imgmagic.wire.dialects import openai
from imgmagic.wire.dialects.dialect import Dialect, Family, bearer
from imgmagic.wire.dialects.edits import Edits, MaskField

_DOCUMENT = "Azure OpenAI, how to generate images"


def _is_classic(provider: Provider) -> bool:
    """Recognise the classic path by its dated version (2025-04-01-preview); v1 has none, or `preview`."""
    return provider.account.get("api_version", "")[:1].isdecimal()


def _address(provider: Provider, request: ImageRequest) -> str:
    version = provider.account.get("api_version", "") or ("preview" if request.sources else "")
    query = f"?{urlencode({'api-version': version})}" if version else ""
    classic = f"/openai/deployments/{quote(request.model or '', safe='')}"
    prefix = (
        classic
        if _is_classic(provider)
        else ""
        if provider.base_url.partition("?")[0].endswith("/openai/v1")
        else "/openai/v1"
    )
    return f"{prefix}/images/{'edits' if request.sources else 'generations'}{query}"


def _model_name(provider: Provider, model: str) -> str | None:
    return None if _is_classic(provider) else model  # a classic body with a model breaks gpt-image-2


def _auth(key: str) -> Mapping[str, str]:
    return bearer(key) if key.startswith("eyJ") else {"api-key": key}  # an Entra token is a JWT


def _deployment_needed(request: ImageRequest) -> Fault | None:
    if request.model:
        return None
    return Fault(
        parameter="model",
        treatment=Treatment.REFUSED,
        message="Azure needs the name of a deployment, and none is given.",
        remedy="Add {model=DEPLOYMENT}, or set AZURE_OPENAI_DEPLOYMENT.",
    )


AZURE = Dialect(
    name="azure",
    title="Azure OpenAI",
    base_url_env=("AZURE_OPENAI_ENDPOINT",),
    key_env=("AZURE_OPENAI_API_KEY",),
    account_env={"deployment": "AZURE_OPENAI_DEPLOYMENT", "api_version": "OPENAI_API_VERSION"},
    address=_address,
    auth=_auth,
    model_name=_model_name,
    streams=True,
    rules={
        "output_format": Rule(
            choices=("png", "jpeg"), says="no webp", remedy="Azure writes no webp.", source=_DOCUMENT
        ),
        "output_compression": Rule(low=0, high=100, source=_DOCUMENT),
        "partial_images": Rule(low=1, high=3, source=_DOCUMENT),
    },
    combinations=(
        _deployment_needed,
        openai.transparent_needs("png"),
        openai.compression_needs("jpeg"),
        openai.partials_need_stream,
    ),
    families=(
        Family(models="dall-e-3", ended="2026-03-04"),
        Family(
            models="gpt-image-* chatgpt-image-*",
            rules={"response_format": openai.NO_RESPONSE_FORMAT, "style": openai.NO_STYLE},
        ),
    ),
    edits=Edits(most=16, mask=MaskField(), families=openai.EDITS.families, source=_DOCUMENT),
    source=_DOCUMENT,
)
