import contextlib
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa

from imgmagic.errors import StoreError
from imgmagic.store.history.database import Database
from imgmagic.store.history.history import History
from imgmagic.store.history.records import HistoryQuery
from imgmagic.store.history.schema import STEPS, Step, migrate, version
from tests.support.stored_runs import completed

SECOND = Step(
    number=STEPS[-1].number + 1,
    title="another table",
    apply=lambda connection: connection.exec_driver_sql("CREATE TABLE another (id BIGINT)") and None,
)


def test_a_later_step_is_taken_once_and_keeps_what_is_there(history_url: str) -> None:
    """A history at an earlier step takes the later ones when it is opened, and no step twice."""
    history = History(history_url)
    generation_id = completed(history)

    for _ in range(2):
        history._database.write(lambda connection: migrate(connection, (*STEPS, SECOND)), "test")

    assert history.get(generation_id).status == "completed"
    with history._database.read() as connection:
        assert version(connection) == SECOND.number
        assert sa.inspect(connection).has_table("another")
    history.close()


def test_the_numbers_of_the_steps_grow() -> None:
    """Each step has a number of its own, in their order."""
    numbers = [step.number for step in STEPS]
    assert numbers == sorted(set(numbers))


def test_a_newer_schema_is_refused_and_left_alone(history_url: str) -> None:
    """A history of a newer imgmagic is named as such, and nothing in it is changed."""
    newer = Database(history_url)
    if newer.path:
        newer.path.parent.mkdir(parents=True)
    newer.write(lambda connection: migrate(connection, (*STEPS, SECOND)), "test")

    with pytest.raises(StoreError, match="newer imgmagic") as raised:
        History(history_url)

    assert "Upgrade imgmagic" in str(raised.value)
    with newer.read() as connection:
        assert version(connection) == SECOND.number
    newer.close()


def test_a_sqlite_without_text_search_still_searches(tmp_path: Path) -> None:
    """Where the full-text index is missing, every text is read instead."""
    url = str(tmp_path / "history.sqlite")
    history = History(url)
    generation_id = completed(history)
    history.close()
    plain = sqlite3.connect(url)
    for name in ("insert", "update", "delete"):
        plain.execute(f"DROP TRIGGER search_{name}")
    plain.execute("DROP TABLE search")
    plain.commit()
    plain.close()

    without = History(url)

    assert [record.id for record in without.page(HistoryQuery(text="RED fox"))] == [generation_id]
    without.close()


def test_a_server_knows_at_once_what_an_upgrade_has_filled(new_database: Callable[[], str]) -> None:
    """A search right after an upgrade is planned for the texts that are there, not for an empty table."""
    history = History(new_database())
    completed(history)

    history._database.write(lambda connection: migrate(connection, (*STEPS, SECOND)), "test")

    with history._database.read() as connection:
        known = "SELECT attname FROM pg_stats WHERE schemaname = current_schema() AND tablename = 'texts'"
        assert set(connection.scalars(sa.text(known))) == {"id", "text"}
    history.close()


def test_a_picture_to_reuse_is_found_by_its_request(tmp_path: Path) -> None:
    """Not among all that are completed, which SQLite would read for the newest of them."""
    History(tmp_path / "history.sqlite").close()
    query = "SELECT * FROM generations WHERE request_key = 'k' AND status = 'completed' ORDER BY id DESC LIMIT 1"

    with contextlib.closing(sqlite3.connect(tmp_path / "history.sqlite")) as connection:
        plan = str(connection.execute(f"EXPLAIN QUERY PLAN {query}").fetchall())

    assert "generations_request_key (request_key=? AND status=?)" in plan
