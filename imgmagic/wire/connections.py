"""Connections: how an address is reached, and the user agent of our requests.

Only what concerns the address is read: a server without TLS needs no certificates, and this machine itself needs
neither certificates nor proxies. Redirects are never followed by the library.
"""

import functools
import ssl
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

import certifi
import httpx

from imgmagic.errors import SettingsError
from imgmagic.wire.proxies import Proxy, find_proxy

_DISTRIBUTION = "jupyter-imgmagic"


@dataclass(frozen=True, kw_only=True)
class ProxyRoute:
    """Say how an address is reached.

    Args:
        proxy: the proxy to use; None to connect directly.
        tls_fault: what is wrong with the certificates that the environment names, which were ignored.
    """

    proxy: Proxy | None = None
    tls_fault: str = ""


@functools.cache
def user_agent() -> str:
    """Return our user agent; content networks refuse requests without one."""
    try:
        return f"imgmagic/{metadata.version(_DISTRIBUTION)}"
    except metadata.PackageNotFoundError:
        return "imgmagic"


def open_connections(
    url: httpx.URL, environ: Mapping[str, str], *, connect_s: float
) -> tuple[httpx.AsyncClient, ProxyRoute]:
    """Return connections to the host of `url`, and their route; runs on a worker thread, because it reads files.

    Silence has no limit here: the caller limits the total time.

    Raises:
        SettingsError: the proxy that the environment names for this address cannot be used.
    """
    proxy = find_proxy(url, environ)
    # Reading certificates takes time, and a simulator on this machine needs none.
    is_plain = url.scheme == "http" and (proxy is None or proxy.url.startswith("http:"))
    context, fault = (ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), "") if is_plain else _tls_context(environ)
    try:
        http = httpx.AsyncClient(
            verify=context,
            proxy=proxy.url if proxy else None,
            # Proxies and certificates were looked up above, so that a message can name the variable that is wrong.
            trust_env=False,
            follow_redirects=False,
            timeout=httpx.Timeout(None, connect=connect_s),
            limits=httpx.Limits(),
        )
    except (ImportError, ValueError, httpx.InvalidURL):  # the library's own words may contain the proxy's password
        raise _unusable(proxy, url.host) from None
    return http, ProxyRoute(proxy=proxy, tls_fault=fault)


def _unusable(proxy: Proxy | None, host: str) -> SettingsError:
    variable = proxy.variable if proxy else "the environment"
    if proxy is not None and proxy.is_socks:
        what = f"{proxy.title} uses SOCKS, which needs the missing package socksio"
        remedy = f"Install it, name an HTTP proxy in {variable}, or add {host} to NO_PROXY."
    else:
        what = f"the address of the proxy in {variable} is malformed"
        remedy = f"Write it as http://proxy.example:3128, or add {host} to NO_PROXY."
    return SettingsError(f"{what}; nothing was sent.", remedy=remedy)


def _tls_context(environ: Mapping[str, str]) -> tuple[ssl.SSLContext, str]:
    """Return the trusted certificates, and what is wrong with those that the environment names.

    Stale names are common (from an environment that was removed). They are ignored, and mentioned only if a certificate
    is then not trusted.
    """
    if not any(map(environ.get, ("SSLKEYLOGFILE", "SSL_CERT_FILE", "SSL_CERT_DIR"))):
        return default_trust(), ""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    with suppress(OSError):  # SSLKEYLOGFILE would write the session's keys to a file
        if environ.get("SSLKEYLOGFILE"):
            context.keylog_filename = environ["SSLKEYLOGFILE"]
    fault = ""
    for variable, argument in (("SSL_CERT_FILE", "cafile"), ("SSL_CERT_DIR", "capath")):
        if not environ.get(variable):
            continue
        fault = fault or _load(context, variable, environ[variable], argument)
        if not fault:
            return context, ""
    context.load_verify_locations(cafile=certifi.where())
    return context, fault


@functools.cache
def default_trust() -> ssl.SSLContext:
    """Return the certificates to trust if the environment names none; read once, for all servers."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(cafile=certifi.where())
    return context


def _load(context: ssl.SSLContext, variable: str, path: str, argument: str) -> str:
    """Load the certificates that a variable names; return what is wrong with them, or nothing."""
    try:
        if argument == "capath":
            next(Path(path).iterdir(), None)  # OpenSSL itself ignores a missing folder
        context.load_verify_locations(**{argument: path})
    except ssl.SSLError:
        return f"{variable} names {path!r}, which contains no certificates"
    except OSError:
        return f"{variable} names {path!r}, which cannot be read"
    return ""
