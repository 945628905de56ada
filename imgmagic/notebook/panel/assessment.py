"""The verdict on a filled form, before anything is sent: every fault at its control, the price, and what is left."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import cast

from imgmagic.domain.budget import parse_amount
from imgmagic.domain.options import ImagineOptions
from imgmagic.domain.origin import SIMULATOR, Origin
from imgmagic.domain.provider import Provider
from imgmagic.domain.rules import Fault
from imgmagic.domain.wording import dollars
from imgmagic.errors import BudgetExceeded, ImgmagicError, RequestInvalid, SettingsError, StoreError, spell
from imgmagic.notebook.panel.form import Filled, Form, fault, form_of, read_values
from imgmagic.notebook.panel.from_page import Fields
from imgmagic.notebook.panel.problem import as_control
from imgmagic.notebook.panel.varied import spread, with_first_values, with_single_values
from imgmagic.runs.inputs.references import with_references
from imgmagic.runs.plan import Plan
from imgmagic.runs.planning import Assessment
from imgmagic.runs.sweep_plan import SweepPlan, SweepRequest, describe_sweep_plan
from imgmagic.session import Session
from imgmagic.wire.dialects import DIALECTS
from imgmagic.wire.dialects.dialect import Dialect


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
        plan: the request that is ready to leave; None when something is wrong, or when it is a sweep.
        sweep: the sweep that is ready to leave, where the fields vary something.
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
    sweep: SweepPlan | None = None


def assess_sweep(session: Session, fields: Fields, names: Mapping[str, object]) -> Verdict:
    """Return the verdict on fields that vary something; `names` are the notebook's variables."""
    # As a single call first, for the controls, the provider and the price: a form with an axis that cannot be read yet
    # still shows them.
    first, single = with_first_values(fields), with_single_values(fields)
    plain = assess(session, first, first.prompt, names)
    values = read_values(plain.form, single.values, single.other)
    several = spread(fields, plain.form, names)
    faults = (*values.faults, *several.faults)
    if faults:
        return replace(plain, faults=faults, plan=None)
    asked = SweepRequest(
        template=several.template,
        axes=several.axes,
        names=names,
        options=options_of(single, values),
        variables=names,
    )
    try:
        plan = session.sweeps.plan(asked)
    except ImgmagicError as error:
        place = "vary" if fields.vary.strip() else several.control
        return replace(plain, faults=(fault(place, str(error)),), plan=None)
    return replace(plain, faults=(), price=describe_sweep_plan(plan), plan=None, sweep=plan)


def assess(
    session: Session,
    fields: Fields,
    prompt: str,
    names: Mapping[str, object],
    *,
    defaults: Collection[str] | None = None,
) -> Verdict:
    """Return the verdict on `fields`, with `prompt` in place of theirs: expanded where that is wanted.

    Args:
        session: what plans.
        fields: the form.
        prompt: what is drawn.
        names: what a word for a picture may stand for.
        defaults: which settings fill in what the form leaves out; None for all.

    Raises:
        SettingsError: the settings themselves cannot be read, or the provider does not exist.
    """
    verdict, values = _read_form(session, fields)
    amounts = _amount_faults(fields)
    options = options_of(fields, values)
    if amounts:
        # Its own fault is at its control already; left in, it would stop the rest from being judged.
        options.pop("max_cost", None)
    known = (*values.faults, *amounts)
    try:
        with_pictures = with_references(options, names)
        found = session.planner.assess(prompt, template=fields.prompt, defaults=defaults, **with_pictures)
    except (RequestInvalid, StoreError) as error:  # text that no request can hold, or something that is not a picture
        place = "images" if any(map(str.strip, (fields.images, fields.mask, fields.markup))) else "prompt"
        return replace(verdict, faults=(*known, fault(place, str(error))))
    faults = (*values.faults, *found.checked.faults, *amounts, *_refusals(found.refusal))
    left = (f"{dollars(each.left)} left of the {each.name} budget of {dollars(each.limit)}" for each in found.limits)
    plan = None if faults else found.plan
    return replace(verdict, faults=faults, price=_price(found), left=" · ".join(left), plan=plan)


def _read_form(session: Session, fields: Fields) -> tuple[Verdict, Filled]:
    """Return what is known of a form before anything is planned, and what is filled in."""
    provider = session.providers.chosen(fields.provider or None)
    dialect = DIALECTS[provider.dialect]
    model = dialect.choose_model(provider, fields.model or session.settings.text("model"))
    form = form_of(dialect, model, session.settings.option_defaults())
    key_wanted = lacks_key(session, provider, dialect)
    verdict = Verdict(provider=provider.name, dialect=dialect, model=model, form=form, key_wanted=key_wanted)
    return verdict, read_values(form, fields.values, fields.other)


def fault_text(each: Fault) -> str:
    """Return a fault for the form: its message and remedy, with controls in place of parameters."""
    if each.parameter == "prompt" and "empty" in each.message:
        return "Write what to draw."
    return spell(" ".join(filter(None, (each.message, each.remedy))), as_control)


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
    if images := tags_in(fields.images):
        options["images"] = list(images)
    if fields.mask.strip():
        options["mask"] = fields.mask.strip()
        if fields.paste_back:
            options["paste_back"] = True
    if markup := fields.markup.strip():
        options["markup"] = markup
    if tags := tags_in(fields.tags):
        options["tags"] = tags
    return cast("ImagineOptions", options)


def _refusals(refusal: ImgmagicError | None) -> list[Fault]:
    """Return why a request without faults cannot leave, at the control that it belongs to."""
    if refusal is None:
        return []
    places = {BudgetExceeded: "budget", SettingsError: "provider"}
    return [fault(places.get(type(refusal), "prompt"), str(refusal))]


def _amount_faults(fields: Fields) -> list[Fault]:
    try:
        parse_amount(fields.max_cost or "0")
    except SettingsError as error:
        return [fault("max_cost", str(error))]
    return []


_FREE = {Origin.SIMULATED: "simulated: nothing is spent", Origin.REPLAYED: "plays a recording: nothing is spent"}


def _price(found: Assessment) -> str:
    is_simulator = found.checked.dialect.name == SIMULATOR
    origin = found.plan.origin if found.plan else Origin.SIMULATED if is_simulator else Origin.LIVE
    costs = found.checked.estimate
    if origin in _FREE:
        return _FREE[origin]
    if costs.likely is not None:
        return f"about {dollars(costs.likely)}"
    return "cost unknown" if costs.at_most is None else f"at most {dollars(costs.at_most)}"
