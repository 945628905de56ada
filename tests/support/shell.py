"""A shell in the test's own process, with the extension loaded; it is quick, and has no kernel."""

import atexit
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
from traitlets.config import Config

from imgmagic.session import Session, default_session, shared_session


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What one cell gave: what it printed, what it displayed, and the error that it ended in."""

    stdout: str
    displayed: tuple[dict[str, Any], ...]
    error: BaseException | None

    @property
    def text(self) -> str:
        """Return everything as text."""
        return "\n".join([self.stdout, *(bundle.get("text/plain", "") for bundle in self.displayed)])

    @property
    def html(self) -> str:
        return "\n".join(bundle.get("text/html", "") for bundle in self.displayed)


@dataclass(frozen=True, kw_only=True)
class Shell:
    """A shell, driven as a user does."""

    ip: InteractiveShell

    @property
    def session(self) -> Session:
        return default_session()

    def run(self, cell: str) -> Answer:
        """Run a cell."""
        with capture_output() as captured:
            result = self.ip.run_cell(cell)
        displayed = tuple(each.data for each in captured.outputs)
        return Answer(
            stdout=captured.stdout, displayed=displayed, error=result.error_in_exec or result.error_before_exec
        )


@contextmanager
def plain_shell() -> Iterator[InteractiveShell]:
    """Give a shell without a history, and leave nothing of it behind."""
    ip = InteractiveShell.instance(config=Config(HistoryManager={"enabled": False}))
    # Each shell would collect the garbage of all tests once more when the process ends, which takes minutes in the end.
    atexit.unregister(ip.atexit_operations)
    try:
        yield ip
    finally:
        InteractiveShell.clear_instance()


@contextmanager
def loaded_shell() -> Iterator[Shell]:
    """Give a shell with the extension loaded, and leave nothing of either behind."""
    shared_session.cache_clear()
    with plain_shell() as ip:
        try:
            ip.run_line_magic("load_ext", "imgmagic")
            yield Shell(ip=ip)
            ip.run_line_magic("unload_ext", "imgmagic")
        finally:
            default_session().close()
            shared_session.cache_clear()
