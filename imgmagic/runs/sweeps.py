"""The sweeps of a session: planned, begun with what has been drawn, run again, and read back."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import cast

from imgmagic.config.settings import Settings
from imgmagic.domain.budget import check_call, check_limit
from imgmagic.domain.cost import Estimate
from imgmagic.domain.generation import Status
from imgmagic.domain.json_types import JsonValue
from imgmagic.domain.options import ImagineOptions
from imgmagic.domain.origin import Origin
from imgmagic.domain.sweep import Sweep, SweepTools, SweptCell
from imgmagic.domain.sweep_progress import SweepProgress
from imgmagic.errors import StoreError
from imgmagic.runs.dispatch import Dispatcher
from imgmagic.runs.inputs.references import in_words
from imgmagic.runs.planning import Planner
from imgmagic.runs.sweep_cells import LocalCells, SweepCells, is_resumed, named_cell
from imgmagic.runs.sweep_job import SweepJob
from imgmagic.runs.sweep_plan import SweepPlan, SweepRequest, cell_key, sum_estimates
from imgmagic.runs.sweep_planning import SweepPlanner
from imgmagic.runs.sweep_start import SweepStart
from imgmagic.runs.sweep_tools import SessionSweepTools
from imgmagic.runs.sweep_workers import WorkerCells, Workers
from imgmagic.store.archive import Archive
from imgmagic.store.history.records import Record, SweepRecord
from imgmagic.store.inputs import input_options, with_loaders
from imgmagic.store.sweep_history import (
    axes_to_json,
    by_values,
    generation_of,
    shape_from_json,
    sweep_record,
    values_key,
)

# Failures that the server may have billed: such an attempt is not repeated unasked.
_MAY_BE_BILLED = frozenset({"ResponseTimeout", "ConnectionFailed", "DownloadFailed"})


class Sweeps:
    """Plan sweeps, and begin them.

    Args:
        settings: how large a sweep may be.
        planner: plans single runs.
        dispatcher: starts the job of a cell.
        archive: where sweeps and their cells are recorded.
        clock: monotonic seconds.
        now: the time of day, with its zone.
    """

    def __init__(
        self,
        settings: Settings,
        planner: Planner,
        dispatcher: Dispatcher,
        archive: Archive,
        *,
        clock: Callable[[], float],
        now: Callable[[], datetime],
    ) -> None:
        self.jobs: tuple[SweepJob, ...] = ()  # the running ones, and the newest
        self._typed: dict[str, Mapping[str, object]] = {}  # prompts of this session, and the variables of each
        self._planner = planner
        self._sweep_planner = SweepPlanner(planner, settings)
        self._dispatcher = dispatcher
        self._archive = archive
        self._clock = clock
        self._now = now

    @property
    def tools(self) -> SweepTools:
        """Return the tools with which sweeps save, draw and retry."""
        return SessionSweepTools(self._archive, retry=self._retry)

    def plan(self, asked: SweepRequest) -> SweepPlan:
        """Return the plans of all cells of a sweep; see `SweepPlanner.plan`."""
        plan = self._sweep_planner.plan(asked)
        if asked.is_typed:
            self._typed[asked.template] = asked.variables
        return plan

    def start(self, plan: SweepPlan, *, workers: Workers | None = None) -> SweepJob:
        """Record a sweep, start drawing what is missing, and return its job.

        Args:
            plan: the sweep.
            workers: who draws the cells; by default this process.

        Raises:
            BudgetExceeded: what is missing could cost more than is left; nothing was sent.
            StoreError: it cannot be recorded, and so could not be resumed.
        """
        sweep = self.find(plan)
        todo = tuple(cell.cell.number for cell in sweep.cells if cell.generation is None)
        estimate = self._check_budget(plan, todo)
        sweep_id = self._archive.history.put_sweep(self._record(plan))
        sweep = self._with_found_kept(plan, sweep, sweep_id)
        cells: SweepCells = LocalCells(plan, sweep_id, self._archive, self._dispatcher)
        if workers is not None:
            cells = WorkerCells(plan, sweep_id, self._archive, workers)
        start = SweepStart(
            sweep=replace(sweep, id=sweep_id),
            todo=todo,
            parallel=plan.asked.parallel,
            progress=SweepProgress.start(sweep.cells, likely=estimate.likely if plan.is_live else None),
        )
        job = SweepJob(self._dispatcher.io, start, cells, clock=self._clock)
        self.jobs = (*(each for each in self.jobs if not each.done), job)
        return job

    def find(self, plan: SweepPlan) -> Sweep:
        """Return a sweep with the cells that need not be requested: drawn before, or failed and possibly billed."""
        archive = self._archive
        # Cells of a dead kernel count as running until somebody checks; waiting for them would be in vain.
        archive.history.mark_interrupted(archive.images.holds)
        known = {} if plan.asked.options.get("fresh") else self._known_cells(plan)
        cells = []
        for cell in plan.cells:
            record = known.get(cell.number)
            generation = None if record is None else generation_of(archive, record)
            prompt = plan.plans[cell.number].request.prompt
            cells.append(SweptCell(cell=cell, prompt=prompt, generation=generation, is_found=generation is not None))
        return Sweep(
            template=plan.asked.template,
            shape=plan.shape,
            cells=tuple(cells),
            created_at=self._now(),
            alt=plan.asked.options.get("alt"),
            tools=self.tools,
        )

    def _known_cells(self, plan: SweepPlan) -> dict[int, Record]:
        """Return the records of cells, by the cells' numbers."""
        history = self._archive.history
        numbers = {cell_key(each): number for number, each in plan.plans.items() if is_resumed(each)}
        known = {numbers[_key(record)]: record for record in history.find_cells(numbers) if self._holds(record)}
        sweep_id = history.find_sweep(self._record(plan))
        if sweep_id is not None:
            own = by_values(history.sweep_cells(sweep_id))
            for cell in (each for each in plan.cells if is_resumed(plan.plans[each.number])):
                record = own.get(values_key(cell.plain))
                # What this sweep itself drew, or showed again, belongs to it. The key finds only what was completed; an
                # attempt that failed and may be billed is found by the values of its axes.
                is_own = record is not None and (record.status == Status.COMPLETED or cell.number not in known)
                if record is not None and is_own and self._stands(record, plan):
                    known[cell.number] = record
        return known

    def _stands(self, record: Record, plan: SweepPlan) -> bool:
        """Return whether an earlier attempt of this sweep counts, so that it is not repeated."""
        if record.status == Status.COMPLETED:
            return record.started.origin is not Origin.REPLAYED and self._holds(record)
        may_be_billed = record.status == Status.PARTIAL or record.error_class in _MAY_BE_BILLED
        return may_be_billed and not plan.asked.retry

    def _holds(self, record: Record) -> bool:
        return bool(record.images) and all(self._archive.images.holds(image.sha256) for image in record.images)

    def _with_found_kept(self, plan: SweepPlan, sweep: Sweep, sweep_id: int) -> Sweep:
        """Record what other sweeps drew as cells of this one, too: shown again, at no cost."""
        own = {record.id for record in self._archive.history.sweep_cells(sweep_id)}
        cells = (
            cell if cell.generation is None or cell.generation.id in own else self._show_again(plan, cell, sweep_id)
            for cell in sweep.cells
        )
        return replace(sweep, cells=tuple(cells))

    def _show_again(self, plan: SweepPlan, cell: SweptCell, sweep_id: int) -> SweptCell:
        history, found = self._archive.history, cell.generation
        record = None if found is None or found.id is None else history.get(found.id)
        if record is None or found is None:
            return cell
        started = replace(
            record.started,
            session=self._archive.session,
            at=self._now(),
            origin=Origin.REUSED,
            drawn_at=record.started.at,
            at_most=Decimal(0),
            cell=replace(named_cell(plan, cell.cell.number, sweep_id), is_claimed=False),
        )
        shown = replace(found, id=history.begin(started), usage=None, cost=None, created_at=started.at, elapsed_s=0.0)
        history.settle(shown, record.images, unpriced=0)
        return replace(cell, generation=replace(shown, reused=record.started.at))

    def _check_budget(self, plan: SweepPlan, todo: Sequence[int]) -> Estimate:
        """Return what the missing cells will cost, or refuse them if that does not fit."""
        whole = sum_estimates([plan.plans[number].estimate for number in todo if plan.plans[number].is_live])
        if not any(plan.plans[number].is_live for number in todo):
            return whole
        check_call(plan.budget, whole.at_most, what="sweep")
        for each in self._planner.limits(plan.budget):
            check_limit(each.name, each.limit, each.spent, whole.at_most, what="sweep")
        return whole

    def _record(self, plan: SweepPlan) -> SweepRecord:
        given = in_words(plan.asked.options)
        options = {name: value for name, value in given.items() if name not in _OF_ONE_RUN}
        names = {name: value for name, value in plan.names.items() if isinstance(value, str | int | float | bool)}
        return SweepRecord(
            template=plan.asked.template,
            axes=axes_to_json(plan.shape, plan.fingerprint),
            options=cast("dict[str, JsonValue]", {**options, "names": names, "parallel": plan.asked.parallel}),
            session=self._archive.session,
            created_at=self._now(),
        )

    def request_of(self, sweep_id: int) -> SweepRequest:
        """Return a recorded sweep as it was requested, to run it again.

        Raises:
            StoreError: no sweep has this id.
        """
        record = sweep_record(self._archive, sweep_id)
        shape = shape_from_json(record.axes)
        kept = dict(record.options)
        names = cast("Mapping[str, object]", kept.pop("names", {}))
        parallel = kept.pop("parallel", 4)
        return SweepRequest(
            template=record.template,
            axes=shape.axes,
            zipped=shape.zipped,
            names=names,
            is_typed=record.template in self._typed,
            parallel=parallel if isinstance(parallel, int) else 4,
            options=cast("ImagineOptions", {**kept, **self._kept_inputs(sweep_id, kept)}),
            variables=self._typed.get(record.template, {}),
        )

    def _kept_inputs(self, sweep_id: int, options: Mapping[str, object]) -> dict[str, object]:
        """Return the source pictures from the image store: their names may now mean something else, or nothing."""
        if not options.keys() & {"images", "mask", "markup"}:
            return {}
        requests = [record.started.request for record in self._archive.history.sweep_cells(sweep_id)]
        # The largest, if one server was given a smaller copy than another.
        whole = max(requests, key=lambda request: sum(each.size_bytes for each in request.sources), default=None)
        given = {} if whole is None else input_options(with_loaders(whole, lambda: self._archive.images))
        return {name: value for name, value in given.items() if name in options}

    def close(self) -> None:
        """Stop every sweep; no more cells are begun."""
        for job in self.jobs:
            job.cancel()
        for job in self.jobs:
            job.wait_until_ended()

    def _retry(self, sweep: Sweep) -> Sweep:
        if sweep.id is None:
            raise StoreError("this sweep is not in the history.", remedy="Run it again.")
        return self.start(self.plan(replace(self.request_of(sweep.id), retry=True))).result()


def _key(record: Record) -> str:
    return record.started.cell.key if record.started.cell else ""


_OF_ONE_RUN = frozenset({"max_cost", "fresh"})
