"""What a sweep would send, as labelled tables: each cell's request and price; nothing is sent for it."""

import json
from collections.abc import Mapping, Sequence

from markupsafe import Markup

from imgmagic.display.amounts import describe_estimate
from imgmagic.display.sanitize import shorten, strip_control, to_html
from imgmagic.display.sweep_line import found_before
from imgmagic.domain.sweep import Sweep
from imgmagic.domain.sweep_shape import SweepGrid
from imgmagic.notebook.output.figure import remark_html
from imgmagic.notebook.output.table import Column, TableCell, table_html
from imgmagic.runs.plan import Plan
from imgmagic.runs.sweep_plan import SweepPlan, describe_sweep_plan

_MOST_CELLS = 100


def plan_bundle(plan: SweepPlan, found: Sweep | None) -> dict[str, str]:
    """Return what a sweep would send, by MIME type; `found` says what has already been drawn."""
    drawn = frozenset(cell.cell.number for cell in found if cell.generation is not None) if found else frozenset()
    lines = _lines(plan, drawn)
    grids = plan.shape.sample(_MOST_CELLS)
    tables = [_table(grid, plan.plans, drawn) for grid in grids]
    html = "".join([*tables, *(remark_html(line) for line in lines)])
    return {"text/html": html, "text/plain": strip_control("\n".join([*_text(plan, grids, drawn), *lines]))}


def _lines(plan: SweepPlan, drawn: frozenset[int]) -> list[str]:
    lines = [describe_sweep_plan(plan)]
    if len(plan.shape) > _MOST_CELLS:
        lines.append(f"a sample of {len(plan.shape):,} cells is shown")
    if drawn:
        lines.append(found_before(len(drawn), len(plan.plans)))
    return [*lines, "Nothing was sent."]


def _table(grid: SweepGrid, plans: Mapping[int, Plan], drawn: frozenset[int]) -> str:
    corner = f"{grid.across} →" + (f" {grid.down} ↓" if grid.down else "")
    columns = [Column(title=corner), *(Column(title=label, is_long=True) for label in grid.columns)]
    rows: list[list[TableCell | str]] = [
        [grid.rows[place], *(_cell(plans[cell.number], is_drawn=cell.number in drawn) for cell in cells)]
        for place, cells in enumerate(grid.cells)
    ]
    return table_html(columns, rows, caption=grid.title)


def _cell(plan: Plan, *, is_drawn: bool) -> TableCell:
    words = _facts(plan, is_drawn=is_drawn)
    shown = Markup("<br>").join(Markup(to_html(line)) for line in words)  # noqa: S704 - they are escaped there
    return TableCell(text=", ".join(words), html=str(shown))


def _facts(plan: Plan, *, is_drawn: bool) -> list[str]:
    options = {name: value for name, value in plan.request.options.items() if name != "stream"}
    price = describe_estimate(plan.estimate) or "cost unknown" if plan.is_live else f"nothing, {plan.origin}"
    facts = [f"{plan.provider.name}, {plan.request.model}", json.dumps(options, ensure_ascii=False, default=str)]
    return [*facts, shorten(plan.request.prompt, 120), "drawn before" if is_drawn else price]


def _text(plan: SweepPlan, grids: Sequence[SweepGrid], drawn: frozenset[int]) -> list[str]:
    cells = [cell for grid in grids for row in grid.cells for cell in row]
    return [
        f"{cell.title}: {'; '.join(_facts(plan.plans[cell.number], is_drawn=cell.number in drawn))}" for cell in cells
    ]
