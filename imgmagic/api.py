"""The Python API: the functions of the default session, for notebooks, scripts and running event loops."""

import asyncio
import functools
import io
import os
from collections.abc import Mapping
from typing import Unpack, cast

from imgmagic.config.settings import Settings
from imgmagic.display.line_view import LineView
from imgmagic.display.sweep_line import describe_progress, describe_sweep
from imgmagic.display.view import TICK_S
from imgmagic.domain.axes import axes_of
from imgmagic.domain.generation import Generation
from imgmagic.domain.options import ImagineOptions
from imgmagic.domain.sweep import Sweep
from imgmagic.errors import RequestInvalid
from imgmagic.runs.follow import cancelled_at_exit, follow
from imgmagic.runs.interrupts import Cancelled, Interrupts
from imgmagic.runs.job import Job, raise_if_failed
from imgmagic.runs.job_list import RunningJobs
from imgmagic.runs.sweep_job import SweepJob
from imgmagic.runs.sweep_plan import SWEEP_KEYWORDS, SweepOptions, SweepPlan, SweepRequest
from imgmagic.runs.sweep_workers import CellOutcome, CellTask, Workers, draw_cell
from imgmagic.session import Session, default_session
from imgmagic.store.history.queries import Kind
from imgmagic.store.history_view import HistoryView
from imgmagic.store.usage_report import UsageReport, report


def imagine(prompt: str, *, show: bool = True, **options: Unpack[ImagineOptions]) -> Generation:
    """Generate images for `prompt` and wait for them; in a terminal one line shows the progress, then where they are.

    Args:
        prompt: what to draw; at most 32,000 characters.
        show: whether to show the run while it lasts and, in a notebook, its figure in the cell's output.
        **options: provider, model, n, size, quality, output_format, output_compression, background, moderation, style,
            response_format, user, partial_images, stream, as the flags of `%%imagine`; params (a mapping of any other
            body keys); timeout in seconds; check=False sends even what the server is known to refuse.

    Raises:
        RequestInvalid: the request has faults; nothing was sent.
        SettingsError: no key, base URL or such; nothing was sent.
        ApiError, ConnectionFailed, ResponseTimeout, ProtocolError, DownloadFailed: no image came.
        Cancelled: an interrupt stopped it (a KeyboardInterrupt).
    """
    session = default_session()
    line = LineView() if show else LineView(io.StringIO())
    with Interrupts() as interrupts:
        job = interrupts.watch(session.start(session.plan(prompt, **options)))
        with cancelled_at_exit(job), line:
            generation = follow(job, line)
    if interrupts.seen:
        raise Cancelled
    raise_if_failed(generation)
    for image in generation.images:
        line.say(f"imagine: {generation.elapsed_s:.1f} s, {image.location or 'not saved'}")
    return generation


async def imagine_async(prompt: str, **options: Unpack[ImagineOptions]) -> Generation:
    """Generate images for `prompt` inside a running event loop; cancelling the task closes the connection.

    Takes and raises what `imagine` does.
    """
    return await default_session().imagine_async(prompt, **options)


def start(prompt: str, **options: Unpack[ImagineOptions]) -> Job:
    """Start a generation in the background and return its job: `.events()`, `.cancel()`, `.result()`.

    Takes what `imagine` does, and raises RequestInvalid and SettingsError at once.
    """
    session = default_session()
    return session.start(session.plan(prompt, **options))


def usage(by: Kind | None = None) -> UsageReport:
    """Return what this session's generations used; with `by`, what all sessions used, one row per key.

    Args:
        by: "model", "day", "provider", "tag" or "session".

    Raises:
        StoreError: the history cannot be read.
    """
    return report(default_session().archive, by)


