"""Sweeps drawn by workers: Dask's processes that share PostgreSQL and an S3 store, one of them killed, one stopped."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from distributed import Client, LocalCluster

from imgmagic.api import start_sweep, sweep
from imgmagic.domain.generation import Status
from imgmagic.errors import BudgetExceeded
from imgmagic.session import default_session, shared_session
from imgmagic.simulator import Simulator
from tests.support.sessions import KEY
from tests.support.source_pictures import drawn as drawn_picture
from tests.support.until import until

# Dask's own warnings at the end of a cluster, and its event loops in the tests' process, are none of ours.
pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]

OPTIONS: dict[str, Any] = {"model": "gpt-image-2", "quality": "low", "size": "1024x1024", "max_cost": 10}


@pytest.fixture
def server() -> Iterator[Simulator]:
    """Run a server that takes a while over a picture."""
    with Simulator(pace_s=0.6) as running:
        yield running


@pytest.fixture
def cluster(
    server: Simulator, bucket: str, new_database: Callable[[], str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Client]:
    """Run three worker processes that share a database and a bucket with this one."""
    variables = {
        "IMGMAGIC_HOME": str(tmp_path / "home"),
        "IMGMAGIC_HISTORY_URL": new_database(),
        "IMGMAGIC_IMAGE_STORE": bucket,
        "OPENAI_API_KEY": KEY,
        "OPENAI_BASE_URL": server.base_url,
    }
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    shared_session.cache_clear()
    with (
        LocalCluster(n_workers=3, threads_per_worker=2, processes=True, dashboard_address=":0") as running,
        Client(running) as client,
    ):
        yield client
    default_session().close()
    shared_session.cache_clear()


def words(count: int) -> dict[str, object]:
    return {"number": list(range(count))}


def test_workers_draw_a_sweep(cluster: Client, server: Simulator) -> None:
    """Each cell is drawn once, by some worker; its picture is in the shared store, and the same again costs nothing."""
    drawn = sweep("{{ number }} foxes", words(9), executor=cluster.get_executor(), parallel=6, **OPTIONS)
    again = sweep("{{ number }} foxes", words(9), executor=cluster.get_executor(), parallel=6, **OPTIONS)

    assert drawn.status is Status.COMPLETED
    assert len(server.requests) == 9
    assert all(cell.is_found for cell in again)
    assert all(cell.generation.image.location.startswith("s3://") for cell in drawn)
    assert drawn.cells[0].generation.image.pil().width == 1024


def test_workers_start_from_a_picture_of_the_shared_store(cluster: Client, server: Simulator) -> None:
    """Only its hash travels: a worker reads the bytes from the store, and sends just those."""
    drawn = sweep(
        "in {{ season }}",
        {"season": ["winter", "spring"]},
        images=[drawn_picture((256, 256))],
        executor=cluster.get_executor(),
        **OPTIONS,
    )

    assert drawn.status is Status.COMPLETED
    assert len({cell.generation.sources[0].sha256 for cell in drawn}) == 1
    assert {request.path for request in server.requests} == {"/v1/images/edits"}


def test_stop_reaches_the_workers(cluster: Client, server: Simulator) -> None:
    """A Stop here is seen by the workers, though no executor can cancel what runs; nothing more is begun."""
    job = start_sweep("{{ number }} owls", words(30), executor=cluster.get_executor(), parallel=6, **OPTIONS)
    until(lambda: any(cell.is_complete for cell in job.sweep), "a cell is drawn")
    job.cancel()
    stopped = job.result(60)
    asked = len(server.requests)
    time.sleep(1.5)

    assert stopped.status is Status.CANCELLED
    assert len(server.requests) == asked < 30
    assert not [cell for cell in stopped if cell.status is Status.FAILED]


def test_a_killed_workers_cells_are_drawn_by_others(cluster: Client, server: Simulator) -> None:
    """A worker that is killed leaves interrupted records, and the sweep is whole in the end."""
    job = start_sweep("{{ number }} hens", words(12), executor=cluster.get_executor(), parallel=6, **OPTIONS)
    until(lambda: len(server.requests) >= 4, "some cells are on their way")
    victim = next(iter(cluster.run(os.getpid).values()))
    os.kill(victim, signal.SIGKILL)
    whole = job.result(120)

    records = default_session().archive.history.sweep_cells(whole.id)
    assert whole.status is Status.COMPLETED
    assert len({record.started.cell.key for record in records if record.status == Status.COMPLETED}) == 12


def test_a_budget_holds_over_all_workers(cluster: Client, server: Simulator) -> None:
    """What this session may spend is reserved in the shared history, whoever draws."""
    session = default_session()
    session.limit = Decimal("0.02")
    with pytest.raises(BudgetExceeded, match="this sweep could cost"):
        sweep("{{ number }} cats", words(9), executor=cluster.get_executor(), **OPTIONS)
    assert not server.requests

    drawn = sweep("{{ number }} cats", words(2), executor=cluster.get_executor(), **OPTIONS)

    assert drawn.status is Status.COMPLETED
    assert session.archive.history.spent(session=session.name).settled == drawn.cost <= session.limit
