import asyncio
import gc
import signal
import socket
import threading
import time
import weakref
from datetime import UTC, datetime

import pytest

from imgmagic.domain.events import ImageFailed, PartialImage, ReplyStarted, RequestSent
from imgmagic.domain.generation import Generation, Status
from imgmagic.domain.request import ImageRequest
from imgmagic.errors import ImgmagicError, ProtocolError, RateLimited
from imgmagic.runs.event_loop import IoThread
from imgmagic.runs.interrupts import Cancelled, Interrupts
from imgmagic.runs.job import Job
from tests.support.pictures import completed_image, generated_image
from tests.support.until import until

PARTIAL = PartialImage(elapsed_s=0.1, number=0, data=b"p", format="png")
DONE = completed_image(elapsed_s=0.2, data=b"x", format="png", width=1, height=1)
REFUSED = ImageFailed(elapsed_s=0.1, error=RateLimited("slow down"))
WAIT_S = 5


class Gate:
    """A point that a source or keeper reaches, and where it waits until told to go on."""

    def __init__(self):
        self.reached = threading.Event()
        self.opened = threading.Event()


class Played:
    """A source that yields what it is given: events, errors to raise, and gates to wait at."""

    def __init__(self, *steps):
        self.steps = steps
        self.closed = threading.Event()

    async def __call__(self, request):
        try:
            for step in self.steps:
                if isinstance(step, BaseException):
                    raise step
                if isinstance(step, Gate):
                    step.reached.set()
                    while not step.opened.is_set():  # noqa: ASYNC110 - other threads open it
                        await asyncio.sleep(0.002)
                else:
                    yield step
        finally:
            self.closed.set()


class Kept:
    """A keeper that notes in which order it was asked."""

    def __init__(self, *, gate=None, end_gate=None):
        self.calls = []
        self.gate = gate
        self.end_gate = end_gate

    def keep(self, event):
        self.calls.append("keep")
        _pass(self.gate)

    def finish(self, progress):
        self.calls.append("finish")
        _pass(self.end_gate)
        images = tuple(generated_image(data=i.data, format="png", width=1, height=1) for i in progress.images)
        return Generation(
            request=ImageRequest(prompt="a"),
            status=progress.status,
            provider="p",
            created_at=datetime(2026, 11, 22, tzinfo=UTC),
            elapsed_s=progress.elapsed_s,
            images=images,
            error=progress.error,
        )


def _pass(gate):
    if gate is not None:
        gate.reached.set()
        gate.opened.wait(WAIT_S)


@pytest.fixture
def io():
    """Return an io thread that leaves no thread behind."""
    before = set(threading.enumerate())
    io = IoThread()
    yield io
    io.close()
    until(lambda: {thread for thread in threading.enumerate() if thread.name.startswith("imgmagic")} <= before)


@pytest.fixture
def start(io):
    """Return a function that starts a job on events, errors and gates."""

    def run(*steps, n=1, keeper=None, source=None):
        request = ImageRequest(prompt="a", options={"n": n})
        return Job(io, source or Played(*steps), request, keeper=keeper or Kept())

    return run


def test_events_come_in_order_and_end(start):
    """Each as it happened; a second look finds the end and does not hang."""
    job = start(ReplyStarted(elapsed_s=0), PARTIAL, DONE)

    assert list(job.events()) == [ReplyStarted(elapsed_s=0), PARTIAL, DONE]
    assert list(job.events()) == []
    assert job.result().status is Status.COMPLETED
    assert job.done


def test_who_waits_for_an_answer_goes_on_with_the_first_thing_that_is_heard(start):
    """Not when the request begins to leave: what is drawn meanwhile would take turns with the thread that sends."""
    gate = Gate()
    job = start(RequestSent(elapsed_s=0), gate, PARTIAL, DONE)
    went_on = threading.Event()
    waiting = threading.Thread(target=lambda: (job.wait_until_answered(WAIT_S), went_on.set()))
    waiting.start()
    assert gate.reached.wait(WAIT_S)

    assert not went_on.is_set()
    gate.opened.set()
    assert went_on.wait(WAIT_S)
    waiting.join()


