"""Downloads: fetch the image at an address in a reply, but only from where it may be.

The address comes from a server and may try to reach what only this machine can reach. So a name is resolved once, every
address that it has must be public, and the connection goes to exactly the address that was checked (the name is still
in the Host header, and must be in the certificate). Redirects pass the same checks. The provider's own host is exempt:
the user named it.

The key is sent only to the origin that it is for, and only if that origin asks for it: some servers protect their
pictures with the key that draws them. An address that contains the key is fetched only from that origin.
"""

import asyncio
import os
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from functools import cached_property
from urllib.parse import urljoin

import httpx

from imgmagic.domain.image_header import recognise
from imgmagic.domain.provider import Provider
from imgmagic.errors import (
    ConnectionFailed,
    DownloadFailed,
    HostUnreachable,
    ImgmagicError,
    ProtocolError,
    ResponseTimeout,
)
from imgmagic.wire import addresses
from imgmagic.wire.body import ACCEPTED_ENCODING, chunks
from imgmagic.wire.connection_errors import Target, cut_off, unreachable
from imgmagic.wire.connections import ProxyRoute, open_connections, user_agent
from imgmagic.wire.dialects.dialect import Dialect
from imgmagic.wire.key_guard import KeyHeaders, holds_secret
from imgmagic.wire.lenient_base64 import from_data_uri

MAX_IMAGE_BYTES = 64 * 1024 * 1024
MAX_REDIRECTS = 5

Resolver = Callable[[str, int], Awaitable[Sequence[str]]]

_CONNECT_S, _OVERALL_S = 10.0, 120.0
_NO_ADDRESS = "the server sent an image URL that is not http or https"
_ADDRESS = "the picture's address"
_REMEDY = "Use {response_format=b64_json}, which needs no download."
# The picture may be there soon: it is still being written, or the store is busy.
_ACCEPTED = 202
_PASSING = frozenset({200, _ACCEPTED, 204, 404, 408, 409, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524})
_BIG_URI_CHARS = 4 * 1024 * 1024  # decoded on a worker thread from this size on


@dataclass(frozen=True, kw_only=True)
class Network:
    """Say how names are resolved, which addresses are allowed, and which proxies there are; tests pass their own."""

    resolve: Resolver = addresses.resolve
    allows: Callable[[str], bool] = addresses.is_public
    environ: Mapping[str, str] = field(default_factory=lambda: os.environ)


class _Passing(ProtocolError):
    """An answer that may soon be different."""


