"""The session: the only place where settings, providers, wire, store and budget meet."""

import contextlib
import threading
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Unpack

from imgmagic.config.keys import KeyStore
from imgmagic.config.providers import PREFERENCE, SIMULATOR, Providers
from imgmagic.config.settings_table import Settings
from imgmagic.domain.budget import Budget, parse_amount
from imgmagic.domain.cost import estimate
from imgmagic.domain.generation import Generation
from imgmagic.domain.options import ImagineOptions
from imgmagic.domain.provider import Provider
from imgmagic.domain.request import STREAMING, ImageRequest
from imgmagic.domain.template import expand
from imgmagic.domain.totals import Origin
from imgmagic.recordings.mode import Way
from imgmagic.recordings.playback import Playback
from imgmagic.recordings.recorder import Recorder
from imgmagic.runs.event_loop import CLOSE_S, IoThread
from imgmagic.runs.job import Job, Source
from imgmagic.runs.plan import Plan, checked, given, seconds, sendable
from imgmagic.runs.sources import Asked, Played, Reused, RunKeeper
from imgmagic.simulator.service import Simulator
from imgmagic.store.archive import Archive
from imgmagic.store.history.records import Record, Started
from imgmagic.wire.client import Client
from imgmagic.wire.dialects import DIALECTS


