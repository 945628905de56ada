"""JupyterHub for real, as a class uses it: Stop, one history with who drew what, and a budget for all."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from playwright.sync_api import Browser, expect

from imgmagic.simulator import Simulator
from tests.support.browser import CHROMIUM, running_browser
from tests.support.hub import running_hub, signed_in
from tests.support.postgres import running_postgres
from tests.support.until import until

pytestmark = [
    pytest.mark.host,
    pytest.mark.skipif(CHROMIUM is None, reason="there is no chromium (Debian: apt install chromium)"),
]

LOAD, STUCK, QUICK, MANY = range(4)
CELLS = (
    "%load_ext imgmagic",
    "%imagine -m gpt-image-1.5 -q low a cat [simulate: hang]",
    "%imagine -m gpt-image-1.5 -q low --fresh a dog by a tree",
    "%imagine -m gpt-image-1.5 -q high -n 4 --fresh four dogs",
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with running_browser() as browser:
        yield browser


def test_class_on_a_hub(browser: Browser, tmp_path: Path) -> None:
    """Ada stops a run below the hub's path, draws, and spends of the class's day; Bob is refused what is too much."""
    with Simulator(pace_s=0) as simulator, running_postgres() as database:
        environment = {
            "OPENAI_BASE_URL": simulator.base_url,
            "OPENAI_API_KEY": "of-the-class",
            "IMGMAGIC_HISTORY_URL": database,
            "IMGMAGIC_DAILY_BUDGET": "0.50",
        }
        with running_hub(tmp_path, environment) as address:
            with signed_in(browser, address, "ada", tmp_path / "homes" / "ada", *CELLS) as ada:
                ada.run(LOAD)
                ada.start(STUCK)
                until(lambda: simulator.requests, "nothing was asked")
                ada.output(STUCK).get_by_role("button", name="Stop").click()
                ada.finish(STUCK)
                until(lambda: simulator.requests[0].state == "disconnected", "the server still draws")
                ada.run(QUICK)
                expect(ada.output(QUICK).locator("figure img")).to_have_count(1)
            with signed_in(browser, address, "bob", tmp_path / "homes" / "bob", *CELLS) as bob:
                bob.run(LOAD, QUICK, MANY)
                expect(bob.output(QUICK).locator("figure img")).to_have_count(1)
                expect(bob.output(MANY)).to_contain_text("BudgetExceeded")

        with psycopg.connect(database) as connection:
            drawn = connection.execute("SELECT user_name, status FROM generations ORDER BY id").fetchall()
    assert drawn == [("ada", "cancelled"), ("ada", "completed"), ("bob", "completed")]
    assert not any("hang" not in str(seen.body) and "four" in str(seen.body) for seen in simulator.requests)
