"""The clients of a session: one per provider as currently configured, and the simulator that they may ask."""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from imgmagic.domain.forks import tell_after_fork
from imgmagic.domain.provider import Provider
from imgmagic.runs.event_loop import CLOSE_S, IoThread
from imgmagic.runs.plan import Plan
from imgmagic.wire.client import Client

if TYPE_CHECKING:
    from imgmagic.simulator.service import Simulator

# Garbage collection would close it, and with it the connection that the parent still uses.
_OF_THE_PARENT: list[object] = []


class Clients:
    """Keep one client per provider, so that connections are reused.

    Args:
        io: the thread that the clients run on.
        clock: monotonic seconds.
    """

    def __init__(self, io: IoThread, *, clock: Callable[[], float]) -> None:
        self._io = io
        self._clock = clock
        self._by_name: dict[str, tuple[Provider, Client]] = {}
        self._former: list[Client] = []  # of providers that were configured differently; runs may still use them
        self._simulator: Simulator | None = None
        tell_after_fork(self)

    def after_fork(self) -> None:
        """Leave connections and simulator to the parent, neither used nor closed, and make others when needed."""
        _OF_THE_PARENT.extend([*self._former, *(client for _, client in self._by_name.values()), self._simulator])
        self._by_name, self._former, self._simulator = {}, [], None

    def client(self, plan: Plan) -> Client:
        """Return the client for the plan's provider as it is configured."""
        name = plan.provider.name
        known, client = self._by_name.get(name, (None, None))
        if client is not None and known == plan.provider:
            return client
        if client is not None:
            self._former.append(client)
        fresh = Client(plan.provider, plan.dialect, clock=self._clock)
        self._by_name[name] = (plan.provider, fresh)
        return fresh

    def with_simulator_address(self, plan: Plan) -> Plan:
        """Return the plan, with the address of this session's simulator if it asks that one."""
        if not plan.is_simulated or plan.provider.base_url:
            return plan
        if self._simulator is None:
            from imgmagic.simulator.service import Simulator

            self._simulator = Simulator()
        return replace(plan, provider=replace(plan.provider, base_url=self._simulator.start()))

    def close(self) -> None:
        """Close every connection, and stop the simulator; the next use opens them again."""
        clients = [*self._former, *(client for _, client in self._by_name.values())]
        self._by_name.clear()
        self._former.clear()
        for client in clients:
            self._io.submit(client.aclose()).result(timeout=CLOSE_S)
        if self._simulator is not None:
            self._simulator.stop()
            self._simulator = None
