"""Addresses: which are public places."""

import pytest

from imgmagic.wire.addresses import is_loopback, is_public, resolve


@pytest.mark.parametrize("address", ["1.1.1.1", "93.184.215.14", "2606:4700::1111", "64:ff9b::101:101"])
def test_public_places_are_public(address: str) -> None:
    """The open internet may be asked, also through NAT64."""
    assert is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.9.9.9",
        "0.0.0.0",
        "10.0.0.1",
        "172.16.3.4",
        "192.168.1.1",
        "169.254.169.254",
        "100.100.100.200",
        "168.63.129.16",
        "192.0.0.192",
        "224.0.0.1",
        "255.255.255.255",
        "240.0.0.1",
        "198.18.0.1",
        "::",
        "::1",
        "fe80::1",
        "fc00::1",
        "fd00:ec2::254",
        "ff02::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b::a9fe:a9fe",
        "2002:7f00:1::",
        "2002:a00:1::1",
        "2001:0:4136:e378:8000:63bf:80ff:fffe",
        "::7f00:1",
        "::ffff:0:7f00:1",
        "fec0::1",
        "3fff::1",
        "5f00::1",
    ],
)
def test_other_places_are_not(address: str) -> None:
    """Private, local, reserved, multicast and metadata addresses are not, in whatever they are wrapped."""
    assert not is_public(address)


@pytest.mark.parametrize(
    ("host", "here"),
    [
        ("localhost", True),
        ("localhost.", True),
        ("a.localhost", True),
        ("127.0.0.1", True),
        ("::1", True),
        ("localhost.example", False),
        ("notlocalhost", False),
        ("10.0.0.1", False),
    ],
)
def test_knows_this_machine_by_its_names(host: str, here: bool) -> None:
    """This machine is named in several ways."""
    assert is_loopback(host) is here


@pytest.mark.anyio
async def test_resolves_each_address_once() -> None:
    """A name gives its addresses, without repetition; an address gives itself."""
    assert await resolve("127.0.0.1", 80) == ("127.0.0.1",)
    found = await resolve("localhost", 80)
    assert len(set(found)) == len(found)
