import pytest
from hypothesis import given
from hypothesis import strategies as st

from imgmagic.domain.events import (
    ImageFailed,
    Notice,
    PartialImage,
    ReplyStarted,
    RequestSent,
    RetryScheduled,
    UsageReported,
)
from imgmagic.domain.generation import Status
from imgmagic.domain.progress import Progress, Tile, TileState
from imgmagic.domain.usage import Usage
from imgmagic.errors import (
    ApiError,
    ConnectionFailed,
    ContentRefused,
    DownloadFailed,
    HostUnreachable,
    ImgmagicError,
    ProtocolError,
    RateLimited,
    ResponseTimeout,
    SettingsError,
    TlsFailed,
    WebPageReceived,
)
from tests.support.pictures import completed_image


def partial(index=0, at=1.0, number=0):
    return PartialImage(elapsed_s=at, index=index, number=number, data=b"p", format="png")


def done(index=0, at=2.0):
    return completed_image(elapsed_s=at, index=index, data=b"x", format="png", width=1, height=1)


def failed(index=0, error=None):
    return ImageFailed(elapsed_s=2.0, index=index, error=error or RateLimited("slow down", status=429))


def counted(index=0):
    return UsageReported(elapsed_s=2.0, index=index, usage=Usage(input_tokens=9, output_tokens=196))


def after(*events, n=1):
    progress = Progress.start(n)
    for event in events:
        progress = progress.after(event)
    return progress


@pytest.mark.parametrize(
    ("events", "n", "status"),
    [
        ((done(),), 1, Status.COMPLETED),
        ((partial(),), 1, Status.FAILED),
        ((), 2, Status.FAILED),
        ((done(), failed(1)), 2, Status.PARTIAL),
        ((failed(), done(1)), 2, Status.PARTIAL),
        ((failed(), failed(1)), 2, Status.FAILED),
        ((done(), done(1)), 2, Status.COMPLETED),
    ],
)
def test_the_status_follows_from_the_tiles(events, n, status):
    """Completed only where every image came whole."""
    assert after(*events, n=n).status is status


@pytest.mark.parametrize("n", [1, 2])
def test_cancelling_closes_only_what_is_open(n):
    """A finished image stays finished, a failure stays a failure."""
    progress = after(done(), n=n).cancelled()

    assert progress.status is (Status.CANCELLED if n == 2 else Status.COMPLETED)
    assert len(progress.images) == 1


def test_a_failure_fails_only_what_is_open():
    """And the first reason is the run's."""
    error = RateLimited("later")

    progress = after(done(), failed(1), n=3).failed(error)

    assert [tile.state for tile in progress.tiles] == [TileState.COMPLETED, TileState.FAILED, TileState.FAILED]
    assert "slow down" in str(progress.error)
    assert progress.tiles[2].error is error


def test_partials_are_counted_per_tile():
    """Whatever numbers the server gives; the first one's time is kept, and the last picture."""
    progress = after(partial(1, at=3.0, number=7), partial(1, at=4.0, number=7), partial(0, at=5.0), n=2)

    assert [tile.partials for tile in progress.tiles] == [1, 2]
    assert (progress.first_partial_s, progress.elapsed_s) == (3.0, 5.0)


def test_a_finished_tile_lets_go_of_its_partial_image():
    """Megabytes that nobody looks at again; one that failed keeps the last that came."""
    assert after(partial(), done()).tiles[0].partial is None
    assert after(partial(), failed()).unfinished == {0: partial()}


def test_more_images_than_asked_get_tiles():
    """A server may send more; none is lost, and those between wait."""
    progress = after(done(3), n=1)

    assert [tile.state for tile in progress.tiles] == [TileState.WAITING] * 3 + [TileState.COMPLETED]


@pytest.mark.parametrize("n", [0, -1])
def test_a_run_has_at_least_one_tile(n):
    """Also where an unchecked request asks for none: its failure needs a place."""
    assert len(Progress.start(n).tiles) == 1


def test_the_request_id_of_a_refusal_is_kept():
    """An error reply names the request, too: the record needs it for the server's support."""
    refusal = RateLimited("slow down", status=429, request_id="req_7")

    assert after(failed(error=refusal)).request_id == "req_7"


def test_a_retry_and_the_request_id_are_kept():
    """The first id is the run's."""
    retry = RetryScheduled(elapsed_s=1, attempt=2, delay_s=3, reason="429")

    progress = after(retry, ReplyStarted(elapsed_s=4, request_id="a"), ReplyStarted(elapsed_s=5, request_id="b"))

    assert progress.tiles[0].retry is retry
    assert progress.tiles[0].state is TileState.RETRYING
    assert progress.request_id == "a"


