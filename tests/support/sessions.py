"""Sessions of the test's own, whose provider openai is played by a simulator."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from imgmagic.config.settings_table import Settings
from imgmagic.session import Session
from imgmagic.simulator import Simulator

KEY = "sk-test-0123456789abcdefgh"


@contextmanager
def session_of(home: Path, server: Simulator, **variables: str) -> Iterator[Session]:
    """Give a session that keeps what it draws in `home`."""
    environ = {"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": server.base_url, **variables}
    home.mkdir(exist_ok=True)
    session = Session(Settings(environ=environ, folder=home, home=home))
    try:
        yield session
    finally:
        session.close()
