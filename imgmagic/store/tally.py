"""A tally: what the records of one session, or of one day, took by model."""

import sqlalchemy as sa

from imgmagic.store.records import RUNNING
from imgmagic.store.schema import GENERATIONS, IMAGES, USAGE


def by_model(column: str, key: str) -> sa.Select[tuple[object, ...]]:
    """Return the statement that adds up the ended records whose `column` is `key`, the last used model first."""
    table = GENERATIONS.c
    images = sa.select(sa.func.count()).where(IMAGES.c.generation_id == table.id).scalar_subquery()
    wanted = sa.select(
        sa.func.coalesce(table.model, "").label("name"),
        table.origin,
        sa.func.count().label("generations"),
        sa.func.sum(images).label("images"),
        sa.func.sum(sa.case((table.cost.is_(None), 1), else_=0)).label("unknown_costs"),
        *(sa.func.sum(table[name]).label(name) for name in ("cost", *USAGE)),
    )
    ended = wanted.where(table[column] == key, table.status != RUNNING)
    return ended.group_by(table.model, table.origin).order_by(sa.func.max(table.id).desc())
