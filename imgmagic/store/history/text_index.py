"""The text index: parts of words found fast, as trigrams, so that scripts without spaces are found too.

SQLite has one where it was built with FTS5, PostgreSQL where the extension pg_trgm may be added; elsewhere a search
reads every text, which is slower and finds the same.
"""

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError


def index_texts(connection: sa.Connection) -> None:
    """Index the table `texts`, as well as this database can."""
    if connection.dialect.name == "postgresql":
        _index_trigrams(connection)
    elif _has_fts5(connection):
        _index_with_fts5(connection)


def has_text_index(connection: sa.Connection) -> bool:
    """Return whether SQLite's full-text index is there and can be read by this SQLite."""
    if connection.dialect.name != "sqlite" or not _has_fts5(connection):
        return False
    return sa.inspect(connection).has_table("search")


def searchable_text(*parts: str | None) -> str:
    """Return the text in which a search looks for words: all parts, case folded; SQLite's own folds only English."""
    return "\n".join(filter(None, parts)).casefold()


def _has_fts5(connection: sa.Connection) -> bool:
    return bool(connection.scalar(sa.text("SELECT sqlite_compileoption_used('ENABLE_FTS5')")))


def _index_with_fts5(connection: sa.Connection) -> None:
    """Make the index, and the triggers that keep it in step with the texts."""
    remove = "INSERT INTO search (search, rowid, text) VALUES ('delete', old.id, old.text);"
    add = "INSERT INTO search (rowid, text) VALUES (new.id, new.text);"
    for statement in (
        "CREATE VIRTUAL TABLE search USING fts5 (text, content='texts', content_rowid='id', tokenize='trigram')",
        f"CREATE TRIGGER search_insert AFTER INSERT ON texts BEGIN {add} END",
        f"CREATE TRIGGER search_delete AFTER DELETE ON texts BEGIN {remove} END",
        f"CREATE TRIGGER search_update AFTER UPDATE ON texts BEGIN {remove} {add} END",
    ):
        connection.exec_driver_sql(statement)


def _index_trigrams(connection: sa.Connection) -> None:
    """Index for LIKE where the server lets this user add the extension."""
    try:
        # A savepoint: PostgreSQL drops the whole transaction, all tables with it, at the first refusal.
        with connection.begin_nested():
            connection.exec_driver_sql("CREATE EXTENSION IF NOT EXISTS pg_trgm")
            connection.exec_driver_sql("CREATE INDEX texts_search ON texts USING gin (text gin_trgm_ops)")
    except DBAPIError:
        return
