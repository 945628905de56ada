"""Spending: what is settled and reserved under each limit, read where the next call is written."""

from decimal import Decimal

import sqlalchemy as sa

from imgmagic.domain.budget import Budget, Spent, check_call, check_limit
from imgmagic.domain.totals import Origin
from imgmagic.store.history import statements
from imgmagic.store.history.records import RUNNING, Row, Started, from_nano
from imgmagic.store.history.schema import GENERATIONS, SUMS, TOTALS, lock


def check(connection: sa.Connection, budget: Budget, started: Started) -> None:
    """Refuse a call that does not fit, in the transaction that writes it: two calls never see the same money.

    Raises:
        BudgetExceeded: with what is left and the way out.
    """
    check_call(budget, started.at_most)
    lock(connection)
    for name, limit, kind, key in (
        ("session", budget.session, "session", started.session),
        ("daily", budget.daily, "day", f"{started.at:%Y-%m-%d}"),
    ):
        if limit is not None:
            check_limit(name, limit, spent(connection, kind, key), started.at_most)


def spent(connection: sa.Connection, kind: str, key: str) -> Spent:
    """Return what the live calls of one day or session have cost, and what is reserved for those that run."""
    billed = sa.select(sa.func.sum(TOTALS.c.cost)).where(
        TOTALS.c.kind.in_((kind, _held(kind))), TOTALS.c.name == key, TOTALS.c.origin == str(Origin.LIVE)
    )
    reserved = sa.select(sa.func.sum(GENERATIONS.c.reserved)).where(
        GENERATIONS.c[kind] == key, GENERATIONS.c.reserved.is_not(None)
    )
    running = connection.scalar(reserved.where(GENERATIONS.c.status == RUNNING))
    # What died or broke off may be billed, and nobody will say: it counts as it was estimated.
    ended = connection.scalar(reserved.where(GENERATIONS.c.status != RUNNING))
    return Spent(settled=_dollars(connection.scalar(billed)) + _dollars(ended), reserved=_dollars(running))


def hold(connection: sa.Connection, row: Row) -> None:
    """Keep what is reserved for an ended record, whose bill nobody knows, under its limits: the record goes."""
    if row["reserved"]:
        sums = {**dict.fromkeys(SUMS), "generations": 0, "images": 0, "unknown_costs": 0, "cost": row["reserved"]}
        held = {**sums, "last_id": row["id"], "origin": row["origin"]}
        statements.add(connection, [{**held, "kind": _held(kind), "name": row[kind]} for kind in ("day", "session")])


def _held(kind: str) -> str:
    """Return under which kind the totals hold what was reserved for records that are gone."""
    return f"held of {kind}"


def _dollars(amount: object) -> Decimal:
    return from_nano(int(str(amount or 0))) or Decimal(0)
