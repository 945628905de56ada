from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from imgmagic.domain.generation import Status
from imgmagic.domain.origin import Origin
from imgmagic.domain.source_picture import SourcePicture
from imgmagic.domain.usage import Usage
from imgmagic.errors import ContentRefused, SettingsError, StoreError
from imgmagic.store.history.history import History
from imgmagic.store.history.processes import this_process
from imgmagic.store.history.records import HistoryQuery, SweepCell, request_key
from imgmagic.store.stored_image import UnfetchedImage
from tests.support.stored_runs import COST, NOON, USAGE, completed, generation, request, started, stored

SOURCE = SourcePicture(sha256="a" * 64, format="png", width=8, height=6, size_bytes=9, changes=("scaled down",))


def ids(history: History, **query: object) -> list[int]:
    return [record.id for record in history.page(HistoryQuery(**query))]


def test_what_is_known_is_written_before_the_request_leaves(history: History) -> None:
    """A begun generation is in the history at once, with everything that is known of it."""
    begun = started(
        request=replace(
            request("a fox", size="1024x1024", n=2), template="a {{ animal }}", sources=(SOURCE,), mask=SOURCE
        ),
        notebook="lesson.ipynb",
        price_date="2026-11-22",
        tags=("class", "week 1"),
        server="https://images.example/v1",
        user="ana",
        cell=SweepCell(sweep_id=1, key="aa", values={"size": "1024x1024"}, take=2),
    )

    record = history.get(history.begin(begun))

    assert record is not None
    assert record.status == "running"
    assert record.started == begun


def test_the_end_of_a_generation_is_written_whole(history: History) -> None:
    """Every field of a settled generation comes back as it was."""
    generation_id = history.begin(started())
    pictures = [stored(b"one"), replace(stored(b"two", index=1), revised_prompt="two foxes")]

    history.settle(generation(generation_id, first_partial_s=1.25, request_id="req_1"), pictures)

    record = history.get(generation_id)
    assert record is not None
    assert (record.status, record.usage, record.cost) == ("completed", USAGE, COST)
    assert (record.first_partial_s, record.elapsed_s, record.request_id) == (1.25, 3.5, "req_1")
    assert record.done_at == NOON + timedelta(seconds=3.5)
    assert record.images == tuple(pictures)


def test_a_failure_keeps_its_class_and_message(history: History) -> None:
    """How a generation failed is in its record."""
    generation_id = history.begin(started())
    refused = ContentRefused("the prompt was refused.", remedy="Say it otherwise.", request_id="req_2")

    history.settle(generation(generation_id, status=Status.FAILED, error=refused, cost=None, usage=None), unpriced=0)

    record = history.get(generation_id)
    assert record is not None
    assert (record.status, record.error_class) == ("failed", "ContentRefused")
    assert record.error_message == "the prompt was refused. Say it otherwise. (request id req_2)"
    assert (record.cost, record.usage) == (0, None)


def test_settling_twice_counts_once(history: History) -> None:
    """A generation that is settled again, as after a lost answer, stays as it is and is counted once."""
    generation_id = completed(history)

    history.settle(generation(generation_id, cost=Decimal(5)), [])

    assert history.get(generation_id).cost == COST
    assert [total.generations for total in history.totals("model")] == [1]


def test_a_picture_is_on_record_before_it_is_written(history: History) -> None:
    """An attached picture is in the record of a running generation, once."""
    generation_id = history.begin(started())

    history.attach(generation_id, stored(b"draft"))
    history.attach(generation_id, stored(b"final"))

    assert history.get(generation_id).images == (stored(b"final"),)


def test_settling_drops_pictures_that_could_not_be_kept(history: History) -> None:
    """The pictures given at the end replace what was announced."""
    generation_id = history.begin(started())
    history.attach(generation_id, stored(b"lost"))

    history.settle(generation(generation_id), [])

    assert history.get(generation_id).images == ()


