"""Cells drawn elsewhere: by the workers of any executor, which share the history and the image store with this process.

Only text is exchanged: a task says what to draw, and which pictures in the shared store it starts from; its outcome
says which generation that became. Workers have their own keys; what they draw goes into the shared store. Most
executors cannot cancel a running task, so Stop is a mark in the shared history, which each worker checks while it
draws.
"""

import asyncio
import time
import uuid
from collections.abc import Callable, Collection, Mapping
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Protocol, Unpack, cast
from urllib.parse import urlsplit

from imgmagic.domain.generation import Generation
from imgmagic.domain.options import ImagineOptions
from imgmagic.domain.progress import Progress
from imgmagic.domain.request import ImageRequest
from imgmagic.errors import BudgetExceeded, ImgmagicError, SettingsError, StoreError
from imgmagic.runs.cell_job import NotBegun, WorkerLost
from imgmagic.runs.job import Job
from imgmagic.runs.plan import Plan
from imgmagic.runs.sweep_cells import SweepCells
from imgmagic.runs.sweep_plan import SweepPlan, typed_options
from imgmagic.store.archive import Archive
from imgmagic.store.history.records import CellTaken, SweepCell
from imgmagic.store.inputs import input_options, with_loaders, without_loaders

LOOK_S = 0.5  # how often a worker checks whether to stop


@dataclass(frozen=True, kw_only=True)
class CellTask:
    """What a worker must know to draw one cell; it can be pickled, and contains no key.

    `request` names source pictures by their hashes: the bytes are in the shared image store.
    """

    request: ImageRequest
    options: ImagineOptions
    cell: SweepCell
    run: str
    session: str
    limit: Decimal | None
    environ: Mapping[str, str] = field(default_factory=dict)
    attempt: str = field(
        default_factory=lambda: uuid.uuid4().hex
    )  # some executors return the earlier outcome for an equal task


@dataclass(frozen=True, kw_only=True)
class CellOutcome:
    """The outcome of a task: a generation, somebody else's, or why there is none."""

    generation_id: int | None = None
    is_taken: bool = False
    is_stopped: bool = False
    over_budget: str = ""
    error: str = ""


class TaskSession(Protocol):
    """What a worker needs from its session."""

    @property
    def archive(self) -> Archive:
        """Return the history and the image store."""

    def plan(
        self,
        prompt: str,
        *,
        template: str | None = None,
        defaults: Collection[str] | None = None,
        **options: Unpack[ImagineOptions],
    ) -> Plan:
        """Return the request as it would leave."""

    def start(self, plan: Plan) -> Job:
        """Record the planned request, send it, and return its job."""


def draw_cell(task: CellTask, session: TaskSession) -> CellOutcome:
    """Draw one cell in a worker, and return its outcome."""
    if session.archive.history.is_sweep_stopped(task.cell.sweep_id, task.run):
        return CellOutcome(is_stopped=True)
    try:
        request = with_loaders(task.request, lambda: session.archive.images)
        options = cast("ImagineOptions", {**task.options, **input_options(request)})
        # Planned already: what is set where this worker runs adds nothing.
        plan = session.plan(request.prompt, template=request.template, defaults=(), **options)
        job = session.start(replace(plan, cell=task.cell))
    except CellTaken as taken:
        return CellOutcome(generation_id=taken.generation_id, is_taken=True)
    except BudgetExceeded as error:
        return CellOutcome(over_budget=str(error))
    except ImgmagicError as error:
        return CellOutcome(error=str(error))
    # By polling the history: a mark there reaches a worker of any executor, on any machine.
    while not job.done:
        if session.archive.history.is_sweep_stopped(task.cell.sweep_id, task.run):
            job.cancel()
            break
        job.wait_until_ended(LOOK_S)
    return CellOutcome(generation_id=job.generation().id)


@dataclass(frozen=True, kw_only=True)
class Workers:
    """The workers that draw a sweep's cells elsewhere.

    Args:
        executor: hands tasks to workers.
        draw: the function that a worker calls; it must be importable there.
        limit: what this session may spend.
    """

    executor: Executor
    draw: Callable[[CellTask], CellOutcome]
    limit: Decimal | None = None


