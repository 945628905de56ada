"""A real kernel in a process of its own, driven over its own protocol, and the moments at which its messages come."""

import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import KernelManager

from tests.support.environment import clean_environment
from tools.bench.support.server import SCRIPTS, Scripted

PATIENCE_S = 60
_KEY = "BENCH_KEY"


def environment(home: Path, server: Scripted | None = None) -> dict[str, str]:
    """Return an environment whose home knows each script of the server as a provider, and none of the user's own."""
    (home / "imgmagic").mkdir(exist_ok=True)
    rows = [] if server is None else [provider_row(script, server.base_url(script)) for script in SCRIPTS]
    (home / "imgmagic" / "config.toml").write_text("".join(rows))
    return clean_environment(home, **{_KEY: "sk-of-no-use"})


def provider_row(name: str, base_url: str) -> str:
    """Return the settings of a provider."""
    return f'[providers.{name}]\ndialect = "openai"\nbase_url = "{base_url}"\nkey_env = "{_KEY}"\n'


@dataclass(frozen=True, kw_only=True)
class Heard:
    """A message on IOPub, and when it was on this side of the socket."""

    at: float
    kind: str
    content: Mapping[str, Any]
    buffers: Sequence[Any]

    @property
    def is_idle(self) -> bool:
        """Return whether it says that the cell has ended."""
        return self.kind == "status" and self.content["execution_state"] == "idle"

    @property
    def is_picture(self) -> bool:
        """Return whether it gives bytes to a widget."""
        return self.kind == "comm_msg" and bool(self.buffers) and len(self.buffers[0]) > 0


@dataclass(frozen=True, kw_only=True)
class Kernel:
    """A running kernel."""

    manager: KernelManager
    client: BlockingKernelClient

    def run(self, code: str) -> list[Heard]:
        """Run a cell to its end and return what it said."""
        heard = list(self.messages(code))
        errors = [each.content["traceback"] for each in heard if each.kind == "error"]
        if errors:
            raise RuntimeError("\n".join(errors[0]))
        return heard

    def messages(self, code: str) -> Iterator[Heard]:
        """Run a cell and yield what it says, to its end."""
        sent = self.client.execute(code)
        socket, session = self.client.iopub_channel.socket, self.client.session
        while True:
            if not socket.poll(PATIENCE_S * 1000):
                raise TimeoutError(code)
            frames = socket.recv_multipart()
            at = time.monotonic()  # before anything is read: that is the client's own time
            message = session.deserialize(session.feed_identities(frames)[1])
            if message["parent_header"].get("msg_id") != sent:
                continue
            heard = Heard(
                at=at, kind=message["msg_type"], content=message["content"], buffers=message.get("buffers", ())
            )
            yield heard
            if heard.is_idle:
                return

    def printed(self, code: str) -> str:
        """Run a cell and return what it printed."""
        return "".join(each.content["text"] for each in self.run(code) if each.kind == "stream")


Manager = TypeVar("Manager", bound=KernelManager)


def with_this_interpreter(manager: Manager) -> Manager:
    """Let a manager start this interpreter, whatever kernels are installed."""
    manager._kernel_spec = KernelSpec(argv=[sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"])
    return manager


def start_options(home: Path, server: Scripted | None) -> dict[str, Any]:
    """Return how a manager starts a kernel in `home` that says nothing on the terminal."""
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    return {"env": environment(home, server), "cwd": str(home), **quiet}


@contextmanager
def running_kernel(home: Path, server: Scripted | None = None) -> Iterator[Kernel]:
    """Run a kernel of this interpreter in `home` until the block ends."""
    manager = with_this_interpreter(KernelManager())
    manager.start_kernel(**start_options(home, server))
    client = manager.blocking_client()
    client.start_channels()
    try:
        client.wait_for_ready(timeout=PATIENCE_S)
        yield Kernel(manager=manager, client=client)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
        manager.cleanup_resources()
        manager.context.term()