def test_pages_follow_each_other_without_gap_or_overlap(history: History) -> None:
    """Pages are newest first, and the next begins where the last one ended, also while records are added."""
    made = [completed(history) for _ in range(5)]

    first = ids(history, limit=2)
    completed(history)
    second = ids(history, limit=2, before_id=first[-1])

    assert first + second == made[:0:-1]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"model": "gpt-image-2.5-flare"}, [3, 2, 1]),
        ({"model": "other"}, []),
        ({"tag": "class"}, [2]),
        ({"status": "failed"}, [3]),
        ({"star": True}, [1]),
        ({"star": False}, [3, 2]),
        ({"session": "session-2"}, [2]),
        ({"session": "session-1", "status": "completed"}, [1]),
        ({"limit": 0}, []),
        ({"text": "owl"}, [2]),
        ({"text": "owl", "status": "failed"}, []),
        ({"text": "a", "tag": "class"}, [2]),
    ],
)
def test_a_page_shows_what_was_asked_for(history: History, query: dict[str, object], found: list[int]) -> None:
    """Each part of a query narrows the page."""
    completed(history)
    completed(history, started("an owl", session="session-2", tags=("class",)))
    completed(history, started("a toad"), status=Status.FAILED)
    history.star(1)

    assert ids(history, **query) == found


@pytest.mark.parametrize(
    "text",
    [
        "fox",
        "FOX",
        "ox sno",
        "лиса",
        "ЛИСА",
        "狐狸",
        "50%",
        "50% o",
        "a",
        "_",
        "O'Neill",
        '"quoted"',
        "back\\slash",
        "NOT",
    ],
)
def test_a_search_finds_parts_of_words_in_any_script(history: History, text: str) -> None:
    """Words are found whatever their case, script or length, and no character means anything else."""
    wanted = completed(history, started("""A red Fox in Snow, Лиса 狐狸 50% off _ O'Neill "quoted" back\\slash not"""))
    completed(history, started("nothing here: 5 * b"))

    assert ids(history, text=text) in ([wanted], [wanted + 1, wanted] if text in {"NOT"} else [wanted])


@pytest.mark.parametrize(
    "text", ["fox wolf", "%%", "f%x", "*", "fox AND", "fox*", '"', "^fox", "text:fox", "NEAR(fox)"]
)
def test_a_search_never_finds_what_is_not_there(history: History, text: str) -> None:
    """All words must occur, and what means something to a database is an ordinary character."""
    completed(history, started("a red fox in snow"))

    assert ids(history, text=text) == []


def test_notes_and_tags_are_searched_too(history: History) -> None:
    """A note and the tags are found, and no longer found when they are gone."""
    generation_id = completed(history)
    history.note(generation_id, "For the Poster")
    history.tag(generation_id, "week 3")

    assert ids(history, text="poster") == ids(history, text="week") == [generation_id]

    history.note(generation_id, "")
    history.untag(generation_id, "week 3")
    assert ids(history, text="poster") == ids(history, text="week") == []


def test_totals_are_kept_by_every_key(history: History) -> None:
    """Model, day, provider, session and each tag have their own sums."""
    completed(history, started(tags=("a", "b")))
    completed(history, started(tags=("b",), session="session-2"))

    for kind, counts in {
        "model": {"gpt-image-2.5-flare": 2},
        "day": {"2026-11-22": 2},
        "provider": {"openai": 2},
        "session": {"session-1": 1, "session-2": 1},
        "tag": {"a": 1, "b": 2},
    }.items():
        assert {total.key: total.generations for total in history.totals(kind)} == counts
    (total,) = history.totals("model")
    assert (total.images, total.usage, total.cost, total.unknown_costs) == (2, USAGE + USAGE, 2 * COST, 0)


def test_a_tally_is_of_one_session_or_one_day_by_model(history: History) -> None:
    """What is forgotten stays in it: the money is spent."""
    ids = [completed(history, started(session=name, request=request(n=1))) for name in ("one", "one", "two")]
    completed(history, started(session="one", at=NOON - timedelta(days=1)))

    history.forget(ids[0])

    (session,), (day,) = history.tally(session="one"), history.tally(day=NOON.date())
    assert (session.key, session.generations, session.cost) == ("gpt-image-2.5-flare", 3, 3 * COST)
    assert (day.key, day.generations, day.images) == ("gpt-image-2.5-flare", 3, 3)


