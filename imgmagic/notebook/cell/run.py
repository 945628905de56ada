"""One %%imagine cell: plan, run with a view, bind, save, show; loaded at the first cell, with all it needs."""

import functools
import json
from collections.abc import Callable, Collection, Mapping
from typing import TYPE_CHECKING

from imgmagic.display.amounts import describe_estimate
from imgmagic.display.line_view import LineView
from imgmagic.display.sanitize import strip_control
from imgmagic.display.view import NoView, View
from imgmagic.domain.bill import bill
from imgmagic.domain.generation import Generation, Status
from imgmagic.domain.prices import PriceTable
from imgmagic.domain.progress import Progress
from imgmagic.domain.wording import dollars
from imgmagic.errors import StoreError
from imgmagic.notebook.cell.background import BackgroundRun
from imgmagic.notebook.cell.expected_caption import expect_caption
from imgmagic.notebook.line.arguments import Arguments
from imgmagic.notebook.output.formatters import figure_bundle
from imgmagic.notebook.output.terminal import print_pictures
from imgmagic.notebook.shell import Shell, has_html, is_captured, someone_is_there
from imgmagic.notebook.show import show
from imgmagic.redaction import redact
from imgmagic.runs.follow import cancelled_at_exit, follow
from imgmagic.runs.inputs.references import with_references
from imgmagic.runs.interrupts import Cancelled, Interrupts
from imgmagic.runs.job import Job
from imgmagic.runs.plan import Plan
from imgmagic.session import Session
from imgmagic.store.images.copies import check_destination

if TYPE_CHECKING:  # it loads widgets, which a cell without a page does not need
    from imgmagic.notebook.cell.missed_runs import Outputs

_HEAD_START_S = 0.02  # for the request, before the widgets are made


def run(shell: Shell, session: Session, arguments: Arguments, template: str) -> Generation | Job | None:
    """Run one cell: fill in its text, send its request, show what comes, and return what `draw` returns."""
    return draw(shell, session, arguments, session.expand(template, shell.user_ns), template=template)


def draw(
    shell: Shell,
    session: Session,
    arguments: Arguments,
    prompt: str,
    *,
    template: str | None = None,
    defaults: Collection[str] | None = None,
) -> Generation | Job | None:
    """Send a prompt, show what comes, and return the generation; its job with --no-wait.

    Args:
        shell: the shell that shows it.
        session: the session that sends it.
        arguments: its options, and what to do with the result.
        prompt: the text to send, as written.
        template: the text as it was typed, before `{{ }}` was filled in.
        defaults: which settings fill in what the options leave out; None for all.

    Raises:
        ImgmagicError: the request was refused, or no image came.
        Cancelled: an interrupt stopped it; what was finished is shown.
    """
    options = with_references(arguments.options, shell.user_ns)
    plan = session.plan(prompt, template=template, defaults=defaults, **options)
    if arguments.save:
        # Before anything is paid for: a missing folder would otherwise be noticed only when the picture is there.
        check_destination(arguments.save, n=plan.request.n, overwrite=arguments.overwrite)
    if arguments.dry_run:
        _show_plan(plan, session)
        return None
    if not arguments.wait:
        return _run_in_background(shell, session, arguments, plan)
    with Interrupts() as interrupts:  # until it has been shown: an interrupt must not lose what is finished
        generation = _follow_and_show(shell, session, arguments, plan, interrupts.watch(session.start(plan)))
    if interrupts.seen:
        raise Cancelled(is_told=has_html(shell))
    if generation.error is not None:
        raise generation.error
    return None if arguments.quiet else generation


def _follow_and_show(shell: Shell, session: Session, arguments: Arguments, plan: Plan, job: Job) -> Generation:
    """Show a run while it lasts, then keep and show its result."""
    with cancelled_at_exit(job), _view_of(shell, session, arguments, plan, job) as view:
        end = _begin(shell, session, arguments)
        generation = follow(job, view)
        end(generation)
        _keep(shell, arguments, generation)
        # Made while the live view is still there: if the output were empty between the view and the figure, the page
        # would jump.
        is_shown = _has_figure(generation) and not arguments.quiet
        bundle = figure_bundle(generation, session.settings) if is_shown else None
        view.clear()
        if bundle is not None:
            _show(shell, generation, bundle)
    return generation


def _run_in_background(shell: Shell, session: Session, arguments: Arguments, plan: Plan) -> Job:
    """Start the run and return its job; the output continues to update if somebody is there to see it."""
    job = session.start(plan)
    if arguments.out:
        shell.user_ns[arguments.out] = job  # until its generation takes the name
    run = BackgroundRun(
        job,
        _view_of(shell, session, arguments, plan, job, on_stop=job.cancel),
        bundle=None if arguments.quiet else functools.partial(figure_bundle, settings=session.settings),
        keep=functools.partial(_keep, shell, arguments),
        end=_begin(shell, session, arguments),
    )
    if someone_is_there(shell) and not is_captured(shell):
        run.start()
    else:
        run.follow()
    return job


