import sqlite3
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
import sqlalchemy as sa

from imgmagic.domain.totals import Origin
from imgmagic.errors import StoreError
from imgmagic.store.history.database import Database
from imgmagic.store.history.history import History
from imgmagic.store.history.records import HistoryQuery
from imgmagic.store.history.schema import GENERATIONS, IMAGES, STEPS, TAGS, TOTALS, migrate, version
from tests.support.stored_runs import completed

ROWS = """
INSERT INTO generations (status, origin, prompt, template, parameters, request_key, provider, model, dialect, session,
    day, sent_at, cost, host, pid, process_started, note)
VALUES ('completed', 'live', 'Лиса в снегу', NULL, '{"size": "1x1"}', 'sha256:1', 'openai', 'gpt-image-2', 'openai',
    'old', '2026-01-02', '2026-01-02T03:04:05+00:00', 5000000, 'here', 1, '', 'for the poster'),
    ('failed', 'live', 'an owl', 'an {{ x }}', '{}', 'sha256:2', 'azure', NULL, 'azure',
    'old', '2026-01-02', '2026-01-02T03:05:05+00:00', NULL, 'here', 1, '', ''),
    ('running', 'simulated', 'a toad', NULL, '{}', 'sha256:3', 'simulator', 's', 'openai',
    'old', '2026-01-03', '2026-01-03T03:05:05+00:00', NULL, 'here', 1, '', '');
INSERT INTO images VALUES (1, 0, 'aa', '2026/01/02/1-fox.png', 'png', 8, 6, NULL);
INSERT INTO tags VALUES (1, 'week 1')
"""


def at_step(url: str, number: int) -> Database:
    """Make a history as the imgmagic of that step made it, with records."""
    database = Database(url)
    if database.path:
        database.path.parent.mkdir(parents=True, exist_ok=True)
    database.write(lambda connection: migrate(connection, upto=number), "test")
    if number < 2:  # later steps keep totals and texts as records come; these rows are from before that
        for statement in ROWS.split(";\n"):
            database.write(lambda connection, statement=statement: connection.exec_driver_sql(statement), "test")
    return database


@pytest.mark.parametrize("step", STEPS[:-1], ids=lambda step: step.title)
def test_every_earlier_schema_is_upgraded(history_url: str, step: object) -> None:
    """A history left by any earlier step opens, and takes new records."""
    at_step(history_url, step.number).close()

    history = History(history_url)

    assert history.get(completed(history)).status == "completed"
    with history._database.read() as connection:
        assert version(connection) == STEPS[-1].number
    history.close()


def test_records_of_the_first_schema_are_counted_and_found(history_url: str) -> None:
    """Upgrading fills the totals and the search from the records that are there."""
    at_step(history_url, 1).close()

    history = History(history_url)

    totals = {(total.key, total.origin): total for total in history.totals("model")}
    assert set(totals) == {("gpt-image-2", Origin.LIVE), ("", Origin.LIVE)}
    assert totals["gpt-image-2", Origin.LIVE].cost == Decimal("0.005")
    assert totals["gpt-image-2", Origin.LIVE].images == 1
    assert totals["", Origin.LIVE].unknown_costs == 1
    assert [total.key for total in history.totals("tag")] == ["week 1"]
    assert {total.key: total.images for total in history.tally(session="old")} == {"gpt-image-2": 1, "": 0}
    assert history.tally(day=date(2026, 1, 2)) == history.tally(session="old")
    for text in ("лиса", "ЛИСА", "poster", "week"):
        assert [record.id for record in history.page(HistoryQuery(text=text))] == [1]
    history.close()


def test_a_newer_schema_is_refused_and_left_alone(history_url: str) -> None:
    """A history of a newer imgmagic is named as such, and nothing in it is changed."""
    newer = at_step(history_url, STEPS[-1].number)
    number = STEPS[-1].number + 1
    newer.write(lambda c: c.exec_driver_sql(f"INSERT INTO imgmagic_schema (version) VALUES ({number})"), "test")

    with pytest.raises(StoreError, match="newer imgmagic") as raised:
        History(history_url)

    assert "Upgrade imgmagic" in str(raised.value)
    with newer.read() as connection:
        assert version(connection) == number
    newer.close()


def test_the_tables_are_what_the_code_takes_them_for(history_url: str) -> None:
    """The columns that the steps make are those that the statements use."""
    history = History(history_url)

    with history._database.read() as connection:
        found = sa.inspect(connection)
        for table in (GENERATIONS, IMAGES, TAGS, TOTALS):
            assert {column["name"] for column in found.get_columns(table.name)} == set(table.columns.keys())
    history.close()


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
    at_step(url := new_database(), 1).close()

    history = History(url)

    with history._database.read() as connection:
        known = "SELECT attname FROM pg_stats WHERE schemaname = current_schema() AND tablename = 'texts'"
        assert set(connection.scalars(sa.text(known))) == {"id", "text"}
    history.close()
