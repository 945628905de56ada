import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from imgmagic.errors import StoreError
from imgmagic.store.history.history import History
from tests.support.stored_runs import completed


@pytest.mark.parametrize("content", [b"dear diary", b"PK\x03\x04" + bytes(5000), b"SQLite format 4\x00" + bytes(5000)])
def test_a_file_that_is_not_ours_is_left_as_it_is(tmp_path: Path, content: bytes) -> None:
    """An address that names an ordinary file by mistake does not cost the file its name."""
    path = tmp_path / "thesis.docx"
    path.write_bytes(content)

    with pytest.raises(StoreError, match="not a history of imgmagic, and was left as it is"):
        History(path)

    assert path.read_bytes() == content
    assert [each.name for each in tmp_path.iterdir() if each.name != ".lock"] == ["thesis.docx"]


@pytest.mark.parametrize(
    "made_by",
    [
        "CREATE TABLE bookmarks (url TEXT)",
        "CREATE VIEW one AS SELECT 1",
        "CREATE TABLE imgmagic_schema (version)",
        "PRAGMA application_id = 99",
    ],
)
def test_a_database_of_another_program_is_left_as_it_is(tmp_path: Path, made_by: str) -> None:
    """Our tables are not put among those of others, and not a byte is another, such as that of the journal's mode."""
    path = tmp_path / "places.sqlite"
    with closing(sqlite3.connect(path)) as others:
        others.execute(made_by)
        others.commit()
    before = path.read_bytes()

    with pytest.raises(StoreError, match="not a history of imgmagic"):
        History(path)

    assert path.read_bytes() == before


@pytest.mark.parametrize("content", [b"dear diary", None])
def test_files_beside_a_place_that_is_not_ours_are_left_as_they_are(tmp_path: Path, content: bytes | None) -> None:
    """SQLite would take them for its own journals, and remove them."""
    path = tmp_path / "notes"
    if content is not None:
        path.write_bytes(content)
    beside = [path.with_name(f"notes{end}") for end in ("-wal", "-journal")]
    for each in beside:
        each.write_text("mine")

    with pytest.raises(StoreError, match="not a history of imgmagic"):
        History(path)

    assert [each.read_text() for each in beside] == ["mine", "mine"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes with names")
def test_an_empty_file_is_taken_only_by_a_databases_name(tmp_path: Path) -> None:
    """Nobody's module or mark becomes a database; what was made to be one does."""
    module, made = tmp_path / "__init__.py", tmp_path / "history.sqlite"
    module.touch()
    made.touch()

    with pytest.raises(StoreError, match="is not a history of imgmagic, and was left as it is"):
        History(module)
    History(made).close()

    assert module.read_bytes() == b""
    assert made.read_bytes().startswith(b"SQLite format 3")


def test_what_is_not_a_file_is_not_waited_for(tmp_path: Path) -> None:
    """A pipe is refused at once, and not said to be a full disk."""
    os.mkfifo(tmp_path / "pipe")

    with pytest.raises(StoreError, match="not a history of imgmagic"):
        History(tmp_path / "pipe")


def test_a_place_with_what_a_history_left_is_free(tmp_path: Path) -> None:
    """A history that was removed may have left its log."""
    path = tmp_path / "history.sqlite"
    path.with_name("history.sqlite-wal").write_bytes(b"\x37\x7f\x06\x82" + bytes(28))

    history = History(path)

    assert completed(history) == 1
    history.close()


def test_whatever_stands_in_our_own_place_is_set_aside(tmp_path: Path) -> None:
    """Where only a history of ours can stand, noise is a damaged one: it is kept, and work goes on."""
    path = tmp_path / "history.sqlite"
    path.write_bytes(b"noise" * 2000)

    history = History(path, is_ours=True)

    assert completed(history) == 1
    assert "was damaged" in history.notices[0]
    history.close()


def test_a_damaged_database_is_set_aside_anywhere(tmp_path: Path) -> None:
    """What begins as a database was one."""
    path = tmp_path / "elsewhere.sqlite"
    path.write_bytes(b"SQLite format 3\x00" + b"noise" * 2000)

    history = History(path)

    assert completed(history) == 1
    history.close()
