"""What holds for all tests: quick layers first, no key and no home of the user's, and no skip under CI."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest_plugins = [f"tests.support.fixtures.{name}" for name in ("notebooks", "simulator", "stage", "stores")]

# Real processes, kernels and browsers come last, so that a mistake in a quick layer shows within seconds.
_LATE = (
    "integration/test_faults",
    "kernel/test_stores",
    "kernel/test_front_ends",
    "kernel/test_kernel",
    "browser/test_cells",
    "browser/test_panel",
    "browser/test_panel_between",
    "browser/test_binder",
)
_MAIN = sys.modules["__main__"]
_HIDDEN = ("IMGMAGIC_", "OPENAI_", "AZURE_OPENAI_", "YANDEX_", "TFY_", "JPY_SESSION_NAME")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: _LATE.index(_name(item)) + 1 if _name(item) in _LATE else 0)


def _name(item: pytest.Item) -> str:
    return f"{item.path.parent.name}/{item.path.stem}"


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """Turn a skip into a failure under CI: there, everything that a test needs is installed."""
    outcome = yield
    report = outcome.get_result()
    if report.skipped and os.environ.get("CI") and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skipped under CI: {report.longrepr}"


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give each test a home of its own, without the keys and settings of whoever runs it."""
    for name in list(os.environ):
        if name.startswith(_HIDDEN):
            monkeypatch.delenv(name)
    # An IPython shell in this process puts its own module there, which no process can be started from.
    monkeypatch.setitem(sys.modules, "__main__", _MAIN)
    home = tmp_path / "imgmagic-home"
    monkeypatch.setenv("IMGMAGIC_HOME", str(home))
    return home


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"
