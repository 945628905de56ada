"""What a user types, as a request that a dialect has looked at."""

from collections.abc import Mapping
from typing import Any

from imgmagic.domain.provider import Provider, Secret
from imgmagic.domain.request import ImageRequest
from imgmagic.domain.rules import Preflight
from imgmagic.errors import spell
from imgmagic.notebook.line.spelling import as_flag
from imgmagic.wire.dialects import DIALECTS, Dialect

_BARE: Mapping[str, Any] = {}


def provider_of(dialect: Dialect, entry: Mapping[str, Any] = _BARE, host: str = "127.0.0.1") -> Provider:
    return Provider(
        name=dialect.name,
        dialect=dialect.name,
        base_url=entry.get("base_url", f"http://{host}{entry.get('base_path', '/v1')}"),
        key=Secret(entry["key"]) if entry.get("key") else None,
        account=entry.get("account", {"folder": "b1gfolder"}),
    )


def preflight(dialect: Dialect, provider: Provider, typed: Mapping[str, Any]) -> Preflight:
    options = {name: value for name, value in typed.items() if name not in ("prompt", "model")}
    request = ImageRequest(
        prompt=typed.get("prompt", "a fox"), model=typed.get("model"), options=options, explicit=frozenset(options)
    )
    return dialect.preflight(dialect.with_defaults(provider, request))


def faults(name: str, **typed: Any) -> list[str]:
    """Return what the dialect finds wrong with the options typed, as the magic says it."""
    dialect = DIALECTS[name]
    return [spell(str(fault), as_flag) for fault in preflight(dialect, provider_of(dialect), typed).faults]
