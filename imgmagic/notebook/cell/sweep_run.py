"""One %%imagine cell with --vary: plan the sweep, run it with a view, bind, save, show."""

import functools
import os
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import cast

from IPython.display import DisplayHandle

from imgmagic.display.sanitize import strip_control
from imgmagic.display.view import TICK_S
from imgmagic.domain.axes import parse_axis
from imgmagic.domain.generation import Generation, Status
from imgmagic.domain.options import ImagineOptions
from imgmagic.domain.sweep import Sweep
from imgmagic.domain.template import names_in
from imgmagic.errors import RequestInvalid, StoreError
from imgmagic.notebook.cell.missed_runs import Bundle, remark
from imgmagic.notebook.cell.plain_sweep_view import AnySweepView, NoSweepView, SweepLineView
from imgmagic.notebook.cell.run import begin_for_pages, draw
from imgmagic.notebook.cell.sweep_view import PLACE, SweepToShow, SweepView
from imgmagic.notebook.line.arguments import Arguments
from imgmagic.notebook.output.figure import remark_html
from imgmagic.notebook.output.formatters import sweep_bundle
from imgmagic.notebook.output.sweep_plan_table import plan_bundle
from imgmagic.notebook.output.tile_size import asked_aspect
from imgmagic.notebook.shell import Shell, has_html, is_captured, someone_is_there
from imgmagic.notebook.show import show
from imgmagic.runs.follow import cancelled_at_exit
from imgmagic.runs.inputs.references import named_path
from imgmagic.runs.interrupts import Cancelled, Interrupts
from imgmagic.runs.job import Job
from imgmagic.runs.sweep_axes import option_name
from imgmagic.runs.sweep_job import SweepJob
from imgmagic.runs.sweep_plan import SweepPlan, SweepRequest, describe_sweep_plan
from imgmagic.session import Session
from imgmagic.store.regular_file import read_regular_file
from imgmagic.store.sweep_files.sweep_folder import check_folder
from imgmagic.store.sweep_history import SweepHistory

_MOST_FILE_BYTES = 10_000_000  # of a list of values


def run_sweep(
    shell: Shell, session: Session, arguments: Arguments, template: str
) -> Generation | Job | Sweep | SweepJob | None:
    """Run one cell that varies something; a sweep of one cell is drawn like any other cell.

    Raises:
        ImgmagicError: the sweep was refused, ended early, or drew nothing.
        Cancelled: an interrupt stopped it; what was finished is shown.
    """
    return draw_sweep(shell, session, arguments, parse_sweep(shell, arguments, template))


def parse_sweep(shell: Shell, arguments: Arguments, template: str) -> SweepRequest:
    """Return the sweep that a line and a text describe.

    Raises:
        RequestInvalid: values that cannot be read.
    """
    return SweepRequest(
        template=template,
        axes=[parse_axis(text, names=shell.user_ns, read=read_file) for text in arguments.vary],
        zipped=arguments.zipped,
        names=shell.user_ns,
        parallel=arguments.parallel,
        retry=arguments.retry,
        options=arguments.options,
        variables=shell.user_ns,
    )


def draw_sweep(
    shell: Shell, session: Session, arguments: Arguments, asked: SweepRequest
) -> Generation | Job | Sweep | SweepJob | None:
    """Plan a sweep, draw what is missing, show what comes, and return it; its job with --no-wait."""
    plan = session.sweeps.plan(asked)
    if len(plan.plans) == 1:
        return _draw_one(shell, session, arguments, plan)
    if arguments.save:
        check_folder(arguments.save)
    if arguments.dry_run:
        show(plan_bundle(plan, _find_sweep(session, plan)))
        return None
    if not arguments.wait:
        return _run_in_background(shell, session, arguments, plan)
    sweep = show_sweep(shell, session, arguments, plan, start=lambda: session.sweeps.start(plan))
    _raise_if_nothing_came(sweep)
    return None if arguments.quiet else sweep


def show_sweep(
    shell: Shell, session: Session, arguments: Arguments, plan: SweepPlan, *, start: Callable[[], SweepJob]
) -> Sweep:
    """Start a planned sweep, show what comes and then its grid, and return it.

    Raises:
        Cancelled: an interrupt stopped it; what was finished is shown.
    """
    with Interrupts() as interrupts:
        job = interrupts.watch(start())
        with cancelled_at_exit(job), _view_of(shell, arguments, plan) as view:
            end = _begin(shell, session, arguments)
            sweep = _follow(job, view)
            _keep(shell, arguments, end, sweep)
            bundle = None if arguments.quiet else sweep_bundle(sweep, session.settings)
            view.clear()
            if bundle is not None:
                show(bundle)
    if interrupts.seen:
        raise Cancelled
    return sweep


def _draw_one(shell: Shell, session: Session, arguments: Arguments, plan: SweepPlan) -> Generation | Job | None:
    (one,) = plan.plans.values()
    used = names_in(one.request.template or "")  # a name of the prompt wins over an option of the same name
    plain = {option_name(name): value for name, value in plan.cells[0].plain.items() if name not in used}
    values = {name: value for name, value in plain.items() if name in ImagineOptions.__annotations__}
    options = cast("ImagineOptions", {**arguments.options, **values})
    params = {name: value for name, value in one.asked.options.items() if name not in ImagineOptions.__annotations__}
    if params:
        options["params"] = params
    return draw(shell, session, replace(arguments, options=options), one.request.prompt, template=one.request.template)


