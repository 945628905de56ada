"""The cells of one sweep: how one is begun in this process, and what is known about those of others."""

from dataclasses import replace

from imgmagic.domain.generation import Generation
from imgmagic.errors import StoreError
from imgmagic.recordings.mode import Action
from imgmagic.runs.cell_job import CellJob
from imgmagic.runs.dispatch import Dispatcher
from imgmagic.runs.job import Job
from imgmagic.runs.plan import Plan
from imgmagic.runs.sweep_plan import SweepPlan, cell_key
from imgmagic.store.archive import Archive
from imgmagic.store.history.records import RUNNING, SweepCell


class SweepCells:
    """Hold the cells of a sweep by their numbers; a subclass says who draws them."""

    def __init__(self, plan: SweepPlan, sweep_id: int, archive: Archive) -> None:
        self.plan = plan
        self.sweep_id = sweep_id
        self.archive = archive

    def start(self, number: int) -> CellJob:
        """Begin a cell.

        Raises:
            CellTaken: somebody has drawn it, or is drawing it.
            BudgetExceeded: it does not fit now.
        """
        raise NotImplementedError

    def stop(self) -> None:
        """Tell the workers that the sweep was stopped."""

    def end(self) -> None:
        """Remove what no cell needs, now that all have ended."""

    def name_cell(self, number: int) -> SweepCell:
        """Return which cell a generation will be, claimed if another's picture of it would be shown instead."""
        is_fresh = bool(self.plan.asked.options.get("fresh"))
        is_claimed = not is_fresh and is_resumed(self.plan.plans[number])
        return replace(named_cell(self.plan, number, self.sweep_id), is_claimed=is_claimed)

    def look(self, generation_id: int) -> Generation | None:
        """Return a generation that has ended; None while it runs."""
        self.archive.history.mark_interrupted(self.archive.images.holds)
        record = self.archive.history.get(generation_id)
        if record is None:
            raise StoreError(f"generation {generation_id} was removed meanwhile.", remedy="Run the sweep again.")
        return None if record.status == RUNNING else self.archive.generation(record)

    def keep(self, generation: Generation) -> Generation:
        """Return an ended generation without its bytes, if they can be read again."""
        if generation.id is None or any(image.location is None for image in generation.images):
            return generation
        try:
            record = self.archive.history.get(generation.id)
        except StoreError:
            return generation
        if record is None or len(record.images) != len(generation.images):
            return generation
        return replace(generation, images=self.archive.generation(record).images)


class LocalCells(SweepCells):
    """Draw the cells of a sweep in this process."""

    def __init__(self, plan: SweepPlan, sweep_id: int, archive: Archive, dispatcher: Dispatcher) -> None:
        super().__init__(plan, sweep_id, archive)
        self._dispatcher = dispatcher

    def start(self, number: int) -> Job:
        """Begin a cell like any other run."""
        return self._dispatcher.start(replace(self.plan.plans[number], cell=self.name_cell(number)))


def is_resumed(plan: Plan) -> bool:
    """Return whether an earlier picture may be shown for a cell: not while replaying or recording."""
    return plan.route.action is Action.ASK


def named_cell(plan: SweepPlan, number: int, sweep_id: int) -> SweepCell:
    """Return which cell of which sweep a generation is."""
    return SweepCell(sweep_id=sweep_id, key=cell_key(plan.plans[number]), values=plan.cells[number - 1].plain)
