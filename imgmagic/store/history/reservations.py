"""Reservations: what is settled and reserved under each limit, read where the next call is written.

A run holds one reservation: what may have been billed is never sent again within it, and whoever asks once more begins
a run of its own.
"""

from datetime import UTC, datetime
from decimal import Decimal

import sqlalchemy as sa

from imgmagic.domain.budget import USER_DAILY, Budget, Spent, check_call, check_limit, margin_of
from imgmagic.domain.origin import Origin
from imgmagic.errors import StoreError
from imgmagic.store.history.columns import NANO, DatabaseRow
from imgmagic.store.history.counting import add_to_totals, count_under_all
from imgmagic.store.history.pictures import count_final
from imgmagic.store.history.records import RUNNING, Started
from imgmagic.store.history.schema import GENERATIONS, LIMITED, SUMS, TOTALS, limited_name, lock
from imgmagic.store.history.statements import require_row, update

_LAST_BILLS = 8


def check(connection: sa.Connection, budget: Budget, started: Started) -> None:
    """Refuse a call that does not fit, in the transaction that writes it: two calls never see the same money.

    Raises:
        BudgetExceeded: with what is left and the way out.
    """
    check_call(budget, started.at_most)
    lock(connection)
    row = {"session": started.session, "day": f"{started.at:%Y-%m-%d}", "user_name": started.user}
    margin = _margin(connection, started.provider, started.request.model)
    _check_limits(connection, budget, row, started.at_most, margin)


def _margin(connection: sa.Connection, provider: str, model: str | None) -> Decimal:
    """Return how far calls of a model may be dearer than reserved: as far as the last ones were."""
    wanted = sa.select(GENERATIONS.c.cost, GENERATIONS.c.estimated).where(
        GENERATIONS.c.provider == provider,
        GENERATIONS.c.model == model,
        GENERATIONS.c.estimated.is_not(None),
        GENERATIONS.c.cost > 0,
    )
    last = connection.execute(wanted.order_by(GENERATIONS.c.id.desc()).limit(_LAST_BILLS))
    return margin_of([(Decimal(row.cost), Decimal(row.estimated)) for row in last])


def _check_limits(
    connection: sa.Connection,
    budget: Budget,
    row: DatabaseRow,
    at_most: Decimal | None,
    margin: Decimal,
) -> None:
    limits = (("session", budget.session, "session"), ("daily", budget.daily, "day"))
    for name, limit, kind in (*limits, (USER_DAILY, budget.user_daily, "day of user")):
        if limit is not None:
            check_limit(name, limit, spent(connection, kind, row), at_most, margin=margin)


def spent(connection: sa.Connection, kind: str, row: DatabaseRow) -> Spent:
    """Return what live calls have cost, and what is reserved for those that run.

    Args:
        connection: to the database.
        kind: what is counted: a session, a day, or a day of one user.
        row: which one, as a record of it has it in its columns.
    """
    billed = sa.select(sa.func.sum(TOTALS.c.cost)).where(
        TOTALS.c.kind.in_((kind, _kind_of_held(kind))),
        TOTALS.c.name == limited_name(kind, row),
        TOTALS.c.origin == str(Origin.LIVE),
    )
    reserved = sa.select(sa.func.sum(GENERATIONS.c.reserved)).where(
        *(sa.func.coalesce(GENERATIONS.c[column], "") == (row[column] or "") for column in LIMITED[kind]),
        GENERATIONS.c.reserved.is_not(None),
    )
    running = connection.scalar(reserved.where(GENERATIONS.c.status == RUNNING))
    # What died or broke off may be billed, and nobody will say: it counts as it was estimated.
    ended = connection.scalar(reserved.where(GENERATIONS.c.status != RUNNING))
    return Spent(settled=_dollars(connection.scalar(billed)) + _dollars(ended), reserved=_dollars(running))


def hold(connection: sa.Connection, row: DatabaseRow) -> None:
    """Keep what is reserved for an ended record, whose bill nobody knows, under its limits: the record goes."""
    if row["reserved"]:
        sums = {**dict.fromkeys(SUMS), "generations": 0, "images": 0, "unknown_costs": 0, "cost": row["reserved"]}
        held = {**sums, "last_id": row["id"], "origin": row["origin"]}
        kinds = sorted(LIMITED)  # in an order that never deadlocks
        names = [{"kind": _kind_of_held(kind), "name": limited_name(kind, row)} for kind in kinds]
        add_to_totals(connection, [{**held, **name} for name in names])


def _kind_of_held(kind: str) -> str:
    """Return under which kind the totals hold what was reserved for records that are gone."""
    return f"held of {kind}"


def _dollars(amount: object) -> Decimal:
    return Decimal(str(amount or 0)) / NANO


def release(connection: sa.Connection, generation_id: int, now: datetime) -> Decimal:
    """Give back what is held for a generation that ended, write that down, and return the amount.

    Raises:
        StoreError: it still runs, or nothing is held for it.
    """
    row = require_row(connection, generation_id)
    if row["status"] == RUNNING:
        raise StoreError(f"generation {generation_id} is still running.", remedy="Stop it first.")
    if not row["reserved"]:
        raise StoreError(f"nothing is held for generation {generation_id}.", remedy="Nothing needs to be given back.")
    amount = int(row["reserved"])
    at = now.astimezone(UTC).isoformat(timespec="microseconds")
    given = {"reserved": None, "released": (row["released"] or 0) + amount, "released_at": at}
    pictures = count_final(connection, generation_id)
    # Out and in again: whether a cost is unknown is counted too, and changes here.
    count_under_all(connection, row, -1, pictures=pictures)
    update(connection, generation_id, given)
    count_under_all(connection, {**row, **given}, 1, pictures=pictures)
    return _dollars(amount)