class Session:
    """Plan requests, run them, and keep what they give.

    Args:
        settings: where values come from; the environment and the settings files unless given.
        clock: monotonic seconds.
        now: the time of day, aware.
    """

    def __init__(
        self,
        settings: Settings | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.name = f"{now():%Y%m%d-%H%M%S}-{uuid.uuid4().hex[:6]}"
        self.settings = settings or Settings()
        self.keys = KeyStore()
        self.providers = Providers(DIALECTS, self.settings, stored_key=self.keys.find)
        self.archive = Archive(self.settings, session=self.name)
        self.playback = Playback(self.settings, environ=self.settings.environ)
        self.limit: Decimal | None = None
        self.jobs: tuple[Job, ...] = ()  # those that run, and the newest
        self._clock = clock
        self._now = now
        self._io = IoThread()
        self._clients: dict[str, tuple[Provider, Client]] = {}
        self._simulator: Simulator | None = None
        self._told_simulated = False
        self._former: list[Client] = []  # of providers that were configured anew; runs may still use them
        self._asked: set[str] = set()
        self._lock = threading.RLock()  # the panel and cells start runs from several threads

    def expand(self, text: str, names: Mapping[str, object]) -> str:
        """Replace `{{ expression }}` in `text` by its value over `names`."""
        return expand(text, names)

    def plan(self, prompt: str, *, template: str | None = None, **options: Unpack[ImagineOptions]) -> Plan:
        """Return the request as it would leave, checked against the dialect; nothing is sent.

        Raises:
            RequestInvalid: the request has faults; the message lists them all.
            SettingsError: the provider cannot be asked; the message says what is missing.
            RecordingMiss: recordings are played, and nothing is recorded for this request.
        """
        provider = self.providers.chosen(options.get("provider"))
        dialect = DIALECTS[provider.dialect]
        asked = self._request(prompt, template, options)
        found = checked(dialect, dialect.with_defaults(provider, asked), check=options.get("check", True))
        route = self.playback.route(asked, key=self._can_ask(provider, options))
        if route.miss is not None:
            raise route.miss
        if route.recording is None:
            self.providers.check(provider)
        return Plan(
            provider=provider,
            dialect=dialect,
            request=found.request,
            asked=asked,
            route=route,
            timeout_s=seconds(options.get("timeout")) or self.settings.number("timeout"),
            estimate=estimate(found.request, self.archive.prices),
            budget=self.budget(options.get("max_cost")),
            left_out=tuple(name for name in found.left_out if name not in STREAMING),
            tags=_tags(options.get("tags")),
            fresh=options.get("fresh", False),
            alt=options.get("alt"),
        )

    def start(self, plan: Plan) -> Job:
        """Record the planned request, send it in the background, and return its job.

        Raises:
            BudgetExceeded: it could cost more than is left; nothing was sent.
        """
        with self._lock:
            return self._start(self._claimed(self._addressed(plan)))

    def _start(self, plan: Plan) -> Job:
        reused = self.reused(plan)
        started = self._started(plan)
        if reused is not None:
            started = replace(started, origin=Origin.REUSED, drawn_at=reused.started.at, at_most=Decimal(0))
        entry = self.archive.begin(started, plan.budget, notices=self._simulated_notice(plan))
        self._asked.add(plan.key)
        source = Reused(self.archive.generation(reused)) if reused else self._source(plan)
        keeper = RunKeeper(plan, entry, source, started.at, reused)
        job = Job(self._io, source, plan.request, keeper=keeper, clock=self._clock)
        self.jobs = (*(each for each in self.jobs if not each.done), job)
        return job

    def reused(self, plan: Plan) -> Record | None:
        """Return what an earlier session drew for the same request, if it would be shown: before this session asks."""
        wanted = plan.origin is Origin.LIVE and plan.route.way is Way.ASK and not plan.fresh
        if not wanted or plan.key in self._asked or not self.settings.find("reuse").value:
            return None
        return self.archive.reusable(self._started(plan))

    def imagine(self, prompt: str, **options: Unpack[ImagineOptions]) -> Generation:
        """Generate images for `prompt` and wait for them; see `imgmagic.imagine`."""
        return self.start(self.plan(prompt, **options)).result()

    async def imagine_async(self, prompt: str, **options: Unpack[ImagineOptions]) -> Generation:
        """Generate images for `prompt` in the caller's event loop; see `imgmagic.imagine_async`."""
        return await self.start(self.plan(prompt, **options)).wait()

    def budget(self, max_cost: Decimal | float | str | None = None) -> Budget:
        """Return the limits that hold for a call: of the session, of the day, and of the call itself."""
        daily = self.settings.find("daily_budget").value
        return Budget(
            session=self.limit,
            daily=None if daily is None else parse_amount(str(daily)),
            per_call=None if max_cost is None else parse_amount(str(max_cost)),
            allow_unknown=bool(self.settings.find("allow_unknown_cost").value),
        )

    def close(self) -> None:
        """Stop what runs, close every connection, the database and the simulator; the session can be used again."""
        with self._lock:
            self._stop_jobs()
            clients = [*self._former, *(client for _, client in self._clients.values())]
            self._clients.clear()
            self._former.clear()
            for client in clients:
                self._io.submit(client.aclose()).result(timeout=CLOSE_S)
            self._io.close()
            self.archive.close()
            if self._simulator is not None:
                self._simulator.stop()
                self._simulator = None

    def _stop_jobs(self) -> None:
        """End every run before its connection is closed under it."""
        for job in self.jobs:
            job.cancel()
        for job in self.jobs:
            with contextlib.suppress(TimeoutError):
                job.generation(CLOSE_S)

    def _request(self, prompt: str, template: str | None, options: ImagineOptions) -> ImageRequest:
        typed = given(options)
        defaults = {name: found.value for name, found in self.settings.option_defaults().items()}
        request = ImageRequest(
            prompt=prompt,
            template=None if template == prompt else template,
            model=options.get("model") or self.settings.text("model"),
            options={**defaults, **typed},
            explicit=frozenset(typed),
        )
        return sendable(request)

    def _can_ask(self, provider: Provider, options: ImagineOptions) -> bool:
        """Return whether a server can be asked; the simulator only when someone chose it, not for want of a key."""
        if provider.dialect != SIMULATOR:
            return provider.key is not None or not DIALECTS[provider.dialect].key_needed
        return (options.get("provider") or self.settings.text("provider")) == provider.name

    def _simulated_notice(self, plan: Plan) -> tuple[str, ...]:
        """Say once in a session that pictures are simulated, and what would choose a real server."""
        if plan.origin is not Origin.SIMULATED or self._told_simulated:
            return ()
        self._told_simulated = True
        variables = ", ".join(DIALECTS[name].key_env[0] for name in PREFERENCE if name in DIALECTS)
        return (f"Simulated picture: nothing was asked or spent. For a real server set one of {variables}.",)

    def _addressed(self, plan: Plan) -> Plan:
        if plan.origin is not Origin.SIMULATED or plan.provider.base_url:
            return plan
        if self._simulator is None:
            self._simulator = Simulator()
        return replace(plan, provider=replace(plan.provider, base_url=self._simulator.start()))

    def _claimed(self, plan: Plan) -> Plan:
        """Take the recording that is played now; the next run of the same request plays the next take."""
        if plan.route.recording is None:
            return plan
        recording = self.playback.player.claim(plan.asked)
        request = replace(plan.request, model=recording.model or plan.request.model)
        return replace(plan, request=request, route=replace(plan.route, recording=recording))

    def _started(self, plan: Plan) -> Started:
        live = plan.origin is Origin.LIVE
        notebook = self.playback.notebook
        return Started(
            request=plan.request,
            provider=plan.provider.name,
            dialect=plan.drawn_by,
            session=self.name,
            at=self._now(),
            origin=plan.origin,
            drawn_at=plan.route.recording.recorded_at if plan.route.recording else None,
            notebook=notebook.name if notebook else None,
            at_most=plan.estimate.at_most if live else Decimal(0),
            price_date=self.archive.prices.date if live else None,
            tags=plan.tags,
        )

    def _source(self, plan: Plan) -> Source:
        if plan.route.recording is not None:
            return Played(self.playback.player, plan.route.recording)
        asked = Asked(self._client(plan), plan.timeout_s)
        if plan.route.way is Way.ASK_AND_RECORD:
            return Recorder(asked, self.playback.recordings, provider=plan.provider, asked=plan.asked)
        return asked

    def _client(self, plan: Plan) -> Client:
        name = plan.provider.name
        known, client = self._clients.get(name, (None, None))
        if client is not None and known == plan.provider:
            return client
        if client is not None:
            self._former.append(client)
        fresh = Client(plan.provider, plan.dialect, clock=self._clock)
        self._clients[name] = (plan.provider, fresh)
        return fresh


def _tags(tags: Sequence[str] | str | None) -> tuple[str, ...]:
    return (tags,) if isinstance(tags, str) else tuple(tags or ())
