"""What the handlers share is bounded."""

from imgmagic.simulator.api.personas import PERSONAS
from imgmagic.simulator.api.state import Desk, SeenRequest


def desk() -> Desk:
    return Desk(persona=PERSONAS["openai"], pace_s=0, require_key=None)


def test_log_forgets_the_oldest() -> None:
    """A simulator that runs for days keeps a thousand requests."""
    kept = desk()

    for number in range(1002):
        kept.see(str(number), SeenRequest(path="/", headers={}, body=None, started_at=number))

    assert len(kept.seen) == 1000
    assert next(iter(kept.seen)) == "2"


def test_files_forget_the_oldest() -> None:
    """A simulator keeps the latest pictures for download."""
    kept = desk()

    paths = [kept.keep_file("png", b"") for _ in range(41)]

    assert len(kept.files) == 40
    assert paths[0].split("/")[-1].removesuffix(".png") not in kept.files
