"""The session: what is configured, what may be spent, and the parts that plan and run requests with it."""

import functools
import threading
import time
import uuid
from collections.abc import Callable, Collection, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Unpack

from imgmagic.config.keys import KeyStore
from imgmagic.config.providers import Providers
from imgmagic.config.secret_stores import SecretStores
from imgmagic.config.settings import Settings
from imgmagic.domain.budget import Budget, parse_amount
from imgmagic.domain.generation import Generation
from imgmagic.domain.local_time import local_time
from imgmagic.domain.options import ImagineOptions
from imgmagic.domain.request import ImageRequest
from imgmagic.recordings.playback import Playback
from imgmagic.runs.basis import Basis
from imgmagic.runs.dispatch import Dispatcher
from imgmagic.runs.event_loop import IoThread
from imgmagic.runs.job import Job
from imgmagic.runs.plan import Plan
from imgmagic.runs.planning import Planner
from imgmagic.store.archive import Archive
from imgmagic.store.history.records import Record
from imgmagic.wire.dialects import DIALECTS

if TYPE_CHECKING:
    from imgmagic.runs.sweeps import Sweeps

_MAKING = threading.Lock()  # otherwise two threads could each create a session, or sweeps


class Session:
    """Plan requests, run them, and keep their results.

    Args:
        settings: where values come from; by default the environment and the settings files.
        name: the name of its records and its spending; by default a unique one.
        clock: monotonic seconds.
        now: the time of day, with its zone.
    """

    def __init__(
        self,
        settings: Settings | None = None,
        *,
        name: str | None = None,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = lambda: local_time(datetime.now(UTC)),
    ) -> None:
        self.name = name or f"{now():%Y%m%d-%H%M%S}-{uuid.uuid4().hex[:6]}"
        self.settings = settings or Settings()
        self.keys = KeyStore()
        self.providers = Providers(DIALECTS, self.settings, stored_key=self.keys.find, secrets=SecretStores())
        self.archive = Archive(self.settings, session=self.name)
        self.playback = Playback(self.settings)
        self.limit: Decimal | None = None  # US dollars that this session may spend
        self._io = IoThread()
        self._clock = clock
        self._now = now
        self._typed_templates: set[str] = set()
        self._sweeps: Sweeps | None = None
        basis = Basis(self.settings, self.providers, self.playback, self.archive, budget=self.budget)
        self.planner = Planner(basis, self.archive, today=lambda: now().date())
        self.dispatcher = Dispatcher(self.settings, self.archive, self.playback, io=self._io, clock=clock, now=now)

    @property
    def sweeps(self) -> "Sweeps":
        """Return what plans and begins sweeps; loaded at first use, because single runs do not need it."""
        from imgmagic.runs.sweeps import Sweeps

        parts = self.settings, self.planner, self.dispatcher, self.archive
        with _MAKING:
            self._sweeps = self._sweeps or Sweeps(*parts, clock=self._clock, now=self._now)
            return self._sweeps

    @property
    def jobs(self) -> tuple[Job, ...]:
        """Return the running jobs, and the newest one."""
        return self.dispatcher.jobs

    def expand(self, text: str, names: Mapping[str, object]) -> str:
        """Replace each `{{ expression }}` in `text` with its value for `names`."""
        self._typed_templates.add(text)
        if "{{" not in text:
            return text
        from imgmagic.domain.template import expand

        return expand(text, names)

    def typed_template(self, request: ImageRequest) -> str:
        """Return the template that expands to the request's prompt: as typed in this session, else its plain text.

        A template from a history or recording may have been written by someone else, and would run as code.
        """
        from imgmagic.domain.template import quote

        template = request.template
        return template if template is not None and template in self._typed_templates else quote(request.prompt)

    def plan(
        self,
        prompt: str,
        *,
        template: str | None = None,
        defaults: Collection[str] | None = None,
        **options: Unpack[ImagineOptions],
    ) -> Plan:
        """Return the request as it would leave; see `Planner.plan`."""
        with self.settings.read_once():
            return self.planner.plan(prompt, template=template, defaults=defaults, **options)

    def start(self, plan: Plan) -> Job:
        """Record the planned request, send it in the background, and return its job.

        Raises:
            BudgetExceeded: it could cost more than is left; nothing was sent.
        """
        with self.settings.read_once():
            return self.dispatcher.start(plan)

    def imagine(self, prompt: str, **options: Unpack[ImagineOptions]) -> Generation:
        """Generate images for `prompt` and wait for them; see `imgmagic.imagine`."""
        return self.start(self.plan(prompt, **options)).result()

    async def imagine_async(self, prompt: str, **options: Unpack[ImagineOptions]) -> Generation:
        """Generate images for `prompt` in the caller's event loop; see `imgmagic.imagine_async`."""
        return await self.start(self.plan(prompt, **options)).wait()

    def fetch(self, record: Record) -> Generation:
        """Fetch the pictures of a generation whose addresses did not answer when it was drawn, and return it.

        Raises:
            StoreError: it has no picture to fetch, or one cannot be kept.
            DownloadFailed: an address still does not answer.
        """
        from imgmagic.runs.fetching import fetch_missing

        provider = self.providers.chosen(record.started.provider)
        self.providers.check(provider)
        fetch_missing(record, provider, self.archive, self._io)
        return self.archive.generation(self.archive.history.get(record.id) or record)

    def can_ask(self) -> bool:
        """Return whether the next call could ask a server, or a simulator that somebody chose."""
        return self.planner.can_ask()

    def budget(self, max_cost: Decimal | float | str | None = None) -> Budget:
        """Return the limits that apply to a call: of the session, of the day, and of the call itself."""
        daily, user_daily = (self.settings.find(name).value for name in ("daily_budget", "user_daily_budget"))
        return Budget(
            session=self.limit,
            daily=None if daily is None else parse_amount(str(daily)),
            user_daily=None if user_daily is None else parse_amount(str(user_daily)),
            per_call=None if max_cost is None else parse_amount(str(max_cost)),
            allow_unknown=bool(self.settings.find("allow_unknown_cost").value),
        )

    def close(self) -> None:
        """Stop what is running, close every connection, the database and the simulator; later use opens them again."""
        if self._sweeps is not None:
            self._sweeps.close()
        self.dispatcher.close()
        self._io.close()
        self.archive.close()


def default_session() -> Session:
    """Return the session that the magics and the functions of `imgmagic` share; made at first use."""
    with _MAKING:
        return shared_session()


@functools.cache
def shared_session() -> Session:
    """Make the default session; only for `default_session`."""
    return Session()