class Downloads:
    """Fetch the pictures of one provider's replies.

    Args:
        provider: whose host is exempt from the checks, and whose key no other host may see.
        dialect: how the key is sent.
        network: which addresses are allowed; by default public ones.
        timeout_s: seconds for one picture, redirects included.
        sleep: how to wait before an address is asked again.
    """

    def __init__(
        self,
        provider: Provider,
        dialect: Dialect,
        *,
        network: Network | None = None,
        timeout_s: float = _OVERALL_S,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self.sleep = sleep
        self._provider = provider
        self._network = network or Network()
        self._timeout_s = timeout_s
        self._key = KeyHeaders(dialect, provider)

    async def fetch(self, url: str) -> bytes:
        """Return the image at `url`: absolute, relative to the base URL, or a `data:` URI.

        Raises:
            DownloadFailed: the address is not allowed, cannot be reached or takes too long, or what it returns is not
                an image or too large; `may_pass` says whether asking again may help.
        """
        if url[:5].lower() == "data:":
            return await _from_data_uri(url)
        try:
            address = _join(self._provider.base_url.rstrip("/") + "/", url)
            data = await self._within_time(address)
            if recognise(data) is None:
                message = "the picture's address does not return a picture; it was drawn and billed."
                raise ProtocolError(message, remedy=_REMEDY)
        except ImgmagicError as error:
            may_pass = isinstance(error, _Passing) or type(error) is ConnectionFailed  # not if nobody was reached
            raise DownloadFailed(error.message, remedy=error.remedy, address=url, may_pass=may_pass) from error
        return data

    async def _within_time(self, address: str) -> bytes:
        try:
            async with asyncio.timeout(self._timeout_s):
                return await self._follow(address)
        except TimeoutError:
            message = f"the download of the picture took longer than {self._timeout_s:g} s; it was drawn and billed."
            raise ResponseTimeout(message, remedy=_REMEDY) from None

    async def _follow(self, address: str) -> bytes:
        for _ in range(MAX_REDIRECTS + 1):
            url = self._require_allowed(address)
            # Without the key first: most pictures are on a storage host under a signed address, where a key does not
            # belong.
            found = await self._ask(url, with_key=False)
            if found.status in (401, 403) and self._is_own_origin(url):
                found = await self._ask(url, with_key=True)
            if found.location is None:
                return found.body_or_raise()
            address = _join(address, found.location)
        message = f"the picture's address redirects more than {MAX_REDIRECTS} times."
        raise ProtocolError(message, remedy=_REMEDY)

    def _require_allowed(self, address: str) -> httpx.URL:
        try:
            url = httpx.URL(address)
        except httpx.InvalidURL:
            url = httpx.URL()
        if not url.host or url.userinfo or url.scheme not in ("https", "http"):
            raise _refusal(_NO_ADDRESS)
        if url.scheme == "http" and not (self._is_own(url) or addresses.is_loopback(url.host)):
            raise _refusal(f"the picture's address at {url.host} is not https")
        if not self._is_own(url) and holds_secret(address, self._provider):
            raise _refusal("the picture's address contains the key, and leads to another host")
        return url

    @cached_property
    def _base(self) -> httpx.URL:
        return httpx.URL(self._provider.base_url)

    def _is_own(self, url: httpx.URL) -> bool:
        # A server on this machine may serve its pictures from another port or under another of its names.
        both_here = addresses.is_loopback(self._base.host) and addresses.is_loopback(url.host)
        return both_here or url.host == self._base.host

    def _is_own_origin(self, url: httpx.URL) -> bool:
        return (url.scheme, url.host, url.port) == (self._base.scheme, self._base.host, self._base.port)

    async def _ask(self, url: httpx.URL, *, with_key: bool) -> "_Found":
        """Return the answer of the first address that accepts the connection."""
        http, route = await asyncio.to_thread(open_connections, url, self._network.environ, connect_s=_CONNECT_S)
        target = Target(host=url.host, address=_ADDRESS, route=route, is_picture=True)
        failure: ImgmagicError = HostUnreachable(f"the name {url.host} has no address.", remedy=_REMEDY)
        async with http:
            for place in await self._places(url, route):
                request = _request(http, url, place)
                try:
                    response = await http.send(request, stream=True, auth=self._key if with_key else None)
                except httpx.InvalidURL:  # about the redirect target, which the library parses
                    raise _refusal(_NO_ADDRESS) from None
                except httpx.RequestError as error:
                    failure = unreachable(error, target)
                    # This address accepted the connection, so the host is there; the other addresses would fail in the
                    # same way.
                    if not isinstance(error, httpx.ConnectError | httpx.ConnectTimeout):
                        break
                else:
                    async with aclosing(response):
                        return await _read_answer(response, target)
        raise failure

    async def _places(self, url: httpx.URL, route: ProxyRoute) -> tuple[httpx.URL, ...]:
        """Return where to connect: the checked addresses, or the name, for the provider's host or a proxy."""
        if self._is_own(url):
            return (url,)
        port = url.port or (443 if url.scheme == "https" else 80)
        try:
            found = await self._network.resolve(url.raw_host.decode("ascii"), port)
        except OSError:
            if route.proxy is not None:  # which may know names that are unknown here
                return (url,)
            message = f"the name of the picture's host, {url.host}, is not known (DNS)."
            raise HostUnreachable(message, remedy=_REMEDY) from None
        # All, not any: a name with a public and a private address is how a server is led into the user's own network.
        # Without a proxy the checked address itself is then connected to, so that no second look-up gives another.
        if not all(self._network.allows(address.partition("%")[0]) for address in found):
            raise _refusal(f"the picture's address at {url.host} is in a private network")
        return (url,) if route.proxy is not None else tuple(url.copy_with(host=address) for address in found)


@dataclass(frozen=True, kw_only=True)
class _Found:
    """What an address answered: a body, a redirect target, or an error status."""

    host: str
    status: int
    location: str | None = None
    body: bytes = b""

    def body_or_raise(self) -> bytes:
        if 200 <= self.status < 300 and self.body and self.status != _ACCEPTED:
            return self.body
        kind = _Passing if self.status in _PASSING else ProtocolError
        nothing = " with nothing" if self.status < 300 else ""
        message = f"the picture's address at {self.host} answered {self.status}{nothing}; it was drawn and billed."
        raise kind(message, remedy=f"Such addresses expire. {_REMEDY}")


async def _read_answer(response: httpx.Response, target: Target) -> _Found:
    if response.has_redirect_location:
        return _Found(host=target.host, status=response.status_code, location=response.headers["location"])
    body = await _body(response, target) if response.is_success else b""
    return _Found(host=target.host, status=response.status_code, body=body)


async def _body(response: httpx.Response, target: Target) -> bytes:
    body = bytearray()
    try:
        async for piece in chunks(response, MAX_IMAGE_BYTES):
            body += piece
    except httpx.RequestError as error:
        failure = cut_off(error, target)
        raise _Passing(failure.message, remedy=failure.remedy) from None
    return bytes(body)


def _request(http: httpx.AsyncClient, url: httpx.URL, place: httpx.URL) -> httpx.Request:
    headers = {
        "host": url.netloc.decode("ascii"),
        "user-agent": user_agent(),
        "accept": "image/*",
        "accept-encoding": ACCEPTED_ENCODING,
    }
    # The connection goes to a checked address; the certificate is still that of the name.
    named = {"sni_hostname": url.raw_host.decode("ascii")}
    return http.build_request("GET", place, headers=headers, extensions=named)


def _join(base: str, address: str) -> str:
    try:
        return urljoin(base, address)
    except ValueError:
        raise _refusal(_NO_ADDRESS) from None


async def _from_data_uri(uri: str) -> bytes:
    data = from_data_uri(uri) if len(uri) < _BIG_URI_CHARS else await asyncio.to_thread(from_data_uri, uri)
    if data is None or recognise(data) is None:
        message = "the server sent a data: address that does not contain a picture."
        raise DownloadFailed(message, remedy=_REMEDY)
    return data


def _refusal(what: str) -> ProtocolError:
    return ProtocolError(f"{what}; it was not fetched.", remedy=_REMEDY)
