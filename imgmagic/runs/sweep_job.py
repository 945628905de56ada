"""A running sweep: a few workers on the event loop take one cell after another, each an ordinary job.

What ends one cell, such as a refused prompt or a time-out, does not affect the others. What would end every cell in the
same way (a key that is not accepted, an account without money, a server that has closed for the day) ends the sweep: no
more cells are begun. A rate limit does neither: the pacer waits for it inside the job. While there is nothing else to
do, a cell that another kernel is drawing is checked repeatedly, until it is there or free.
"""

import asyncio
import contextlib
import queue
import threading
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import replace
from enum import Enum
from typing import TypeVar

from imgmagic.domain.generation import Generation, Status
from imgmagic.domain.progress import TileState
from imgmagic.domain.sweep import Sweep, SweptCell
from imgmagic.domain.sweep_progress import CellState, state_of
from imgmagic.errors import (
    AuthenticationFailed,
    BudgetExceeded,
    ImgmagicError,
    PermissionDenied,
    QuotaExhausted,
    RateLimited,
    SettingsError,
    StoreError,
)
from imgmagic.runs.cell_job import CellJob, Cells, NotBegun, WorkerLost
from imgmagic.runs.event_loop import CLOSE_S, IoThread
from imgmagic.runs.interrupts import Cancelled, Interrupts
from imgmagic.runs.job import WAIT_S
from imgmagic.runs.loop_job import LoopJob
from imgmagic.runs.sweep_start import SweepStart
from imgmagic.store.history.records import CellTaken

_ENDS_ALL = (QuotaExhausted, AuthenticationFailed, PermissionDenied, RateLimited, SettingsError)
_LOOK_S = 0.5  # how often another kernel's cell is checked
_THREADS = 1  # cells are begun, and so numbered, in order
_MOST_LOST = 3  # workers that may die while they draw one cell


_A = TypeVar("_A")
_R = TypeVar("_R")


class _Mark(Enum):
    END = "the end of a sweep's queue"


