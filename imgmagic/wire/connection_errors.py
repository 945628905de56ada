"""Connection errors: what goes wrong between here and a server, in our words; pure.

The library's own words stay out of every message, because they may contain header values. Each message names what is at
fault: the proxy, the certificates of the environment, or the host; the caller says where that is set (`Target`).
"""

import re
import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass, field

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
from imgmagic.wire.connections import ProxyRoute

_LOOK_FIRST = "Before running it again, look at the provider's usage page."


@dataclass(frozen=True, kw_only=True)
class Target:
    """Say where a request goes.

    Args:
        host: as the address names it.
        address: what the user may have to correct: "the base URL (OPENAI_BASE_URL)", "the picture's address".
        route: how it is reached.
        is_picture: whether a picture that was drawn is fetched.
    """

    host: str
    address: str = "the base URL"
    route: ProxyRoute = field(default_factory=ProxyRoute)
    is_picture: bool = False

    @property
    def billed(self) -> str:
        """Return what to say about the bill when a request was cut off."""
        return "it was drawn and billed" if self.is_picture else "the picture may have been drawn and billed"


def unreachable(error: httpx.RequestError, target: Target) -> ImgmagicError:
    """Return the error for a missing reply."""
    if isinstance(error, httpx.LocalProtocolError | httpx.UnsupportedProtocol):
        return SettingsError(
            f"no request can be made to {target.host}: its address or a header is malformed.",
            remedy=f"Check {target.address}, the key, and the provider's headers.",
        )
    if isinstance(error, httpx.ProxyError) or _is_proxys(error, target):
        return _proxy_failed(error, target)
    if isinstance(error, httpx.ConnectTimeout):
        return HostUnreachable(
            f"{target.host} did not accept a connection in time; nothing was billed.",
            remedy=f"Check the network, a firewall or VPN in between, and {target.address}.",
        )
    return _not_connected(error, target) if isinstance(error, httpx.ConnectError) else _hung_up(error, target)


def cut_off(error: httpx.RequestError, target: Target) -> ImgmagicError:
    """Return the error for a reply that ended before it was complete."""
    if isinstance(error, httpx.TimeoutException):
        return _too_slow(target)
    return ProtocolError(
        f"the reply from {target.host} was cut off; {target.billed}.",
        remedy=f"A proxy in between may limit how long a reply may take. {_LOOK_FIRST}",
    )


def was_refused(error: httpx.RequestError) -> bool:
    """Return whether the connection was refused, so nothing can have reached the server."""
    return isinstance(error, httpx.ConnectError) and not any(
        isinstance(cause, socket.gaierror | ssl.SSLError) for cause in _causes(error)
    )


def was_dropped(error: httpx.RequestError) -> bool:
    """Return whether the server closed the connection without a byte of a reply."""
    if isinstance(error, httpx.RemoteProtocolError):
        return str(error).startswith("Server disconnected without sending")
    return isinstance(error, httpx.ReadError | httpx.WriteError)


def _is_proxys(error: httpx.RequestError, target: Target) -> bool:
    """Return whether the failed connection was to the proxy: if there is one, we connect to nothing else."""
    is_connecting = isinstance(error, httpx.ConnectError | httpx.ConnectTimeout)
    return target.route.proxy is not None and is_connecting and _tls_error(error) is None


def _proxy_failed(error: httpx.RequestError, target: Target) -> ImgmagicError:
    proxy = target.route.proxy
    name, variable = (proxy.title, proxy.variable) if proxy else ("the proxy", "HTTPS_PROXY")
    way_out = f"Correct {variable}, or add {target.host} to NO_PROXY."
    if not isinstance(error, httpx.ProxyError):
        message = f"{name} cannot be reached; nothing was sent to {target.host}."
        return HostUnreachable(message, remedy=f"Start it. {way_out}")
    status = re.match(r"[1-5]\d\d\b", str(error))
    answered = f" (it answered {status[0]})" if status else ""
    if status and status[0] == "407":
        way_out = f"It needs a name and a password, as in http://NAME:PASSWORD@host:port. {way_out}"
    return HostUnreachable(f"{name} did not let the request through to {target.host}{answered}.", remedy=way_out)


def _not_connected(error: httpx.RequestError, target: Target) -> ImgmagicError:
    if any(isinstance(cause, socket.gaierror) for cause in _causes(error)):
        return HostUnreachable(
            f"the host name {target.host} is not known (DNS).",
            remedy=f"Check {target.address} for a typo, and the network.",
        )
    tls = _tls_error(error)
    if tls is not None:
        return _tls_failed(tls, target)
    return HostUnreachable(
        f"{target.host} refused the connection or cannot be reached.",
        remedy=f"Check that the server is running, and the host and port of {target.address}.",
    )


def _hung_up(error: httpx.RequestError, target: Target) -> ImgmagicError:
    if isinstance(error, httpx.TimeoutException):
        return _too_slow(target)
    if isinstance(error, httpx.RemoteProtocolError) and not was_dropped(error):
        return ProtocolError(
            f"{target.host} sent a reply that is not HTTP; {target.billed}.",
            remedy=f"Look at the server, or at a proxy in between. {_LOOK_FIRST}",
        )
    return ConnectionFailed(
        f"{target.host} hung up before it replied; {target.billed}.",
        remedy=f"Look at the server, or at a proxy in between. {_LOOK_FIRST}",
    )


def _tls_failed(error: ssl.SSLError, target: Target) -> TlsFailed:
    fault = target.route.tls_fault
    if fault:
        remedy = f"{fault}: correct or unset it."
    else:
        remedy = f"Check http or https in {target.address}; a company's own certificate goes into SSL_CERT_FILE."
    return TlsFailed(f"no secure connection to {target.host} (TLS): {_tls_reason(error)}.", remedy=remedy)


def _too_slow(target: Target) -> ImgmagicError:
    return ResponseTimeout(f"{target.host} sent nothing for too long; {target.billed}.", remedy=_LOOK_FIRST)


def _tls_error(error: BaseException) -> ssl.SSLError | None:
    return next((cause for cause in _causes(error) if isinstance(cause, ssl.SSLError)), None)


def _tls_reason(error: ssl.SSLError) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted, {error.verify_message}"
    return (error.reason or "handshake failed").replace("_", " ").lower()


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Yield `error` and what led to it, including members of groups (a connection tries every address of a name)."""
    yield error
    inner = error.exceptions if isinstance(error, BaseExceptionGroup) else (error.__cause__ or error.__context__,)
    for cause in inner:
        if cause is not None:
            yield from _causes(cause)