def test_who_waits_for_a_request_that_is_never_sent_goes_on_at_its_end(start):
    """A refusal on the way to the server is no reason to wait."""
    began = time.monotonic()
    start(ProtocolError("no")).wait_until_answered(4 * WAIT_S)

    assert time.monotonic() - began < 2 * WAIT_S


def test_a_run_is_stopped_while_the_name_of_its_host_is_looked_up(start, monkeypatch):
    """No lookup can be interrupted, and without a network one takes half a minute; Stop is at once all the same."""
    gate = Gate()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: _pass(gate))

    async def look_up(request):
        await asyncio.get_running_loop().getaddrinfo("images.example", 443)
        yield DONE

    job = start(source=look_up)
    assert gate.reached.wait(WAIT_S)
    job.cancel()

    assert job.generation(WAIT_S / 2).status is Status.CANCELLED
    gate.opened.set()


def test_ticks_come_between_events(start):
    """None whenever the time passes without an event."""
    gate = Gate()
    job = start(gate, DONE)
    ticks = job.ticks(0.005)

    first = next(ticks)
    gate.opened.set()

    assert first is None
    assert [tick for tick in ticks if tick is not None] == [DONE]


def test_an_image_is_kept_before_it_is_seen(start):
    """Who sees a picture can rely on its file."""
    gate = Gate()
    job = start(DONE, keeper=Kept(gate=gate))

    assert gate.reached.wait(WAIT_S)
    seen_early = job.progress.images
    gate.opened.set()

    assert seen_early == ()
    assert job.result().image.data == b"x"


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (RateLimited("slow down"), "slow down"),
        (ZeroDivisionError("division by zero"), "imgmagic itself failed: ZeroDivisionError: division by zero"),
        (ValueError("Bearer sk-0123456789abcdefgh"), "ValueError: Bearer [removed]"),
    ],
)
def test_an_error_of_the_source_is_the_result(start, error, says):
    """Also a programming error: it is kept as the failure, without keys, and recorded."""
    keeper = Kept()
    job = start(PARTIAL, error, keeper=keeper)

    with pytest.raises(ImgmagicError, match=r".") as raised:
        job.result(WAIT_S)

    assert says in str(raised.value)
    assert job.generation().status is Status.FAILED
    assert keeper.calls == ["finish"]


def test_a_failed_image_is_raised_and_a_partial_result_returned(start):
    """With several images, those that came are the result."""
    with pytest.raises(RateLimited):
        start(REFUSED).result(WAIT_S)

    some = start(REFUSED, completed_image(elapsed_s=1, index=1, data=b"y", format="png", width=1, height=1), n=2)
    assert some.result(WAIT_S).status is Status.PARTIAL


@pytest.mark.parametrize("steps", [(), (PARTIAL,), (ReplyStarted(elapsed_s=0),)])
def test_a_source_that_ends_without_its_image_is_a_failure(start, steps):
    """A partial image is never passed off as the result, nor silence as success."""
    with pytest.raises(ProtocolError, match="ended early"):
        start(*steps).result(WAIT_S)


def test_an_event_after_a_time_out_still_comes(start):
    """A time-out of the wait does not stop the run."""
    gate = Gate()
    job = start(gate, DONE)

    with pytest.raises(TimeoutError):
        job.result(0.01)
    running = not job.done
    gate.opened.set()

    assert running
    assert job.result(WAIT_S).status is Status.COMPLETED


def test_a_cancel_in_the_middle_keeps_what_was_finished(start):
    """The source is closed, the finished image is in the result, and the time is the time that it took."""
    gate = Gate()
    source = Played(DONE, gate)
    job = start(source=source, n=2)
    assert gate.reached.wait(WAIT_S)

    job.cancel()
    generation = job.result(WAIT_S)

    assert generation.status is Status.CANCELLED
    assert [image.data for image in generation.images] == [b"x"]
    assert source.closed.is_set()
    assert generation.elapsed_s >= 0.0
    assert generation.error is None


def test_a_cancel_while_an_image_is_written_keeps_it(start):
    """It came, and it is on the disk; so it belongs to the result."""
    gate = Gate()
    job = start(DONE, Gate(), n=2, keeper=Kept(gate=gate))
    assert gate.reached.wait(WAIT_S)

    job.cancel()
    gate.opened.set()

    assert [image.data for image in job.result(WAIT_S).images] == [b"x"]


