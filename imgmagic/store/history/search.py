"""A search of the history: from a query to one statement that reads no more rows than it shows."""

import sqlalchemy as sa

from imgmagic.store.history.plain_text import PlainText
from imgmagic.store.history.records import HistoryQuery
from imgmagic.store.history.schema import GENERATIONS, IMAGE_TAGS, IMAGES, INPUTS, SEARCH, TAGS, TEXTS

_TRIGRAM = 3  # the index knows no shorter parts of words
MAX_ROWS = 1000


def select_page(query: HistoryQuery, *, indexed: bool) -> sa.Select[tuple[object, ...]]:
    """Return the statement for a page, newest first; `indexed` says whether SQLite's full-text index is there."""
    words = query.text.casefold().split()
    long = [word for word in words if indexed and len(word) >= _TRIGRAM]
    short = [word for word in words if word not in long]
    conditions = [*_conditions(query), *(TEXTS.c.text.contains(word, autoescape=True) for word in short)]
    if long:
        conditions.append(sa.literal_column("search").op("MATCH")(sa.literal(_phrases(long), PlainText)))
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
    columns = {"model": query.model, "status": query.status, "session": query.session, "user_name": query.user}
    wanted = {**columns, "sweep_id": query.sweep_id}
    found = [GENERATIONS.c[name] == value for name, value in wanted.items() if value is not None]
    if query.star is not None:
        whole = sa.select(GENERATIONS.c.id).where(GENERATIONS.c.star == sa.literal_column("1"))
        starred = GENERATIONS.c.id.in_(whole.union(_of(IMAGES, IMAGES.c.star == sa.literal_column("1"))))
        found.append(starred if query.star else ~starred)
    if query.rating is not None:
        found.append(GENERATIONS.c.id.in_(_of(IMAGES, IMAGES.c.rating >= query.rating)))
    if query.tag is not None:
        one = _of(IMAGE_TAGS, IMAGE_TAGS.c.tag == query.tag)
        found.append(GENERATIONS.c.id.in_(_of(TAGS, TAGS.c.tag == query.tag).union(one)))
    if query.source_id is not None:
        found.append(GENERATIONS.c.id.in_(_of(INPUTS, INPUTS.c.source_id == query.source_id)))
    return found


def _of(table: sa.Table, condition: sa.ColumnElement[bool]) -> sa.Select[tuple[int]]:
    """Return the generations that have a row in another table that meets the condition."""
    return sa.select(table.c.generation_id).where(condition)


def _phrases(words: list[str]) -> str:
    """Return the words as FTS5 phrases, in which nothing but the quote means anything."""
    return " ".join('"' + word.replace('"', '""') + '"' for word in words)
