"""Sessions of the test's own, whose provider openai is played by a simulator."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from imgmagic.config.settings import Settings
from imgmagic.session import Session
from imgmagic.simulator import Simulator

KEY = "sk-test-0123456789abcdefgh"
# Settings: a picture that the simulator draws and encodes in a fifth of the time that a square PNG takes it.
QUICKLY_DRAWN = {"IMGMAGIC_SIZE": "1024x640", "IMGMAGIC_OUTPUT_FORMAT": "jpeg"}


@contextmanager
def session_of(home: Path, server: Simulator, **variables: str) -> Iterator[Session]:
    """Give a session that keeps what it draws in `home`, and asks for what is drawn quickly."""
    environ = {"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": server.base_url, **QUICKLY_DRAWN, **variables}
    home.mkdir(exist_ok=True)
    session = Session(Settings(environ=environ, folder=home, home=home))
    try:
        yield session
    finally:
        session.close()
