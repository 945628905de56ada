"""A running simulator, and plain HTTP to talk to it."""

import http.client
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import pytest

from imgmagic.simulator import Simulator


@dataclass(frozen=True, kw_only=True)
class Reply:
    status: int
    headers: dict[str, str]
    data: bytes

    @property
    def body(self) -> Any:
        return json.loads(self.data)


Ask = Callable[..., Reply]


def _ask(simulator: Simulator, method: str = "POST", path: str = "/images/generations", **said: Any) -> Reply:
    """Send one request over a socket of its own; a `body` that is no bytes goes as JSON."""
    address = urlsplit(simulator.base_url + path)
    body = said.get("body")
    payload = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
    connection = http.client.HTTPConnection(address.netloc, timeout=20)
    try:
        connection.request(method, address.path, body=payload, headers=said.get("headers", {}))
        reply = connection.getresponse()
        headers = {name.lower(): value for name, value in reply.getheaders()}
        return Reply(status=reply.status, headers=headers, data=reply.read())
    finally:
        connection.close()


@pytest.fixture(scope="session")
def ask() -> Ask:
    """Return the function that sends one request."""
    return _ask


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    """Run a simulator that answers at once."""
    with Simulator(pace_s=0) as running:
        yield running
