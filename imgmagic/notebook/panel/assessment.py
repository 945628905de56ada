"""The verdict on a filled form, before anything is sent: every fault at its control, the price, and what is left."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import cast

from imgmagic.domain.budget import Budget, Spent, check_call, check_limit, dollars, parse_amount
from imgmagic.domain.cost import Estimate, estimate
from imgmagic.domain.json_types import JsonValue
from imgmagic.domain.options import ImagineOptions
from imgmagic.domain.provider import Provider
from imgmagic.domain.request import ImageRequest
from imgmagic.domain.rules import Fault
from imgmagic.domain.totals import Origin
from imgmagic.errors import BudgetExceeded, ImgmagicError, SettingsError
from imgmagic.notebook.panel.form import Filled, Form, fault, filled, form_of
from imgmagic.notebook.panel.from_page import Fields
from imgmagic.runs.plan import Plan
from imgmagic.session import Session
from imgmagic.wire.dialects import DIALECTS
from imgmagic.wire.dialects.dialect import Dialect

_FLAG = re.compile(r"--(?P<no>no-)?(?P<name>[a-z]+(?:-[a-z]+)*)")


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """Hold what is known of a filled form.

    Args:
        provider: the provider that would be asked.
        model: the model that would be asked.
        form: the controls that it takes.
        faults: what is wrong, by control.
        key_wanted: whether the provider only lacks a key.
        price: what the call would cost, for people.
        left: what is left of the budget, for people; empty without one.
        plan: the request that is ready to leave; None when something is wrong.
    """

    provider: str
    dialect: Dialect
    model: str | None
    form: Form
    faults: tuple[Fault, ...] = ()
    key_wanted: bool = False
    price: str = ""
    left: str = ""
    plan: Plan | None = None


def judge(session: Session, fields: Fields, prompt: str) -> Verdict:
    """Return the verdict on `fields`, with `prompt` in place of theirs: expanded where that is wanted.

    Raises:
        SettingsError: the settings themselves cannot be read, or the provider does not exist.
    """
    provider = session.providers.chosen(fields.provider or None)
    dialect = DIALECTS[provider.dialect]
    model = _request(session, provider, dialect, fields, prompt, Filled()).model
    form = form_of(dialect, model, session.settings.option_defaults())
    values = filled(form, fields.values, fields.other)
    found = dialect.preflight(_request(session, provider, dialect, fields, prompt, values))
    faults = [*values.faults, *found.faults, *_amount_faults(fields)]
    plan, refusal = (None, None) if faults else _plan(session, fields, prompt, values)
    limits = Budget() if _amount_faults(fields) else session.budget(fields.max_cost or None)
    costs = estimate(found.request, session.archive.prices)
    faults += _refusals(refusal) + _over_budget(session, limits, plan)
    return Verdict(
        provider=provider.name,
        dialect=dialect,
        model=model,
        form=form,
        faults=tuple(faults),
        key_wanted=lacks_key(session, provider, dialect),
        price=_price(costs, plan, dialect),
        left=" · ".join(_left(session, limits)),
        plan=None if faults else plan,
    )


def in_words(each: Fault) -> str:
    """Return a fault for the form: its message and remedy, with controls in place of flags."""
    if each.parameter == "prompt" and "empty" in each.message:
        return "Write what to draw."
    text = " ".join(filter(None, (each.message, each.remedy)))
    return _FLAG.sub(lambda flag: flag["name"].replace("-", " ") + (" off" if flag["no"] else ""), text)


def lacks_key(session: Session, provider: Provider, dialect: Dialect) -> bool:
    """Return whether a key for this session would help."""
    return provider.key is None and (dialect.key_needed or bool(session.providers.key_place(provider.name).variables))


def tags_in(text: str) -> tuple[str, ...]:
    """Return tags that are written with commas between them."""
    return tuple(dict.fromkeys(filter(None, (each.strip() for each in text.split(",")))))


def options_of(fields: Fields, values: Filled) -> ImagineOptions:
    """Return the form as the keywords of `imagine`; only what was filled in."""
    options: dict[str, object] = {**values.options}
    named = {"provider": fields.provider, "model": fields.model, "max_cost": fields.max_cost}
    options.update({name: value for name, value in named.items() if value})
    if values.params:
        options["params"] = values.params
    if tags := tags_in(fields.tags):
        options["tags"] = tags
    return cast("ImagineOptions", options)


def _request(
    session: Session, provider: Provider, dialect: Dialect, fields: Fields, prompt: str, values: Filled
) -> ImageRequest:
    typed: Mapping[str, JsonValue] = {**values.options, **values.params}
    defaults = {name: found.value for name, found in session.settings.option_defaults().items()}
    asked = ImageRequest(
        prompt=prompt,
        model=fields.model or session.settings.text("model"),
        options={**defaults, **typed},
        explicit=frozenset(typed),
    )
    return dialect.with_defaults(provider, asked)


def _plan(session: Session, fields: Fields, prompt: str, values: Filled) -> tuple[Plan | None, ImgmagicError | None]:
    try:
        return session.plan(prompt, template=fields.prompt, **options_of(fields, values)), None
    except ImgmagicError as error:
        return None, error


def _refusals(refusal: ImgmagicError | None) -> list[Fault]:
    if refusal is None:
        return []
    return [fault("provider" if isinstance(refusal, SettingsError) else "prompt", str(refusal))]


def _amount_faults(fields: Fields) -> list[Fault]:
    try:
        parse_amount(fields.max_cost or "0")
    except SettingsError as error:
        return [fault("max_cost", str(error))]
    return []


def _spent(session: Session, budget: Budget) -> Iterator[tuple[str, Decimal, Spent]]:
    history = session.archive.history
    if budget.session is not None:
        yield "session", budget.session, history.spent(session=session.name)
    if budget.daily is not None:
        yield "daily", budget.daily, history.spent(day=datetime.now(UTC).date())


def _over_budget(session: Session, budget: Budget, plan: Plan | None) -> list[Fault]:
    if plan is None or plan.origin is not Origin.LIVE:
        return []
    try:
        check_call(budget, plan.estimate.at_most)
        for name, limit, spent in _spent(session, budget):
            check_limit(name, limit, spent, plan.estimate.at_most or Decimal(0))
    except BudgetExceeded as error:
        return [fault("budget", str(error))]
    return []


def _left(session: Session, budget: Budget) -> Iterator[str]:
    for name, limit, spent in _spent(session, budget):
        yield f"{dollars(max(limit - spent.total, Decimal(0)))} left of the {name} budget of {dollars(limit)}"


_FREE = {Origin.SIMULATED: "simulated: nothing is spent", Origin.REPLAYED: "plays a recording: nothing is spent"}


def _price(costs: Estimate, plan: Plan | None, dialect: Dialect) -> str:
    origin = plan.origin if plan else Origin.SIMULATED if dialect.name == "simulator" else Origin.LIVE
    if origin in _FREE:
        return _FREE[origin]
    if costs.likely is not None:
        return f"about {dollars(costs.likely)}"
    return "cost unknown" if costs.at_most is None else f"at most {dollars(costs.at_most)}"