def _view_of(
    shell: Shell,
    session: Session,
    arguments: Arguments,
    plan: Plan,
    job: Job,
    *,
    on_stop: Callable[[], None] | None = None,
) -> View:
    if arguments.quiet or is_captured(shell):  # which shows it later: a widget would be gone by then
        return NoView()
    if not has_html(shell):
        # A line that rewrites itself would disturb what is typed meanwhile.
        return LineView() if on_stop is None else NoView()
    from imgmagic.notebook.cell.live_view import LiveView, StillView

    if not someone_is_there(shell):
        return StillView()
    job.wait_until_answered(_HEAD_START_S)
    known = functools.partial(_describe_known, plan, session.archive.prices)
    caption = expect_caption(plan, job.notices)
    return LiveView(plan.request, alt=plan.alt, known=known, caption=caption, on_stop=on_stop)


def _begin(shell: Shell, session: Session, arguments: Arguments) -> Callable[[Generation], None]:
    """Note the beginning of a run, whose end a page may miss; return the function that notes its end."""
    end = begin_for_pages(shell, arguments)
    return lambda generation: end(functools.partial(_missed_outputs, session, generation.id))


def begin_for_pages(shell: Shell, arguments: Arguments) -> Callable[["Outputs"], None]:
    """Note that a cell begins to draw; at its end, call the returned function with one that makes its outputs.

    A page that was loaded meanwhile gets them.
    """
    if not (has_html(shell) and someone_is_there(shell)) or arguments.quiet:
        return lambda _: None
    from imgmagic.notebook.cell.missed_runs import MISSED

    return MISSED.begin(shell)


def _missed_outputs(session: Session, number: int | None) -> list[Mapping[str, str]]:
    """Return what to show a page that missed a run's end: a remark, and the figure or why there is none."""
    from imgmagic.notebook.cell.missed_runs import remark
    from imgmagic.notebook.output.error_block import error_bundle
    from imgmagic.store.history_view import HistoryView

    if number is None:
        return [remark("a run of this cell ended while this page was away; it could not be recorded")]
    generation = HistoryView(lambda: session.archive)[number]
    how = "finished" if generation.status is Status.COMPLETED else "ended"
    said = remark(f"#{number} {how} while this page was away")
    figure = [figure_bundle(generation, session.settings)] if _has_figure(generation) else []
    return [said, *figure, *([error_bundle(generation.error)] if generation.error else [])]


def _describe_known(plan: Plan, prices: PriceTable, progress: Progress) -> str:
    """Return what is known about a run's time, tokens and cost, and the estimate of a live one."""
    facts = [] if progress.first_partial_s is None else [f"first partial {progress.first_partial_s:.1f} s"]
    if progress.usage is not None and progress.usage.total_tokens is not None:
        facts.append(f"{progress.usage.total_tokens:,} tokens")
    if plan.is_live:
        cost = bill(progress, plan.request, prices).cost
        facts += [f"{dollars(cost)} so far"] if cost is not None else []
        facts += filter(None, [describe_estimate(plan.estimate)])
    return " · ".join(facts)


def _show_plan(plan: Plan, session: Session) -> None:
    """Show what would leave: the address, each body once, what it may cost, and what the budget leaves."""
    bodies = [json.dumps(body, indent=2, ensure_ascii=False) for body in plan.bodies]
    times = f" ({len(bodies)} side by side)" if len(bodies) > 1 else ""
    address = redact(plan.url, *plan.provider.secrets()) if plan.provider.base_url else "to the simulator"
    lines = [f"POST {address}{times}", bodies[0], *plan.parts]
    if plan.left_out:
        lines.append(f"left out, as this server would refuse or ignore it: {', '.join(plan.left_out)}")
    lines += _cost_lines(plan, session)
    show({"text/plain": strip_control("\n".join([*lines, "Nothing was sent."]))})


def _cost_lines(plan: Plan, session: Session) -> list[str]:
    if not plan.is_live:
        return [f"estimate: nothing, the picture is {plan.origin}"]
    if (reused := session.dispatcher.find_reusable(plan)) is not None:
        made = f"{reused.started.at:%Y-%m-%d}"
        return [f"estimate: nothing, #{reused.id} would be reused from {made}; add --fresh to ask the server"]
    estimate = f"estimate: {describe_estimate(plan.estimate) or 'cost unknown'}"
    try:
        left = [str(each) for each in session.planner.limits(plan.budget)]
        refusal = session.planner.budget_refusal(plan)
    except StoreError as error:
        return [estimate, str(error)]
    return [estimate, *left, *([str(refusal)] if refusal else [])]


def _keep(shell: Shell, arguments: Arguments, generation: Generation) -> None:
    """Bind and save the generation if the cell asks for it."""
    if arguments.out:
        shell.user_ns[arguments.out] = generation
    if arguments.save and generation.images:
        generation.save(arguments.save, overwrite=arguments.overwrite)


def _has_figure(generation: Generation) -> bool:
    """Return whether there is a figure: of pictures, or of a stopped run."""
    stopped = generation.status is Status.CANCELLED
    return bool(generation.images) or bool(generation.partials) or stopped


def _show(shell: Shell, generation: Generation, bundle: dict[str, str]) -> None:
    if not has_html(shell):
        print_pictures(generation.images)
    show(bundle)
