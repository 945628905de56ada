"""Planning: turn a prompt and options into a plan, or say what is wrong; the same for cells, dry runs and panels.

A checked request is what is known without checking that the server can be asked: the provider, the request as it would
leave, and every fault. A plan is a checked request without faults, with its route and its limits.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Unpack

from imgmagic.config.settings import Resolved
from imgmagic.domain.budget import Budget, check_call, check_limit
from imgmagic.domain.cost import Estimate, estimate
from imgmagic.domain.options import ImagineOptions
from imgmagic.domain.provider import Provider
from imgmagic.domain.request import STREAMING, ImageRequest
from imgmagic.domain.rules import Fault, Treatment, describe
from imgmagic.errors import BudgetExceeded, ImgmagicError, RequestInvalid
from imgmagic.runs.basis import Basis
from imgmagic.runs.derived import feather_of
from imgmagic.runs.inputs.reading import with_inputs
from imgmagic.runs.judging import Judge, SteadyJudge
from imgmagic.runs.plan import Plan
from imgmagic.runs.typed_options import (
    parse_timeout,
    require_encodable,
    require_known_defaults,
    typed_model,
    typed_parameters,
)
from imgmagic.store.archive import Archive
from imgmagic.store.usage_report import Limit, limits
from imgmagic.wire.dialects import DIALECTS
from imgmagic.wire.dialects.dialect import Dialect

MOST_STREAMS = 10  # as many images as any server takes in one request


@dataclass(frozen=True, kw_only=True)
class CheckedRequest:
    """Hold a request as it would leave, with everything that is wrong with it.

    Args:
        provider: who would be asked.
        dialect: how that server speaks.
        asked: the request before the dialect changed it; recordings are found by it.
        request: the request as it would leave.
        faults: everything that the dialect refuses or ignores, and what is sent to no server at all.
        left_out: settings, not typed for this call, that the server does not take.
        estimate: what it may cost.
    """

    provider: Provider
    dialect: Dialect
    asked: ImageRequest
    request: ImageRequest
    faults: tuple[Fault, ...]
    left_out: tuple[str, ...]
    estimate: Estimate


@dataclass(frozen=True, kw_only=True)
class Assessment:
    """Hold a checked request and the result: a plan, or the reason why there is none.

    Args:
        checked: the request, its faults and its estimate.
        plan: the request that is ready to leave; None if something is wrong.
        refusal: why a request without faults cannot leave: no key, nothing recorded, or too expensive.
        limits: what is left under each limit.
    """

    checked: CheckedRequest
    plan: Plan | None = None
    refusal: ImgmagicError | None = None
    limits: tuple[Limit, ...] = ()


class Planner:
    """Turn prompts and options into plans.

    Args:
        basis: what plans are made from.
        archive: what is spent.
        today: the day of the daily limit.
        judge: completes requests, and finds their faults.
    """

    def __init__(
        self, basis: Basis, archive: Archive, *, today: Callable[[], date], judge: Judge | None = None
    ) -> None:
        self.basis = basis
        self._judge = judge or Judge()
        self._archive = archive
        self._today = today

    def steady(self) -> "Planner":
        """Return a planner that reads settings, providers and prices once, for many plans in a row."""
        return Planner(self.basis.steady(), self._archive, today=self._today, judge=SteadyJudge())

    def plan(
        self,
        prompt: str,
        *,
        template: str | None = None,
        defaults: Collection[str] | None = None,
        **options: Unpack[ImagineOptions],
    ) -> Plan:
        """Return the request as it would leave, checked against the dialect; nothing is sent.

        Args:
            prompt: the text to send, as written.
            template: the text as it was typed.
            defaults: which settings fill in what the options leave out, None for all: a request that is repeated is as
                it was, whatever has been set since.
            **options: as those of `imgmagic.imagine`.

        Raises:
            RequestInvalid: the request has faults; the message lists them all.
            SettingsError: the provider cannot be asked; the message says what is missing.
            RecordingMiss: recordings are played, and nothing is recorded for this request.
        """
        checked = self.check(prompt, template=template, defaults=defaults, **options)
        if checked.faults:
            raise RequestInvalid(describe(checked.faults))
        return self.complete(checked, options)

    def assess(
        self,
        prompt: str,
        *,
        template: str | None = None,
        defaults: Collection[str] | None = None,
        **options: Unpack[ImagineOptions],
    ) -> Assessment:
        """Return a checked request with its plan, or with the reason why it cannot leave; nothing is sent.

        Takes what `plan` takes.

        Raises:
            SettingsError: no such provider, or settings that cannot be read.
            RequestInvalid: an option that does not exist, or a value that no request can hold.
        """
        checked = self.check(prompt, template=template, defaults=defaults, **options)
        # Before the faults: the form shows what is left of the budget also while something in it is wrong.
        found = self.limits(self.basis.budget(options.get("max_cost")))
        if checked.faults:
            return Assessment(checked=checked, limits=found)
        try:
            plan = self.complete(checked, options)
            self.check_budget(plan)
        except ImgmagicError as error:
            return Assessment(checked=checked, refusal=error, limits=found)
        return Assessment(checked=checked, plan=plan, limits=found)

    def check(
        self,
        prompt: str,
        *,
        template: str | None = None,
        defaults: Collection[str] | None = None,
        **options: Unpack[ImagineOptions],
    ) -> CheckedRequest:
        """Return a request as it would leave, with its faults; takes what `plan` takes.

        Raises:
            SettingsError: no such provider, or settings that cannot be read.
            RequestInvalid: an option that does not exist, or a value that no request can hold.
        """
        parse_timeout(options.get("timeout"))
        provider = self.basis.provider(options.get("provider"))
        dialect = DIALECTS[provider.dialect]
        settings = self._defaults(defaults)
        asked = with_inputs(
            self._request(prompt, template, options, settings),
            options,
            lambda: self.basis.edits(dialect),
            self._archive.find,
        )
        if options.get("check", True) and (dialect.rules or dialect.families):
            require_known_defaults(settings.options, asked.explicit)
        found = self._judge.judge(dialect, provider, asked, check=options.get("check", True))
        return CheckedRequest(
            provider=provider,
            dialect=dialect,
            asked=asked,
            request=found.request,
            faults=found.faults or tuple(_faults_anywhere(dialect, found.request)),
            left_out=tuple(name for name in found.left_out if name not in STREAMING),
            estimate=estimate(found.request, self.basis.prices()),
        )

    def limits(self, budget: Budget) -> tuple[Limit, ...]:
        """Return the limits that are set, each with what is left."""
        return limits(self._archive, budget, self._today())

    def check_budget(self, plan: Plan) -> None:
        """Refuse a plan that would not fit now; the history decides again when the call is recorded.

        Raises:
            BudgetExceeded: with the reason and what to do.
        """
        if not plan.is_live:
            return
        check_call(plan.budget, plan.estimate.at_most)
        for each in self.limits(plan.budget):
            check_limit(each.name, each.limit, each.spent, plan.estimate.at_most)

    def budget_refusal(self, plan: Plan) -> BudgetExceeded | None:
        """Return why a plan would not fit now, or None."""
        try:
            self.check_budget(plan)
        except BudgetExceeded as error:
            return error
        return None

    def complete(self, checked: CheckedRequest, options: ImagineOptions) -> Plan:
        """Return the plan of a checked request without faults.

        Raises:
            SettingsError: the provider cannot be asked; the message says what is missing.
            RecordingMiss: recordings are played, and nothing is recorded for this request.
        """
        route = self.basis.route(checked.asked, checked.provider, options.get("provider"))
        if route.miss is not None:
            raise route.miss
        # A recording plays without a key, so the provider need not be complete.
        if route.recording is None:
            self.basis.check_provider(checked.provider.name)
        return Plan(
            provider=checked.provider,
            dialect=checked.dialect,
            request=checked.request,
            asked=checked.asked,
            route=route,
            timeout_s=options.get("timeout") or self.basis.timeout_s(),
            estimate=checked.estimate,
            budget=self.basis.budget(options.get("max_cost")),
            left_out=checked.left_out,
            tags=_as_tags(options.get("tags")),
            fresh=options.get("fresh", False),
            alt=options.get("alt"),
            feather_px=feather_of(
                checked.asked, wanted=options.get("paste_back", False), feather_px=options.get("feather")
            ),
        )

    def _defaults(self, names: Collection[str] | None) -> "_Defaults":
        """Return what the settings of these names fill in; None for all."""
        found = self.basis.defaults()
        if names is None:
            return _Defaults(options=found, model=self.basis.model())
        options = {name: each for name, each in found.items() if name in names}
        return _Defaults(options=options, model=self.basis.model() if "model" in names else None)

    def _request(
        self, prompt: str, template: str | None, options: ImagineOptions, defaults: "_Defaults"
    ) -> ImageRequest:
        typed = typed_parameters(options)
        filled = {name: found.value for name, found in defaults.options.items()}
        return require_encodable(
            ImageRequest(
                prompt=prompt,
                template=None if template == prompt else template,
                model=typed_model(options) or defaults.model,
                options={**filled, **typed},
                explicit=frozenset(typed),
            )
        )

    def can_ask(self) -> bool:
        """Return whether the next call could ask a server, or a simulator that somebody chose."""
        return self.basis.can_ask(self.basis.provider(None), None)


@dataclass(frozen=True, kw_only=True)
class _Defaults:
    """Hold what settings fill in."""

    options: Mapping[str, Resolved]
    model: str | None


def _faults_anywhere(dialect: Dialect, request: ImageRequest) -> Sequence[Fault]:
    """Return the faults that no server is sent, checked or not: nothing to draw, and too many streams at once."""
    if not request.prompt.strip():
        return [fault for fault in dialect.faults(request) if fault.parameter == "prompt"]
    if request.stream and not 1 <= request.n <= MOST_STREAMS:
        message = f"{request.n} is out of range; 1 to {MOST_STREAMS} streams can run side by side."
        # Each streamed image is a separate request, so this is also the number of connections and of bills.
        remedy = "Add {stream=False} to send the number as typed."
        return [Fault(parameter="n", treatment=Treatment.REFUSED, message=message, remedy=remedy)]
    return []


def _as_tags(tags: Sequence[str] | str | None) -> tuple[str, ...]:
    return (tags,) if isinstance(tags, str) else tuple(tags or ())
