"""Connections: what of the environment concerns an address, and who is named where it fails."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from imgmagic.domain.events import CompletedImage
from imgmagic.errors import HostUnreachable, ImgmagicError, SettingsError, TlsFailed
from imgmagic.wire.client import Client
from imgmagic.wire.dialects import DIALECTS
from tests.support.staged_replies import asked, failure, images, only, png, provider_at
from tests.support.staged_server import Stage, reply

pytestmark = pytest.mark.anyio

STALE = {
    "a removed file": {"SSL_CERT_FILE": "/nowhere/cacert.pem"},
    "a removed folder": {"SSL_CERT_DIR": "/nowhere"},
    "a log that cannot be written": {"SSLKEYLOGFILE": "/nowhere/keys.log"},
    "a SOCKS proxy": {"ALL_PROXY": "socks5://127.0.0.1:9"},
    "a scheme that nobody knows": {"all_proxy": "socks://127.0.0.1:9/", "https_proxy": "http://127.0.0.1:9"},
    "an address in brackets": {"NO_PROXY": "localhost,[::1]", "HTTP_PROXY": "http://127.0.0.1:9"},
    "a network": {"NO_PROXY": "localhost,fe80::/10", "HTTP_PROXY": "http://127.0.0.1:9"},
    "a malformed proxy": {"HTTP_PROXY": "http://[::1", "ALL_PROXY": "http://:port"},
}


async def ask(stage: Stage, base_url: str | None = None) -> ImgmagicError | CompletedImage:
    client = Client(
        provider_at(stage, **({"base_url": base_url} if base_url else {})), DIALECTS["openai"], sleep=no_wait
    )
    events = [each async for each in client.events(asked())]
    await client.aclose()
    images = only(events, CompletedImage)
    return images[0] if images else failure(events)


async def no_wait(seconds: float) -> None:
    """Pass no time."""


@pytest.mark.parametrize("name", STALE)
async def test_this_machine_needs_nothing_of_the_environment(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """Certificates and proxies that are set wrongly stop no server on loopback."""
    for variable, value in STALE[name].items():
        monkeypatch.setenv(variable, value)
    stage.play([reply(images(png()))])

    assert isinstance(await ask(stage), CompletedImage)


@asynccontextmanager
async def untrusted_server() -> AsyncIterator[str]:
    """Serve something that is not TLS under a name that is not loopback's own."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as listener:
        yield f"https://127.0.0.1:{listener.sockets[0].getsockname()[1]}/v1"


@pytest.mark.parametrize(
    ("variable", "content", "fault"),
    [
        ("SSL_CERT_FILE", None, "which cannot be read"),
        ("SSL_CERT_FILE", "not a certificate", "which contains no certificates"),
        ("SSL_CERT_DIR", None, "which cannot be read"),
    ],
)
async def test_stale_certificates_are_named_where_trust_fails(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, variable: str, content: str | None, fault: str
) -> None:
    """They are passed over, and told with the variable and its value where the connection is not trusted."""
    place = tmp_path / "ca.pem"
    if content is not None:
        place.write_text(content)
    for name in ("SSL_CERT_FILE", "SSL_CERT_DIR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv(variable, str(place))

    async with untrusted_server() as base_url:
        error = await ask(stage, base_url)

    assert isinstance(error, TlsFailed)
    assert f"{variable} names {str(place)!r}, {fault}" in error.remedy


def unused_port() -> int:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        return int(unused.getsockname()[1])


@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_a_proxy_that_is_down_is_named_as_the_proxy(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, scheme: str
) -> None:
    """Neither the server nor its address is blamed, and nothing was sent."""
    port = unused_port()
    monkeypatch.setenv(f"{scheme.upper()}_PROXY", f"http://user:hidden@127.0.0.1:{port}")

    error = await ask(stage, f"{scheme}://server.example/v1")

    assert isinstance(error, HostUnreachable)
    assert f"the proxy 127.0.0.1:{port} of {scheme.upper()}_PROXY cannot be reached" in error.message
    assert "NO_PROXY" in error.remedy
    assert "hidden" not in str(error)
    assert "base URL" not in str(error)


@pytest.mark.parametrize(("status", "word"), [(407, "name and a password"), (403, "NO_PROXY"), (502, "NO_PROXY")])
async def test_a_proxy_that_lets_nothing_through_is_named(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, status: int, word: str
) -> None:
    """Its answer never blames the key."""
    stage.play([reply(b"no", status=status)])
    monkeypatch.setenv("HTTPS_PROXY", f"http://{stage.host}")

    error = await ask(stage, "https://server.example/v1")

    assert isinstance(error, HostUnreachable)
    assert f"the proxy {stage.host} of HTTPS_PROXY did not let the request through" in error.message
    assert f"it answered {status}" in error.message
    assert word in error.remedy
    assert "key" not in str(error)


async def test_a_socks_proxy_without_its_package_is_told(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where it does concern the address, the message names the variable and the way out."""
    monkeypatch.setenv("ALL_PROXY", "socks5://user:hidden@127.0.0.1:9")

    error = await ask(stage, "https://server.example/v1")

    assert isinstance(error, SettingsError)
    assert "of ALL_PROXY uses SOCKS" in error.message
    assert "add server.example to NO_PROXY" in error.remedy
    assert "hidden" not in str(error)
