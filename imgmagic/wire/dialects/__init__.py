"""The dialect table: one row per kind of server; only this package and `messages.py` know servers by name."""

from collections.abc import Mapping

from imgmagic.wire.dialects.azure import AZURE
from imgmagic.wire.dialects.clouds import ARK, DEEPINFRA, GEMINI, NEBIUS, RECRAFT, TOGETHER, XAI
from imgmagic.wire.dialects.dialect import Dialect, Family
from imgmagic.wire.dialects.gateways import LITELLM, OPENROUTER, TRUEFOUNDRY
from imgmagic.wire.dialects.local import COMPATIBLE, EXO, GENERIC, LOCALAI, SDCPP, SGLANG, VLLM_OMNI
from imgmagic.wire.dialects.openai import OPENAI, SIMULATOR
from imgmagic.wire.dialects.yandex import YANDEX

__all__ = ["DIALECTS", "Dialect", "Family"]

_REFERENCES = (OPENAI, YANDEX, TRUEFOUNDRY, COMPATIBLE)
_CLOUDS = (AZURE, OPENROUTER, LITELLM, XAI, TOGETHER, DEEPINFRA, GEMINI, NEBIUS, RECRAFT, ARK)
_LOCAL = (LOCALAI, SDCPP, VLLM_OMNI, SGLANG, EXO, GENERIC, SIMULATOR)

DIALECTS: Mapping[str, Dialect] = {row.name: row for row in (*_REFERENCES, *_CLOUDS, *_LOCAL)}
