"""A sweep whose process is killed again and again ends with every cell drawn once, and sums that hold."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from imgmagic.domain.generation import Status
from imgmagic.domain.origin import Origin
from imgmagic.simulator import Simulator
from imgmagic.store.history.records import HistoryQuery
from tests.support.sessions import KEY, session_of
from tests.support.tries import tries

pytestmark = pytest.mark.slow

CELLS = 24
KILLS = tries(6, explore=20)
# What a kernel does; it ends by itself when the sweep does.
_RUN = """
import imgmagic
imgmagic.sweep("{{ number }} foxes", {"number": range(24)}, model="gpt-image-2", quality="low",
               size="1024x1024", parallel=3, max_cost=100)
"""


def _environment(home: Path, server: Simulator) -> dict[str, str]:
    return {**os.environ, "IMGMAGIC_HOME": str(home), "OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": server.base_url}


def test_a_sweep_survives_kills(tmp_path: Path) -> None:
    """However often the process dies (SIGKILL), the cells are there in the end, none drawn twice once it was kept."""
    home, luck = tmp_path / "home", random.Random(14)
    with Simulator(pace_s=0.3) as server:
        for _ in range(KILLS):
            process = subprocess.Popen([sys.executable, "-c", _RUN], env=_environment(home, server))
            asked = len(server.requests)
            give_up = time.monotonic() + 60
            while len(server.requests) == asked and process.poll() is None and time.monotonic() < give_up:
                time.sleep(0.01)
            time.sleep(luck.random() * 0.6)
            process.send_signal(signal.SIGKILL)
            process.wait()
        subprocess.run([sys.executable, "-c", _RUN], env=_environment(home, server), check=True)
        with session_of(home, server) as session:
            history = session.archive.history
            sweep = session.sweeps.start(session.sweeps.plan(session.sweeps.request_of(1))).result()
            records = history.page(HistoryQuery(sweep_id=1, limit=1000))

    done = [record for record in records if record.status == Status.COMPLETED]
    assert sweep.status is Status.COMPLETED
    assert len({record.started.cell.key for record in done}) == len(done) == CELLS
    assert {record.status for record in records} <= {Status.COMPLETED, Status.INTERRUPTED}
    live = [row for row in history.totals("sweep", key="1") if row.origin is Origin.LIVE]
    assert sum(row.generations for row in live) == len(records)
    assert sum(row.images for row in live) == sum(len(record.images) for record in records)
    assert sum(row.cost or 0 for row in live) == sum(record.cost or 0 for record in records)
