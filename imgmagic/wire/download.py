"""Downloads: the image behind an address in a reply, fetched without our key, and from nowhere but where it may lie.

The address comes from a server and may try to reach what only this machine can reach. So a name is resolved once, every
address that it has must be public, and the connection goes to just the address that was checked (the name still
stands in the Host header and is what the certificate must hold). Redirects pass the same checks. The provider's own
host is exempt: the user named it.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from urllib.parse import urljoin

import httpx

from imgmagic.domain.image_header import sniff
from imgmagic.errors import ConnectionFailed, DownloadFailed, ImgmagicError, ProtocolError, ResponseTimeout
from imgmagic.wire import addresses
from imgmagic.wire.body import ACCEPTED_ENCODING, chunks
from imgmagic.wire.connection_errors import cut_off, open_connections, unreachable, user_agent
from imgmagic.wire.lenient_base64 import from_data_uri

MAX_IMAGE_BYTES = 64 * 1024 * 1024
MAX_REDIRECTS = 5

Resolver = Callable[[str, int], Awaitable[Sequence[str]]]

_CONNECT_S, _READ_S, _OVERALL_S = 10.0, 60.0, 120.0
_NO_ADDRESS = "the server sent an address for the picture that is none of the web"
_REMEDY = "Use --response-format b64_json, which needs no download."


@dataclass(frozen=True, kw_only=True)
class Network:
    """Say how names are resolved, and which addresses may be asked; a test puts its own in place."""

    resolve: Resolver = addresses.resolve
    allows: Callable[[str], bool] = addresses.is_public


@dataclass(frozen=True, kw_only=True)
class _Policy:
    """Where downloads may go: where the network allows it, and to the provider's own host."""

    own_host: str
    network: Network

    def own(self, url: httpx.URL) -> bool:
        both_here = addresses.is_loopback(self.own_host) and addresses.is_loopback(url.host)
        return both_here or url.host == self.own_host


async def download(url: str, *, base_url: str, timeout_s: float = _OVERALL_S, network: Network | None = None) -> bytes:
    """Return the image at `url`: absolute, relative to `base_url`, or a `data:` URI.

    Args:
        url: as the reply names it.
        base_url: the provider's, which says what its own host is.
        timeout_s: seconds for everything, redirects included.
        network: what may be asked; public addresses unless given.

    Raises:
        DownloadFailed: the address leads where it must not, cannot be reached or takes too long, or what lies there is
            no image or too large.
    """
    policy = _Policy(own_host=httpx.URL(base_url).host, network=network or Network())
    try:
        return await _picture(url, base_url, policy, timeout_s)
    except ImgmagicError as error:
        raise DownloadFailed(error.message, remedy=error.remedy) from error


async def _picture(url: str, base_url: str, policy: _Policy, timeout_s: float) -> bytes:
    data = _from_data_uri(url) if url[:5].lower() == "data:" else None
    if data is None:
        data = await _fetched(_joined(base_url.rstrip("/") + "/", url), policy, timeout_s)
    if sniff(data) is None:
        message = "what lies at the address that the server sent is no image of a known format."
        raise ProtocolError(message, remedy=_REMEDY)
    return data


def _from_data_uri(uri: str) -> bytes:
    data = from_data_uri(uri)
    if data is None:
        message = "the server sent a data: address that cannot be decoded."
        raise ProtocolError(message, remedy="Try again.")
    return data


async def _fetched(address: str, policy: _Policy, timeout_s: float) -> bytes:
    try:
        async with (
            asyncio.timeout(timeout_s),
            open_connections(connect_s=_CONNECT_S, read_s=_READ_S) as http,
        ):
            return await _followed(http, address, policy)
    except TimeoutError:
        message = f"the download of the picture took longer than {timeout_s:g} s; it was drawn and billed."
        raise ResponseTimeout(message, remedy=_REMEDY) from None


async def _followed(http: httpx.AsyncClient, address: str, policy: _Policy) -> bytes:
    for _ in range(MAX_REDIRECTS + 1):
        response = await _answer(http, _allowed(address, policy), policy)
        try:
            if not response.has_redirect_location:
                return await _body(response)
            address = _joined(address, response.headers["location"])
        finally:
            await response.aclose()
    message = f"the address of the picture redirects more than {MAX_REDIRECTS} times."
    raise ProtocolError(message, remedy=_REMEDY)


def _joined(base: str, address: str) -> str:
    try:
        return urljoin(base, address)
    except ValueError:
        raise _forbidden(_NO_ADDRESS) from None


def _allowed(address: str, policy: _Policy) -> httpx.URL:
    try:
        url = httpx.URL(address)
    except httpx.InvalidURL:
        url = httpx.URL()
    if not url.host or url.userinfo or url.scheme not in ("https", "http"):
        raise _forbidden(_NO_ADDRESS)
    if url.scheme == "http" and not (policy.own(url) or addresses.is_loopback(url.host)):
        raise _forbidden(f"the picture's address at {url.host} is not https")
    return url


async def _answer(http: httpx.AsyncClient, url: httpx.URL, policy: _Policy) -> httpx.Response:
    """Return the reply from the first address that takes the connection."""
    failure: ImgmagicError = ConnectionFailed(f"the name {url.host} has no address.", remedy=_REMEDY)
    for target in await _targets(url, policy):
        try:
            return await http.send(_request(http, url, target), stream=True)
        except httpx.InvalidURL:  # of where it redirects to, which the library reads though it does not go there
            raise _forbidden(_NO_ADDRESS) from None
        except httpx.RequestError as error:
            failure = unreachable(error, url.host)
            if not isinstance(error, httpx.ConnectError | httpx.ConnectTimeout):
                break
    raise failure


async def _targets(url: httpx.URL, policy: _Policy) -> tuple[httpx.URL, ...]:
    """Return where to connect: the checked addresses, or the provider's own host by its name."""
    if policy.own(url):
        return (url,)
    port = url.port or (443 if url.scheme == "https" else 80)
    try:
        found = await policy.network.resolve(url.raw_host.decode("ascii"), port)
    except OSError:
        message = f"the name {url.host}, where the picture lies, is not known (DNS)."
        raise ConnectionFailed(message, remedy=_REMEDY) from None
    if not all(policy.network.allows(address.partition("%")[0]) for address in found):
        raise _forbidden(f"the picture's address at {url.host} leads into a private network")
    return tuple(url.copy_with(host=address) for address in found)


def _request(http: httpx.AsyncClient, url: httpx.URL, target: httpx.URL) -> httpx.Request:
    headers = {
        "host": url.netloc.decode("ascii"),
        "user-agent": user_agent(),
        "accept": "image/*",
        "accept-encoding": ACCEPTED_ENCODING,
    }
    named = {"sni_hostname": url.raw_host.decode("ascii")}
    return http.build_request("GET", target, headers=headers, extensions=named)


async def _body(response: httpx.Response) -> bytes:
    host = response.request.headers["host"]
    if not response.is_success:
        message = f"the address of the picture at {host} answered {response.status_code}."
        raise ProtocolError(message, remedy=f"Such addresses expire. {_REMEDY}")
    body = bytearray()
    try:
        async for piece in chunks(response, MAX_IMAGE_BYTES):
            body += piece
    except httpx.RequestError as error:
        raise cut_off(error, host) from None
    return bytes(body)


def _forbidden(what: str) -> ProtocolError:
    return ProtocolError(f"{what}; it was not fetched.", remedy=_REMEDY)
