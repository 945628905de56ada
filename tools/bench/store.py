"""Measure the store: what recording adds to a plain write, and how long a large history takes to read."""

import os
import statistics
import tempfile
import time
import tracemalloc
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path

import sqlalchemy as sa

from imgmagic.domain.generation import GeneratedImage, Generation, Status
from imgmagic.domain.picture import Picture
from imgmagic.domain.request import ImageRequest, identity
from imgmagic.domain.usage import Usage
from imgmagic.store.history.database import Database
from imgmagic.store.history.history import History
from imgmagic.store.history.records import HistoryQuery, Started
from imgmagic.store.history.schema import USAGE
from imgmagic.store.images.image_store import ImageStore
from tests.support.postgres import running_postgres
from tools.bench.figure import Figure, medians
from tools.bench.support.server import Scripted

ANIMALS = ["fox", "owl", "badger", "heron", "otter", "lynx", "crane", "hare", "toad", "moth"]
PLACES = [
    "snow",
    "a harbour",
    "tall grass",
    "the rain",
    "a library",
    "moonlight",
    "an old garden",
    "fog",
    "a station",
    "the dunes",
]
MODELS = ("gpt-image-2.5-flare", "gpt-image-2.5-sunburst", "gpt-image-2", "gpt-image-1.5")
LIMIT_MS, ADDED_MS, FLAT = 50.0, 5.0, 1.5
RECORDS, REPEATS, WRITES, PICTURE_BYTES = 100_000, 15, 61, 1_500_000


def median_ms(step: Callable[[], object], repeats: int) -> tuple[float, float]:
    """Return the median and the worst of several runs."""
    taken = []
    for _ in range(repeats):
        began = time.perf_counter()
        step()
        taken.append((time.perf_counter() - began) * 1000)
    return statistics.median(taken), max(taken)


def recording(folder: Path, rounds: int) -> tuple[float, float, float]:
    """Return medians, taken in turns: a plain write with fsync, one that a crash cannot spoil, and recording."""
    history, images = History(folder / "history.sqlite"), ImageStore(folder / "images")

    def timed(step: Callable[[bytes], object]) -> float:
        data = os.urandom(PICTURE_BYTES)
        return median_ms(partial(step, data), 1)[0]

    steps = (partial(write_plainly, folder), partial(write_safely, folder), partial(record, history, images))
    plain, safe, recorded = medians([partial(timed, step) for step in steps], rounds)
    history.close()
    images.close()
    return plain, safe, recorded


def write_plainly(folder: Path, data: bytes) -> Path:
    """Write a file as the simplest program would that wants its bytes on the disk."""
    path = folder / f"{uuid.uuid4().hex}.png"
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    return path


def write_safely(folder: Path, data: bytes) -> None:
    """Write a file as a program would that keeps originals whole: by another name first, its folder flushed too."""
    written = write_plainly(folder, data)
    written.rename(written.with_suffix(".webp"))
    descriptor = os.open(folder, os.O_RDONLY)
    os.fsync(descriptor)
    os.close(descriptor)


def record(history: History, images: ImageStore, data: bytes) -> None:
    """Record one generation with one picture, from before it is sent until it is settled."""
    now = datetime.now(UTC)
    request = ImageRequest(prompt="a fox in the snow", model=MODELS[0], options={"size": "1024x1024"})
    started = Started(request=request, provider="openai", dialect="openai", session="bench", at=now, tags=("bench",))
    number = history.begin(started)
    image = GeneratedImage(picture=Picture(data=data, format="png", width=1024, height=1024))
    with images.draft(data) as draft:
        planned = images.plan(image, generation_id=number, title=request.prompt, at=now)
        history.attach(number, planned)
        stored = images.save(image, planned, draft)
    history.settle(
        Generation(
            id=number,
            request=request,
            status=Status.COMPLETED,
            provider="openai",
            created_at=now,
            elapsed_s=3.0,
            usage=Usage(input_tokens=9, output_tokens=196, total_tokens=205),
            cost=Decimal("0.005925"),
        ),
        [stored],
    )


