"""What the handlers share is bounded."""

from imgmagic.simulator.api.calls import Call
from imgmagic.simulator.api.personas import PERSONAS
from imgmagic.simulator.api.refusals import Json
from imgmagic.simulator.api.state import SeenRequest, ServerState, shorten


def server_state() -> ServerState:
    return ServerState(persona=PERSONAS["openai"], pace_s=0, require_key=None)


def test_log_forgets_the_oldest() -> None:
    """A simulator that runs for days keeps a thousand requests."""
    kept = server_state()

    for number in range(1002):
        kept.see(str(number), SeenRequest(path="/", headers={}, body=None, started_at=number))

    assert len(kept.seen) == 1000
    assert next(iter(kept.seen)) == "2"


def test_files_forget_the_oldest() -> None:
    """A simulator keeps the latest pictures for download."""
    kept = server_state()

    paths = [kept.keep_file("png", b"") for _ in range(41)]

    assert len(kept.files) == 40
    assert paths[0].split("/")[-1].removesuffix(".png") not in kept.files


def test_log_keeps_the_beginnings_of_large_bodies() -> None:
    """A body of megabytes is logged with its names and the beginnings of its values."""
    body: Json = {"prompt": "x" * 50_000, "images": [{"image_url": "y" * 50_000}], "n": 2, "deep": [[[[["z"]]]]]}

    kept = shorten(body, 100_000)

    assert kept == {"prompt": "x" * 200, "images": [{"image_url": "y" * 200}], "n": 2, "deep": [[[None]]]}
    assert shorten(body, 100) is body


def test_counts_forget_the_oldest() -> None:
    """A simulator that runs for days counts the pictures of ten thousand prompts."""
    kept = server_state()

    for number in range(10_002):
        kept.next_pictures(Call(prompt=str(number), model="m", width=16, height=16))

    assert len(kept.drawn) == 10_000
