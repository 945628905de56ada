"""Planning a sweep: each cell is planned like any other run, and all faults of all cells are reported at once."""

from collections.abc import Iterable, Mapping, Sequence
from typing import cast

from imgmagic.config.settings import Settings
from imgmagic.domain.axes import AxisValue
from imgmagic.domain.json_types import JsonValue
from imgmagic.domain.options import ImagineOptions
from imgmagic.domain.rules import Fault
from imgmagic.domain.sweep_shape import Cell, SweepShape
from imgmagic.domain.template import expand, fill_names, names_in
from imgmagic.domain.wording import count_noun, listed
from imgmagic.errors import BudgetExceeded, ImgmagicError, RequestInvalid
from imgmagic.runs.inputs.references import only_numbers, with_references
from imgmagic.runs.plan import Plan
from imgmagic.runs.planning import Planner
from imgmagic.runs.sweep_axes import AxisKind, AxisTarget, option_name, targets
from imgmagic.runs.sweep_plan import SweepPlan, SweepRequest, describe_sweep_plan
from imgmagic.runs.typed_options import require_text
from imgmagic.wire.dialects import DIALECTS

MOST_CELLS = 100_000
MOST_PARALLEL = 256
_MOST_LINES = 12  # of one message


class SweepPlanner:
    """Turn sweeps into plans.

    Args:
        planner: plans each cell.
        settings: the largest sweep that needs no cost limit.
    """

    def __init__(self, planner: Planner, settings: Settings) -> None:
        self._planner = planner
        self._settings = settings

    def plan(self, asked: SweepRequest) -> SweepPlan:
        """Return the plans of all cells; nothing is sent.

        Raises:
            RequestInvalid: an axis that varies nothing, too many cells, or faults of cells, all of them at once.
            SettingsError: a provider cannot be asked.
            BudgetExceeded: more pictures than `sweep_limit`, and no limit on their cost.
        """
        require_text(asked.template)
        provider = asked.options.get("provider")
        goals = targets(asked.axes, asked.template, self._parameters(asked, provider))
        shape = SweepShape(axes=tuple(goal.axis for goal in goals), zipped=asked.zipped)
        if len(shape) > MOST_CELLS:
            raise RequestInvalid(f"nothing was sent: {len(shape):,} cells are too many; {MOST_CELLS:,} are allowed.")
        _check_parallel(asked.parallel)
        _check_switches(zip=asked.zipped, retry=asked.retry)
        max_cost = asked.options.get("max_cost")
        filler = _Filler(goals, asked)
        plans = self._plan_cells(shape.cells, filler)
        plan = SweepPlan(
            asked=asked, shape=shape, plans=plans, budget=self._planner.basis.budget(max_cost), names=filler.names
        )
        self._check_size(plan, has_limit=max_cost is not None)
        return plan

    def _parameters(self, asked: SweepRequest, provider: str | None) -> set[str]:
        """Return the body keys that are given, or that the documentation of the servers names."""
        varied = [axis for axis in asked.axes if axis.name == "provider"]
        names: list[str | None] = [str(value.value) for axis in varied for value in axis.values]
        known = set(asked.options.get("params") or {})
        for name in names or [provider]:
            dialect = DIALECTS[self._planner.basis.provider(name).dialect]
            known |= {*dialect.rules, *(dialect.edits.parameters if dialect.edits else ())}
        return known - {"prompt", "stream", "partial_images"}

    def _plan_cells(self, cells: Sequence[Cell], filler: "_Filler") -> dict[int, Plan]:
        faults = _CellFaults(len(cells))
        plans: dict[int, Plan] = {}
        planner = self._planner.steady()
        for cell in cells:
            try:
                prompt, template, options = filler.fill(cell)
                checked = planner.check(prompt, template=template, **options)
                faults.add_faults(cell, checked.faults)
                if not checked.faults:
                    plans[cell.number] = planner.complete(checked, options)
            except ImgmagicError as error:
                faults.add_error(cell, error)
        faults.raise_if_any()
        return plans

    def _check_size(self, plan: SweepPlan, *, has_limit: bool) -> None:
        limit = int(self._settings.number("sweep_limit"))
        if plan.pictures > limit and not has_limit:
            raise BudgetExceeded(
                f"nothing was sent: {describe_sweep_plan(plan)}, are more than the {limit:,} pictures of sweep_limit.",
                remedy="Say what the sweep may cost with {max_cost=USD}, vary less, or raise the setting sweep_limit.",
            )