def test_simulated_and_replayed_runs_are_counted_apart(history: History) -> None:
    """What cost nothing never mixes with what did."""
    for origin in Origin:
        completed(history, started(origin=origin))

    assert {total.origin: total.generations for total in history.totals("model")} == dict.fromkeys(Origin, 1)


def test_an_unknown_cost_is_counted_and_never_zero(history: History) -> None:
    """A total says how many calls it does not know the cost of; of none known there is no sum."""
    completed(history, cost=None, usage=Usage(output_tokens=5))

    (total,) = history.totals("provider")
    assert (total.cost, total.unknown_costs, total.usage) == (None, 1, Usage(output_tokens=5))


@pytest.mark.parametrize("origin", [Origin.SIMULATED, Origin.REPLAYED, Origin.REUSED])
def test_what_no_server_drew_has_no_unknown_cost(history: History, origin: Origin) -> None:
    """The simulator, a recording and an earlier picture are known to cost nothing."""
    completed(history, started(origin=origin), cost=None)

    (total,) = history.totals("provider")
    assert (total.cost, total.unknown_costs) == (0, 0)


def test_a_call_that_was_not_billed_has_no_unknown_cost(history: History) -> None:
    """A refused call is counted, and is known to have cost nothing."""
    generation_id = history.begin(started())
    history.settle(generation(generation_id, status=Status.FAILED, cost=None, usage=None), unpriced=0)

    (total,) = history.totals("provider")
    assert (total.generations, total.unknown_costs, total.cost) == (1, 0, 0)


def test_totals_by_session_begin_with_the_last_used(history: History) -> None:
    """However many sessions there were, the newest come first and a limit holds."""
    for number in (2, 3, 1, 2):
        completed(history, started(session=f"session-{number}"))

    assert [total.key for total in history.totals("session", limit=2)] == ["session-2", "session-1"]


def test_a_count_that_no_server_can_have_made_is_unknown(history: History) -> None:
    """A figure that would not fit is dropped, and the record is kept."""
    generation_id = completed(history, usage=Usage(input_tokens=10**30, output_tokens=-5, total_tokens=7))

    assert history.get(generation_id).usage == Usage(total_tokens=7)


def test_tags_added_later_are_counted(history: History) -> None:
    """A generation counts under a tag from when it has it until it is taken off."""
    generation_id = completed(history, started(tags=("a",)))

    history.tag(generation_id, "b", "b", "a")
    history.untag(generation_id, "a", "never had")

    assert [(total.key, total.generations, total.cost) for total in history.totals("tag")] == [("b", 1, COST)]
    assert history.get(generation_id).started.tags == ("b",)


def test_tags_of_a_running_generation_are_counted_once(history: History) -> None:
    """A tag given while a generation runs is counted when it ends."""
    generation_id = history.begin(started())

    history.tag(generation_id, "a")
    history.settle(generation(generation_id), [stored()])

    assert [(total.key, total.generations, total.images) for total in history.totals("tag")] == [("a", 1, 1)]


def test_what_is_forgotten_is_gone_and_stays_paid(history: History) -> None:
    """Forgetting removes the record and its words, gives back its pictures, and leaves the money counted."""
    generation_id = completed(history, started(tags=("a",)))

    assert history.forget(generation_id) == (stored(),)

    assert history.get(generation_id) is None
    assert ids(history, text="fox") == ids(history, tag="a") == []
    assert history.totals("model")[0].cost == COST


def test_a_picture_that_another_record_has_is_not_given_back(history: History) -> None:
    """Forgetting one of two generations with the same picture leaves the picture to the other."""
    first, _ = completed(history), completed(history)

    assert history.forget(first) == ()


