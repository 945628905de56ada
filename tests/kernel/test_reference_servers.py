"""One cell, four servers: the same %%imagine runs against each of the reference servers by --provider alone."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from imgmagic.simulator import Simulator
from tests.support.environment import clean_environment
from tests.support.kernels import Kernel, running_kernel

SERVERS = ("openai", "yandex", "truefoundry", "compatible")
KEY = "marked-key-of-the-four-servers"
CELL = "%%imagine --provider {name} --size 1024x1024 -o drawn\na red circle on a meadow"


@pytest.fixture(scope="module")
def servers() -> Iterator[dict[str, Simulator]]:
    """Run the simulator as each of the four servers; each wants the key."""
    with ExitStack() as stack:
        yield {name: stack.enter_context(Simulator(pace_s=0, persona=name, require_key=KEY)) for name in SERVERS}


@pytest.fixture(scope="module")
def four(servers: dict[str, Simulator], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kernel]:
    """Run a kernel that has the keys and addresses of all four in its environment."""
    home = tmp_path_factory.mktemp("four")
    variables = {
        "OPENAI_API_KEY": KEY,
        "OPENAI_BASE_URL": servers["openai"].base_url,
        "YANDEX_API_KEY": KEY,
        "YANDEX_FOLDER_ID": "b1gfolder",
        "YANDEX_BASE_URL": servers["yandex"].base_url,
        "TFY_API_KEY": KEY,
        "TFY_BASE_URL": servers["truefoundry"].base_url,
        "IMGMAGIC_API_KEY": KEY,
        "IMGMAGIC_BASE_URL": servers["compatible"].base_url,
    }
    with running_kernel(clean_environment(Path(home), **variables), Path(home)) as kernel:
        kernel.run("%load_ext imgmagic")
        yield kernel


@pytest.mark.parametrize("name", SERVERS)
def test_the_same_cell_draws_at_each_server(four: Kernel, servers: dict[str, Simulator], name: str) -> None:
    """The provider's name is the only thing that changes; the server receives a request in its own form."""
    outcome = four.run(CELL.format(name=name))

    assert outcome.status == "ok", outcome.traceback
    assert len(outcome.figures) == 1
    request, *pictures = servers[name].requests
    assert request.body["prompt"] == "a red circle on a meadow"
    assert request.body.get("size") == {"yandex": "1x1"}.get(name, "1024x1024")
    assert not any(KEY in str(dict(picture.headers)) for picture in pictures)


def test_no_key_shows_in_anything_that_the_kernel_said(four: Kernel) -> None:
    """The four servers' keys stand in no message of the kernel."""
    four.run("%imgmagic providers")

    assert not any(KEY in str(message["content"]) for message in four.said)