def test_a_cancelled_run_took_as_long_as_it_took(io):
    """Also when no event came before the stop."""
    gate, ticking = Gate(), iter(range(0, 1000, 10))
    job = Job(io, Played(gate), ImageRequest(prompt="a"), keeper=Kept(), clock=lambda: next(ticking))
    assert gate.reached.wait(WAIT_S)

    job.cancel()

    assert job.result(WAIT_S).elapsed_s == 10


def test_a_cancel_before_the_start_asks_nobody(io):
    """The loop is busy while the job is made and cancelled; its source is never asked."""
    busy, source = Gate(), Played(DONE)
    io.call(lambda: None)
    io.submit(asyncio.sleep(0)).result(WAIT_S)
    io.call(lambda: _pass(busy))
    assert busy.reached.wait(WAIT_S)

    job = Job(io, source, ImageRequest(prompt="a"), keeper=Kept())
    job.cancel()
    busy.opened.set()

    assert job.result(WAIT_S).status is Status.CANCELLED
    assert not source.closed.is_set()


def test_a_cancel_after_the_end_changes_nothing(start):
    """Twice as well."""
    job = start(DONE)
    job.result(WAIT_S)

    job.cancel()
    job.cancel()

    assert job.result(WAIT_S).status is Status.COMPLETED


def test_several_jobs_run_side_by_side(start):
    """Each with its own end; cancelling one leaves the others."""
    gates = [Gate() for _ in range(5)]
    jobs = [start(gate, DONE) for gate in gates]
    assert all(gate.reached.wait(WAIT_S) for gate in gates)

    jobs[2].cancel()
    for gate in gates:
        gate.opened.set()

    statuses = [job.result(WAIT_S).status for job in jobs]
    assert statuses == [Status.CANCELLED if number == 2 else Status.COMPLETED for number in range(5)]


def test_an_interrupt_stops_the_run_and_the_wait(start):
    """In the main thread, by the signal itself; the handler of before is back afterwards."""
    before = signal.getsignal(signal.SIGINT)
    gate = Gate()
    source = Played(gate)
    job = start(source=source)
    _interrupt_at(gate)

    with pytest.raises(Cancelled) as raised:
        job.result(WAIT_S)

    assert isinstance(raised.value, KeyboardInterrupt)
    assert raised.value._render_traceback_() == ["imagine: cancelled"]
    assert source.closed.wait(WAIT_S)
    assert signal.getsignal(signal.SIGINT) is before


def test_an_interrupt_while_events_are_read_stops_the_run(start):
    """Without a handler of ours: KeyboardInterrupt goes up, and nothing is left running."""
    gate = Gate()
    source = Played(PARTIAL, gate)
    job = start(source=source)
    ticks = job.ticks(None)
    next(ticks)

    with pytest.raises(KeyboardInterrupt):
        ticks.throw(KeyboardInterrupt)

    assert job.generation(WAIT_S).status is Status.CANCELLED
    assert source.closed.is_set()


def _interrupt_at(gate):
    """Send the signal to the main thread, as the kernel's interrupt does, at the gate and once someone waits."""
    before, main = signal.getsignal(signal.SIGINT), threading.main_thread().ident

    def interrupt():
        gate.reached.wait(WAIT_S)
        while signal.getsignal(signal.SIGINT) is before:
            gate.opened.wait(0.002)
        signal.pthread_kill(main, signal.SIGINT)

    threading.Thread(target=interrupt).start()


def test_the_third_interrupt_raises_whatever_happens():
    """A run that does not end cannot hold the cell."""
    with Interrupts() as interrupts:
        signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGINT)
        with pytest.raises(Cancelled):
            signal.raise_signal(signal.SIGINT)

    assert interrupts.seen


def test_an_interrupt_before_the_job_cancels_it_when_it_comes(start):
    """Between plan and start, no moment is left in which a stop is lost."""
    with Interrupts() as interrupts:
        signal.raise_signal(signal.SIGINT)
        job = interrupts.watch(start(Gate()))

    assert job.generation(WAIT_S).status is Status.CANCELLED