def sweep(prompt: str, vary: Mapping[str, object], *, show: bool = True, **options: Unpack[SweepOptions]) -> Sweep:
    """Draw `prompt` over every combination of values, and wait; what an earlier run of the same sweep drew is kept.

    Args:
        prompt: what to draw; `{{ name }}` stands for the value of the axis `name`.
        vary: the axes: option, key of `params`, "prompt" or a name in the prompt -> a list of values, or a dict whose
            keys are their labels. The first goes across, the second down; any other makes one grid per value.
        show: whether to show the run while it lasts and, in a notebook, its grid in the cell's output.
        **options: as for `imagine`; `max_cost` is that of the whole sweep, `n` the number of takes of each cell. In
            addition: zip=True takes the lists side by side instead of crossing them; parallel is how many cells to draw
            at a time, by default 4; executor draws them elsewhere, with any `concurrent.futures.Executor` whose workers
            share the history and the image store; retry=True also asks again for cells that failed and may have been
            billed.

    Returns:
        The sweep, even if some cells failed; `.failed` has those.

    Raises:
        RequestInvalid: an axis or a cell has faults; nothing was sent.
        SettingsError: no key, base URL or such; nothing was sent.
        BudgetExceeded: it could cost more than is left, or has more pictures than `sweep_limit`; nothing was sent.
        Cancelled: an interrupt stopped it (a KeyboardInterrupt); what is finished is kept.
    """
    line = LineView() if show else LineView(io.StringIO())
    with Interrupts() as interrupts:
        job = interrupts.watch(start_sweep(prompt, vary, **options))
        with cancelled_at_exit(job), line:
            for _ in job.ticks(TICK_S):
                line.rewrite(f"{job.elapsed_s:.0f} s, {describe_progress(job.progress)}")
    if interrupts.seen:
        raise Cancelled
    line.say(f"imagine: {describe_sweep(job.sweep)}")
    return job.sweep


async def sweep_async(prompt: str, vary: Mapping[str, object], **options: Unpack[SweepOptions]) -> Sweep:
    """Draw a sweep inside a running event loop; cancelling the task stops it. Takes and raises what `sweep` does."""
    job = await asyncio.to_thread(functools.partial(start_sweep, prompt, vary, **options))
    return await job.wait()


def start_sweep(prompt: str, vary: Mapping[str, object], **options: Unpack[SweepOptions]) -> SweepJob:
    """Start a sweep in the background and return its job: `.progress`, `.cancel()`, `.result()`.

    Takes what `sweep` does, and raises its faults at once.
    """
    return start_sweep_plan(plan_sweep(prompt, vary, options), options)


def plan_sweep(prompt: str, vary: Mapping[str, object], options: SweepOptions) -> SweepPlan:
    """Return the plan of a sweep; nothing is sent. Raises what `sweep` does at once."""
    executor = options.get("executor")
    if executor is not None and not callable(getattr(executor, "submit", None)):
        raise RequestInvalid(
            f"nothing was sent. {{executor}}: {executor!r} is not an executor.",
            remedy="Give a concurrent.futures.Executor, such as Dask's client.get_executor().",
        )
    asked = SweepRequest(
        template=prompt,
        axes=axes_of(vary),
        zipped=options.get("zip", False),
        parallel=options.get("parallel", 4),
        retry=options.get("retry", False),
        options=cast("ImagineOptions", {key: value for key, value in options.items() if key not in SWEEP_KEYWORDS}),
    )
    return default_session().sweeps.plan(asked)


def start_sweep_plan(plan: SweepPlan, options: SweepOptions) -> SweepJob:
    """Start a planned sweep, here or on the given executor, and return its job."""
    session = default_session()
    executor = options.get("executor")
    workers = None if executor is None else Workers(executor=executor, draw=draw_task, limit=session.limit)
    return session.sweeps.start(plan, workers=workers)


def draw_task(task: CellTask) -> CellOutcome:
    """Draw one cell of a sweep in a worker of an executor; only for `start_sweep`."""
    session = _worker_session(task.session, tuple(sorted(task.environ.items())))
    session.limit = task.limit
    return draw_cell(task, session)


@functools.lru_cache(maxsize=4)
def _worker_session(name: str, environ: tuple[tuple[str, str], ...]) -> Session:
    """Return this worker's session, which spends under the limits of the session that sent the task."""
    return Session(Settings(environ={**os.environ, **dict(environ)}), name=name)


history = HistoryView(lambda: default_session().archive, lambda: default_session().sweeps.tools)
"""Every recorded generation, newest first."""


jobs = RunningJobs(lambda: default_session().jobs, lambda: default_session().sweeps.jobs)
"""The jobs of this session: the running ones, and the newest."""
