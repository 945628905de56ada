"""Addresses: which network addresses a URL in a server's reply may lead to."""

import asyncio
import ipaddress
import socket

_IpAddress = ipaddress.IPv4Address | ipaddress.IPv6Address

# Azure's host agent: it hands out credentials at a public address.
_METADATA = frozenset({ipaddress.ip_address("168.63.129.16")})
# Not global according to the registries (RFC 6890, RFC 8215), though older Pythons treat them as global.
_LOCAL = tuple(
    map(
        ipaddress.ip_network,
        # Then: IPv4 inside IPv6 (RFC 4291, RFC 7915), site-local (RFC 3879), examples (RFC 9637), segments (RFC 9602).
        ("192.0.0.0/24", "64:ff9b:1::/48", "::/96", "::ffff:0:0:0/96", "fec0::/10", "3fff::/20", "5f00::/16"),
    )
)
_NAT64 = ipaddress.ip_network("64:ff9b::/96")  # RFC 6052: the last four bytes are an IPv4 address


def is_public(address: str) -> bool:
    """Return whether an IP address is a public place: not private, local, reserved, multicast, nor metadata."""
    return all(
        each.is_global
        and not each.is_multicast
        and each not in _METADATA
        and not any(each in network for network in _LOCAL)
        for each in _unwrap(ipaddress.ip_address(address))
    )


def is_loopback(host: str) -> bool:
    """Return whether a host, as a URL names it, is this machine."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.rstrip(".") == "localhost" or host.rstrip(".").endswith(".localhost")


async def resolve(host: str, port: int) -> tuple[str, ...]:
    """Return the addresses of a name, or of an address itself, in the order in which to try them.

    Raises:
        OSError: the name is unknown or invalid.
    """
    loop = asyncio.get_running_loop()
    try:
        found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except UnicodeError as error:  # a label is empty or too long
        raise OSError(str(error)) from error
    return tuple(dict.fromkeys(str(address[0]) for *_, address in found))


def _unwrap(address: _IpAddress) -> tuple[_IpAddress, ...]:
    """Return an address and the IPv4 addresses embedded in it."""
    if isinstance(address, ipaddress.IPv4Address):
        return (address,)
    if address.ipv4_mapped is not None:
        return (address.ipv4_mapped,)
    if address in _NAT64:
        return (ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF),)
    inner = (address.sixtofour, *(address.teredo or ()))
    return (address, *(each for each in inner if each is not None))
