"""Servers and kernels that tests of this folder share."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from browser import SCREENSHOTS, Server, running_browser, running_server
from kernels import Kernel, clean_environment, running_kernel
from playwright.sync_api import Browser

from imgmagic.simulator import Simulator

PACE_S = 1.2  # of the slow server: two partial images, 0.4 s apart


@pytest.fixture(scope="module")
def slow() -> Iterator[Simulator]:
    """Run a server that takes its time over a picture."""
    with Simulator(pace_s=PACE_S) as running:
        yield running


@pytest.fixture(scope="module")
def quick() -> Iterator[Simulator]:
    """Run a server that draws at once."""
    with Simulator(pace_s=0) as running:
        yield running


@pytest.fixture(scope="module")
def brisk() -> Iterator[Simulator]:
    """Run a server that is in between."""
    with Simulator(pace_s=0.15) as running:
        yield running


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, slow: Simulator, quick: Simulator, brisk: Simulator) -> Path:
    """Return a home folder whose config.toml knows the servers."""
    folder = tmp_path_factory.mktemp("home")
    (folder / "imgmagic").mkdir()
    servers = {"slow": slow, "quick": quick, "brisk": brisk}
    (folder / "imgmagic" / "config.toml").write_text(
        "".join(
            f'[providers.{name}]\ndialect = "simulator"\nbase_url = "{server.base_url}"\n'
            for name, server in servers.items()
        )
    )
    return folder


@pytest.fixture(scope="module")
def kernel(home: Path) -> Iterator[Kernel]:
    """Run a kernel with the extension loaded; it asks the quick server unless told otherwise."""
    with running_kernel(clean_environment(home, IMGMAGIC_PROVIDER="quick"), home) as running:
        assert running.run("%load_ext imgmagic").status == "ok"
        yield running


@pytest.fixture(scope="module")
def server(home: Path) -> Iterator[Server]:
    """Run a Jupyter server whose kernels ask the quick server unless told otherwise."""
    with running_server(clean_environment(home, IMGMAGIC_PROVIDER="quick"), home) as running:
        yield running


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Run Chromium."""
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    with running_browser() as running:
        yield running
