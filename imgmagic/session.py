"""The session: the only place where settings, providers, wire, store and budget meet."""

import time
from collections.abc import AsyncGenerator, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Unpack, cast

from imgmagic.domain.events import Event
from imgmagic.domain.generation import GeneratedImage, Generation
from imgmagic.domain.json import JsonObject, JsonValue
from imgmagic.domain.options import OPTIONS, ImagineOptions
from imgmagic.domain.progress import Progress
from imgmagic.domain.provider import Provider
from imgmagic.domain.request import STREAMING, ImageRequest
from imgmagic.domain.rules import Preflight, describe
from imgmagic.domain.template import expand
from imgmagic.errors import RequestInvalid
from imgmagic.job import CLOSE_S, IoThread, Job, Source
from imgmagic.providers import PREFERENCE, SIMULATOR, Providers
from imgmagic.settings import Settings
from imgmagic.simulator.service import Simulator
from imgmagic.store.copies import save_copies
from imgmagic.wire.client import Client
from imgmagic.wire.dialect import Dialect
from imgmagic.wire.dialects import DIALECTS


@dataclass(frozen=True, kw_only=True)
class Plan:
    """A request that is ready to leave: to whom, what exactly, and what was left out of it."""

    provider: Provider
    dialect: Dialect
    request: ImageRequest
    timeout_s: float
    left_out: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()

    @property
    def simulated(self) -> bool:
        """Return whether the simulator will draw."""
        return self.provider.dialect == SIMULATOR

    @property
    def bodies(self) -> tuple[JsonObject, ...]:
        """Return the request bodies that will leave, side by side."""
        return self.dialect.bodies(self.request, self.provider)

    @property
    def url(self) -> str:
        """Return the address that they go to."""
        return self.dialect.url(self.provider, self.request)


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
        self.settings = settings or Settings()
        self.providers = Providers(DIALECTS, self.settings)
        self._clock = clock
        self._now = now
        self._io = IoThread()
        self._clients: dict[str, tuple[Provider, Client]] = {}
        self._simulator: Simulator | None = None
        self._told_simulated = False

    def expand(self, text: str, names: Mapping[str, object]) -> str:
        """Replace `{{ expression }}` in `text` by its value over `names`."""
        return expand(text, names)

    def plan(self, prompt: str, *, template: str | None = None, **options: Unpack[ImagineOptions]) -> Plan:
        """Return the request as it would leave, checked against the dialect; nothing is sent.

        Raises:
            RequestInvalid: the request has faults; the message lists them all.
            SettingsError: the provider cannot be asked; the message says what is missing.
        """
        provider = self.providers.get(options.get("provider"))
        dialect = DIALECTS[provider.dialect]
        asked = self._request(prompt, template, options)
        checked = self._checked(dialect, dialect.with_defaults(provider, asked), check=options.get("check", True))
        timeout_s = options.get("timeout") or self.settings.number("timeout")
        return Plan(
            provider=provider,
            dialect=dialect,
            request=checked.request,
            timeout_s=timeout_s,
            left_out=tuple(name for name in checked.left_out if name not in _UNSEEN),
            notices=self._simulated_notice(provider),
        )

    def start(self, plan: Plan) -> Job:
        """Send the planned request in the background and return its job."""
        plan = self._addressed(plan)
        self._told_simulated = self._told_simulated or plan.simulated
        created_at = self._now()

        async def finish(progress: Progress) -> Generation:
            return _generation(plan, progress, created_at)

        return Job(self._io, self._source(plan), plan.request, finish=finish, clock=self._clock)

    def imagine(self, prompt: str, **options: Unpack[ImagineOptions]) -> Generation:
        """Generate images for `prompt` and wait for them; see `imgmagic.imagine`."""
        return self.start(self.plan(prompt, **options)).result()

    async def imagine_async(self, prompt: str, **options: Unpack[ImagineOptions]) -> Generation:
        """Generate images for `prompt` in the caller's event loop; see `imgmagic.imagine_async`."""
        return await self.start(self.plan(prompt, **options)).wait()

    def close(self) -> None:
        """Stop what runs, close every connection and the simulator; the session can be used again."""
        for _, client in self._clients.values():
            self._io.submit(client.aclose()).result(timeout=CLOSE_S)
        self._clients.clear()
        self._io.close()
        if self._simulator is not None:
            self._simulator.stop()
            self._simulator = None

    def _request(self, prompt: str, template: str | None, options: ImagineOptions) -> ImageRequest:
        given = _given(options)
        defaults = {name: found.value for name, found in self.settings.option_defaults().items()}
        return ImageRequest(
            prompt=prompt,
            template=None if template == prompt else template,
            model=options.get("model") or self.settings.text("model"),
            options={**defaults, **given},
            explicit=frozenset(given),
        )

    def _checked(self, dialect: Dialect, request: ImageRequest, *, check: bool) -> Preflight:
        request = _streaming_options_in_place(request)
        if not check:
            return Preflight(request=request)
        found = dialect.preflight(request)
        if found.faults:
            raise RequestInvalid(describe(found.faults))
        return found

    def _simulated_notice(self, provider: Provider) -> tuple[str, ...]:
        if provider.dialect != SIMULATOR or self._told_simulated:
            return ()
        variables = ", ".join(DIALECTS[name].key_env[0] for name in PREFERENCE if name in DIALECTS)
        return (f"Simulated picture: nothing was asked or spent. For a real server set one of {variables}.",)

    def _addressed(self, plan: Plan) -> Plan:
        if not plan.simulated or plan.provider.base_url:
            return plan
        if self._simulator is None:
            self._simulator = Simulator()
        return replace(plan, provider=replace(plan.provider, base_url=self._simulator.start()))

    def _source(self, plan: Plan) -> Source:
        return _Timed(self._client(plan), plan.timeout_s)

    def _client(self, plan: Plan) -> Client:
        name = plan.provider.name
        known, client = self._clients.get(name, (None, None))
        if client is not None and known == plan.provider:
            return client
        if client is not None:
            self._io.submit(client.aclose())
        fresh = Client(plan.provider, plan.dialect, clock=self._clock)
        self._clients[name] = (plan.provider, fresh)
        return fresh


