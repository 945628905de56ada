"""Transport: what goes wrong between here and a server, in our words, and what every request of ours says of itself."""

import logging
import socket
import ssl
from collections.abc import Iterator
from importlib import metadata

import httpx

from imgmagic.errors import (
    ConnectionFailed,
    HostUnreachable,
    ImgmagicError,
    ProtocolError,
    ResponseTimeout,
    SettingsError,
    TlsFailed,
)

_DISTRIBUTION = "jupyter-imgmagic"
_LOOPBACK = ("all://127.0.0.1", "all://localhost", "all://[::1]")


def user_agent() -> str:
    """Return what our requests call themselves; a content network refuses requests without a name."""
    try:
        return f"imgmagic/{metadata.version(_DISTRIBUTION)}"
    except metadata.PackageNotFoundError:
        return "imgmagic"


def _without_reply_headers(record: logging.LogRecord) -> bool:
    """Keep the headers of replies out of the library's debug log: some servers say the key back in them."""
    return not str(record.msg).startswith("receive_response_headers.complete")


def open_connections(*, connect_s: float, read_s: float) -> httpx.AsyncClient:
    """Return connections that follow no redirect and, but to this machine itself, use the environment's proxies."""
    direct: dict[str, httpx.AsyncBaseTransport | None] = dict.fromkeys(_LOOPBACK)
    logging.getLogger("httpcore.http11").addFilter(_without_reply_headers)
    timeout = httpx.Timeout(read_s, connect=connect_s, pool=None)
    try:
        return httpx.AsyncClient(timeout=timeout, follow_redirects=False, mounts=direct, limits=httpx.Limits())
    except (ImportError, ValueError, httpx.InvalidURL):  # the library's own words may hold the proxy's password
        message = "the proxy that the environment names cannot be used."
        remedy = "Check HTTPS_PROXY, HTTP_PROXY and ALL_PROXY; SOCKS is not supported."
        raise SettingsError(message, remedy=remedy) from None


def unreachable(error: httpx.RequestError, host: str) -> ImgmagicError:
    """Return why no reply came from `host`; what the library says is left out, as it may hold header values."""
    if isinstance(error, httpx.LocalProtocolError | httpx.UnsupportedProtocol):
        return SettingsError(
            f"no request can be made to {host}: its address or a header is malformed.",
            remedy="Check the base URL, the key, and the provider's headers.",
        )
    if isinstance(error, httpx.ConnectTimeout):
        return HostUnreachable(
            f"{host} did not accept a connection in time; nothing was billed.",
            remedy="Check the network, a firewall or VPN in between, and the base URL.",
        )
    if isinstance(error, httpx.TimeoutException):
        return _too_slow(host)
    return _broken(error, host)


def cut_off(error: httpx.RequestError, host: str) -> ImgmagicError:
    """Return why the reply of `host` ended before it was whole."""
    if isinstance(error, httpx.TimeoutException):
        return _too_slow(host)
    return ProtocolError(
        f"the reply of {host} was cut off; what was drawn may have been billed.",
        remedy="Run it again; if it stays, a proxy in between may limit how long a reply may take.",
    )


def was_refused(error: httpx.RequestError) -> bool:
    """Return whether the server refused the connection, or dropped it before it replied."""
    dropped = isinstance(error, httpx.ReadError | httpx.WriteError | httpx.RemoteProtocolError)
    refused = isinstance(error, httpx.ConnectError) and not any(
        isinstance(cause, socket.gaierror | ssl.SSLError) for cause in _causes(error)
    )
    return dropped or refused


def _too_slow(host: str) -> ImgmagicError:
    return ResponseTimeout(
        f"{host} sent nothing for too long (read time-out); the picture may have been drawn and billed.",
        remedy="Before running it again, look at the provider's usage page; a lower quality is faster.",
    )


def _broken(error: httpx.RequestError, host: str) -> ImgmagicError:
    causes = list(_causes(error))
    if isinstance(error, httpx.ProxyError):
        return HostUnreachable(
            f"the proxy did not let the request through to {host}.",
            remedy="Check HTTPS_PROXY, HTTP_PROXY and NO_PROXY.",
        )
    if any(isinstance(cause, socket.gaierror) for cause in causes):
        return HostUnreachable(
            f"the name {host} is not known (DNS).",
            remedy="Check the base URL for a typing error, and the network.",
        )
    tls = next((cause for cause in causes if isinstance(cause, ssl.SSLError)), None)
    if tls is not None:
        return TlsFailed(
            f"no secure connection to {host} (TLS): {_tls_reason(tls)}.",
            remedy="Check http or https in the base URL; a company's own certificate goes into SSL_CERT_FILE.",
        )
    if isinstance(error, httpx.ConnectError):
        return HostUnreachable(
            f"{host} refused the connection or cannot be reached.",
            remedy="Check that the server runs, and the host and port of the base URL.",
        )
    return ConnectionFailed(
        f"{host} hung up before it replied; the picture may have been drawn and billed.",
        remedy="Try again; if it stays, look at the server, or at a proxy in between.",
    )


def _tls_reason(error: ssl.SSLError) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted, {error.verify_message}"
    return (error.reason or "handshake failed").replace("_", " ").lower()


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Yield `error` and what led to it, also the members of groups (a connection tries every address of a name)."""
    yield error
    inner = error.exceptions if isinstance(error, BaseExceptionGroup) else (error.__cause__ or error.__context__,)
    for cause in inner:
        if cause is not None:
            yield from _causes(cause)
