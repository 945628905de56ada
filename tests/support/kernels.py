"""A real kernel, driven over its own protocol, and everything that it says."""

import queue
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jupyter_client.blocking import BlockingKernelClient
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import KernelManager

from tests.support.until import PATIENCE_S

Message = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What one execution said: the messages on IOPub in order, and the reply."""

    messages: tuple[Message, ...]
    reply: Message

    @property
    def status(self) -> str:
        return str(self.reply["status"])

    @property
    def stdout(self) -> str:
        return "".join(each["content"]["text"] for each in self.of("stream") if each["content"]["name"] == "stdout")

    @property
    def traceback(self) -> str:
        return "\n".join(line for each in self.of("error") for line in each["content"]["traceback"])

    @property
    def result(self) -> str:
        return "".join(each["content"]["data"]["text/plain"] for each in self.of("execute_result"))

    @property
    def figures(self) -> list[str]:
        """Return the HTML of what was displayed and holds a picture."""
        shown = [each["content"]["data"].get("text/html", "") for each in self.of("display_data")]
        return [html for html in shown if "<img" in html]

    @property
    def pictures(self) -> list[tuple[int, bytes]]:
        """Return the picture bytes that went to widgets, and where in the messages."""
        return [(place, data) for place, each in enumerate(self.messages) if (data := pushed_picture(each))]

    def of(self, kind: str) -> list[Message]:
        return [each for each in self.messages if each["msg_type"] == kind]

    def where(self, kind: str, holds: str) -> int:
        """Return the place of the first message of `kind` whose content holds a text."""
        return next(
            place
            for place, each in enumerate(self.messages)
            if each["msg_type"] == kind and holds in str(each["content"])
        )


def pushed_picture(message: Message) -> bytes:
    """Return the bytes that a comm message gives to an Image widget; none for every other message."""
    if message["msg_type"] != "comm_msg" or ["value"] not in message["content"]["data"].get("buffer_paths", []):
        return b""
    return bytes(message["buffers"][0])


def is_idle(message: Message) -> bool:
    return message["msg_type"] == "status" and message["content"]["execution_state"] == "idle"


def is_busy(message: Message) -> bool:
    return message["msg_type"] == "status" and message["content"]["execution_state"] == "busy"


@dataclass
class Kernel:
    """A running kernel; every IOPub message it ever sent is in `said`."""

    manager: KernelManager
    client: BlockingKernelClient
    said: list[Message] = field(default_factory=list)

    def run(self, code: str, **options: Any) -> Outcome:
        """Run a cell and wait for its end."""
        return self.finish(self.start(code, **options))

    def start(self, code: str, **options: Any) -> str:
        """Send a cell and return its id, without waiting."""
        sent: str = self.client.execute(code, **options)
        return sent

    def type_into(self, code: str, typed: str) -> Outcome:
        """Run a cell that asks for input, and type an answer."""
        sent = self.start(code, allow_stdin=True)
        self.said.append(self.client.get_stdin_msg(timeout=PATIENCE_S))
        self.client.input(typed)
        return self.finish(sent)

    def finish(self, sent: str) -> Outcome:
        """Wait for the end of a cell."""
        self.wait(sent, is_idle)
        reply = self._reply(sent)
        return Outcome(messages=tuple(self._of(sent)), reply=reply)

    def outlast(self, sent: str) -> Outcome:
        """Wait until the kernel is idle; an interrupt that hits ipykernel itself costs a message, not the cell."""
        with suppress(queue.Empty):
            self.wait(sent, is_idle)
        return Outcome(messages=tuple(self._of(sent)), reply={})

    def wait(self, sent: str, wanted: Callable[[Message], object]) -> Message:
        """Return the first message of a cell that is wanted; read on until it comes, or the cell ends without."""
        seen = 0
        while True:
            for message in self.said[seen:]:
                if message["parent_header"].get("msg_id") == sent:
                    if wanted(message):
                        return message
                    assert not is_idle(message), (
                        Outcome(messages=tuple(self._of(sent)), reply={}).traceback or "the cell ended"
                    )
            seen = len(self.said)
            self.said.append(self.client.get_iopub_msg(timeout=PATIENCE_S))

    def interrupt(self) -> float:
        """Interrupt the kernel as the toolbar does; return when."""
        at = time.monotonic()
        self.manager.interrupt_kernel()
        return at

    def complete(self, code: str, at: int | None = None) -> list[str]:
        """Return what Tab offers."""
        reply = self.client.complete(code, len(code) if at is None else at, reply=True, timeout=PATIENCE_S)
        matches: list[str] = reply["content"]["matches"]
        return matches

    def value(self, expression: str) -> Any:
        """Return the value of a Python expression, through its repr."""
        outcome = self.run("", silent=True, user_expressions={"asked": expression})
        asked = outcome.reply["user_expressions"]["asked"]
        assert asked["status"] == "ok", asked
        return eval(asked["data"]["text/plain"], {})

    def _of(self, sent: str) -> Iterator[Message]:
        return (each for each in self.said if each["parent_header"].get("msg_id") == sent)

    def _reply(self, sent: str) -> Message:
        while True:
            reply = self.client.get_shell_msg(timeout=PATIENCE_S)
            if reply["parent_header"].get("msg_id") == sent:
                content: Message = reply["content"]
                return content


@contextmanager
def running_kernel(environment: Mapping[str, str], folder: Path) -> Iterator[Kernel]:
    """Run a kernel of this interpreter in `folder`, over sockets in a folder of its own.

    A port is chosen before the kernel binds it; where many start at once, another may have taken it by then.
    """
    sockets = tempfile.TemporaryDirectory(prefix="k", dir="/tmp")  # a socket's path has at most 107 bytes
    manager = KernelManager(transport="ipc", ip=str(Path(sockets.name) / "s"))
    manager._kernel_spec = KernelSpec(argv=[sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"])
    manager.start_kernel(env=dict(environment), cwd=str(folder))
    client = manager.blocking_client()
    client.start_channels()
    try:
        client.wait_for_ready(timeout=PATIENCE_S)
        yield Kernel(manager, client)
    finally:
        client.stop_channels()
        manager.shutdown_kernel()  # asked, so that its coverage is written
        manager.cleanup_resources()
        manager.context.term()
        sockets.cleanup()
