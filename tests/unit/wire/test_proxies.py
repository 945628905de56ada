"""Proxies: which one the environment names for an address, and which addresses go past it."""

import httpx
import pytest

from imgmagic.wire.proxies import find_proxy

HTTPS = "https://api.example/v1"
PROXY = "http://proxy.corp:3128"


@pytest.mark.parametrize(
    ("url", "environ", "variable"),
    [
        (HTTPS, {}, None),
        (HTTPS, {"HTTPS_PROXY": PROXY}, "HTTPS_PROXY"),
        (HTTPS, {"https_proxy": PROXY, "HTTPS_PROXY": "http://other:1"}, "https_proxy"),
        (HTTPS, {"HTTP_PROXY": PROXY}, None),
        ("http://api.example", {"HTTP_PROXY": PROXY}, "HTTP_PROXY"),
        (HTTPS, {"ALL_PROXY": PROXY}, "ALL_PROXY"),
        (HTTPS, {"all_proxy": "socks://x:1", "https_proxy": PROXY}, "https_proxy"),
        (HTTPS, {"HTTPS_PROXY": " "}, None),
        ("http://127.0.0.1:9/v1", {"ALL_PROXY": PROXY}, None),
        ("http://localhost:9/v1", {"HTTP_PROXY": PROXY}, None),
        ("http://[::1]:9/v1", {"HTTP_PROXY": PROXY}, None),
    ],
)
def test_finds_the_proxy_of_an_address(url: str, environ: dict[str, str], variable: str | None) -> None:
    """Lower case goes before upper, the scheme's own before the one for all; this machine is asked directly."""
    proxy = find_proxy(httpx.URL(url), environ)

    assert (proxy.variable if proxy else None) == variable


@pytest.mark.parametrize(
    ("no_proxy", "url", "direct"),
    [
        ("*", HTTPS, True),
        ("api.example", HTTPS, True),
        ("API.Example", HTTPS, True),
        ("example", HTTPS, True),
        (".example", HTTPS, True),
        ("*.example", HTTPS, True),
        ("i.example", HTTPS, False),
        ("other.example, api.example:443", HTTPS, True),
        ("api.example:8443", HTTPS, False),
        ("localhost,[::1]", HTTPS, False),
        ("[2001:db8::1]", "https://[2001:db8::1]/v1", True),
        ("2001:db8::/32", "https://[2001:db8::7]/v1", True),
        ("10.0.0.0/8", "https://10.1.2.3/v1", True),
        ("10.0.0.0/8", HTTPS, False),
        ("fe80::/10, ][, :, //, 300.1.1.1/99", HTTPS, False),
        ("", HTTPS, False),
    ],
)
def test_exempts_what_no_proxy_lists(no_proxy: str, url: str, direct: bool) -> None:
    """Names, domains, ports, addresses and networks; what cannot be read is passed over."""
    assert (find_proxy(httpx.URL(url), {"HTTPS_PROXY": PROXY, "NO_PROXY": no_proxy}) is None) is direct


def test_a_proxy_is_named_without_its_password() -> None:
    """Its host, its port and its variable tell which one is meant."""
    proxy = find_proxy(httpx.URL(HTTPS), {"HTTPS_PROXY": "http://user:hidden@proxy.corp:3128/x"})

    assert proxy is not None
    assert proxy.title == "the proxy proxy.corp:3128 of HTTPS_PROXY"
    assert "hidden" not in repr(proxy)


@pytest.mark.parametrize(("address", "socks"), [("proxy:3128", False), ("socks5h://p:1", True), ("SOCKS://p:1", True)])
def test_knows_what_a_proxy_speaks(address: str, socks: bool) -> None:
    """An address without a scheme is one of HTTP."""
    proxy = find_proxy(httpx.URL(HTTPS), {"ALL_PROXY": address})

    assert proxy is not None
    assert proxy.is_socks is socks
    assert "://" in proxy.url