class WorkerJob:
    """A cell running in a worker."""

    def __init__(self, future: "Future[CellOutcome]", archive: Archive) -> None:
        self.progress = Progress.start(1)
        self._future = future
        self._archive = archive
        self._started = time.monotonic()

    @property
    def elapsed_s(self) -> float:
        """Return the seconds since the task was handed over."""
        return time.monotonic() - self._started

    def cancel(self) -> None:
        """Do nothing: the mark in the history stops it, and an executor may cancel a task that its worker has begun."""

    async def ended(self) -> Generation:
        """Wait for the end, and return the generation.

        Raises:
            CellTaken, BudgetExceeded, ImgmagicError: nothing was drawn.
            NotBegun: it was stopped before a worker began it.
            WorkerLost: its worker died.
        """
        try:
            # Cancelling the wait must not cancel the task: its worker may have sent the request, which would be paid
            # for unseen.
            outcome = await asyncio.shield(asyncio.wrap_future(self._future))
        except asyncio.CancelledError:
            if self._future.cancelled():  # by whoever owns the executor
                raise NotBegun from None
            raise
        except Exception as error:  # each executor has its own way to report that a worker is gone
            raise WorkerLost(f"{type(error).__name__}: {error}") from error
        if outcome.is_stopped:
            raise NotBegun
        return await asyncio.to_thread(self._read, outcome)

    def _read(self, outcome: CellOutcome) -> Generation:
        if outcome.over_budget:
            raise BudgetExceeded(outcome.over_budget)
        if outcome.is_taken and outcome.generation_id is not None:
            raise CellTaken(outcome.generation_id)
        record = None if outcome.generation_id is None else self._archive.history.get(outcome.generation_id)
        if record is None:
            reason = outcome.error or "a worker's generation is not in this kernel's history."
            raise StoreError(reason, remedy="Make all workers share one history (IMGMAGIC_HISTORY_URL).")
        return self._archive.generation(record)


class WorkerCells(SweepCells):
    """Draw the cells of a sweep in the workers of an executor.

    Args:
        plan: the sweep.
        sweep_id: its number.
        archive: the shared history and image store.
        workers: who draws them.
    """

    def __init__(self, plan: SweepPlan, sweep_id: int, archive: Archive, workers: Workers) -> None:
        super().__init__(plan, sweep_id, archive)
        self._run = uuid.uuid4().hex
        self._workers = workers
        self._brought: set[str] = set()  # hashes of pictures that were not in the shared store before

    def start(self, number: int) -> WorkerJob:
        """Hand a cell to a worker."""
        plan = self.plan.plans[number]
        self._brought.update(self.archive.missing_inputs(plan.request))
        task = CellTask(
            request=without_loaders(self.archive.keep_inputs(plan.request)[0]),
            options=cast("ImagineOptions", typed_options(plan)),
            cell=self.name_cell(number),
            run=self._run,
            session=self.archive.session,
            limit=self._workers.limit,
            environ=_shared_places(self.archive.places),
        )
        try:
            return WorkerJob(self._workers.executor.submit(self._workers.draw, task), self.archive)
        except RuntimeError as error:  # Python's and Dask's executors say in this way that they are closed or broken
            raise SettingsError(
                f"the executor takes no cells: {error}.", remedy="Keep it open until the sweep has ended."
            ) from error

    def stop(self) -> None:
        """Mark this run as stopped, for the workers."""
        self.archive.history.stop_sweep(self.sweep_id, self._run)

    def end(self) -> None:
        """Remove pictures that this run added to the store and no worker used: their cells were refused or stopped.

        Only now, because another cell may start from the same picture.
        """
        self.archive.remove_unused(tuple(self._brought))


def _shared_places(places: Mapping[str, str]) -> dict[str, str]:
    """Return the places of history and image store as variables; those with a password the workers must set."""
    return {f"IMGMAGIC_{name.upper()}": place for name, place in places.items() if not urlsplit(place).password}
