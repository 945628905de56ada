import contextlib
import os
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import boto3
import pytest
import s3fs
import sqlalchemy as sa
from moto.server import ThreadedMotoServer

from imgmagic.store.history.history import History
from tools.postgres import running_postgres


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """A PostgreSQL server of our own on a unix socket; its address as a URL."""
    with contextlib.ExitStack() as running:
        try:
            url = running.enter_context(running_postgres())
        except FileNotFoundError as error:
            (pytest.fail if os.environ.get("CI") else pytest.skip)(str(error))
        yield url


@pytest.fixture
def new_database(postgres: str) -> Callable[[], str]:
    """Make an empty place on the server, and return its URL: a schema, as making whole databases takes long."""

    def make() -> str:
        name = f"history_{next(_NUMBERS)}"
        engine = sa.create_engine(postgres.replace("postgresql:", "postgresql+psycopg:"))
        with engine.begin() as connection:
            connection.exec_driver_sql("CREATE EXTENSION IF NOT EXISTS pg_trgm SCHEMA public")
            connection.exec_driver_sql(f"CREATE SCHEMA {name}")
        engine.dispose()
        return f"{postgres}&options=-csearch_path%3D{name},public"

    return make


_NUMBERS = count(1)


@pytest.fixture(params=["sqlite", "postgresql"])
def history_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty history, in each of the databases."""
    if request.param == "sqlite":
        return str(tmp_path / "home" / "history.sqlite")
    url: str = request.getfixturevalue("new_database")()
    return url


@pytest.fixture
def history(history_url: str) -> Iterator[History]:
    """An empty history, in each of the databases."""
    opened = History(history_url)
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def s3_server() -> Iterator[str]:
    """A real S3 server on a loopback port."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def bucket(s3_server: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """The address of a folder in an empty bucket."""
    for name, value in {
        "AWS_ENDPOINT_URL": s3_server,
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_DEFAULT_REGION": "us-east-1",
    }.items():
        monkeypatch.setenv(name, value)
    s3fs.S3FileSystem.clear_instance_cache()
    client = boto3.client("s3")
    name = f"pictures-{next(_NUMBERS)}"
    client.create_bucket(Bucket=name)
    client.close()
    return f"s3://{name}/class/2026"