def test_usage_and_stated_costs_add_up():
    """Exactly, as decimals; what nobody said stays unknown."""
    events = [UsageReported(elapsed_s=1, usage=Usage(output_tokens=5), cost_usd=cost) for cost in ("0.1", None, "0.2")]

    progress = after(*events)

    assert (progress.usage.output_tokens, progress.usage.input_tokens) == (15, None)
    assert progress.counts[0].cost_usd == "0.3"
    assert after(UsageReported(elapsed_s=1, usage=Usage())).counts[0].cost_usd is None


@given(st.text() | st.sampled_from(["NaN", "sNaN", "Infinity", "1e999999999", "-1", "free", ""]))
def test_a_stated_cost_that_is_none_breaks_nothing(said):
    """The picture came; a server's strange price must not take it away."""
    progress = after(UsageReported(elapsed_s=1, usage=Usage(), cost_usd=said), done())

    assert progress.status is Status.COMPLETED


@given(st.permutations([partial(0), partial(1), done(0), done(1), partial(0, number=1)]))
def test_any_order_of_events_ends_with_both_images(events):
    """Streams run side by side, so their events mix; the time never runs backwards."""
    progress = after(*events, n=2)

    assert len(progress.images) == 2
    assert progress.elapsed_s == 2.0


def sent(index=0, images=1):
    return RequestSent(elapsed_s=0.0, index=index, images=images)


@pytest.mark.parametrize(
    ("error", "billed"),
    [
        (None, True),
        (ApiError("no.", status=400), False),
        (ApiError("no.", status=501), False),
        (ApiError("no.", status=503), False),
        (ContentRefused("no.", status=500), False),
        (ApiError("no.", status=500), True),
        (ApiError("no.", status=408), True),
        (ApiError("no.", status=502), True),
        (HostUnreachable("no."), False),
        (TlsFailed("no."), False),
        (SettingsError("the key has a line end."), False),
        (ConnectionFailed("hung up before it replied."), True),
        (DownloadFailed("expired."), True),
        (ApiError("gave up waiting.", status=504), True),
        (WebPageReceived("gave up waiting.", status=524), True),
        (ApiError("in the stream."), True),
        (ResponseTimeout("late."), True),
        (ProtocolError("cut."), True),
    ],
)
def test_what_may_be_billed(error: ImgmagicError | None, billed: bool):
    """Not what the server refused, nor what never reached it; everything else that left may be."""
    assert Tile(error=error, sent_with=0).may_be_billed is billed
    assert not Tile(error=error).may_be_billed


@pytest.mark.parametrize(
    ("events", "n", "billed"),
    [
        ((), 2, [False, False]),
        ((sent(images=2),), 2, [True, True]),
        ((sent(1),), 2, [False, True]),
        ((sent(images=2), RetryScheduled(elapsed_s=1, attempt=2, delay_s=3, reason="429")), 2, [False, False]),
        ((sent(), sent(1), RetryScheduled(elapsed_s=1, index=1, attempt=2, delay_s=3, reason="429")), 2, [True, False]),
        ((sent(), RetryScheduled(elapsed_s=1, attempt=2, delay_s=3, reason="429"), sent()), 1, [True]),
        ((sent(), done(1)), 1, [True, True]),
    ],
)
def test_only_what_left_may_be_billed(events, n, billed):
    """A run that is stopped before anything leaves, or while it waits for another attempt, owes nothing."""
    assert [tile.may_be_billed for tile in after(*events, n=n).cancelled().tiles] == billed


def test_notices_are_kept_in_order():
    """What the user is told on the way is told at the end, too."""
    assert after(Notice(elapsed_s=1, text="a"), Notice(elapsed_s=2, text="b")).notices == ("a", "b")


def test_a_countdown_ends_when_the_next_attempt_leaves():
    """From then on the image waits for the server, and no longer for another attempt."""
    retry = RetryScheduled(elapsed_s=1, attempt=2, delay_s=3, reason="429")

    assert after(sent(), retry).tiles[0].state is TileState.RETRYING
    assert after(sent(), retry, sent()).tiles[0].state is TileState.WAITING


@pytest.mark.parametrize("form", ["tiff", "ico", "heic", "bin"])
def test_a_stage_that_browsers_do_not_show_is_kept_and_not_shown(form):
    """A page would show a broken picture; if the final image never comes, the stage is kept all the same."""
    stage = PartialImage(elapsed_s=1.0, index=0, number=0, data=b"p", format=form)

    progress = after(stage)

    assert progress.tiles[0].latest is None
    assert (progress.tiles[0].partials, progress.unfinished[0]) == (1, stage)
