"""One %%imagine cell: plan, run with a view, bind, save, show; loaded at the first cell, with all that it needs."""

import functools
import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from IPython.display import display

from imgmagic.display.line_view import LineView, NoView, View, nothing
from imgmagic.display.sanitize import plain
from imgmagic.domain.budget import dollars
from imgmagic.domain.generation import Generation
from imgmagic.domain.prices import PriceTable
from imgmagic.domain.progress import Progress
from imgmagic.domain.totals import Origin
from imgmagic.errors import StoreError
from imgmagic.notebook.cell.background import BackgroundRun, someone_is_there
from imgmagic.notebook.cell.live_view import LiveView, StillView
from imgmagic.notebook.line.arguments import Arguments
from imgmagic.notebook.output.formatters import figure_bundle
from imgmagic.notebook.output.terminal import print_pictures
from imgmagic.runs.job import Cancelled, Interrupts, Job
from imgmagic.runs.job_list import follow
from imgmagic.runs.plan import Plan
from imgmagic.session import Session
from imgmagic.store.images.copies import check_destination
from imgmagic.store.usage_report import estimate_told, limits


def run(shell: Any, session: Session, arguments: Arguments, template: str) -> Generation | Job | None:
    """Run one cell: fill in its text, send what it asks for, show what comes, and return what `draw` returns."""
    return draw(shell, session, arguments, session.expand(template, shell.user_ns), template=template)


def draw(
    shell: Any, session: Session, arguments: Arguments, prompt: str, *, template: str | None = None
) -> Generation | Job | None:
    """Send a prompt, show what comes, and return the generation; its job with --no-wait.

    Args:
        shell: the shell that shows it.
        session: the session that sends it.
        arguments: its options, and what to do with the result.
        prompt: the text to send, as it stands.
        template: the text as it was typed, before `{{ }}` was filled in.

    Raises:
        ImgmagicError: the request was refused, or no image came.
        Cancelled: an interrupt stopped it; what was finished is shown.
    """
    plan = session.plan(prompt, template=template, **arguments.options)
    if arguments.save:
        check_destination(arguments.save, n=plan.request.n, overwrite=arguments.overwrite)
    if arguments.dry_run:
        _show_plan(plan, session)
        return None
    if not arguments.wait:
        return _behind(shell, session, arguments, plan)
    with Interrupts() as interrupts:  # to the end of the showing: an interrupt must not lose what is finished
        job = interrupts.watch(session.start(plan))
        follow(
            job,
            lambda: _view_of(shell, session, arguments, plan),
            lambda generation: _kept_and_shown(shell, arguments, generation),
        )
        generation = job.generation()
    if interrupts.seen:
        raise Cancelled
    if generation.error is not None:
        raise generation.error
    return None if arguments.quiet else generation


def _behind(shell: Any, session: Session, arguments: Arguments, plan: Plan) -> Job:
    """Start the run and return its job; the output goes on by itself, where somebody is there to see it."""
    job = session.start(plan)
    run = BackgroundRun(
        job,
        _view_of(shell, session, arguments, plan, on_stop=job.cancel),
        bundle=None if arguments.quiet else figure_bundle,
        at_end=lambda generation: _keep(shell, arguments, generation),
    )
    if someone_is_there(shell):
        run.start()
    else:
        run.follow()
    return job


def _view_of(
    shell: Any, session: Session, arguments: Arguments, plan: Plan, *, on_stop: Callable[[], None] | None = None
) -> View:
    if arguments.quiet:
        return NoView()
    if not hasattr(shell, "kernel"):
        # A line that rewrites itself would run through what is typed meanwhile.
        return LineView() if on_stop is None else NoView()
    if not someone_is_there(shell):
        return StillView()
    known = functools.partial(_known, plan, session.archive.prices)
    return LiveView(plan.request, alt=plan.alt, known=known, on_stop=on_stop)


def _known(plan: Plan, prices: PriceTable, progress: Progress) -> str:
    """Return what is known of a run's time, tokens and cost, and the estimate of a live one."""
    facts = [] if progress.first_partial_s is None else [f"first partial {progress.first_partial_s:.1f} s"]
    if progress.usage is not None and progress.usage.total_tokens is not None:
        facts.append(f"{progress.usage.total_tokens:,} tokens")
    if plan.origin is Origin.LIVE:
        cost = progress.cost(plan.request, prices)
        facts += [f"{dollars(cost)} so far"] if cost is not None else []
        facts += [told] if (told := estimate_told(plan.estimate)) else []
    return " · ".join(facts)


def _show_plan(plan: Plan, session: Session) -> None:
    """Show what would leave: the address, each body once, what it may cost, and what the budget leaves."""
    bodies = [json.dumps(body, indent=2, ensure_ascii=False) for body in plan.bodies]
    times = f" ({len(bodies)} side by side)" if len(bodies) > 1 else ""
    lines = [f"POST {plan.url if plan.provider.base_url else 'to the simulator'}{times}", bodies[0]]
    if plan.left_out:
        lines.append(f"left out, as this server would refuse or ignore it: {', '.join(plan.left_out)}")
    lines += _cost_lines(plan, session)
    display({"text/plain": plain("\n".join([*lines, "Nothing was sent."]))}, raw=True)


def _cost_lines(plan: Plan, session: Session) -> list[str]:
    if plan.origin is not Origin.LIVE:
        return [f"estimate: nothing, the picture is {plan.origin}"]
    if (reused := session.reused(plan)) is not None:
        made = f"{reused.started.at:%Y-%m-%d}"
        return [f"estimate: nothing, #{reused.id} would be reused from {made}; add --fresh to ask the server"]
    try:
        left = [str(each) for each in limits(session.archive, plan.budget, datetime.now(UTC).date())]
    except StoreError as error:
        left = [str(error)]
    return [f"estimate: {estimate_told(plan.estimate) or 'cost unknown'}", *left]


def _keep(shell: Any, arguments: Arguments, generation: Generation) -> None:
    """Bind and save the generation where the cell asks for it."""
    if arguments.out:
        shell.user_ns[arguments.out] = generation
    if arguments.save and generation.images:
        generation.save(arguments.save, overwrite=arguments.overwrite)


def _kept_and_shown(shell: Any, arguments: Arguments, generation: Generation) -> Callable[[], None]:
    """Bind and save the generation, and return what shows it; its previews are made before the view closes."""
    _keep(shell, arguments, generation)
    if not generation.images or arguments.quiet:
        return nothing
    bundle = figure_bundle(generation)

    def show() -> None:
        if not hasattr(shell, "kernel"):
            print_pictures(generation.images)
        display(bundle, raw=True)

    return show
