"""What holds for all tests: quick layers first, no key and no home of the user's, and no skip under CI."""

import gc
import os
import signal
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests.support.environment import FOREIGN

pytest_plugins = [f"tests.support.fixtures.{name}" for name in ("notebooks", "simulator", "stage", "stores")]

_FOLDERS = ("kernel", "browser")  # whose tests have a mark of the same name
# The same examples each time, however long one takes on a busy machine; HYPOTHESIS_PROFILE=explore tries others.
settings.register_profile("explore", deadline=None)
settings.register_profile("steady", deadline=None, derandomize=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "steady"))

_MAIN = sys.modules["__main__"]


def pytest_configure() -> None:
    """Take interrupts, which a shell that starts the suite in the background lets it ignore, as do its children."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what stands in a folder of kernels or browsers."""
    for item in items:
        folder = item.path.relative_to(Path(__file__).parent).parts[0]
        if folder in _FOLDERS:
            item.add_marker(folder)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """Turn a skip into a failure under CI: there, everything that a test needs is installed."""
    outcome = yield
    report = outcome.get_result()
    if report.skipped and os.environ.get("CI") and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skipped under CI: {report.longrepr}"


def pytest_runtest_logfinish() -> None:
    """Free what a failed test left open, which would otherwise fail whichever test runs when it is collected."""
    if getattr(sys, "last_value", None) is None:
        return
    sys.last_type = sys.last_value = sys.last_traceback = None
    hook, sys.unraisablehook = sys.unraisablehook, lambda _: None
    try:
        gc.collect()
    finally:
        sys.unraisablehook = hook


@pytest.fixture(autouse=True, scope="module")
def no_thread_left() -> Iterator[None]:
    """Find the threads of the package that a module's tests leave running, not in the test that counts them."""
    before = set(threading.enumerate())
    yield
    started = [each for each in threading.enumerate() if each not in before and each.name.startswith("imgmagic-")]
    for thread in started:
        thread.join(5)
    left = [each.name for each in started if each.is_alive()]
    assert not left, f"tests of this module left threads: {left}"


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give each test a home of its own, without the keys and settings of whoever runs it."""
    for name in list(os.environ):
        if name.startswith(FOREIGN):
            monkeypatch.delenv(name)
    # An IPython shell in this process puts its own module there, which no process can be started from.
    monkeypatch.setitem(sys.modules, "__main__", _MAIN)
    home = tmp_path / "imgmagic-home"
    monkeypatch.setenv("IMGMAGIC_HOME", str(home))
    return home


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"