def fill(url: str | Path, count: int) -> None:
    """Write many records at once, with their searched texts and totals."""
    History(url).close()
    database = Database(str(url))
    database.write(lambda connection: insert(connection, count), "filling")
    database.write(add_up, "filling")
    if database.path is None:
        database.write(analyze, "filling")
    database.close()


def analyze(connection: sa.Connection) -> None:
    """Tell the planner how many rows there are."""
    connection.exec_driver_sql("ANALYZE")


def insert(connection: sa.Connection, count: int) -> None:
    """Insert generations with a picture each, some with a tag, and their searched texts."""
    rows = list(rows_of(count))
    columns = ", ".join(rows[0])
    values = ", ".join(f":{name}" for name in rows[0])
    connection.execute(sa.text(f"INSERT INTO generations ({columns}) VALUES ({values})"), rows)  # noqa: S608 - names
    named = "generation_id, kind, position, sha256, name, format, width, height"
    values = "id, 'final', 0, request_key || id, 'x.png', 'png', 1024, 1024"
    connection.exec_driver_sql(f"INSERT INTO images ({named}) SELECT {values} FROM generations")  # noqa: S608 - names
    tagged = "INSERT INTO tags SELECT id, 'tag-' || (id % 20) FROM generations WHERE id % 3 = 0"
    connection.execute(sa.text(tagged))
    texts = (
        "INSERT INTO texts SELECT id, LOWER(prompt || COALESCE((SELECT tag FROM tags WHERE generation_id = id), ''))"
    )
    connection.exec_driver_sql(f"{texts} FROM generations")


def add_up(connection: sa.Connection) -> None:
    """Fill the totals from the generations that are there."""
    columns = ("kind", "name", "origin", "generations", "images", "unknown_costs", "last_id", "cost", *USAGE)
    sums = ", ".join(f"SUM(g.{name})" for name in ("cost", *USAGE))
    for kind, name in KINDS.items():
        connection.exec_driver_sql(
            f"INSERT INTO totals ({', '.join(columns)}) SELECT {kind}, {name}, g.origin, COUNT(*), COUNT(*), "  # noqa: S608
            f"SUM(CASE WHEN g.cost IS NULL THEN 1 ELSE 0 END), MAX(g.id), {sums} "
            f"FROM generations g {'JOIN tags t ON t.generation_id = g.id' if name == 't.tag' else ''} GROUP BY 1, 2, 3"
        )


KINDS = {
    "'model'": "COALESCE(g.model, '')",
    "'provider'": "g.provider",
    "'day'": "g.day",
    "'session'": "g.session",
    "'tag'": "t.tag",
    "'model of day ' || g.day": "COALESCE(g.model, '')",
    "'model of session ' || g.session": "COALESCE(g.model, '')",
}


def rows_of(count: int) -> Iterator[dict[str, object]]:
    """Make records of about three years: 1,000 days and 2,000 sessions for 100,000 of them."""
    began = datetime(2024, 1, 1, tzinfo=UTC)
    for number in range(count):
        at = began + timedelta(minutes=14 * number)
        prompt = f"{ANIMALS[number % 10]} number {number} in {PLACES[number // 10 % 10]}, watercolour, soft light"
        request = ImageRequest(prompt=prompt, model=MODELS[number % 4])
        yield {
            "run": str(number),
            "status": "failed" if number % 17 == 0 else "completed",
            "origin": "simulated" if number % 5 == 0 else "live",
            "prompt": prompt,
            "parameters": '{"size": "1024x1024"}',
            "request_key": identity(request, provider="openai"),
            "provider": ("openai", "azure")[number % 2],
            "model": request.model,
            "dialect": "openai",
            "session": f"session-{number // 50}",
            "day": f"{at:%Y-%m-%d}",
            "sent_at": at.isoformat(),
            "cost": None if number % 7 == 0 else 5_925_000,
            "host": "here",
            "pid": 1,
            "process_started": "",
            "input_tokens": 9,
            "output_tokens": 196,
        }


