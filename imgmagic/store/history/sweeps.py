"""Sweeps in the history: the statements that write and find them, and the generations that are their cells.

Several kernels may run one sweep at once. Who comes second joins the sweep that is there, and before a cell is recorded
it is looked for in the same transaction: what another has drawn, or is drawing, is not drawn again.
"""

import sqlalchemy as sa

from imgmagic.domain.generation import Status
from imgmagic.domain.origin import Origin
from imgmagic.store.history.pictures import rows_of
from imgmagic.store.history.processes import is_dead
from imgmagic.store.history.reading import read_sweep
from imgmagic.store.history.records import RUNNING, CellTaken, Started, SweepRecord
from imgmagic.store.history.rows import sweep_row
from imgmagic.store.history.schema import GENERATIONS, SWEEPS, lock
from imgmagic.store.history.statements import process_of

DRAWN = (str(Origin.LIVE), str(Origin.SIMULATED))
"""The origins of what was drawn when it was asked for, not shown again."""


def join(connection: sa.Connection, record: SweepRecord) -> int:
    """Return the id of the newest sweep of the same template and axes; written now where there is none."""
    lock(connection)
    found = find_same(connection, record)
    if found is not None:
        return found
    return int(connection.execute(sa.insert(SWEEPS).returning(SWEEPS.c.id), sweep_row(record)).scalar_one())


def find_same(connection: sa.Connection, record: SweepRecord) -> int | None:
    """Return the id of the newest sweep of the same template and axes; None where there is none."""
    row = sweep_row(record)
    same = [SWEEPS.c[name] == row[name] for name in ("template", "axes")]
    found = connection.scalar(sa.select(SWEEPS.c.id).where(*same).order_by(SWEEPS.c.id.desc()).limit(1))
    return None if found is None else int(found)


def require_free(connection: sa.Connection, started: Started) -> None:
    """Refuse a cell that somebody has drawn, or is drawing, in the transaction that would record it.

    Raises:
        CellTaken: the cell's generation.
    """
    if started.cell is None or not started.cell.is_claimed:
        return
    lock(connection)
    wanted = sa.select(GENERATIONS).where(
        GENERATIONS.c.cell_key == started.cell.key,
        GENERATIONS.c.status.in_((RUNNING, str(Status.COMPLETED))),
        GENERATIONS.c.origin.in_(DRAWN),
    )
    for row in rows_of(connection.execute(wanted.order_by(GENERATIONS.c.id.desc()))):
        if row["status"] != RUNNING or not is_dead(process_of(row)):
            raise CellTaken(row["id"])


def stop(connection: sa.Connection, sweep_id: int, run: str) -> None:
    """Mark one run of a sweep as stopped, for the workers that draw its cells elsewhere."""
    marked = SWEEPS.c.stopped_runs + f" {run}"
    connection.execute(sa.update(SWEEPS).where(SWEEPS.c.id == sweep_id).values(stopped_runs=marked))


def is_stopped(connection: sa.Connection, sweep_id: int, run: str) -> bool:
    """Return whether a run of a sweep is marked as stopped."""
    marked = connection.scalar(sa.select(SWEEPS.c.stopped_runs).where(SWEEPS.c.id == sweep_id))
    return run in str(marked or "").split()


def find(connection: sa.Connection, sweep_id: int) -> SweepRecord | None:
    """Return a sweep; None when there is none with this id."""
    found = rows_of(connection.execute(sa.select(SWEEPS).where(SWEEPS.c.id == sweep_id)))
    return read_sweep(found[0]) if found else None


def newest(connection: sa.Connection, before_id: int | None, limit: int) -> tuple[SweepRecord, ...]:
    """Return the newest sweeps, those before one where its id is given."""
    wanted = sa.select(SWEEPS).order_by(SWEEPS.c.id.desc()).limit(limit)
    wanted = wanted if before_id is None else wanted.where(SWEEPS.c.id < before_id)
    return tuple(read_sweep(row) for row in rows_of(connection.execute(wanted)))


def select_cells(keys: tuple[str, ...]) -> "sa.Select[*tuple[object, ...]]":
    """Return the statement for the completed generations that are one of these cells, oldest first."""
    wanted = sa.select(GENERATIONS).where(GENERATIONS.c.cell_key.in_(keys), GENERATIONS.c.origin.in_(DRAWN))
    return wanted.where(GENERATIONS.c.status == str(Status.COMPLETED)).order_by(GENERATIONS.c.id)


def select_latest(sweep_id: int, after_id: int, limit: int) -> "sa.Select[*tuple[object, ...]]":
    """Return the statement for the newest generation of each cell of a sweep, and each completed one, by their ids."""
    newest = sa.select(sa.func.max(GENERATIONS.c.id)).where(GENERATIONS.c.sweep_id == sweep_id)
    newest = newest.group_by(GENERATIONS.c.cell_key)
    of_sweep = sa.select(GENERATIONS).where(GENERATIONS.c.sweep_id == sweep_id, GENERATIONS.c.id > after_id)
    is_wanted = sa.or_(GENERATIONS.c.status == str(Status.COMPLETED), GENERATIONS.c.id.in_(newest))
    return of_sweep.where(is_wanted).order_by(GENERATIONS.c.id).limit(limit)
