"""The io thread: one background event loop for everything async; it knows nothing of generations."""

import asyncio
import contextlib
import functools
import socket
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

from imgmagic.domain.forks import tell_after_fork

Result = TypeVar("Result")

CLOSE_S = 2.0  # how long closing waits for cancelled runs to clean up


class IoThread:
    """Run coroutines on one daemon thread, started at the first use and again after a fork or a close."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        tell_after_fork(self)

    def after_fork(self) -> None:
        """Leave the loop to the parent: its thread does not exist here, and its lock may stay held forever."""
        self._lock = threading.Lock()
        self._loop = self._thread = None

    def submit(self, coroutine: Coroutine[object, None, Result]) -> Future[Result]:
        """Start `coroutine` on the loop; cancelling the future cancels its task."""
        with self._lock:  # so that it runs before a close cancels it
            return asyncio.run_coroutine_threadsafe(coroutine, self._running_loop())

    def call(self, function: Callable[[], object]) -> None:
        """Call `function` on the loop's thread, soon; do nothing if the loop is not running."""
        with self._lock:
            if self._loop is not None:
                self._loop.call_soon_threadsafe(function)

    def close(self) -> None:
        """Cancel what is running, end the thread and close the loop; a later submit starts a new one."""
        with self._lock:
            loop, thread = self._loop, self._thread
            self._loop = self._thread = None
            if loop is None or thread is None or not thread.is_alive():
                return
            tidied = asyncio.run_coroutine_threadsafe(_cancel_all(), loop)
        with contextlib.suppress(TimeoutError):  # a run that does not end must not keep the rest open
            tidied.result(timeout=CLOSE_S)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(timeout=CLOSE_S)
        if not thread.is_alive():
            loop.close()

    def _running_loop(self) -> asyncio.AbstractEventLoop:
        if self._loop is None or self._thread is None or not self._thread.is_alive():
            self._loop = _Loop()
            # One worker, so that everything is written to the disk in order.
            self._loop.set_default_executor(ThreadPoolExecutor(max_workers=1, thread_name_prefix="imgmagic-disk"))
            self._thread = threading.Thread(target=self._loop.run_forever, name="imgmagic-io", daemon=True)
            self._thread.start()
        return self._loop


class _Loop(asyncio.SelectorEventLoop):
    """A loop that looks up host names on separate threads.

    A lookup cannot be interrupted, and without a network it takes half a minute: on the loop's single worker, the
    pictures of other runs and the end of a stopped one would wait for it.
    """

    def __init__(self) -> None:
        super().__init__()
        self._lookups = ThreadPoolExecutor(thread_name_prefix="imgmagic-lookup")

    async def getaddrinfo(
        self,
        host: bytes | str | None,
        port: bytes | str | int | None,
        *,
        family: int = 0,
        type: int = 0,  # noqa: A002 - as asyncio calls it
        proto: int = 0,
        flags: int = 0,
    ) -> list[Any]:
        """Return the addresses of a host, as `socket.getaddrinfo` does."""
        look_up = functools.partial(socket.getaddrinfo, host, port, family, type, proto, flags)
        return await self.run_in_executor(self._lookups, look_up)

    def close(self) -> None:
        """Close the loop; the result of a lookup that is still running is dropped."""
        self._lookups.shutdown(wait=False)
        super().close()


async def _cancel_all() -> None:
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await asyncio.get_running_loop().shutdown_default_executor()
