"""Yandex Cloud AI Studio: models by folder, sizes as aspect ratios, everything else not supported yet."""

from collections.abc import Mapping

from imgmagic.domain.json_types import JsonObject, JsonValue
from imgmagic.domain.provider import Provider
from imgmagic.domain.rules import Rule, Treatment
from imgmagic.wire.dialects.dialect import Dialect, Family, bearer
from imgmagic.wire.dialects.sizes import as_ratio, ratio

_DOCUMENT = "Yandex Cloud AI Studio, Create an image"
_UNSUPPORTED = (
    "background moderation n output_compression output_format partial_images quality response_format stream style user"
)


def _model_name(provider: Provider, model: str) -> str:
    """Build the model's address from the account's folder; an address stays as it is."""
    return model if "://" in model else f"art://{provider.account.get('folder', '')}/{model}"


def _auth(key: str) -> Mapping[str, str]:
    return bearer(key) if key.startswith("t1.") else {"Authorization": f"Api-Key {key}"}  # IAM tokens begin with t1.


def _size(value: JsonValue) -> JsonObject:
    return {"size": as_ratio(value, between="x")}


def _ignored(parameter: str) -> Rule:
    return Rule(
        treatment=Treatment.IGNORED,
        says="marked CURRENTLY NOT SUPPORTED",
        source=f"{_DOCUMENT}, body, {parameter}",
    )


YANDEX = Dialect(
    name="yandex",
    title="Yandex Cloud AI Studio",
    base_url="https://ai.api.cloud.yandex.net/v1",
    base_url_env=("YANDEX_BASE_URL",),
    key_env=("YANDEX_API_KEY", "YANDEX_IAM_TOKEN"),
    account_env={"folder": "YANDEX_FOLDER_ID"},
    account_needed=("folder",),
    auth=_auth,
    account_headers={"folder": "OpenAI-Project"},
    default_model="aliceai-image-art-3.0",
    model_name=_model_name,
    models=("aliceai-image-art-3.0",),
    rules={
        "prompt": Rule(max_chars=32_000, source=f"{_DOCUMENT}, body, prompt"),
        "model": Rule(
            treatment=Treatment.TRANSLATED,
            says="a bare name becomes art://FOLDER/NAME",
            source=f"{_DOCUMENT}, body, model",
        ),
        "size": Rule(
            treatment=Treatment.TRANSLATED,
            check=ratio,
            encode=_size,
            says="the aspect ratio as two whole numbers: 16:9 and 1920x1080 become 16x9",
            source=f"{_DOCUMENT}, body, size",
        ),
        **{name: _ignored(name) for name in _UNSUPPORTED.split()},
    },
    families=(
        Family(
            models="yandex-art-2.0* art://*/yandex-art-2.0*",
            ended="2026-08-18",
            instead="aliceai-image-art-3.0",
        ),
    ),
    source=_DOCUMENT,
)
