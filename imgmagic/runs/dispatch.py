"""Dispatch: record a plan, give it a source of events, and start its job.

Everything happens under one lock, because cells and panels start runs from several threads: two runs of one request
must not take the same recorded take, nor both believe that they are the first of this session.
"""

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from imgmagic.config.providers import PREFERENCE
from imgmagic.config.settings import Settings
from imgmagic.domain.events import Source
from imgmagic.domain.forks import tell_after_fork
from imgmagic.domain.origin import Origin
from imgmagic.domain.request import ImageRequest
from imgmagic.recordings.mode import Action
from imgmagic.recordings.playback import Playback
from imgmagic.recordings.recorder import Recorder
from imgmagic.recordings.recording import RecordedRequest
from imgmagic.runs.clients import Clients
from imgmagic.runs.derived import PastingKeeper
from imgmagic.runs.event_loop import IoThread
from imgmagic.runs.job import Job, RunKeeper
from imgmagic.runs.keeper import Keeper, ReusedKeeper
from imgmagic.runs.plan import Plan
from imgmagic.runs.rate_limiter import ImpatientPacer, RateLimiters
from imgmagic.runs.sources import from_history, from_recording, from_server
from imgmagic.store.archive import Archive
from imgmagic.store.history.records import Record, Started
from imgmagic.wire.dialects import DIALECTS


