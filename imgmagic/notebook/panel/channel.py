"""The channel between a panel and its pages: messages out, and one worker for whatever may take time.

Messages are answered where they arrive, as that is quick; whatever reads or writes the archive goes to one worker
thread, in order, so that the kernel is free at once. Small pictures have a worker of their own: a gallery asks for
dozens of them, and nobody's search should wait behind those.
"""

import contextlib
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Protocol

import msgspec

from imgmagic.display.sanitize import strip_control
from imgmagic.notebook.panel import to_page
from imgmagic.notebook.panel.problem import describe
from imgmagic.notebook.panel.widget import Surface
from imgmagic.store.images.previews import Preview


class Post(Protocol):
    """Sends a message, and the pictures that belong to it, to every page that shows the panel."""

    def __call__(self, message: to_page.Answer, buffers: Sequence[bytes] = ()) -> None:
        """Send it."""


class Channel:
    """Carry messages between one panel and the pages that show it.

    Args:
        surface: the widget that reaches the pages.
    """

    def __init__(self, surface: Surface) -> None:
        self.surface = surface
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="imgmagic-panel")
        self._pictures = ThreadPoolExecutor(max_workers=1, thread_name_prefix="imgmagic-panel-pictures")

    def post(self, message: to_page.Answer, buffers: Sequence[bytes] = ()) -> None:
        """Send a message, and the pictures that belong to it, to every page that shows the panel."""
        if self.surface.comm is not None:
            self.surface.send(as_plain(message), list(buffers))

    def later(self, step: Callable[[], None]) -> None:
        """Do a step after those before it; what goes wrong in it is said in the panel."""
        self._submit(self._worker, step)

    def later_picture(self, step: Callable[[], None]) -> None:
        """Send a small picture beside all other steps, after those before it."""
        self._submit(self._pictures, step)

    def make_preview(self, make: Callable[[], Preview]) -> Preview:
        """Return the preview that `make` makes, on the thread of all small pictures.

        A thread that has decoded a picture keeps some of the memory: four runs at once would keep four times as much.
        """
        try:
            made = self._pictures.submit(make)
        except RuntimeError:  # closed in the meantime
            return make()
        return made.result()

    def say(self, error: BaseException) -> None:
        """Say what went wrong."""
        self.post(to_page.Said(problem=describe(error)))

    def settle(self) -> None:
        """Wait until every step up to now is done."""
        for each in (self._worker, self._pictures):
            each.submit(lambda: None).result()

    def close(self) -> None:
        """Do the steps that wait, and take the widget away."""
        # Small pictures that nobody will see are dropped; the steps of the other worker may write, and are done.
        self._pictures.shutdown(wait=True, cancel_futures=True)
        self._worker.shutdown(wait=True)
        layout = self.surface.layout
        self.surface.close()
        layout.close()

    def _submit(self, worker: ThreadPoolExecutor, step: Callable[[], None]) -> None:
        with contextlib.suppress(RuntimeError):  # closed in the meantime
            worker.submit(step).add_done_callback(self._done)

    def _done(self, future: "Future[None]") -> None:
        error = None if future.cancelled() else future.exception()
        if error is not None:
            self.say(error)


def as_plain(message: to_page.Answer) -> Mapping[str, object]:
    """Return a message as it travels: without control characters and lone surrogates, which cannot be sent."""
    fields: Mapping[str, object] = msgspec.to_builtins(message)
    return {name: _harmless(value) for name, value in fields.items()}


def _harmless(value: object) -> object:
    if isinstance(value, str):
        return strip_control(value)
    if isinstance(value, Mapping):
        return {strip_control(str(key)): _harmless(each) for key, each in value.items()}
    return [_harmless(each) for each in value] if isinstance(value, list | tuple) else value
