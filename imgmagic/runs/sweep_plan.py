"""A sweep that is ready to leave: the plan of each cell, and their total."""

import functools
from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field
from decimal import Decimal

from imgmagic.domain.axes import Axis
from imgmagic.domain.budget import Budget
from imgmagic.domain.cost import Estimate
from imgmagic.domain.options import ImagineOptions
from imgmagic.domain.request import hash_json, identity
from imgmagic.domain.sweep_shape import Cell, SweepShape
from imgmagic.domain.wording import count_noun, dollars
from imgmagic.runs.plan import Plan


class SweepOptions(ImagineOptions, total=False):
    """The keywords of `sweep`, `sweep_async` and `start_sweep`: those of `imagine`, and those of the whole sweep."""

    zip: bool
    parallel: int
    executor: Executor | None
    retry: bool


SWEEP_KEYWORDS = frozenset(SweepOptions.__annotations__) - frozenset(ImagineOptions.__annotations__)


@dataclass(frozen=True, kw_only=True)
class SweepRequest:
    """A sweep as it was requested.

    Args:
        template: the prompt as typed.
        axes: what is varied.
        zipped: whether the axes go side by side instead of crossing.
        names: what the `{{ }}` of the prompt may use besides the axes.
        parallel: how many cells may run at a time.
        retry: whether to ask again for cells that failed and may have been billed.
        is_typed: whether the prompt was typed in this session; in any other, nothing is run and only names are filled
            in.
        options: what all cells have in common; `max_cost` is that of the whole sweep.
        variables: what a word for a picture may stand for, such as `@sofa`.
    """

    template: str
    axes: Sequence[Axis]
    zipped: bool = False
    names: Mapping[str, object] = field(default_factory=dict)
    parallel: int = 4
    retry: bool = False
    is_typed: bool = True
    options: ImagineOptions = field(default_factory=ImagineOptions)
    variables: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class SweepPlan:
    """Hold the plans of all cells of a sweep.

    Args:
        asked: the sweep as it was asked for.
        shape: the axes.
        plans: by the number of the cell, from 1.
        budget: the limits that apply to the whole sweep.
        names: the notebook's variables that the prompt uses.
    """

    asked: SweepRequest
    shape: SweepShape
    plans: Mapping[int, Plan]
    budget: Budget
    names: Mapping[str, object] = field(default_factory=dict)

    @functools.cached_property
    def cells(self) -> tuple[Cell, ...]:
        """Return the cells in the order in which they are drawn."""
        return self.shape.cells

    @property
    def pictures(self) -> int:
        """Return how many pictures it asks for."""
        return sum(plan.request.n for plan in self.plans.values())

    @property
    def estimate(self) -> Estimate:
        """Return what the whole sweep is likely to cost, and the most it can cost."""
        return sum_estimates([plan.estimate for plan in self.plans.values() if plan.is_live])

    @property
    def is_live(self) -> bool:
        """Return whether any cell asks a server that may bill."""
        return any(plan.is_live for plan in self.plans.values())

    @functools.cached_property
    def fingerprint(self) -> str:
        """Return what stays the same when the sweep is run again: its cells' requests."""
        return hash_json([cell_key(plan) for plan in self.plans.values()])


def cell_key(plan: Plan) -> str:
    """Return what identifies a cell: its request and the name of its provider; never a key or an address."""
    return identity(plan.request, provider=plan.provider.name)


def typed_options(plan: Plan) -> dict[str, object]:
    """Return the keywords that make exactly this plan's request, whatever the settings where it is planned again."""
    known = ImagineOptions.__annotations__
    options = {name: value for name, value in plan.request.options.items() if name in known}
    params = {name: value for name, value in plan.request.options.items() if name not in known}
    asked: dict[str, object] = {"provider": plan.provider.name, "model": plan.request.model, "timeout": plan.timeout_s}
    asked |= {"tags": plan.tags, "alt": plan.alt, "fresh": plan.fresh, "stream": plan.request.stream}
    if plan.feather_px is not None:
        asked |= {"paste_back": True, "feather": plan.feather_px}
    return {**asked, **options, **({"params": params} if params else {})}


def sum_estimates(estimates: Sequence[Estimate]) -> Estimate:
    """Add up estimates; what is unknown for one is unknown for the whole."""
    likely = [each.likely for each in estimates if each.likely is not None]
    at_most = [each.at_most for each in estimates if each.at_most is not None]
    return Estimate(
        likely=sum(likely, Decimal(0)) if len(likely) == len(estimates) else None,
        at_most=sum(at_most, Decimal(0)) if len(at_most) == len(estimates) else None,
    )


def describe_sweep_plan(plan: SweepPlan) -> str:
    """Return what a sweep will ask for: 12 pictures in 4 requests, about $0.50, at most $0.72."""
    words = [f"{count_noun(plan.pictures, 'picture')} in {count_noun(len(plan.plans), 'request')}"]
    estimate = plan.estimate
    if not plan.is_live:
        return f"{words[0]}, nothing to pay"
    if estimate.likely is not None:
        words.append(f"about {dollars(estimate.likely)}")
    words.append("cost unknown" if estimate.at_most is None else f"at most {dollars(estimate.at_most)}")
    return ", ".join(words)