class SweepJob(LoopJob):
    """A running sweep: how far it is, a way to stop it, and its result.

    Args:
        io: the thread to run on.
        start: what to draw.
        cells: begins cells, and checks those of others.
        clock: monotonic seconds.
    """

    def __init__(self, io: IoThread, start: SweepStart, cells: Cells, *, clock: Callable[[], float]) -> None:
        super().__init__(io, clock)
        self.progress = start.progress
        self._sweep = start.sweep
        self._cells = {cell.cell.number: cell for cell in start.sweep.cells}
        self._todo = deque(start.todo)
        self._elsewhere: dict[int, int] = {}  # generations of others by the cell's number
        self._jobs: dict[int, CellJob] = {}
        self._lost: Counter[int] = Counter()  # how many workers died while they drew a cell
        self._settled = 0  # how many cells of this run have ended and no longer hold a reservation
        self._drawn_by = cells
        self._pool = ThreadPoolExecutor(_THREADS, thread_name_prefix="imgmagic-sweep")
        self._parallel = start.parallel
        self._error: ImgmagicError | None = None
        self._is_stopping = False
        self._queue: queue.SimpleQueue[SweptCell | _Mark] = queue.SimpleQueue()
        self._outcome = io.submit(self._run())
        self._outcome.add_done_callback(lambda _: self._queue.put(_Mark.END))

    @property
    def sweep(self) -> Sweep:
        """Return the sweep as it is now."""
        cells = tuple(self._cells[cell.cell.number] for cell in self._sweep.cells)
        return replace(self._sweep, cells=cells, elapsed_s=self.elapsed_s, error=self._error)

    def cancel(self) -> None:
        """Stop every running cell, and begin no other; what is finished is kept."""
        is_first, self._is_stopping = not self._is_stopping, True
        for job in tuple(self._jobs.values()):
            job.cancel()
        if is_first and not self.done:  # a signal's handler must not wait for a database
            threading.Thread(target=self._stop_elsewhere, name="imgmagic-stop", daemon=True).start()

    def _stop_elsewhere(self) -> None:
        with contextlib.suppress(StoreError):
            self._drawn_by.stop()

    def ticks(self, every_s: float) -> Iterator[SweptCell | None]:
        """Yield cells as they end, and None whenever `every_s` seconds pass without one. For one reader."""
        while True:
            try:
                item = self._queue.get(timeout=every_s)
            except queue.Empty:
                item = None
            self._refresh()
            if item is _Mark.END:
                self._queue.put(item)  # a second reader must find the end, too
                return
            yield item if isinstance(item, SweptCell) else None

    def result(self, timeout_s: float | None = None) -> Sweep:
        """Wait for the end and return the sweep, however its cells ended.

        Raises:
            Cancelled: the wait was interrupted; the sweep was stopped.
            TimeoutError: it takes longer than `timeout_s` seconds; the sweep continues.
        """
        with Interrupts(self) as interrupts:
            give_up = None if timeout_s is None else self._clock() + timeout_s
            while not wait((self._outcome,), WAIT_S).done:
                if give_up is not None and self._clock() > give_up:
                    raise TimeoutError
        if interrupts.seen:
            raise Cancelled
        self._outcome.result()
        return self.sweep

    def wait_until_ended(self, timeout_s: float = CLOSE_S) -> None:
        """Wait for the end, at most `timeout_s` seconds; closing cannot wait forever."""
        wait((self._outcome,), timeout_s)

    async def wait(self) -> Sweep:
        """Wait for the end in the caller's own event loop; cancelling the wait stops the sweep."""
        ended = asyncio.wrap_future(self._outcome)
        try:
            await asyncio.shield(ended)  # cancelling this future would take the result away from everybody
        except asyncio.CancelledError:
            self.cancel()
            await asyncio.wait([ended])
            raise
        return self.sweep

    def __repr__(self) -> str:
        counts = self.progress.counts
        ended = counts[CellState.COMPLETED] + counts[CellState.FOUND]
        return f"<SweepJob {'done' if self.done else 'running'}, {ended} of {len(self._cells)} cells>"

    async def _run(self) -> None:
        workers = [asyncio.create_task(self._work()) for _ in range(min(self._parallel, max(1, len(self._todo))))]
        try:
            await asyncio.gather(*workers)
        except asyncio.CancelledError:
            self.cancel()
        finally:
            for task in workers:
                task.cancel()
            await asyncio.gather(*workers, return_exceptions=True)
            ended = asyncio.get_running_loop().run_in_executor(self._pool, self._drawn_by.end)
            self._pool.shutdown(wait=False)
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.wait([ended])
            self._ended = self._clock()
            self._refresh()

    async def _on_a_thread(self, function: Callable[[_A], _R], argument: _A) -> _R:
        """Read or write the history, off the loop and off the thread that keeps pictures."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, function, argument)

    async def _work(self) -> None:
        while self._todo and not self._is_stopping and self._error is None:
            number = self._todo.popleft()
            if number in self._elsewhere:
                await self._look(number)
            else:
                await self._draw(number)

    async def _draw(self, number: int) -> None:
        """Draw one cell, or find out why it cannot be drawn now."""
        self.progress.states[number] = CellState.RUNNING
        # Read before the cell begins: another cell may end and release its reservation while this one is refused.
        settled = self._settled
        try:
            await self._follow(number, await self._on_a_thread(self._drawn_by.start, number))
        except CellTaken as taken:
            self._elsewhere[number] = taken.generation_id
            await self._look(number)
        except BudgetExceeded as error:
            await self._wait_for_money(number, error, is_news=self._settled > settled)
        except NotBegun:
            self.progress.states[number] = CellState.WAITING
        except WorkerLost as lost:
            self._begin_again(number, lost)
        except ImgmagicError as error:
            self._put(replace(self._cells[number], note=str(error)), CellState.FAILED)
            self._error = error if isinstance(error, _ENDS_ALL) else self._error

    async def _follow(self, number: int, job: CellJob) -> None:
        self._jobs[number] = job
        try:
            # The job was not in the table yet, so `cancel` has not reached it.
            if self._is_stopping:  # a Stop that came while it was being begun
                self.cancel()
            generation = await self._to_the_end(job.ended())
            # Even during a Stop: the picture is there and paid for.
            kept = await self._to_the_end(self._on_a_thread(self._drawn_by.keep, generation))
            self._settled += 1
        finally:
            del self._jobs[number]
        if isinstance(generation.error, _ENDS_ALL):
            self._error = self._error or generation.error
        self.progress.spend(kept.cost)
        cell = replace(self._cells[number], generation=kept)
        self._put(cell, state_of(cell))

    def _begin_again(self, number: int, lost: WorkerLost) -> None:
        """Begin a cell again if its worker died; what a dead worker had begun is free to be drawn."""
        self._lost[number] += 1
        if self._lost[number] > _MOST_LOST:
            self._put(replace(self._cells[number], note=f"its worker died: {lost}"), CellState.FAILED)
        else:
            self.progress.states[number] = CellState.WAITING
            self._todo.append(number)

    async def _to_the_end(self, awaited: Awaitable[Generation]) -> Generation:
        """Wait for the end, even if the loop is closed meanwhile: what is finished must be kept."""
        waiting = asyncio.ensure_future(awaited)
        while not waiting.done():
            try:
                await asyncio.wait([waiting])
            except asyncio.CancelledError:
                self.cancel()
        return waiting.result()

    async def _look(self, number: int) -> None:
        """Check a cell that somebody else draws, after a pause if only such cells are left."""
        self.progress.states[number] = CellState.ELSEWHERE
        generation = await self._on_a_thread(self._drawn_by.look, self._elsewhere[number])
        if generation is None:
            self._todo.append(number)
            if all(each in self._elsewhere for each in self._todo):
                await asyncio.sleep(_LOOK_S)
            return
        del self._elsewhere[number]
        if generation.status is Status.COMPLETED:
            cell = replace(self._cells[number], generation=generation, prompt=generation.prompt, is_found=True)
            self._put(cell, CellState.FOUND)
        else:
            self._todo.appendleft(number)

    async def _wait_for_money(self, number: int, error: BudgetExceeded, *, is_news: bool) -> None:
        """Begin a cell again when others have ended, whose reservations may exceed their costs.

        `is_news`: one has ended since this cell was refused, or while the refusal was on its way.
        """
        self.progress.states[number] = CellState.WAITING
        if is_news:
            self._todo.appendleft(number)
            return
        # Nothing is running that could release money, so it would wait forever.
        if not self._jobs:
            self._error = self._error or error
            return
        self._todo.appendleft(number)
        running = [asyncio.ensure_future(job.ended()) for job in self._jobs.values()]
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
        # The followers of those jobs run first and count what has ended; this cell's next refusal is judged by that.
        await asyncio.sleep(0)

    def _put(self, cell: SweptCell, state: CellState) -> None:
        self._cells[cell.cell.number] = cell
        self.progress.states[cell.cell.number] = state
        self._queue.put(cell)

    def _refresh(self) -> None:
        """Update seconds and waits, so that cells held back by a limit are told from those being drawn."""
        elapsed_s = self.elapsed_s
        limited: dict[int, tuple[float, str]] = {}
        for number, job in tuple(self._jobs.items()):
            retries = [tile.retry for tile in job.progress.tiles if tile.state is TileState.RETRYING and tile.retry]
            for retry in retries[:1]:
                wait_s = retry.elapsed_s + retry.delay_s - job.elapsed_s
                limited[number] = (elapsed_s + wait_s, retry.reason)
        self.progress.elapsed_s = elapsed_s
        self.progress.limited = limited
