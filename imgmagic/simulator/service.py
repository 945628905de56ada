"""The simulator for callers: a thread that serves pictures on 127.0.0.1; cheap to import, heavy once it runs."""

import asyncio
import os
import socket
import threading
from collections.abc import Iterable
from typing import Final, Self

from imgmagic.errors import SettingsError
from imgmagic.simulator.api.limits import TokenBucket, read_limit
from imgmagic.simulator.api.personas import PERSONAS
from imgmagic.simulator.api.state import SeenRequest, ServerState

_PACE_VARIABLE: Final = "IMGMAGIC_SIMULATOR_PACE"
_DEFAULT_PACE_S: Final = 2.0


class Simulator:
    """Serve simulated pictures on 127.0.0.1 from a separate thread.

    Args:
        port: 0 takes any free one.
        pace_s: how long a picture takes; None for IMGMAGIC_SIMULATOR_PACE or 2 seconds, 0 to answer at once.
        persona: which server to play: openai, yandex, truefoundry or compatible.
        require_key: the only key to accept; None accepts any key, or none.
        limit: pictures per time, such as "5/min" or "5/3s", beyond which requests are refused as at OpenAI; None for no
            limit. A `TokenBucket` brings its own clock.
        allowed_hosts: other names that it answers to, such as that of a proxy in front; localhost always works.

    Raises:
        SettingsError: the pace, persona or limit is invalid.
    """

    def __init__(
        self,
        port: int = 0,
        *,
        pace_s: float | None = None,
        persona: str = "openai",
        require_key: str | None = None,
        limit: str | TokenBucket | None = None,
        allowed_hosts: Iterable[str] = (),
    ) -> None:
        if persona not in PERSONAS:
            message = f"The simulator cannot play {persona!r}."
            raise SettingsError(message, remedy=f"It plays {', '.join(PERSONAS)}.")
        self._port = port
        self._state = ServerState(
            persona=PERSONAS[persona],
            pace_s=_pace(pace_s),
            require_key=require_key,
            allowed_hosts=frozenset(name.lower() for name in allowed_hosts),
            bucket=TokenBucket(limit=read_limit(limit)) if isinstance(limit, str) else limit,
        )
        self._running: _Running | None = None
        self._lock = threading.Lock()

    @property
    def base_url(self) -> str:
        """Return the address for clients, without a trailing slash."""
        return f"http://127.0.0.1:{self._port}{self._state.persona.prefix}"

    @property
    def requests(self) -> list[SeenRequest]:
        """Return the requests so far, the oldest first."""
        return list(self._state.seen.values())

    def start(self) -> str:
        """Start serving, unless it already does, and return the base URL."""
        with self._lock:
            if self._running is None:
                listener = _bind(self._port)
                self._port = listener.getsockname()[1]
                self._running = _Running(listener, self._state)
        return self.base_url

    def stop(self) -> None:
        """Stop serving and leave neither thread nor socket."""
        with self._lock:
            running, self._running = self._running, None
            if running:
                running.end()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


class _Running:
    """A thread with a loop that answers on one socket."""

    def __init__(self, listener: socket.socket, state: ServerState) -> None:
        # Made here, not on the thread, so that `end` can use it even before the thread has started.
        self._loop = asyncio.new_event_loop()
        self._stopped = asyncio.Event()
        # A daemon: a script that forgets to stop it still ends.
        self._thread = threading.Thread(
            target=self._run, args=(listener, state), name="imgmagic-simulator", daemon=True
        )
        self._thread.start()

    def end(self) -> None:
        """Stop, and wait until nothing is left."""
        self._loop.call_soon_threadsafe(self._stopped.set)
        self._thread.join()
        self._loop.close()

    def _run(self, listener: socket.socket, state: ServerState) -> None:
        from imgmagic.simulator.api.server import serve

        # Not asyncio.run, which nest_asyncio replaces for the whole process.
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(serve(listener, state, self._stopped))


def _pace(pace_s: float | None) -> float:
    said = os.environ.get(_PACE_VARIABLE) if pace_s is None else str(pace_s)
    try:
        pace = float(said) if said else _DEFAULT_PACE_S
    except ValueError:
        pace = -1.0
    if not 0 <= pace <= 600:
        message = f"{said!r} is not a valid pace for the simulator."
        raise SettingsError(message, remedy=f"Set {_PACE_VARIABLE} or `pace_s` to seconds per picture, 0 to 600.")
    return pace


def _bind(port: int) -> socket.socket:
    remedy = "Stop what uses it, or choose another port; 0 takes any free one."
    if not 0 <= port <= 65_535:
        message = f"{port} is not a valid port."
        raise SettingsError(message, remedy=remedy)
    try:
        return socket.create_server(("127.0.0.1", port))
    except OSError as error:
        message = f"The simulator cannot listen on port {port} of 127.0.0.1: {error}."
        raise SettingsError(message, remedy=remedy) from error
