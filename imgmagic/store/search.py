"""A search of the history: from a query to one statement that reads no more rows than it shows."""

import sqlalchemy as sa

from imgmagic.store.records import HistoryQuery
from imgmagic.store.schema import GENERATIONS, SEARCH, TAGS

_TRIGRAM = 3  # the index knows no shorter parts of words
MAX_ROWS = 1000


def page_of(query: HistoryQuery, *, indexed: bool) -> sa.Select[tuple[object, ...]]:
    """Return the statement for a page, newest first; `indexed` says whether SQLite's full-text index is there."""
    words = query.text.casefold().split()
    long = [word for word in words if indexed and len(word) >= _TRIGRAM]
    statement = sa.select(GENERATIONS)
    order: sa.ColumnElement[int] = GENERATIONS.c.id
    if long:
        order = SEARCH.c.rowid
        joined = SEARCH.join(GENERATIONS, GENERATIONS.c.id == SEARCH.c.rowid)
        statement = statement.select_from(joined).where(sa.literal_column("search").op("MATCH")(_phrases(long)))
    for condition in (*_conditions(query), *(_contains(word) for word in words if word not in long)):
        statement = statement.where(condition)
    if query.before_id is not None:
        statement = statement.where(order < query.before_id)
    return statement.order_by(order.desc()).limit(max(0, min(query.limit, MAX_ROWS)))


def _conditions(query: HistoryQuery) -> list[sa.ColumnElement[bool]]:
    columns = {"model": query.model, "status": query.status, "session": query.session}
    found = [GENERATIONS.c[name] == value for name, value in columns.items() if value is not None]
    if query.star is not None:
        found.append(GENERATIONS.c.star == int(query.star))
    if query.tag is not None:
        found.append(GENERATIONS.c.id.in_(sa.select(TAGS.c.generation_id).where(TAGS.c.tag == query.tag)))
    return found


def _contains(word: str) -> sa.ColumnElement[bool]:
    return GENERATIONS.c.search_text.contains(word, autoescape=True)


def _phrases(words: list[str]) -> str:
    """Return the words as FTS5 phrases, in which nothing but the quote means anything."""
    return " ".join('"' + word.replace('"', '""') + '"' for word in words)