def _follow(job: SweepJob, view: AnySweepView) -> Sweep:
    """Show a sweep until its end, and return it."""
    # What an earlier run drew is there at once; only the rest has to be waited for.
    for cell in job.sweep:
        if cell.generation is not None:
            view.show(cell)
    view.update(job.progress)
    for ended in job.ticks(TICK_S):
        if ended is not None:
            view.show(ended)
        view.update(job.progress)
    return job.sweep


def _run_in_background(shell: Shell, session: Session, arguments: Arguments, plan: SweepPlan) -> SweepJob:
    """Start the sweep and return its job; the output continues to update if somebody is there to see it."""
    job = session.sweeps.start(plan)
    if arguments.out:
        shell.user_ns[arguments.out] = job  # until its sweep takes the name
    view = _view_of(shell, arguments, plan, on_stop=job.cancel)
    is_there = someone_is_there(shell) and not is_captured(shell)
    place = show(PLACE, is_updated=True) if is_there and not arguments.quiet else None
    keep = functools.partial(_keep, shell, arguments, _begin(shell, session, arguments))
    follow = functools.partial(_follow_to_the_end, session, job, view, keep, place, is_shown=not arguments.quiet)
    if is_there:
        threading.Thread(target=follow, name="imgmagic-view", daemon=True).start()
    else:
        follow()
    return job


def _follow_to_the_end(
    session: Session,
    job: SweepJob,
    view: AnySweepView,
    keep: Callable[[Sweep], None],
    place: DisplayHandle | None,
    *,
    is_shown: bool,
) -> None:
    with view:
        sweep = _follow(job, view)
        bundle = sweep_bundle(sweep, session.settings)
        try:
            keep(sweep)
        except Exception as error:  # noqa: BLE001 - no cell is left to fail: the output says it
            bundle = {"text/html": remark_html(str(error)), "text/plain": str(error)}
        view.clear()
        if place is not None:
            place.update(bundle, raw=True)
        elif is_shown:
            show(bundle)


def _view_of(
    shell: Shell, arguments: Arguments, plan: SweepPlan, *, on_stop: Callable[[], None] | None = None
) -> AnySweepView:
    if arguments.quiet or is_captured(shell):
        return NoSweepView()
    if not has_html(shell):
        return SweepLineView() if on_stop is None else NoSweepView()
    if not someone_is_there(shell):
        return NoSweepView(place=True)
    requests = {number: each.request for number, each in plan.plans.items()}
    shown = SweepToShow(
        shape=plan.shape,
        prompts={number: request.prompt for number, request in requests.items()},
        takes=max(request.n for request in requests.values()),
        aspect=asked_aspect(requests[1].options.get("size")),
        alt=plan.asked.options.get("alt"),
        known=describe_sweep_plan(plan),
    )
    return SweepView(shown, on_stop=on_stop)


def _find_sweep(session: Session, plan: SweepPlan) -> Sweep | None:
    try:
        return session.sweeps.find(plan)
    except StoreError:
        return None


def _keep(shell: Shell, arguments: Arguments, end: Callable[[Sweep], None], sweep: Sweep) -> None:
    """Note that the sweep has ended, and bind and save it if the cell asks for it."""
    end(sweep)
    if arguments.out:
        shell.user_ns[arguments.out] = sweep
    if arguments.save and any(len(each.images) for each in sweep.generations):
        sweep.save(arguments.save, overwrite=arguments.overwrite)


def _begin(shell: Shell, session: Session, arguments: Arguments) -> Callable[[Sweep], None]:
    """Note the beginning of a sweep, whose end a page may miss; return the function that notes its end."""
    end = begin_for_pages(shell, arguments)
    return lambda sweep: end(functools.partial(_missed_outputs, session, sweep.id))


def _missed_outputs(session: Session, sweep_id: int | None) -> Sequence[Bundle]:
    """Return what to show a page that missed a sweep's end: a remark, and the grid."""
    if sweep_id is None:
        return [remark("a sweep of this cell ended while this page was away; it could not be recorded")]
    sweep = SweepHistory(lambda: session.archive, lambda: session.sweeps.tools)[sweep_id]
    how = "finished" if sweep.status is Status.COMPLETED else "ended"
    return [remark(f"sweep {sweep_id} {how} while this page was away"), sweep_bundle(sweep, session.settings)]


def _raise_if_nothing_came(sweep: Sweep) -> None:
    """Raise what ended the whole sweep, or the first failure if no cell has a picture."""
    if sweep.error is not None:
        raise sweep.error
    if sweep.status is Status.FAILED and sweep.failed[0].error is not None:
        raise sweep.failed[0].error


def read_file(path: str) -> str:
    """Return the text of a file that `--vary NAME=@file.txt` names.

    Raises:
        RequestInvalid: it cannot be read, or is not UTF-8.
    """
    try:
        data = read_regular_file(Path(os.path.realpath(named_path(path))), most_bytes=_MOST_FILE_BYTES)
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        reason = "is not UTF-8 text"
    except OSError as error:
        reason = f"cannot be read ({error.strerror or type(error).__name__})"
    raise RequestInvalid(
        strip_control(f"nothing was sent: the file {path} {reason}."), remedy="Write one value per line, in UTF-8."
    )
