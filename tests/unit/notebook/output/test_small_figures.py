"""What one picture, the pictures of a generation, a search or a list of generations shows in a notebook."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from IPython.core.interactiveshell import InteractiveShell

from imgmagic.domain.generation import GeneratedImage, Generation, Status
from imgmagic.domain.request import ImageRequest
from imgmagic.errors import StoreError
from imgmagic.notebook import extension
from imgmagic.store.history_view import Generations
from imgmagic.store.images.originals import StoredImages
from tests.support.drawn import png
from tests.support.pictures import generated_image

AT = datetime(2026, 11, 22, tzinfo=UTC)
FOX = replace(generated_image(data=png(0, 640, 400), format="png", width=640, height=400), name="1-fox.png")


def generation(**changes: object) -> Generation:
    values = {
        "request": ImageRequest(prompt="a fox", model="m"),
        "status": Status.COMPLETED,
        "provider": "openai",
        "created_at": AT,
        "elapsed_s": 2.0,
        "images": (FOX, FOX),
        "id": 12,
    }
    return Generation(**{**values, **changes})


@pytest.fixture
def shell() -> Iterator[InteractiveShell]:
    """Load the extension into a shell that opens no session."""
    shell = InteractiveShell()
    extension.load(shell)
    yield shell
    extension.unload(shell)


def html_of(shell: InteractiveShell, value: object) -> str | None:
    bundle, _ = shell.display_formatter.format(value, include={"text/html"})
    return bundle.get("text/html")


@pytest.mark.parametrize(
    ("value", "pictures"),
    [
        (FOX, 1),
        ((FOX, FOX), 2),
        (StoredImages((1, 2, 3), lambda _: FOX), 3),  # the load function alone knows what is stored
        (Generations((generation(), generation())), 2),
        ([generation(), FOX], 2),
    ],
    ids=["picture", "pictures", "stored", "search", "list"],
)
def test_it_shows_itself_as_small_figures(shell: InteractiveShell, value: object, pictures: int) -> None:
    """One picture each, in few bytes, with what it is below it."""
    html = html_of(shell, value)

    assert html is not None
    assert html.count("<img ") == html.count("<figcaption") == pictures
    assert len(html) < 90_000
    assert "640×400 png · 1-fox.png" in html or "#12 · a fox · 2 pictures" in html


class Own(list):
    """A list of another library, which shows itself."""

    def _repr_html_(self) -> str:
        return "<b>own</b>"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ([], None),
        ([1, generation()], None),
        ([generation(), 1], None),
        (("text",), None),
        (Own([1]), "<b>own</b>"),
        (SimpleNamespace(), None),
    ],
    ids=["empty", "number first", "number last", "tuple", "own", "other"],
)
def test_other_values_show_what_they_show_elsewhere(shell: InteractiveShell, value: object, shown: str | None) -> None:
    """Lists of other things, and lists that other libraries have made."""
    assert html_of(shell, value) == shown


def test_a_list_prints_short(shell: InteractiveShell) -> None:
    """In a terminal a list of generations is one line each, as the generation's repr is."""
    bundle, _ = shell.display_formatter.format([generation(), generation()], include={"text/plain"})

    assert bundle["text/plain"].splitlines() == [
        "[<Generation #12 completed, 2 images: 'a fox'>,",
        " <Generation #12 completed, 2 images: 'a fox'>]",
    ]


def test_text_from_outside_stays_text(shell: InteractiveShell) -> None:
    """Prompts and names of files are data."""
    hostile = '"><script>alert(1)</script>'
    named = replace(FOX, name=hostile)
    drawn = generation(request=ImageRequest(prompt=hostile), images=(named,))

    html = f"{html_of(shell, [drawn, named])}{html_of(shell, named)}"

    assert "<script" not in html
    assert set(re.findall(r"<(\w+)", html)) <= {"div", "figure", "img", "figcaption"}


def test_what_is_missing_is_told_in_its_place(shell: InteractiveShell) -> None:
    """A picture that is gone, a run without one, and a partial image, which is not passed off as a result."""

    def gone(number: int) -> GeneratedImage:
        if number == 2:
            raise StoreError("the picture 3f9a is not in the image store.")
        return FOX

    stored = html_of(shell, StoredImages((1, 2, 3), gone))
    failed = html_of(shell, [generation(images=(), status=Status.FAILED)])
    stopped = html_of(shell, [generation(images=(), partials=(FOX,), status=Status.CANCELLED)])

    assert stored.count("<img ") == 2
    assert "is not in the image store" in stored
    assert "no picture" in failed
    assert "failed" in failed
    assert "opacity:0.5" in stopped
    assert "cancelled" in stopped


def test_very_many_stay_small(shell: InteractiveShell) -> None:
    """The first are shown and the rest counted, so that the notebook stays small."""
    html = html_of(shell, Generations([generation()] * 1_000))

    assert html.count("<img ") == 48
    assert "and 952 more" in html
    assert len(html) < 1_000_000


def test_unloading_leaves_lists_as_they_were() -> None:
    """IPython shows lists by itself again."""
    shell = InteractiveShell()
    extension.load(shell)
    extension.unload(shell)

    assert html_of(shell, [generation()]) is None
