"""Families: where generations came from, what came of them, and what is left when one of them is forgotten."""

import io
import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from imgmagic.config.settings import Settings
from imgmagic.domain.request import ImageRequest
from imgmagic.domain.source_picture import PictureNumber
from imgmagic.errors import StoreError
from imgmagic.notebook.output.family_tree import tree_html, tree_text
from imgmagic.store.archive import Archive
from imgmagic.store.family import ancestors, children_of, family_of
from imgmagic.store.history_view import HistoryView
from imgmagic.store.inputs import keep_inputs, with_loaders
from imgmagic.store.stored_image import StoredImage
from tests.support.source_pictures import source
from tests.support.stored_runs import generation, started


def colour(number: int) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (8, 6), (number % 256, number // 256, 9)).save(file, format="PNG")
    return file.getvalue()


class Family:
    """A history whose generations begin from one another."""

    def __init__(self, archive: Archive) -> None:
        self.archive = archive
        self.view = HistoryView(lambda: archive)

    def draw(self, prompt: str, *parents: int) -> int:
        """Record a generation with one picture, begun from the first pictures of others; return its number."""
        sources = tuple(
            replace(source(colour(number), f"#{number}"), origin=PictureNumber(generation_id=number))
            for number in parents
        )
        request = keep_inputs(ImageRequest(prompt=prompt, model="m", sources=sources), self.archive.images)
        begun = started(request=request)
        number = self.archive.history.begin(begun)
        data = colour(number)
        kept = self.archive.images.keep_source(source(data))
        image = StoredImage(sha256=kept.sha256, name=f"{number}.png", format="png", width=8, height=6)
        self.archive.history.settle(generation(number, begun), [image])
        return number


@pytest.fixture
def family(tmp_path: Path) -> Iterator[Family]:
    archive = Archive(Settings(environ={"IMGMAGIC_HOME": str(tmp_path)}), session="s")
    yield Family(archive)
    archive.close()


def test_a_family_is_found_from_any_of_its_members(family: Family) -> None:
    """Up to the oldest by the first pictures, then down to everything that came of it."""
    fox, sofa = family.draw("a fox"), family.draw("a sofa")
    winter = family.draw("in winter", fox)
    both = family.draw("on the sofa", winter, sofa)
    night = family.draw("at night", fox)

    root = family_of(family.view, both)

    assert [relative.id for relative in root] == [fox, winter, both, night]
    assert [relative.id for relative in ancestors(family.view, family.view.record(both))] == [fox, winter]
    assert [record.id for record in children_of(family.view, sofa)] == [both]
    assert tree_text(root, marked=both).splitlines() == [
        "#1 “a fox”",
        "├─ #3 from #1 “in winter”",
        "│  └─ #4 from #3, #2 “on the sofa” ←",
        "└─ #5 from #1 “at night”",
    ]


def test_a_tree_shows_thumbnails_and_plain_text(family: Family) -> None:
    """What people typed is text, never markup."""
    fox = family.draw("<script>alert(1)</script>")
    child = family.draw("in winter", fox)

    html = tree_html(family_of(family.view, child), family.archive.images, marked=child)

    assert html.count("<img") == 2
    assert "<script>" not in html
    assert "<b><span>#2 from #1" in html


def test_a_picture_that_another_began_from_outlives_its_record(family: Family) -> None:
    """Forgetting takes the record away; the bytes stay, and the tree says what is gone."""
    fox = family.draw("a fox")
    child = family.draw("in winter", fox)

    removed = family.view.forget(fox)

    assert removed == ()
    request = with_loaders(family.view.record(child).started.request, lambda: family.archive.images)
    assert request.sources[0].data == colour(fox)
    assert tree_text(family_of(family.view, child), marked=child) == "#1 (forgotten)\n└─ #2 from #1 “in winter” ←"


def test_what_nothing_began_from_is_removed(family: Family) -> None:
    """The picture of a leaf goes with its record."""
    fox = family.draw("a fox")
    child = family.draw("in winter", fox)

    assert [image.name for image in family.view.forget(child)] == [f"{child}.png"]


def test_what_only_a_forgotten_edit_began_from_is_removed(family: Family) -> None:
    """A photo that was given for one edit goes with it; one that another edit began from stays."""
    alone, shared = source(colour(700), "alone.png"), source(colour(701), "shared.png")
    both = ImageRequest(prompt="both", model="m", sources=(alone, shared))
    one = ImageRequest(prompt="one", model="m", sources=(shared,))
    numbers = []
    for asked in (both, one):
        begun = started(request=keep_inputs(asked, family.archive.images))
        numbers.append(family.archive.history.begin(begun))
        family.archive.history.settle(generation(numbers[-1], begun), [])

    family.view.forget(numbers[0])

    assert family.archive.images.load(shared.sha256) == shared.data
    assert not family.archive.images.holds(alone.sha256)


def test_an_unknown_generation_has_no_family(family: Family) -> None:
    """The history says so."""
    with pytest.raises(StoreError):
        family_of(family.view, 99)


def test_a_circle_is_walked_once(family: Family) -> None:
    """A history that was changed by hand is no reason to hang."""
    fox = family.draw("a fox", 2)
    family.draw("in winter", fox)

    assert [relative.id for relative in family_of(family.view, fox)] == [2, 1]


@pytest.mark.parametrize("seed", range(4))
def test_no_lineage_points_to_nothing_whatever_is_forgotten(family: Family, seed: int) -> None:
    """Chains of edits with forgetting at random: every picture that an edit began from can still be read."""
    chance = random.Random(seed)
    alive: list[int] = []
    for step in range(25):
        parents = chance.sample(alive, min(len(alive), chance.choice([0, 1, 1, 2])))
        alive.append(family.draw(f"step {step}", *parents))
        if chance.random() < 0.3:
            family.view.forget(alive.pop(chance.randrange(len(alive))))

    for record in family.view.records():
        request = with_loaders(record.started.request, lambda: family.archive.images)
        for each in request.sources:
            assert each.origin is not None
            assert each.data == colour(each.origin.generation_id)
        assert record.id in [relative.id for relative in family_of(family.view, record.id)]