class _Filler:
    """Fills in what each cell asks for."""

    def __init__(self, goals: Sequence[AxisTarget], asked: SweepRequest) -> None:
        self._kinds = {goal.axis.name: goal.kind for goal in goals}
        self._asked = asked
        self._expand = expand if asked.is_typed else fill_names
        options = dict(asked.options)
        if not {"stream", "partial_images"} & {*options, *self._kinds}:
            options["stream"] = False  # partial images are billed; a sweep shows finished ones unless asked
        options.pop("max_cost", None)
        self._options = options
        texts = [asked.template, *(str(value.value) for goal in goals for value in goal.axis.values if value.is_typed)]
        used = {name for text in texts if "{{" in text for name in names_in(text)}
        self.names = {name: asked.names[name] for name in used if name in asked.names}

    def fill(self, cell: Cell) -> tuple[str, str, ImagineOptions]:
        """Return the prompt, the template and the options of a cell."""
        names = {**self.names, **self._of_kind(cell, AxisKind.NAME, self.names)}
        prompts = [value for name, value in cell.values.items() if self._kinds[name] is AxisKind.PROMPT]
        template = str(prompts[0].value) if prompts else self._asked.template
        is_expression = not prompts or prompts[0].is_typed
        prompt = self._fill_text(template, names) if is_expression and "{{" in template else template
        varied = self._of_kind(cell, AxisKind.OPTION, names)
        options = {**self._options, **{option_name(name): value for name, value in varied.items()}}
        params = self._of_kind(cell, AxisKind.PARAMETER, names)
        if params:
            options["params"] = {**(self._asked.options.get("params") or {}), **params}
        asked = cast("ImagineOptions", options)
        # Somebody else may have recorded it: its words for pictures must not name this user's files or variables.
        safe = asked if self._asked.is_typed else only_numbers(asked)
        return prompt, template, with_references(safe, self._asked.variables)

    def _of_kind(self, cell: Cell, kind: AxisKind, names: Mapping[str, object]) -> dict[str, JsonValue]:
        return {name: self._fill(value, names) for name, value in cell.values.items() if self._kinds[name] is kind}

    def _fill(self, value: AxisValue, names: Mapping[str, object]) -> JsonValue:
        is_template = value.is_typed and isinstance(value.value, str) and "{{" in value.value
        return self._fill_text(str(value.value), names) if is_template else value.value

    def _fill_text(self, text: str, names: Mapping[str, object]) -> str:
        try:
            return self._expand(text, names)
        except RequestInvalid:
            missing = names_in(text) - names.keys()
            if missing and not self._asked.names:  # of Python, where no variable of a notebook is meant
                raise RequestInvalid(
                    f"nothing was sent. The prompt uses {listed(sorted(missing))}, which nothing varies.",
                    remedy="Vary it, too, or write its value into the prompt.",
                ) from None
            # With every known name, so that the error suggests the closest, whether an axis or a variable.
            self._expand(text, {**self._asked.names, **dict.fromkeys(self._kinds, ""), **names})
            raise


class _CellFaults:
    """Collects the faults of cells, each once, with the cells that have it."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._cells: dict[str, list[Cell]] = {}
        self._errors: dict[str, ImgmagicError] = {}
        self._prompt_only = True

    def add_faults(self, cell: Cell, faults: Iterable[Fault]) -> None:
        """Add what the server would refuse or ignore."""
        for fault in faults:
            self._cells.setdefault(str(fault), []).append(cell)
            self._prompt_only &= fault.parameter == "prompt"

    def add_error(self, cell: Cell, error: ImgmagicError) -> None:
        """Add a reason for which a cell cannot be planned at all."""
        text = error.message if not error.remedy else f"{error.message.rstrip('.')}. {error.remedy}"
        text = text.removeprefix("nothing was sent.").removeprefix("nothing was sent:").strip()
        text = text[:1].upper() + text[1:]
        self._errors.setdefault(text, error)
        self._cells.setdefault(text, []).append(cell)

    def raise_if_any(self) -> None:
        """Raise one error with all faults, grouped; if all cells fail with the same error, raise that one."""
        if not self._cells:
            return
        if len(self._errors) == len(self._cells) == 1:
            (text,) = self._cells
            if len(self._cells[text]) == self._count:
                raise self._errors[text]
        lines = [f"{text} In {self._where(cells)}." for text, cells in self._cells.items()]
        hint = [] if self._errors or self._prompt_only else ["Or add {check=False} to send it as typed."]
        if len(lines) == 1:
            raise RequestInvalid(" ".join(["nothing was sent.", *lines, *hint]))
        if len(lines) > _MOST_LINES:
            hint = [f"And {len(lines) - _MOST_LINES:,} more.", *hint]
        raise RequestInvalid(
            "\n  ".join([f"nothing was sent; {count_noun(len(lines), 'fault')}:", *lines[:_MOST_LINES], *hint])
        )

    def _where(self, cells: Sequence[Cell]) -> str:
        """Return which cells they are: 4 of 12 cells, all with model gpt-image-2."""
        told = f"{len(cells):,} of {count_noun(self._count, 'cell')}"
        if len(cells) == self._count or len(cells) == 1:
            return f"{told}: {cells[0].title}" if len(cells) == 1 else told
        common = [
            f"{name} {label}"
            for name, label in cells[0].labels.items()
            if all(each.labels[name] == label for each in cells)
        ]
        return f"{told}, all with {listed(common).replace(' or ', ' and ')}" if common else told


def _check_parallel(parallel: object) -> None:
    if not isinstance(parallel, int) or isinstance(parallel, bool) or not 1 <= parallel <= MOST_PARALLEL:
        raise RequestInvalid(f"nothing was sent. {{parallel}}: {parallel!r} is not a number from 1 to {MOST_PARALLEL}.")


def _check_switches(**switches: object) -> None:
    for name, value in switches.items():
        if not isinstance(value, bool):
            raise RequestInvalid(f"nothing was sent. {{{name}}}: {value!r} is neither True nor False.")
