"""The schema: the history's tables, and the numbered steps by which an earlier one becomes them.

A step, once released, never changes: databases in the field are at each of them. The first makes every table at once;
a later one adds to what is there, and to the tables below, which say what the statements may rely on.

Money is whole billionths of a dollar, so that sums are exact. Times are ISO texts in UTC; a day is the caller's own.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import sqlalchemy as sa

from imgmagic.errors import StoreError
from imgmagic.store.history.plain_text import PlainText
from imgmagic.store.history.text_index import index_texts

_LOCK = 4_951_310  # the number of PostgreSQL's advisory lock that migrations and budgets take

USAGE = (
    "input_tokens",
    "output_tokens",
    "total_tokens",
    "input_text_tokens",
    "input_image_tokens",
    "output_text_tokens",
    "output_image_tokens",
)
SUMS = ("generations", "images", "unknown_costs", "cost", *USAGE)
VERSIONS = "imgmagic_schema"
_Value = TypeVar("_Value")

_METADATA = sa.MetaData()
_NUMBER = sa.BigInteger().with_variant(sa.Integer, "sqlite")  # there only this very word makes a key the row's number


def _columns(names: str, kind: type[sa.types.TypeEngine[_Value]], *, optional: bool = False) -> list[sa.Column[_Value]]:
    return [sa.Column(name, kind, nullable=optional) for name in names.split()]


def _of_generation(*, key: bool = True) -> sa.Column[int]:
    """Return the column that ties a row to its generation, with which it goes."""
    generation = sa.ForeignKey("generations.id", ondelete="CASCADE")
    return sa.Column("generation_id", sa.BigInteger, generation, primary_key=key, nullable=False)


def _marks() -> tuple[sa.Column[int], sa.Column[str]]:
    """Return what a person says of a generation or of a picture."""
    star = sa.Column("star", sa.BigInteger, nullable=False, server_default="0")
    return star, sa.Column("note", PlainText, nullable=False, server_default="")


_VERSION = sa.Table(VERSIONS, _METADATA, sa.Column("version", sa.BigInteger, primary_key=True, autoincrement=False))
GENERATIONS = sa.Table(
    "generations",
    _METADATA,
    sa.Column("id", _NUMBER, sa.Identity(), primary_key=True),
    sa.Column("run", PlainText, nullable=False, server_default=""),
    *_columns("status origin prompt parameters request_key provider dialect session day sent_at", PlainText),
    *_columns("host process_started", PlainText),
    *_columns("pid", sa.BigInteger),
    *_columns("template model server notebook user_name drawn_at done_at", PlainText, optional=True),
    *_columns("error_class error_message request_id price_date released_at", PlainText, optional=True),
    *_columns("cell_key cell_values", PlainText, optional=True),
    *_columns("elapsed_s first_partial_s", sa.Double, optional=True),
    *_columns("cost estimated reserved released sweep_id take", sa.BigInteger, optional=True),
    *_columns(" ".join(USAGE), sa.BigInteger, optional=True),
    *_marks(),
    sqlite_autoincrement=True,  # the number of a record that is gone never comes back
)
IMAGES = sa.Table(
    "images",
    _METADATA,
    _of_generation(),
    sa.Column("kind", PlainText, primary_key=True, server_default="final"),
    sa.Column("position", sa.BigInteger, primary_key=True, autoincrement=False),
    *_columns("sha256 name format", PlainText),
    *_columns("width height", sa.BigInteger),
    *_columns("revised_prompt", PlainText, optional=True),
    *_columns("rating", sa.BigInteger, optional=True),
    *_marks(),
)
UNFETCHED = sa.Table(
    "unfetched_images",
    _METADATA,
    _of_generation(),
    sa.Column("position", sa.BigInteger, primary_key=True, autoincrement=False),
    *_columns("address reason", PlainText),
)
INPUTS = sa.Table(
    "generation_inputs",
    _METADATA,
    _of_generation(),
    sa.Column("role", PlainText, primary_key=True),
    sa.Column("position", sa.BigInteger, primary_key=True, autoincrement=False),
    *_columns("sha256 name format changes", PlainText),
    *_columns("width height size_bytes", sa.BigInteger),
    *_columns("source_id source_number", sa.BigInteger, optional=True),
)
TAGS = sa.Table("tags", _METADATA, _of_generation(), sa.Column("tag", PlainText, primary_key=True))
IMAGE_TAGS = sa.Table(
    "image_tags",
    _METADATA,
    _of_generation(),
    sa.Column("position", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("tag", PlainText, primary_key=True),
)
SWEEPS = sa.Table(
    "sweeps",
    _METADATA,
    sa.Column("id", _NUMBER, sa.Identity(), primary_key=True),
    *_columns("template axes options session created_at", PlainText),
    sa.Column("stopped_runs", PlainText, nullable=False, server_default=""),
    *_columns("notebook user_name", PlainText, optional=True),
    sqlite_autoincrement=True,
)
TOTALS = sa.Table(
    "totals",
    _METADATA,
    *(sa.Column(name, PlainText, primary_key=True) for name in ("kind", "name", "origin")),
    *_columns("generations images unknown_costs last_id", sa.BigInteger),
    *_columns(f"cost {' '.join(USAGE)}", sa.BigInteger, optional=True),
)
# The searched text is kept beside the records: reading all of it, for words too short for an index, stays fast.
TEXTS = sa.Table(
    "texts",
    _METADATA,
    sa.Column(
        "id", _NUMBER, sa.ForeignKey("generations.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    ),
    *_columns("text", PlainText),
)
SEARCH = sa.table("search", sa.column("rowid"), sa.column("search"))
MODELS_OF = ("day", "session")
LIMITED = {"session": ("session",), "day": ("day",), "day of user": ("day", "user_name")}
"""What limits count: by the kinds of the totals, the columns whose values together are the name there."""


_CONDITIONS: dict[sa.Index, sa.ColumnElement[bool]] = {}  # which rows an index holds, where it does not hold all


def _index(name: str, *columns: sa.Column[Any], where: sa.ColumnElement[bool] | None = None) -> None:
    index = sa.Index(name, *columns)
    if where is not None:
        _CONDITIONS[index] = where


_G = GENERATIONS.c
for _name in ("model", "status", "session", "user_name"):
    _index(f"generations_{_name}", _G[_name], _G.id)
# With the status, or SQLite finds the newest completed one of a request by reading all that are completed.
_index("generations_request_key", _G.request_key, _G.status, _G.id)
for _name in ("sweep_id", "cell_key"):
    _index(f"generations_{_name}", _G[_name], _G.id, where=_G[_name].is_not(None))
for _name in ("day", "session"):
    _index(f"generations_reserved_{_name}", _G[_name], _G.reserved, where=_G.reserved.is_not(None))
_index("generations_estimated", _G.provider, _G.model, _G.id, where=_G.estimated.is_not(None))
_index("generations_star", _G.id, where=_G.star == sa.literal_column("1"))
_index("images_sha256", IMAGES.c.sha256)
_index("images_star", IMAGES.c.generation_id, where=IMAGES.c.star == sa.literal_column("1"))
_index("images_rating", IMAGES.c.rating, IMAGES.c.generation_id, where=IMAGES.c.rating.is_not(None))
_index("generation_inputs_sha256", INPUTS.c.sha256)
_index("generation_inputs_source_id", INPUTS.c.source_id, where=INPUTS.c.source_id.is_not(None))
_index("tags_tag", TAGS.c.tag, TAGS.c.generation_id)
_index("image_tags_tag", IMAGE_TAGS.c.tag, IMAGE_TAGS.c.generation_id)
_index("totals_last_id", TOTALS.c.kind, TOTALS.c.last_id)


def models_of(kind: str, key: str) -> str:
    """Return under which kind the totals hold what the models took on one day, or in one session."""
    return f"model of {kind} {key}"


def limited_name(kind: str, row: Mapping[str, str | None]) -> str:
    """Return under which name the totals hold what counts under a limit, for a record or a part of one."""
    return " ".join(row[column] or "" for column in LIMITED[kind])


@dataclass(frozen=True, kw_only=True)
class Step:
    """One numbered change of the schema."""

    number: int
    title: str
    apply: Callable[[sa.Connection], None]


def migrate(connection: sa.Connection, steps: tuple[Step, ...] | None = None) -> None:
    """Bring the schema from whatever step it is at to the last, in the caller's transaction.

    Args:
        connection: to the database.
        steps: those to take; `STEPS` unless given.

    Raises:
        StoreError: a newer imgmagic made this database; nothing was changed.
    """
    steps = STEPS if steps is None else steps
    lock(connection)
    # Under the lock: of two kernels that open a new database together, the second finds it made.
    stands_at = version(connection)
    if stands_at > steps[-1].number:
        raise StoreError(
            f"the history was written by a newer imgmagic (schema {stands_at}; this one knows {steps[-1].number}); "
            "it was left as it is.",
            remedy="Upgrade imgmagic, or set IMGMAGIC_HISTORY_URL to another file.",
        )
    for step in steps:
        if stands_at < step.number:
            step.apply(connection)
            connection.execute(sa.insert(_VERSION), {"version": step.number})
    if connection.dialect.name == "postgresql":  # by itself it would look in a minute, and plan badly until then
        connection.exec_driver_sql(f"ANALYZE {', '.join(_METADATA.tables)}")


def version(connection: sa.Connection) -> int:
    """Return the number of the last step taken; 0 for an empty database."""
    if not sa.inspect(connection).has_table(VERSIONS):
        return 0
    return int(connection.scalar(sa.select(sa.func.max(_VERSION.c.version))) or 0)


def lock(connection: sa.Connection) -> None:
    """Let no other transaction that takes this lock run beside this one; SQLite's writing ones never do."""
    if connection.dialect.name == "postgresql":
        connection.execute(sa.text("SELECT pg_advisory_xact_lock(:n)"), {"n": _LOCK})


def _create(connection: sa.Connection) -> None:
    for index, where in _CONDITIONS.items():  # said here: to name a dialect is to load it, and PostgreSQL's is large
        index.dialect_options[connection.dialect.name]["where"] = where
    _METADATA.create_all(connection, checkfirst=False)
    index_texts(connection)


STEPS: tuple[Step, ...] = (Step(number=1, title="generations, their pictures, sweeps and totals", apply=_create),)