class _Timed:
    """A client's events under one call's own overall time-out."""

    def __init__(self, client: Client, timeout_s: float) -> None:
        self._client = client
        self._timeout_s = timeout_s

    def events(self, request: ImageRequest) -> AsyncGenerator[Event, None]:
        return self._client.events(request, timeout_s=self._timeout_s)


_UNSEEN = STREAMING  # how a picture arrives is not worth a word when nobody asked for it


def _given(options: ImagineOptions) -> dict[str, JsonValue]:
    """Return the body parameters that were typed for this call."""
    names = {option.name for option in OPTIONS} - {"model"}
    named = {name: cast("JsonValue", value) for name, value in options.items() if name in names and value is not None}
    return {**named, **(options.get("params") or {})}


def _streaming_options_in_place(request: ImageRequest) -> ImageRequest:
    """Leave a default number of partial images out of a request that does not stream."""
    if request.stream or "partial_images" in request.explicit:
        return request
    kept = {name: value for name, value in request.options.items() if name != "partial_images"}
    return replace(request, options=kept)


def _generation(plan: Plan, progress: Progress, created_at: datetime) -> Generation:
    return Generation(
        request=plan.request,
        status=progress.status,
        provider=plan.provider.name,
        created_at=created_at,
        elapsed_s=progress.elapsed_s,
        images=tuple(
            GeneratedImage(
                data=image.data,
                format=image.format,
                width=image.width,
                height=image.height,
                index=image.index,
                revised_prompt=image.revised_prompt,
                copier=save_copies,
            )
            for image in progress.images
        ),
        usage=progress.usage,
        error=progress.error,
        first_partial_s=progress.first_partial_s,
        request_id=progress.request_id,
        simulated=plan.simulated,
        left_out=plan.left_out,
        notices=plan.notices,
        copier=save_copies,
    )
