from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from imgmagic.domain.budget import Spent
from imgmagic.domain.generation import Status
from imgmagic.domain.source_picture import PictureNumber, SourcePicture
from imgmagic.errors import StoreError
from imgmagic.store.history.history import History
from imgmagic.store.history.records import HistoryQuery, SweepCell, SweepRecord
from imgmagic.store.stored_image import ImageKind, UnfetchedImage
from tests.support.stored_runs import NOON, completed, generation, request, started, stored


def two_pictures(history: History) -> int:
    """Record a generation with two pictures."""
    generation_id = history.begin(started())
    history.settle(generation(generation_id), [stored(b"one"), stored(b"two", index=1)])
    return generation_id


def ids(history: History, **query: object) -> list[int]:
    return [record.id for record in history.page(HistoryQuery(**query))]


def test_one_picture_of_several_is_starred_rated_tagged_and_noted(history: History) -> None:
    """What is said of one picture is not said of its neighbour, and finds its generation."""
    other, generation_id = completed(history), two_pictures(history)

    history.star(generation_id, index=1)
    history.rate(generation_id, 4, index=1)
    history.tag(generation_id, "poster", index=1)
    history.note(generation_id, "the calm one", index=1)

    first, second = history.get(generation_id).images
    assert (first.star, first.rating, first.tags, first.note) == (False, None, (), "")
    assert (second.star, second.rating, second.tags, second.note) == (True, 4, ("poster",), "the calm one")
    assert ids(history, star=True) == ids(history, rating=4) == ids(history, tag="poster") == [generation_id]
    assert ids(history, text="calm") == ids(history, text="poster") == [generation_id]
    assert ids(history, star=False) == [other]
    assert ids(history, rating=5) == []

    history.untag(generation_id, "poster", index=1)
    history.rate(generation_id, None, index=1)
    history.star(generation_id, on=False)

    assert ids(history, tag="poster") == ids(history, rating=0) == ids(history, star=True) == []


def test_a_star_for_a_generation_is_one_for_each_of_its_pictures(history: History) -> None:
    """Starring the whole and starring each are one thing; taking one off leaves the other."""
    generation_id = two_pictures(history)

    history.star(generation_id)
    history.star(generation_id, index=0, on=False)

    assert [image.star for image in history.get(generation_id).images] == [False, True]
    assert history.get(generation_id).star


def test_a_generation_without_pictures_can_be_starred(history: History) -> None:
    """A failure worth remembering keeps its star by itself."""
    generation_id = history.begin(started())

    history.star(generation_id)
    assert history.get(generation_id).star
    history.star(generation_id, on=False)
    assert not history.get(generation_id).star


@pytest.mark.parametrize("rating", [6, -1])
def test_a_rating_out_of_range_changes_nothing(history: History, rating: int) -> None:
    """Only 0 to 5 are ratings."""
    generation_id = two_pictures(history)

    with pytest.raises(StoreError, match="is not a rating"):
        history.rate(generation_id, rating, index=0)

    assert history.get(generation_id).rating is None


def test_a_picture_that_is_not_there_is_named(history: History) -> None:
    """The ninth picture of two: one sentence, and nothing is changed."""
    generation_id = two_pictures(history)

    for mark in (history.star, lambda each, index: history.tag(each, "x", index=index)):
        with pytest.raises(StoreError, match=f"generation {generation_id} has no picture 9"):
            mark(generation_id, index=8)
    with pytest.raises(StoreError, match="no picture to rate"):
        history.rate(history.begin(started()), 3)

    assert history.totals("tag") == ()


def test_settling_keeps_what_was_said_meanwhile(history: History) -> None:
    """A picture that was starred while its neighbour was still drawn keeps its star at the end."""
    generation_id = history.begin(started())
    history.attach(generation_id, stored(b"one"))
    history.star(generation_id, index=0)

    history.settle(generation(generation_id), [replace(stored(b"one"), name="elsewhere.png"), stored(b"two", index=1)])

    assert [(image.name, image.star) for image in history.get(generation_id).images] == [
        ("elsewhere.png", True),
        ("2026/11/22/1.png", False),
    ]


