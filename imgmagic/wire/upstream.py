"""Upstream attempts: how often a gateway asked the server behind it, which bills each time."""

import re
from collections.abc import Mapping

# LiteLLM and Portkey count the attempts beyond the first.
_RETRY_HEADERS = ("x-litellm-attempted-retries", "x-portkey-retry-attempt-count")
_RETRY_WORDS = re.compile(r"\bRetried: (\d{1,3}) times\b")  # LiteLLM, in the message of an error


def read_attempts(headers: Mapping[str, str], words: str = "") -> int:
    """Return how often the server behind a gateway was asked, if reply headers or an error's words say so."""
    counts = [int(value) for name in _RETRY_HEADERS if re.fullmatch(r"\d{1,3}", value := headers.get(name, ""))]
    counts += [int(found[1]) for found in _RETRY_WORDS.finditer(words)]
    return 1 + max(counts, default=0)


def attempts_note(attempts: int) -> str:
    """Return what to tell the user about several attempts; empty for one."""
    return f"The gateway asked its own server {attempts} times; each may be billed." if attempts > 1 else ""
