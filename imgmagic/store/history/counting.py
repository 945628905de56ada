"""Counting: the statements that keep the totals, in the transaction that settles a generation.

Totals are sums by kind and name, such as the model's or the day's, so that asking for them reads a few rows. A record
is added once, when it ends, and taken out again before its columns change. What neither side knows stays unknown.
"""

from collections.abc import Iterable, Sequence

import sqlalchemy as sa

from imgmagic.store.history.columns import DatabaseRow
from imgmagic.store.history.plain_text import PlainText
from imgmagic.store.history.schema import MODELS_OF, SUMS, USAGE, limited_name, models_of


def count_under_all(connection: sa.Connection, row: DatabaseRow, sign: int, *, pictures: int) -> None:
    """Add a record to the totals of its model, day, provider, session, user, sweep and tags, or take it out."""
    keys = {kind: row[kind] or "" for kind in ("day", "model", "provider", "session", "user_name")}
    of = {f"of_{kind}": models_of(kind, row[kind]) for kind in MODELS_OF}
    keys["user_day"] = limited_name("day of user", row)
    keys["sweep"] = str(row["sweep_id"] or "")
    connection.execute(_ADD_UNDER_ALL, {**_sums(row, sign, pictures), **keys, **of, "of_id": row["id"]})


def count_under_tags(
    connection: sa.Connection, row: DatabaseRow, sign: int, tags: Iterable[str], *, pictures: int
) -> None:
    """Add a record to the totals under some tags, or take it out."""
    sums = _sums(row, sign, pictures)
    add_to_totals(connection, [{"kind": "tag", "name": tag, **sums} for tag in sorted(tags)])


def add_to_totals(connection: sa.Connection, rows: Sequence[DatabaseRow]) -> None:
    """Add sums to the totals under their kinds and names."""
    if rows:
        connection.execute(_ADD, rows)


def _sums(row: DatabaseRow, sign: int, pictures: int) -> dict[str, object]:
    unknown = int(row["cost"] is None or bool(row["reserved"]))
    counted = {"generations": 1, "images": pictures, "unknown_costs": unknown, "cost": row["cost"]}
    counted.update({name: row[name] for name in USAGE})
    sums = {name: None if value is None else sign * value for name, value in counted.items()}
    return {**sums, "last_id": row["id"], "origin": row["origin"]}


def _addition(rows: str) -> sa.TextClause:
    """Return the statement that adds `rows` to the totals."""
    sums = ", ".join(
        f"{name} = CASE WHEN excluded.{name} IS NULL THEN totals.{name} "
        f"ELSE COALESCE(totals.{name}, 0) + excluded.{name} END"
        for name in SUMS
    )
    latest = "last_id = CASE WHEN excluded.last_id > totals.last_id THEN excluded.last_id ELSE totals.last_id END"
    return sa.text(
        f"INSERT INTO totals (kind, name, {', '.join(_COUNTED)}) {rows} "
        f"ON CONFLICT (kind, name, origin) DO UPDATE SET {sums}, {latest}"
    ).bindparams(*(sa.bindparam(name, type_=sa.BigInteger) for name in SUMS))


_COUNTED = ("origin", "last_id", *SUMS)
_VALUES = ", ".join(f":{name}" for name in _COUNTED)
# In an order that never deadlocks; the condition tells SQLite where the query ends.
_UNDER_ALL = f"""
    SELECT kind, name, {_VALUES} FROM (
        SELECT 'day' AS kind, :day AS name UNION ALL SELECT 'model', :model UNION ALL SELECT 'provider', :provider
        UNION ALL SELECT 'session', :session UNION ALL SELECT 'user', :user_name
        UNION ALL SELECT 'day of user', :user_day
        UNION ALL SELECT 'sweep', :sweep WHERE :sweep <> ''
        UNION ALL SELECT :of_day, :model UNION ALL SELECT :of_session, :model
        UNION ALL SELECT 'tag', tag FROM tags WHERE generation_id = :of_id
    ) AS keys WHERE true ORDER BY kind, name
"""  # noqa: S608 - constants of the schema

# Built once: making a statement takes longer than running it.
_ADD = _addition(f"VALUES (:kind, :name, {_VALUES})").bindparams(sa.bindparam("name", type_=PlainText))
_ADD_UNDER_ALL = _addition(_UNDER_ALL)
