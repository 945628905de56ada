"""What Python says of a sweep or an edit that cannot be: in its own words, whatever the magic calls things."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import imgmagic
from imgmagic.errors import ImgmagicError
from imgmagic.session import default_session, shared_session
from tests.support.source_pictures import drawn

PHOTO = drawn((64, 64))
TWO = {"style": ["oil", "ink"]}


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Give Python a session of its own, which would ask the simulator."""
    monkeypatch.setenv("IMGMAGIC_HOME", str(tmp_path))
    monkeypatch.setenv("IMGMAGIC_PROVIDER", "simulator")
    monkeypatch.chdir(tmp_path)
    shared_session.cache_clear()
    yield
    default_session().close()
    shared_session.cache_clear()


def sweep(vary: object = TWO, prompt: object = "a {{ style }} fox", **options: object) -> Callable[[], object]:
    return lambda: imgmagic.sweep(prompt, vary, **options)


def edit(**options: object) -> Callable[[], object]:
    return lambda: imgmagic.imagine("in winter", **{"images": PHOTO, **options})


def box(*edges: Any) -> Callable[[], object]:
    return lambda: imgmagic.mask_box(*edges)


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (sweep({"style": []}), "there is no value for style. Give two or more."),
        (sweep({}), "there is no axis to vary"),
        (sweep({"style": {"a": 1, "b": 1}}), "style has the value 1 twice"),
        (sweep({"style": [None, "ink"]}), "The value of {{ style }} is None"),
        (sweep({"timeout": [1, 2]}), "timeout cannot be varied. Give it once"),
        (sweep(prompt=5), "prompt must be a string, not int"),
        (sweep(prompt=None), "prompt must be a string, not NoneType"),
        (sweep(prompt="a {{ style }} {{ animal }}"), "The prompt uses animal, which nothing varies. Vary it, too"),
        (sweep(zip="yes"), "zip: 'yes' is neither True nor False"),
        (sweep(retry=3), "retry: 3 is neither True nor False"),
        (sweep(executor="dask"), "executor: 'dask' is not an executor"),
        (sweep(parallel=0), "parallel: 0 is not a number from 1 to 256"),
        (sweep({"style": list(range(200))}), "Say what the sweep may cost with max_cost=USD"),
        (sweep({**TWO, "quality": ["low"]}, zip=True), "style has 2, quality has 1"),
        (sweep({**TWO, "size": ["9x9", "1024x1024"]}), "Or add check=False"),
        (edit(images=[PHOTO] * 17), "images: 17 pictures are too many"),
        (edit(images="."), ". is not a picture: is a directory"),
        (edit(images="~nobody-of-this-name/x.png"), "there is no such home folder"),
        (edit(images=Path("a\0b.png")), "cannot be the name of a file"),
        (edit(mask="a\ud800b.png"), "cannot be the name of a file"),
        (edit(images=[], mask=PHOTO), "Say which picture to start from"),
        (edit(paste_back=True), "Pasting back needs a mask"),
        (edit(mask=imgmagic.mask_box(0, 0, 9, 9), feather=-1), "feather: -1 is not a width"),
        (edit(provider="yandex"), "cannot edit"),
        (lambda: imgmagic.imagine("a fox", provider="truefoundry", model="m"), "Set TFY_API_KEY in the environment."),
        (box("a", 0, 9, 9), "'a', 0, 9 and 9 are not all whole numbers"),
        (box(0, 0, 9.5, 9), "0, 0, 9.5 and 9 are not all whole numbers"),
    ],
)
def test_a_fault_is_told_in_the_words_of_python(call: Callable[[], object], told: str) -> None:
    """It is an error of ours, which names keywords and values, never a flag or a command."""
    with pytest.raises(ImgmagicError) as caught:
        call()

    assert told in str(caught.value)
    assert "--" not in str(caught.value)
    assert "%" not in str(caught.value)
    assert not list(imgmagic.history)
