"""Which pages and names the server answers to, and the addresses that it gives."""

import socket
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest

from imgmagic.simulator import Simulator
from imgmagic.simulator.api.access import fault_of, outer_address

ASKED = {"prompt": "a red circle", "quality": "low", "output_format": "webp"}


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1:80",
        "127.8.9.1",
        "localhost:5",
        "LocalHost",
        "localhost.",
        "[::1]:80",
        "sim.localhost",
        "lab.example:443",
    ],
)
def test_own_names_are_answered(host: str) -> None:
    """Every name of the loopback interface, and those that were allowed."""
    assert fault_of({"host": host, "origin": f"https://{host}"}, {"lab.example"}) is None


@pytest.mark.parametrize(
    "headers",
    [
        {"host": "attacker.example"},
        {"host": "attacker.example:8765"},
        {"host": "localhost.attacker.example"},
        {"host": "127.0.0.1.attacker.example"},
        {"host": "127.0.0.1@attacker.example"},
        {"host": "169.254.169.254"},
        {"host": "0.0.0.0"},
        {"host": "[::1"},
        {"host": ""},
        {"host": "localhost", "origin": "https://attacker.example"},
        {"host": "localhost", "origin": "null"},
        {"host": "localhost", "origin": ""},
        {"host": "localhost", "origin": "file://"},
        {"host": "localhost", "origin": "http://localhost@attacker.example"},
        {"host": "localhost", "origin": "http://localhost.attacker.example"},
    ],
)
def test_other_names_and_pages_are_refused(headers: dict[str, str]) -> None:
    """A name that only points here, and a page of another origin."""
    refusal = fault_of(headers, {"lab.example"})

    assert refusal
    assert refusal.status == 403


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "/images/generations"), ("POST", "/images/edits"), ("GET", "/models"), ("OPTIONS", "/models")],
)
def test_foreign_page_gets_nothing(simulator: Simulator, ask: Callable[..., Any], method: str, path: str) -> None:
    """Every address refuses it, draws nothing and lets the page read nothing."""
    reply = ask(simulator, method, path, body=ASKED, headers={"Origin": "https://attacker.example"})

    assert reply.status == 403
    assert not any(name.startswith("access-control") for name in reply.headers)
    assert reply.headers["x-request-id"]


def test_page_of_this_machine_may_ask(simulator: Simulator, ask: Callable[..., Any]) -> None:
    """A page under development asks first, sends, and may read the reply."""
    origin = {"Origin": "http://localhost:3000"}
    wish = {**origin, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization"}

    asked_first = ask(simulator, "OPTIONS", headers=wish)
    sent = ask(simulator, body=ASKED, headers=origin)

    assert (asked_first.status, sent.status) == (204, 200)
    assert asked_first.headers["access-control-allow-headers"] == "authorization"
    assert sent.headers["access-control-allow-origin"] == "http://localhost:3000"
    assert "access-control-allow-origin" not in ask(simulator, "GET", "/models").headers


@pytest.mark.parametrize(
    ("headers", "address"),
    [
        ({"host": "localhost:8765"}, "http://localhost:8765"),
        ({"host": "a:1", "x-forwarded-proto": "https"}, "https://a:1"),
        ({"host": "a:1", "x-forwarded-proto": "https, http"}, "https://a:1"),
        ({"host": "a:1", "x-forwarded-proto": "javascript"}, "http://a:1"),
        ({"host": "a:1", "x-forwarded-host": "lab.example"}, "http://lab.example"),
        ({"host": "a:1", "x-forwarded-host": "lab.example:8443, inner"}, "http://lab.example:8443"),
        ({"host": "a:1", "x-forwarded-host": "lab.example/x?"}, "http://a:1"),
        ({"host": "a:1", "x-forwarded-host": "user@lab.example"}, "http://a:1"),
        ({"host": "a:1", "x-forwarded-prefix": "/user/ada@x.org/proxy/8765/"}, "http://a:1/user/ada@x.org/proxy/8765"),
        ({"host": "a:1", "x-forwarded-context": "/proxy/8765"}, "http://a:1/proxy/8765"),
        ({"host": "a:1", "x-forwarded-prefix": "//attacker.example"}, "http://a:1"),
        ({"host": "a:1", "x-forwarded-prefix": "/a?b"}, "http://a:1"),
    ],
)
def test_address_behind_proxies(headers: dict[str, str], address: str) -> None:
    """Scheme, host and prefix are the outermost proxy's, as far as they are plain."""
    assert outer_address(headers, "http") == address


def test_address_of_a_picture_is_the_clients(ask: Callable[..., Any]) -> None:
    """Behind TLS and a prefix, the address in the reply is the one that the client can open."""
    forwarded = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "lab.example", "X-Forwarded-Prefix": "/sim"}
    with Simulator(pace_s=0, persona="truefoundry") as simulator:
        (image,) = ask(simulator, body={"prompt": "a cat", "size": "64x64"}, headers=forwarded).body["data"]

    assert image["url"].startswith("https://lab.example/sim/files/")


def test_allowed_host(ask: Callable[..., Any]) -> None:
    """A simulator that is told its outer name answers to it."""
    with Simulator(pace_s=0, allowed_hosts=["Lab.example"]) as simulator:
        assert ask(simulator, "GET", "/models", headers={"Host": "lab.example"}).status == 200


def test_request_without_a_host(simulator: Simulator) -> None:
    """HTTP/1.0 needs no Host header, and no browser speaks it."""
    with socket.create_connection(("127.0.0.1", urlsplit(simulator.base_url).port or 0), timeout=5) as client:
        client.sendall(b"GET /v1/models HTTP/1.0\r\n\r\n")

        assert client.recv(100).startswith(b"HTTP/1.1 200 OK")
