"""Proxies: which proxy the environment names for an address, and by which variable, so that a message can name both.

Entries that do not concern the address, such as those for other schemes, are ignored even if they are malformed. This
machine itself is never asked through a proxy.
"""

import ipaddress
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from urllib.request import getproxies

import httpx

from imgmagic.wire.addresses import is_loopback


@dataclass(frozen=True, kw_only=True)
class Proxy:
    """Hold a proxy, and the variable that names it; its address may contain a password."""

    variable: str
    url: str = field(repr=False)

    @property
    def title(self) -> str:
        """Return what messages call it: its host and port, and the variable."""
        where = re.sub(r"^\w+:/*", "", self.url).rpartition("@")[2].partition("/")[0]
        return f"the proxy {where} of {self.variable}"

    @property
    def is_socks(self) -> bool:
        """Return whether it speaks SOCKS."""
        return self.url.lower().startswith("socks")


def find_proxy(url: httpx.URL, environ: Mapping[str, str]) -> Proxy | None:
    """Return the proxy to use for `url`; None to connect directly."""
    if is_loopback(url.host) or _is_exempt(url, environ.get("no_proxy") or environ.get("NO_PROXY") or ""):
        return None
    return next((proxy for proxy in _candidates(url.scheme, environ) if proxy.url), None)


def _candidates(scheme: str, environ: Mapping[str, str]) -> Iterator[Proxy]:
    """Yield the proxies for `scheme`: from variables, lower case first as in curl, then from the system's settings."""
    for name in (f"{scheme}_proxy", f"{scheme}_proxy".upper(), "all_proxy", "ALL_PROXY"):
        yield Proxy(variable=name, url=_with_scheme(environ.get(name, "").strip()))
    # Any such variable, even an empty one, means that the user has decided; the system's settings apply only without
    # one.
    if environ and not any(name.lower().endswith("_proxy") for name in environ):
        yield Proxy(variable="the system's settings", url=_with_scheme(getproxies().get(scheme, "")))


def _with_scheme(address: str) -> str:
    return address if "://" in address or not address else f"http://{address}"


def _is_exempt(url: httpx.URL, listed: str) -> bool:
    entries = [entry.strip().lower() for entry in listed.split(",")]
    return any(_matches(url, entry) for entry in entries if entry)


def _matches(url: httpx.URL, entry: str) -> bool:
    """Return whether an entry of NO_PROXY means `url`: a host, a domain, host:port, an address, a network, or all."""
    if entry == "*":
        return True
    network = _network(entry)
    if network is not None:
        return _is_in(url.host, network)
    name, _, port = entry.partition(":")
    if port and port != str(url.port or {"http": 80, "https": 443}.get(url.scheme)):
        return False
    domain = name.removeprefix("*").lstrip(".").rstrip(".")
    host = url.host.lower().rstrip(".")
    return bool(domain) and (host == domain or host.endswith(f".{domain}"))


_Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def _network(entry: str) -> _Network | None:
    try:
        return ipaddress.ip_network(re.sub(r"[\[\]]", "", entry), strict=False)
    except ValueError:
        return None


def _is_in(host: str, network: _Network) -> bool:
    try:
        return ipaddress.ip_address(host) in network
    except ValueError:
        return False