@pytest.mark.parametrize("method", ["forget", "star", "rate", "tag", "untag", "note"])
def test_a_number_that_is_not_there_is_said_so(history: History, method: str) -> None:
    """Whatever is asked of a generation that does not exist, the message names it."""
    arguments = {"rate": (3,), "tag": ("text",), "untag": ("text",), "note": ("text",)}.get(method, ())

    with pytest.raises(StoreError, match="there is no generation 99999"):
        getattr(history, method)(99999, *arguments)
    assert history.get(99999) is None


def test_a_running_generation_is_not_forgotten(history: History) -> None:
    """What runs is stopped first."""
    generation_id = history.begin(started())

    with pytest.raises(StoreError, match="still running"):
        history.forget(generation_id)


def test_numbers_are_never_used_again(history: History) -> None:
    """The number of a forgotten generation stays free, so that a note of it never means another."""
    history.forget(completed(history))

    assert completed(history) == 2


def test_an_identical_request_of_another_session_is_found(history: History) -> None:
    """The newest completed generation of the same request is found, from other sessions only."""
    completed(history, started(session="old"))
    newest = completed(history, started(session="old"))
    completed(history, started(session="now"))
    completed(history, started("another prompt", session="old"))
    completed(history, started(session="old"), status=Status.FAILED)
    key = request_key(started(request=request("a red fox in snow", stream=True, partial_images=3)))

    assert history.find_completed(key, session="now").id == newest
    assert history.find_completed(request_key(started("something else")), session="now") is None


def test_a_replayed_generation_is_not_reused(history: History) -> None:
    """Only what a server or the simulator drew counts as an earlier generation."""
    completed(history, started(session="old", origin=Origin.REPLAYED))

    assert history.find_completed(request_key(started()), session="now") is None


@pytest.mark.parametrize(
    "other",
    [
        request_key(started(provider="azure")),
        request_key(started(server="https://another.example/v1")),
        request_key(started(request=replace(request(), model="gpt-image-2"))),
        request_key(started("a red fox in snow ")),
        request_key(started(request=request(size="1024x1024"))),
        request_key(started(request=replace(request(), sources=(SOURCE,)))),
    ],
)
def test_requests_that_differ_have_different_keys(other: str) -> None:
    """Provider, address, model, prompt, pictures and every option but those of streaming make the key."""
    assert other != request_key(started())


def test_a_clock_that_was_set_back_disturbs_nothing(history: History) -> None:
    """Newest means begun last, whatever the clock said, and times come back as they were told."""
    first = completed(history, started(at=NOON))
    second = completed(history, started(at=NOON - timedelta(days=400)))

    assert ids(history) == [second, first]
    assert history.get(second).started.at == NOON - timedelta(days=400)
    assert {total.key for total in history.totals("day")} == {"2026-11-22", "2025-10-18"}


def test_a_result_that_comes_after_all_replaces_an_interruption(history: History) -> None:
    """A generation that was given up and then ends is counted as what it became."""
    generation_id = history.begin(started(at=NOON - timedelta(days=1000)))
    with_stale_owner(history, generation_id)
    assert history.mark_interrupted() == (generation_id,)
    assert [total.unknown_costs for total in history.totals("model")] == [1]

    history.settle(generation(generation_id), [stored()])

    (total,) = history.totals("model")
    assert (total.generations, total.images, total.cost, total.unknown_costs) == (1, 1, COST, 0)


def with_stale_owner(history: History, generation_id: int) -> None:
    """Let the record be of another machine, so that only its age tells."""
    history._database.write(
        lambda connection: connection.exec_driver_sql(
            f"UPDATE generations SET host = 'far' WHERE id = {generation_id}"
        ),
        "test",
    )


@pytest.mark.parametrize("is_local", [True, False])
def test_a_run_of_an_earlier_boot_ended_with_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_local: bool
) -> None:
    """Where no other machine writes; a folder that machines share may have one that looks like this one."""
    monkeypatch.setattr("imgmagic.store.history.database.is_local", lambda _: is_local)
    before = replace(this_process(), started="an earlier boot:12345")
    monkeypatch.setattr("imgmagic.store.history.history.this_process", lambda: before)
    crashed = History(tmp_path / "history.sqlite")
    generation_id = crashed.begin(started(at=datetime.now(UTC)))
    crashed.close()

    again = History(tmp_path / "history.sqlite")

    assert again.mark_interrupted() == ((generation_id,) if is_local else ())
    again.close()