def test_off_the_main_thread_a_job_is_waited_for(start):
    """Where no signal handler can be set."""
    found = []
    thread = threading.Thread(target=lambda: found.append(start(DONE).result(WAIT_S).status))
    thread.start()
    thread.join(WAIT_S)

    assert found == [Status.COMPLETED]


@pytest.mark.anyio
async def test_wait_gives_the_generation_in_a_loop_of_ones_own(start):
    """Other tasks go on meanwhile; a failure is raised."""
    gate = Gate()
    waiting = asyncio.create_task(start(gate, DONE).wait())
    await asyncio.sleep(0)
    gate.opened.set()

    assert (await waiting).status is Status.COMPLETED
    with pytest.raises(RateLimited):
        await start(REFUSED).wait()


@pytest.mark.anyio
async def test_pictures_of_an_ended_run_do_not_wait_for_the_collector(start):
    """A sweep waits for thousands of jobs: what they drew is free when the last name of it goes."""
    gc.disable()
    try:
        job = start(completed_image(elapsed_s=0.2, data=b"x", format="png", width=1, height=1))
        drawn = weakref.ref(await job.ended())
        del job
        until(lambda: drawn() is None, "the generation is free")
    finally:
        gc.enable()


@pytest.mark.anyio
async def test_cancelling_the_wait_stops_the_run_and_loses_nothing(start):
    """The task ends as cancelled once the run is tidied up; the job still tells what was finished."""
    gate = Gate()
    source = Played(DONE, gate)
    job = start(source=source, n=2)
    waiting = asyncio.create_task(job.wait())
    await asyncio.to_thread(gate.reached.wait, WAIT_S)

    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting

    assert source.closed.is_set()
    assert job.done
    assert job.generation().status is Status.CANCELLED
    assert [image.data for image in job.generation().images] == [b"x"]


def test_closing_ends_what_runs_and_leaves_no_thread():
    """Runs end as cancelled with what they had; the same thread object can be used again."""
    io, gate = IoThread(), Gate()
    source = Played(DONE, gate)
    job = Job(io, source, ImageRequest(prompt="a", options={"n": 2}), keeper=Kept())
    assert gate.reached.wait(WAIT_S)

    io.close()
    left = [thread.name for thread in threading.enumerate() if thread.name.startswith("imgmagic")]
    job.cancel()

    assert left == []
    assert (job.result(WAIT_S).status, job.result().image.data) == (Status.CANCELLED, b"x")
    again = Job(io, Played(DONE), ImageRequest(prompt="a"), keeper=Kept())
    assert again.result(WAIT_S).status is Status.COMPLETED
    io.close()
    io.close()


def test_closing_while_a_run_is_recorded_waits_for_it():
    """Who waits for the result gets it."""
    io, gate = IoThread(), Gate()
    job = Job(io, Played(DONE), ImageRequest(prompt="a"), keeper=Kept(end_gate=gate))
    assert gate.reached.wait(WAIT_S)
    closing = threading.Thread(target=io.close)
    closing.start()
    gate.opened.set()
    closing.join(WAIT_S)

    assert job.result(WAIT_S).status is Status.COMPLETED


def test_a_job_that_was_closed_and_cancelled_starts_no_thread():
    """A stop that comes late must not bring the thread back."""
    io = IoThread()
    Job(io, Played(DONE), ImageRequest(prompt="a"), keeper=Kept()).result(WAIT_S)
    io.close()

    io.call(lambda: None)

    assert not [thread for thread in threading.enumerate() if thread.name.startswith("imgmagic")]


def test_threads_that_submit_while_another_closes_all_get_an_answer():
    """No run is left waiting for a loop that stopped."""
    io, jobs = IoThread(), []

    def submit():
        jobs.extend(Job(io, Played(DONE), ImageRequest(prompt="a"), keeper=Kept()) for _ in range(20))

    threads = [threading.Thread(target=submit) for _ in range(4)]
    for thread in threads:
        thread.start()
    for _ in range(5):
        io.close()
    for thread in threads:
        thread.join(WAIT_S)

    assert {str(job.generation(WAIT_S).status) for job in jobs} <= {"completed", "cancelled"}
    io.close()
