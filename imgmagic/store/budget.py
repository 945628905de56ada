"""Spending: what is settled and reserved under each limit, read where the next call is written."""

from decimal import Decimal

import sqlalchemy as sa

from imgmagic.domain.budget import Budget, Spent, check_call, check_limit
from imgmagic.domain.totals import Origin
from imgmagic.store.records import RUNNING, Started, from_nano
from imgmagic.store.schema import GENERATIONS, TOTALS, lock


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
    billed = sa.select(TOTALS.c.cost).where(
        TOTALS.c.kind == kind, TOTALS.c.name == key, TOTALS.c.origin == str(Origin.LIVE)
    )
    reserved = sa.select(sa.func.sum(GENERATIONS.c.reserved)).where(
        GENERATIONS.c[kind] == key, GENERATIONS.c.reserved.is_not(None)
    )
    running = connection.scalar(reserved.where(GENERATIONS.c.status == RUNNING))
    # What died or broke off may be billed, and nobody will say: it counts as it was estimated.
    ended = connection.scalar(reserved.where(GENERATIONS.c.status != RUNNING))
    return Spent(settled=_dollars(connection.scalar(billed)) + _dollars(ended), reserved=_dollars(running))


def _dollars(amount: object) -> Decimal:
    return from_nano(int(str(amount or 0))) or Decimal(0)
