"""The simulator as a thread: it starts, notices who hangs up, and leaves nothing behind."""

import json
import select
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest

from imgmagic.errors import SettingsError
from imgmagic.simulator import Simulator

ASKED = {"model": "gpt-image-2", "prompt": "a cat [simulate: hang]"}


def test_start_and_stop_leave_nothing(ask: Callable[..., Any]) -> None:
    """Starting twice is starting once; after the stop there is no thread, and the port is free."""
    before = threading.active_count()
    simulator = Simulator(pace_s=0)

    assert simulator.start() == simulator.start()
    ask(simulator, body={"model": "gpt-image-2", "prompt": "a cat"})
    simulator.stop()
    simulator.stop()

    assert threading.active_count() == before
    with pytest.raises(ConnectionRefusedError):
        ask(simulator, "GET", "/models")


def test_stopped_simulator_starts_again(ask: Callable[..., Any]) -> None:
    """A stop is not for ever, and the address stays."""
    simulator = Simulator(pace_s=0)
    first = simulator.start()
    simulator.stop()

    with simulator:
        assert simulator.base_url == first
        assert ask(simulator, "GET", "/models").status == 200


def test_stop_does_not_wait_for_what_runs() -> None:
    """A request that never ends is cut by the stop."""
    with Simulator(pace_s=60) as simulator, send(simulator, ASKED) as client:
        wait_until(lambda: bool(simulator.requests))
        simulator.stop()

        assert client.recv(100) == b""


@pytest.mark.parametrize(
    "asked",
    [ASKED, {"model": "gpt-image-2", "prompt": "a cat", "stream": True, "partial_images": 3}],
    ids=["hanging", "streaming"],
)
def test_hung_up_client_is_noticed(asked: dict[str, Any]) -> None:
    """The server sees at once that a client has gone, and stops its work."""
    with Simulator(pace_s=60) as simulator, send(simulator, asked) as client:
        wait_until(lambda: bool(simulator.requests))
        left_at = time.monotonic()
        client.close()
        wait_until(lambda: simulator.requests[0].state == "disconnected")

        closed_at = simulator.requests[0].closed_at
        assert closed_at is not None
        assert closed_at - left_at < 0.5


def test_requests_are_logged_as_they_came(simulator: Simulator, ask: Callable[..., Any]) -> None:
    """Tests read here what a client really sent."""
    asked = {"model": "gpt-image-2", "prompt": "a cat"}
    ask(simulator, body=asked, headers={"X-Mark": "yes", "Authorization": "Bearer sk-very-secret"})

    (seen,) = simulator.requests
    assert (seen.path, seen.body, seen.headers["x-mark"]) == ("/v1/images/generations", asked, "yes")
    assert seen.closed_at is not None
    assert seen.closed_at > seen.started_at
    assert "very-secret" not in repr(seen)


def test_pace_is_kept(ask: Callable[..., Any]) -> None:
    """A picture takes as long as the pace says."""
    with Simulator(pace_s=0.4) as simulator:
        ask(simulator, body={"model": "gpt-image-2", "prompt": "a cat"})

        (seen,) = simulator.requests
    assert seen.closed_at is not None
    assert seen.closed_at - seen.started_at >= 0.4


def test_streams_run_side_by_side(ask: Callable[..., Any]) -> None:
    """Four paced streams take little longer than one."""
    asked = {"model": "gpt-image-2", "prompt": "a cat", "stream": True, "quality": "low"}
    with Simulator(pace_s=0.5) as simulator:
        clients = [threading.Thread(target=ask, args=(simulator,), kwargs={"body": asked}) for _ in range(4)]
        for client in clients:
            client.start()
        for client in clients:
            client.join()

        seen = simulator.requests
    assert max(each.started_at for each in seen) < min(each.closed_at or 0 for each in seen)


@pytest.mark.parametrize("pace", ["fast", "-1", "nan", "601"])
def test_environment_sets_the_pace(monkeypatch: pytest.MonkeyPatch, pace: str) -> None:
    """A pace that is none says so, and which variable holds it."""
    monkeypatch.setenv("IMGMAGIC_SIMULATOR_PACE", pace)

    with pytest.raises(SettingsError, match="IMGMAGIC_SIMULATOR_PACE"):
        Simulator()


def test_unknown_persona() -> None:
    """A persona that is none says which there are."""
    with pytest.raises(SettingsError, match="openai, yandex, truefoundry, compatible"):
        Simulator(persona="nobody")


@pytest.mark.parametrize("port", [None, 99999])
def test_port_that_cannot_be_had(simulator: Simulator, port: int | None) -> None:
    """A busy or impossible port says so, and what to do."""
    wanted = port or urlsplit(simulator.base_url).port or 0

    with pytest.raises(SettingsError, match=f"{wanted} .*another port"):
        Simulator(wanted).start()


def test_import_is_light() -> None:
    """The package imports neither tornado nor Pillow."""
    code = "import sys, imgmagic.simulator; print(sorted({'tornado', 'PIL', 'httpx'} & set(sys.modules)))"

    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "[]"


def test_command_serves_until_interrupted() -> None:
    """The command prints one line with the address, serves, and ends at Ctrl-C without a traceback."""
    command = [sys.executable, "-m", "imgmagic.simulator", "--pace", "0", "--as", "truefoundry"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            readable, *_ = select.select([process.stdout], [], [], 20)
            assert readable
            line = process.stdout.readline()
            address = line.split("TFY_BASE_URL=")[1].split(";")[0]
            with socket.create_connection(("127.0.0.1", urlsplit(address).port or 0)) as client:
                client.sendall(b"GET /models HTTP/1.0\r\n\r\n")
                assert client.recv(100).startswith(b"HTTP/1.1 200 OK")
            process.send_signal(2)
            out, errors = process.communicate(timeout=10)
        finally:
            process.kill()

    assert (out, errors, process.returncode) == ("", "", 0)


def test_command_on_a_busy_port(simulator: Simulator) -> None:
    """A second simulator on a port says so in one line."""
    port = str(urlsplit(simulator.base_url).port)

    ended = subprocess.run(
        [sys.executable, "-m", "imgmagic.simulator", "--port", port], capture_output=True, text=True, check=False
    )

    assert ended.returncode == 1
    assert ended.stderr.startswith(f"The simulator cannot listen on port {port}")
    assert ended.stderr.count("\n") == 1


def send(simulator: Simulator, body: dict[str, Any]) -> socket.socket:
    """Send a request and leave the connection open."""
    payload = json.dumps(body).encode()
    client = socket.create_connection(("127.0.0.1", urlsplit(simulator.base_url).port or 0), timeout=5)
    head = f"POST /v1/images/generations HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(payload)}\r\n\r\n"
    client.sendall(head.encode() + payload)
    return client


def wait_until(is_so: Callable[[], bool]) -> None:
    """Look again and again, for at most five seconds."""
    until = time.monotonic() + 5
    while not is_so():
        assert time.monotonic() < until
        threading.Event().wait(0.002)