class Dispatcher:
    """Start planned runs, and list the running ones.

    Args:
        settings: whether earlier pictures are reused.
        archive: where runs are recorded and kept.
        playback: the recordings that are played or made.
        io: the thread that runs are executed on.
        clock: monotonic seconds.
        now: the time of day, with its zone.
    """

    def __init__(
        self,
        settings: Settings,
        archive: Archive,
        playback: Playback,
        *,
        io: IoThread,
        clock: Callable[[], float],
        now: Callable[[], datetime],
    ) -> None:
        self.jobs: tuple[Job, ...] = ()  # the running ones, and the newest
        self._settings = settings
        self._archive = archive
        self._playback = playback
        self.io = io
        self._clock = clock
        self._now = now
        self._clients = Clients(io, clock=clock)
        self._limiters = RateLimiters()
        self._asked: set[str] = set()  # what this session has requested: asking for the same again makes a new picture
        self._has_told_simulated = False
        self._has_told_home = False
        self._lock = threading.RLock()
        tell_after_fork(self)

    def after_fork(self) -> None:
        """Leave running jobs to the parent: they end there, and the lock may stay held forever."""
        self.jobs = ()
        self._limiters = RateLimiters()
        self._lock = threading.RLock()

    def start(self, plan: Plan) -> Job:
        """Record the planned request, send it in the background, and return its job.

        Raises:
            BudgetExceeded: it could cost more than is left; nothing was sent.
        """
        with self._lock:
            return self._start(self._with_next_take(self._clients.with_simulator_address(plan)))

    def find_reusable(self, plan: Plan) -> Record | None:
        """Return what an earlier session drew for the same request, if it would be shown again."""
        if plan.cell is not None:  # the sweep has looked for all its cells together
            return None
        may_reuse = plan.origin is Origin.LIVE and plan.route.action is Action.ASK and not plan.fresh
        if not may_reuse or plan.key in self._asked or not self._settings.find("reuse").value:
            return None
        return self._archive.reusable(plan.key)

    def close(self) -> None:
        """End every run before its connection is closed."""
        with self._lock:
            for job in self.jobs:
                job.cancel()
            for job in self.jobs:
                job.wait_until_ended()
            self._clients.close()

    def _start(self, plan: Plan) -> Job:
        given = plan.request
        # Before the record: a source picture must be on the disk when the record names it.
        with self._archive.inputs_kept(given) as kept:
            plan = replace(plan, request=kept)
            record = self.find_reusable(plan)
            number, keeper = self._keeper(plan, given) if record is None else self._reused_keeper(plan, record)
        # After looking for a reusable picture, or no request would ever find one.
        self._asked.add(plan.key)
        source = from_history(self._archive.generation(record)) if record else self._source(plan)
        job = Job(self.io, source, plan.request, keeper=keeper, number=number, clock=self._clock)
        self.jobs = (*(each for each in self.jobs if not each.done), job)
        return job

    def _reused_keeper(self, plan: Plan, record: Record) -> tuple[int, RunKeeper]:
        keeper = ReusedKeeper(self._archive, record, alt=plan.alt, left_out=plan.left_out)
        return record.id, self._pasting(plan, keeper) if not record.derived else keeper

    def _pasting(self, plan: Plan, keeper: RunKeeper) -> RunKeeper:
        """Return `keeper`, wrapped in one that pastes the original back if the plan asks for that."""
        return keeper if plan.feather_px is None else PastingKeeper(keeper, self._archive, plan.feather_px)

    def _keeper(self, plan: Plan, given: ImageRequest) -> tuple[int | None, RunKeeper]:
        """Record the run before its request leaves; `given` still holds its source pictures."""
        keeper = Keeper(
            self._archive,
            self._make_started(plan),
            plan.budget,
            alt=plan.alt,
            left_out=plan.left_out,
            notices=(*self._home_notice(), *self._simulated_notice(plan)),
        )
        # Again, now that the record names them, so that no `forget` can remove them.
        keeper.tell(*self._archive.keep_inputs(given)[1])
        return keeper.id, self._pasting(plan, keeper)

    def _with_next_take(self, plan: Plan) -> Plan:
        """Take the recording to play now; the next run of the same request plays the next take."""
        if plan.route.recording is None:
            return plan
        recording = self._playback.player.claim(plan.asked)
        request = replace(plan.request, model=recording.model or plan.request.model)
        return replace(plan, request=request, route=replace(plan.route, recording=recording))

    def _make_started(self, plan: Plan) -> Started:
        live = plan.origin is Origin.LIVE
        notebook = self._playback.notebook
        return Started(
            request=plan.request,
            provider=plan.provider.name,
            dialect=plan.drawn_by,
            server=plan.provider.server,
            distinct_server=plan.provider.distinct_server,
            session=self._archive.session,
            at=self._now(),
            origin=plan.origin,
            drawn_at=plan.route.recording.recorded_at if plan.route.recording else None,
            notebook=notebook.name if notebook else None,
            at_most=plan.estimate.at_most if live else Decimal(0),
            price_date=self._archive.prices.date if live else None,
            tags=plan.tags,
            cell=plan.cell,
        )

    def _source(self, plan: Plan) -> Source:
        if plan.route.recording is not None:
            return from_recording(self._playback.player, plan.route.recording)
        limiter = self._limiters.of(plan.provider, plan.request.model)
        pacer = ImpatientPacer(limiter) if plan.cell is None else limiter  # nobody watches a single cell of a sweep
        server = from_server(self._clients.client(plan), plan.timeout_s, pacer)
        if plan.route.action is not Action.ASK_AND_RECORD:
            return server
        recordings = self._playback.recordings
        if plan.route.over_servers:
            recordings.let_replace(RecordedRequest.of(plan.asked).key)
        return Recorder(server, recordings, provider=plan.provider, asked=plan.asked).events

    def _home_notice(self) -> tuple[str, ...]:
        """Say once in a session that things are not kept where they should be."""
        notice = "" if self._has_told_home else self._settings.home_notice
        self._has_told_home = True
        return (notice,) if notice else ()

    def _simulated_notice(self, plan: Plan) -> tuple[str, ...]:
        """Say once in a session that pictures are simulated, and how to choose a real server."""
        if plan.origin is not Origin.SIMULATED or self._has_told_simulated:
            return ()
        self._has_told_simulated = True
        variables = ", ".join(DIALECTS[name].key_env[0] for name in PREFERENCE if name in DIALECTS)
        return (
            f"Simulated picture: no server was asked, and nothing was spent. For a real server set one of {variables}.",
        )