def readings(history: History) -> dict[str, Callable[[], object]]:
    """Return what a user asks for most."""
    return {
        "page of 50": lambda: history.page(HistoryQuery(limit=50)),
        "page, the oldest": lambda: history.page(HistoryQuery(limit=50, before_id=60)),
        "page by model": lambda: history.page(HistoryQuery(limit=50, model=MODELS[3])),
        "page by tag": lambda: history.page(HistoryQuery(limit=50, tag="tag-3")),
        "page by status": lambda: history.page(HistoryQuery(limit=50, status="failed")),
        "search, common word": lambda: history.page(HistoryQuery(limit=50, text="watercolour")),
        "search, two words": lambda: history.page(HistoryQuery(limit=50, text="badger library")),
        "search, one hit": lambda: history.page(HistoryQuery(limit=50, text="number 31337 ")),
        "search, no hit": lambda: history.page(HistoryQuery(limit=50, text="zeppelin")),
        "search, two letters": lambda: history.page(HistoryQuery(limit=50, text="zq")),
        "totals by model": lambda: history.totals("model"),
        "totals by day": lambda: history.totals("day"),
        "totals by provider": lambda: history.totals("provider"),
        "totals by tag": lambda: history.totals("tag"),
        "totals by session": lambda: history.totals("session"),
        "tally of a session": lambda: history.tally(session="session-7"),
        "spent today": lambda: history.spent(day=datetime(2025, 1, 1, tzinfo=UTC).date()),
        "reuse, a hit": lambda: history.find_completed(
            identity(ImageRequest(prompt="nothing", model="m")), session="now"
        ),
    }


def peak_kb(step: Callable[[], object]) -> float:
    """Return how much memory a step takes at its worst."""
    tracemalloc.start()
    step()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak / 1024


def store_figures(_: Scripted) -> list[Figure]:
    """Return what recording costs, and how long the readings of a large history take."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        plain, safe, recorded = recording(folder, WRITES)
        title = "recording a generation of 1.5 MB, beyond a {}"
        added = [
            Figure(name=title.format("plain write with fsync"), ours=recorded - plain, unit="ms", most=ADDED_MS),
            Figure(
                name=title.format("write that a crash cannot spoil"), ours=recorded - safe, unit="ms", most=ADDED_MS
            ),
        ]
        kept = [str(folder / f"{size}.sqlite") for size in ("small", "large")]
        with running_postgres() as url:
            made = [f"{url}&options=-csearch_path%3D{schema},public" for schema in new_schemas(url)]
            return [*added, *reading_figures("SQLite", *kept), *reading_figures("PostgreSQL", *made)]


def new_schemas(url: str) -> tuple[str, str]:
    """Make two empty places on a server, and return their names."""
    engine = sa.create_engine(url.replace("postgresql:", "postgresql+psycopg:"))
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE EXTENSION pg_trgm SCHEMA public")
        for name in ("small", "large"):
            connection.exec_driver_sql(f"CREATE SCHEMA {name}_history")
    engine.dispose()
    return "small_history", "large_history"


def reading_figures(title: str, small_url: str, large_url: str) -> list[Figure]:
    """Return how long each reading takes, and whether a page takes more memory in a large history."""
    fill(small_url, RECORDS // 100)
    fill(large_url, RECORDS)
    small, large = History(small_url), History(large_url)
    figures = [timed(f"{title}, {RECORDS:,} records, {name}", step) for name, step in readings(large).items()]
    flat = [peak_kb(readings(history)["page of 50"]) for history in (large, small)]
    small.close()
    large.close()
    name = f"{title}, memory of a page of {RECORDS:,} / of {RECORDS // 100:,} records"
    return [*figures, Figure(name=name, ours=flat[0], baseline=flat[1], unit="KB", most=FLAT)]


def timed(title: str, step: Callable[[], object]) -> Figure:
    """Return how long a reading takes once it is warm."""
    step()
    median, _ = median_ms(step, REPEATS)
    return Figure(name=title, ours=median, unit="ms", most=LIMIT_MS)