def test_a_record_of_another_machine_is_left_alone_while_it_may_live(history: History) -> None:
    """Of another machine's processes nothing is known, so its records of today keep running."""
    generation_id = history.begin(started(at=datetime.now(UTC)))
    with_stale_owner(history, generation_id)

    assert history.mark_interrupted() == ()


def test_a_second_history_on_the_same_address_sees_everything(history: History, history_url: str) -> None:
    """What one kernel records, the next one finds."""
    generation_id = completed(history)

    reopened = History(history_url)

    assert reopened.get(generation_id) == history.get(generation_id)
    assert reopened.count() == 1
    reopened.close()


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    prompt=st.text(min_size=1, max_size=200),
    words=st.dictionaries(st.text(max_size=20), st.none() | st.integers() | st.text(max_size=20), max_size=4),
    cost=st.none() | st.decimals(0, 10_000, places=9),
)
def test_whatever_was_asked_comes_back(history: History, prompt: str, words: dict[str, object], cost: Decimal) -> None:
    """Any prompt, any parameters and any cost survive the database, but for NUL, which PostgreSQL has not."""
    begun = started(request=replace(request(prompt), options=words))

    generation_id = completed(history, begun, cost=cost)

    record = history.get(generation_id)
    assert record.started.request.prompt == prompt.replace("\x00", "").encode("utf-8", "replace").decode()
    assert record.started.request.options == words
    assert record.cost == cost


@pytest.mark.parametrize(
    ("url", "error", "said"),
    [
        ("mysql://here/db", SettingsError, "cannot be kept in mysql"),
        ("://", SettingsError, "cannot be read"),
        ("postgresql://user:hunter2secret@127.0.0.1:1/none", StoreError, "cannot be reached"),
    ],
)
def test_an_address_that_leads_nowhere_is_one_clear_message(url: str, error: type[Exception], said: str) -> None:
    """What is wrong is said, without the password."""
    with pytest.raises(error, match=said) as raised:
        History(url)
    assert "hunter2secret" not in str(raised.value)


def test_a_day_is_that_of_the_callers_clock(history: History) -> None:
    """An evening in California is the same day as its morning, though not in Greenwich; times are kept exactly."""
    west = timezone(timedelta(hours=-8))
    morning, evening = datetime(2026, 1, 5, 10, tzinfo=west), datetime(2026, 1, 5, 18, tzinfo=west)

    for at in (morning, evening):
        completed(history, started(at=at))

    assert [(total.key, total.generations) for total in history.totals("day")] == [("2026-01-05", 2)]
    assert history.spent(day=evening.date()).settled == 2 * COST
    assert history.get(2).started.at == evening


def test_no_text_of_others_stops_the_history(history: History) -> None:
    """A NUL, or half of a surrogate pair, in whatever a server, a file's name or a person says is left out."""
    odd = "fox\x00 \ud800"
    begun = started(notebook=odd, user=odd, server=odd, tags=(odd,))

    generation_id = history.begin(begun)
    history.attach(generation_id, replace(stored(b"one"), revised_prompt=odd))
    history.put_unfetched(generation_id, UnfetchedImage(address=f"https://x/{odd}", reason=odd, index=1))
    history.settle(generation(generation_id, request_id=odd), [stored(b"one")])
    history.tag(generation_id, f"late {odd}")
    history.note(generation_id, odd)

    record = history.get(generation_id)
    assert record is not None
    assert (record.status, record.note, record.unfetched[0].address) == ("completed", "fox ?", "https://x/fox ?")
    assert ids(history, text=odd) == [generation_id]


def test_a_number_that_no_column_holds_is_refused_in_words(history: History) -> None:
    """It comes from a person; the driver's own error is not for people."""
    with pytest.raises(StoreError):
        history.star(10**30)
