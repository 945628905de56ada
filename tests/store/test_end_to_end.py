"""A session with the stores of a class or a team, from the cell's call to what a later session finds."""

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from imgmagic.domain.generation import Status
from imgmagic.errors import ImgmagicError
from imgmagic.session import Session
from imgmagic.settings import Settings
from imgmagic.simulator import Simulator

KEY = "sk-marked-0123456789abcdef"


@pytest.fixture
def drawing() -> Iterator[Simulator]:
    """Run a server that draws at once."""
    with Simulator(pace_s=0, require_key=KEY) as running:
        yield running


def opened(home: Path, url: str, **variables: str) -> Session:
    environ = {"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": url, "IMGMAGIC_HOME": str(home), **variables}
    return Session(Settings(environ=environ, folder=home.parent))


def test_a_team_on_postgresql(drawing: Simulator, new_database: Callable[[], str], tmp_path: Path) -> None:
    """A second session of the team sees the first one's picture, and the server is asked once."""
    url = new_database()
    first = opened(
        tmp_path / "one", drawing.base_url, IMGMAGIC_HISTORY_URL=url, IMGMAGIC_IMAGE_STORE=str(tmp_path / "i")
    )
    second = opened(
        tmp_path / "two", drawing.base_url, IMGMAGIC_HISTORY_URL=url, IMGMAGIC_IMAGE_STORE=str(tmp_path / "i")
    )

    drawn = first.imagine("a fox", provider="openai")
    again = second.imagine("a fox", provider="openai")
    first.close()
    second.close()

    assert (drawn.status, again.status) == (Status.COMPLETED, Status.COMPLETED)
    assert again.images[0].data == drawn.images[0].data
    assert len(drawing.requests) == 1
    assert not list((tmp_path / "one").glob("*.sqlite"))


class _LooksIntoTheHistory(BaseHTTPRequestHandler):
    """Refuse each request, after noting what the history holds at that moment."""

    home: Path
    found: list[tuple[str, str]]

    def do_POST(self) -> None:
        """Read the newest rows as another process would."""
        self.rfile.read(int(self.headers["Content-Length"]))
        (file,) = self.home.glob("*.sqlite")
        with closing(sqlite3.connect(file)) as connection:
            self.found += connection.execute("SELECT status, prompt FROM generations").fetchall()
        self.send_response(400)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Print nothing."""


def test_the_row_is_there_when_the_server_is_asked(tmp_path: Path) -> None:
    """What the server sees in the database when the request arrives is the row of that very request."""
    handler = type("Handler", (_LooksIntoTheHistory,), {"home": tmp_path / "home", "found": []})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        session = opened(tmp_path / "home", f"http://127.0.0.1:{server.server_port}/v1")

        with pytest.raises(ImgmagicError):
            session.imagine("a fox", provider="openai")
        session.close()
        server.shutdown()

    assert handler.found == [("running", "a fox")]
