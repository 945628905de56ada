import sqlite3
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imgmagic.domain.origin import Origin
from imgmagic.store.history.columns import Columns
from imgmagic.store.history.history import History
from imgmagic.store.history.records import HistoryQuery
from tests.support.stored_runs import completed, started

VALUES = st.one_of(st.none(), st.integers(), st.floats(), st.text(), st.binary())


@given(VALUES)
def test_no_value_in_a_column_is_an_error(value: object) -> None:
    """Whatever a database keeps, each column is what its name promises, or nothing."""
    columns = Columns({"x": value, "sha256": value, "name": value, "format": value})

    assert isinstance(columns.text("x"), str)
    assert isinstance(columns.known_time("x"), datetime)
    assert columns.known_time("x").tzinfo is not None
    assert isinstance(columns.json_object("x"), dict)
    assert columns.count("x") >= 0
    assert columns.sha256() == ""
    assert ".." not in columns.image_name()
    assert columns.image_format().isalnum()
    assert columns.dollars("x") is None or isinstance(value, int)
    assert columns.number("x") is None or isinstance(value, int | float)


HOSTILE = {
    "generations": {
        "status": "<script>",
        "origin": "nowhere",
        "parameters": "{",
        "sent_at": "yesterday",
        "cost": "'much'",
        "template": "x",
        "elapsed_s": "nan",
        "error_message": "1",
    },
    "images": {
        "sha256": "../../../etc/passwd",
        "name": "../../outside.png",
        "format": '"><script>alert(1)</script>',
        "width": "wide",
        "rating": "five",
        "kind": "weird",
    },
}


@pytest.mark.parametrize(("table", "column"), [(table, column) for table in HOSTILE for column in HOSTILE[table]])
def test_a_history_that_others_made_is_read_all_the_same(tmp_path: Path, table: str, column: str) -> None:
    """One column that is not what it should be costs that column, not the history."""
    path = tmp_path / "history.sqlite"
    history = History(path)
    completed(history)
    generation_id = completed(history)
    with sqlite3.connect(path) as theirs:
        key = "id" if table == "generations" else "generation_id"
        theirs.execute(f"UPDATE {table} SET {column} = ? WHERE {key} = ?", (HOSTILE[table][column], generation_id))
    theirs.close()

    records = history.page(HistoryQuery())

    assert [record.id for record in records] == [2, 1]
    for image in (*records[0].images, *records[0].partials):
        assert ".." not in image.name + image.sha256
        assert "<" not in image.format
    assert records[0].status in {"completed", "interrupted"}
    assert records[0].started.at <= datetime.now(UTC)
    assert records[0].started.origin in Origin
    history.close()


@pytest.mark.parametrize("column", ["host", "pid", "process_started", "sent_at"])
@pytest.mark.parametrize("value", [b"bytes", 7, "../../etc"])
def test_a_foreign_record_that_runs_does_not_stop_anybody(tmp_path: Path, column: str, value: object) -> None:
    """Whatever stands where a process should be named, looking for dead ones goes on."""
    history = History(tmp_path / "history.sqlite")
    history.begin(started())
    with sqlite3.connect(tmp_path / "history.sqlite") as theirs:
        theirs.execute(f"UPDATE generations SET {column} = ?", (value,))
    theirs.close()

    assert len(history.mark_interrupted()) <= 1
    history.close()


@pytest.mark.parametrize("at", ["0001-01-01T00:00:00+00:00", "9999-12-31T23:59:59+00:00", "0001-01-01T00:00:00+23:59"])
def test_a_time_at_the_edge_can_be_shown_in_every_zone(tmp_path: Path, at: str) -> None:
    """A moment without a day before or after it is as good as none."""
    history = History(tmp_path / "history.sqlite")
    completed(history)
    with sqlite3.connect(tmp_path / "history.sqlite") as theirs:
        theirs.execute("UPDATE generations SET sent_at = ?, drawn_at = ?, done_at = ?", (at, at, at))
    theirs.close()

    (record,) = history.page(HistoryQuery())

    for hours in (-23, 23):
        assert record.started.at.astimezone(timezone(timedelta(hours=hours)))
    history.close()


def test_forgetting_a_foreign_record_names_nothing_outside(tmp_path: Path) -> None:
    """What is handed on to be removed is a hash and a name in the store, or nothing."""
    history = History(tmp_path / "history.sqlite")
    generation_id = completed(history)
    with sqlite3.connect(tmp_path / "history.sqlite") as theirs:
        theirs.execute("UPDATE images SET name = '../../outside.png', sha256 = '../x'")
    theirs.close()

    (image,) = history.forget(generation_id)

    assert (image.name, image.sha256) == ("", "")
    history.close()
