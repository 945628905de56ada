"""A search of the history: from a query to one statement that reads no more rows than it shows."""

import sqlalchemy as sa

from imgmagic.store.history.records import HistoryQuery
from imgmagic.store.history.schema import GENERATIONS, SEARCH, TAGS, TEXTS

_TRIGRAM = 3  # the index knows no shorter parts of words
MAX_ROWS = 1000


def page_of(query: HistoryQuery, *, indexed: bool) -> sa.Select[tuple[object, ...]]:
    """Return the statement for a page, newest first; `indexed` says whether SQLite's full-text index is there."""
    words = query.text.casefold().split()
    long = [word for word in words if indexed and len(word) >= _TRIGRAM]
    short = [word for word in words if word not in long]
    conditions = [*_conditions(query), *(TEXTS.c.text.contains(word, autoescape=True) for word in short)]
    if long:
        conditions.append(sa.literal_column("search").op("MATCH")(_phrases(long)))
    source, order = _source(long=bool(long), short=bool(short))
    if query.before_id is not None:
        conditions.append(order < query.before_id)
    wanted = sa.select(GENERATIONS).select_from(source).where(*conditions).order_by(order.desc())
    return wanted.limit(max(0, min(query.limit, MAX_ROWS)))


def _source(*, long: bool, short: bool) -> tuple[sa.FromClause, sa.ColumnElement[int]]:
    """Return what to read, and its number to sort by: of the first table, which is then read in that order."""
    source: sa.FromClause = GENERATIONS
    order: sa.ColumnElement[int] = GENERATIONS.c.id
    if short:
        source, order = TEXTS.join(source, GENERATIONS.c.id == TEXTS.c.id), TEXTS.c.id
    if long:
        source, order = SEARCH.join(source, GENERATIONS.c.id == SEARCH.c.rowid), SEARCH.c.rowid
    return source, order


def _conditions(query: HistoryQuery) -> list[sa.ColumnElement[bool]]:
    columns = {"model": query.model, "status": query.status, "session": query.session}
    found = [GENERATIONS.c[name] == value for name, value in columns.items() if value is not None]
    if query.star is not None:
        found.append(GENERATIONS.c.star == int(query.star))
    if query.tag is not None:
        found.append(GENERATIONS.c.id.in_(sa.select(TAGS.c.generation_id).where(TAGS.c.tag == query.tag)))
    return found


def _phrases(words: list[str]) -> str:
    """Return the words as FTS5 phrases, in which nothing but the quote means anything."""
    return " ".join('"' + word.replace('"', '""') + '"' for word in words)
