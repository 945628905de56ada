"""Access: which pages and names the server answers to, and the address that its clients see.

It listens on the loopback interface, where every page that the user opens can send it requests. The Host header shows a
page whose own name points here (DNS rebinding), and Origin a page of another origin.
"""

import ipaddress
import re
from collections.abc import Collection, Mapping
from typing import Final
from urllib.parse import urlsplit

from imgmagic.simulator.api.refusals import Refusal

# Browsers resolve these, and whatever ends in .localhost, to the loopback interface without DNS.
_NAMES: Final = ("localhost", "localhost.localdomain")
_HOST: Final = re.compile(r"(?:[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?|\[[0-9A-Fa-f:.]{2,45}\])(?::\d{1,5})?")
_PATH: Final = re.compile(r"(?:/[A-Za-z0-9._~@:+-]+)*")


def fault_of(headers: Mapping[str, str], allowed: Collection[str]) -> Refusal | None:
    """Return why a request is not answered, or None; header names are lower case."""
    # HTTP/1.0 has no Host header, and no browser uses it.
    host = headers.get("host", "127.0.0.1")
    if not _is_allowed(f"//{host}", allowed):
        return _refusal(f"The simulator does not answer to the name {host[:100]!r}.")
    origin = headers.get("origin")
    if origin is not None and not _is_allowed(origin, allowed):
        return _refusal(f"The simulator does not answer to pages of {origin[:100]!r}.")
    return None


def _refusal(message: str) -> Refusal:
    message += " It answers to localhost and to the names that it was started with: --allow-host NAME."
    return Refusal(status=403, message=message, code="host_not_allowed")


def _is_allowed(address: str, allowed: Collection[str]) -> bool:
    try:
        name = (urlsplit(address).hostname or "").rstrip(".")
    except ValueError:
        return False
    return name in _NAMES or name.endswith(".localhost") or name in allowed or _is_loopback(name)


def _is_loopback(name: str) -> bool:
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def cors_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """Return the headers that a browser requires before it shows the reply to an allowed page."""
    origin = headers.get("origin")
    if origin is None:
        return {}
    return {
        "Access-Control-Allow-Origin": origin,
        "Access-Control-Allow-Methods": "GET, POST, OPTIONS",
        "Access-Control-Allow-Headers": headers.get("access-control-request-headers", "authorization, content-type"),
        "Access-Control-Expose-Headers": "x-request-id, retry-after",
        "Vary": "Origin",
    }


def outer_address(headers: Mapping[str, str], scheme: str) -> str:
    """Return the address of the server as its client sees it, behind TLS and the prefixes of proxies.

    >>> outer_address({"host": "127.0.0.1:8765"}, "http")
    'http://127.0.0.1:8765'
    >>> outer_address({"host": "lab", "x-forwarded-proto": "https", "x-forwarded-prefix": "/proxy/8765"}, "http")
    'https://lab/proxy/8765'
    """
    found = {name: headers.get(f"x-forwarded-{name}", "") for name in ("proto", "host", "prefix", "context")}
    # The outermost proxy's value comes first: each one behind it appends its own.
    said = {name: values.split(",", 1)[0].strip() for name, values in found.items()}
    scheme = said["proto"] if said["proto"] in ("http", "https") else scheme
    host = said["host"] if _HOST.fullmatch(said["host"]) else headers.get("host", "127.0.0.1")
    prefix = (said["prefix"] or said["context"]).rstrip("/")
    return f"{scheme}://{host}{prefix if _PATH.fullmatch(prefix) else ''}"