def test_partial_and_derived_pictures_are_not_the_result(history: History) -> None:
    """The last partial image of a stopped call, and what was made from a picture, stand beside the finished ones."""
    generation_id = history.begin(started())
    partial = replace(stored(b"half", index=1), kind=ImageKind.PARTIAL)
    derived = replace(stored(b"pasted"), kind=ImageKind.DERIVED)

    history.settle(generation(generation_id, status=Status.CANCELLED), [stored(b"one"), partial, derived])

    record = history.get(generation_id)
    assert [image.kind for image in (*record.images, *record.partials, *record.derived)] == list(ImageKind)
    (total,) = history.totals("model")
    assert total.images == 1


def test_a_picture_that_was_not_fetched_is_known_until_it_is_here(history: History) -> None:
    """Its address stays in the record; when the picture comes, the address goes."""
    generation_id = completed(history)
    missing = UnfetchedImage(index=1, address="https://pictures.example/2.png?sig=1", reason="the server answered 503")

    history.put_unfetched(generation_id, replace(missing, reason="not yet"))
    history.put_unfetched(generation_id, missing)
    assert history.get(generation_id).unfetched == (missing,)

    history.attach(generation_id, stored(b"two", index=1))
    assert history.get(generation_id).unfetched == ()
    assert len(history.get(generation_id).images) == 2


def test_pictures_that_others_began_from_are_not_removed(history: History) -> None:
    """Forgetting a generation leaves the bytes that another one was made from."""
    source = completed(history)
    number = PictureNumber(generation_id=source, number=1)
    sent = SourcePicture(sha256=stored().sha256, format="png", width=8, height=6, size_bytes=7, origin=number)
    child = history.begin(started(request=replace(request(), sources=(sent,))))
    history.settle(generation(child), [stored(b"another")])

    assert ids(history, source_id=source) == [child]
    assert history.forget(source) == ()
    assert history.inputs_of_no_other(child) == (sent.sha256,)
    (found,) = history.get(child).started.request.sources
    assert (found, found.origin) == (sent, number)


def test_a_sweep_and_its_cells_are_found(history: History) -> None:
    """A sweep keeps what it varies; its completed cells are found by what they are, over all sweeps."""
    sweep = SweepRecord(
        template="a {{ animal }}",
        axes=[{"name": "animal", "values": ["fox", "owl"]}],
        session="session-1",
        created_at=NOON,
        options={"zip": False},
        user="ana",
    )
    sweep_id = history.put_sweep(sweep)
    cell = SweepCell(sweep_id=sweep_id, key="aa", values={"animal": "fox"}, take=1)
    done = completed(history, started(cell=cell))
    completed(history, started(cell=replace(cell, key="bb")), status=Status.FAILED)

    assert history.sweep(sweep_id) == replace(sweep, id=sweep_id)
    assert history.sweeps() == (history.sweep(sweep_id),)
    assert history.sweeps(before_id=sweep_id) == ()
    assert history.sweep(99) is None
    assert [record.id for record in history.find_cells(["aa", "bb"])] == [done]
    assert len(ids(history, sweep_id=sweep_id)) == 2


def test_a_held_amount_is_given_back_by_hand(history: History) -> None:
    """What is held for a stopped call is free again, and the record says that somebody did so."""
    call = started(at_most=Decimal("0.05"))
    stopped = generation(history.begin(call), call, status=Status.CANCELLED, cost=None)
    with pytest.raises(StoreError, match="still running"):
        history.release(stopped.id, datetime.now(UTC))
    history.settle(stopped)

    assert history.release(stopped.id, datetime.now(UTC)) == Decimal("0.05")

    assert history.spent(session="session-1") == Spent()
    record = history.get(stopped.id)
    assert (record.reserved, record.released) == (None, Decimal("0.05"))
    with pytest.raises(StoreError, match="nothing is held"):
        history.release(stopped.id, datetime.now(UTC))
    with pytest.raises(StoreError, match="there is no generation 99"):
        history.release(99, datetime.now(UTC))


def test_what_is_given_back_is_not_unknown_any_more(history: History) -> None:
    """The totals of a generation whose last unknown bill is written off count it as known, and once."""
    call = started(at_most=Decimal("0.05"))
    done = generation(history.begin(call), call)
    history.settle(done, [stored()], unpriced=1)
    (before,) = history.totals("model")

    history.release(done.id, datetime.now(UTC))

    (after,) = history.totals("model")
    assert (before.unknown_costs, after.unknown_costs) == (1, 0)
    assert replace(after, unknown_costs=1) == before
